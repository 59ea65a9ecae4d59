//! Progress on a terminal, on standard error, and nowhere else.

use std::io::{self, IsTerminal as _};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::report::plain;
use crate::scan::Progress;

/// A spinner with the name of the current stage, or nothing.
pub(super) struct Spinner(Option<ProgressBar>);

impl Spinner {
    /// A spinner where it is `wanted` and standard error is a terminal that can show one.
    pub(super) fn new(wanted: bool) -> Self {
        let dumb = std::env::var("TERM").is_ok_and(|term| term == "dumb");
        if !wanted || dumb || !io::stderr().is_terminal() {
            return Self(None);
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(120));
        Self(Some(bar))
    }
}

impl Progress for Spinner {
    fn begin(&self, stage: &str) {
        if let Some(bar) = &self.0 {
            bar.set_message(plain(stage).into_owned());
        }
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
