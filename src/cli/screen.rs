//! The terminal as it is: how wide, and whether colours are welcome.

use std::io::{self, IsTerminal as _, Write as _};

use crate::report::Look;
use crate::report::layout;
use crate::report::paint::Paint;

use super::Error;

/// When to use colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Colour {
    /// On a terminal that can, unless NO_COLOR is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// Standard output as people see it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Screen {
    /// Colour and width; without `all`.
    pub(super) look: Look,
}

impl Screen {
    /// Looks at the standard output and the environment.
    pub(super) fn new(colour: Colour) -> Self {
        let terminal = io::stdout().is_terminal();
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let colour = wanted(colour, terminal, &variable);
        let size = if terminal { terminal_size::terminal_size() } else { None };
        let width = size.map_or(Look::default().width, |(width, _)| width.0);
        Self { look: Look { colour, width, all: false } }
    }

    /// A brush for this screen.
    pub(super) fn paint(self) -> Paint {
        Paint::new(self.look.colour)
    }

    /// Text as lines that fit, each behind a margin.
    pub(super) fn wrap(self, text: &str, margin: &str) -> Vec<String> {
        let width = self.look.width.clamp(40, 110).saturating_sub(margin.len() as u16);
        let lines = text.lines().flat_map(|line| layout::paragraph(line, width));
        lines.map(|line| format!("{margin}{line}")).collect()
    }
}

/// Prints lines on the standard output.
pub(super) fn print(lines: &[String]) -> Result<(), Error> {
    let mut out = io::stdout().lock();
    let printed = lines.iter().try_for_each(|line| writeln!(out, "{line}"));
    printed.and_then(|()| out.flush()).map_err(Error::Stdout)
}

/// The flag decides; then NO_COLOR, then CLICOLOR_FORCE, then whether it is a terminal that can.
fn wanted(colour: Colour, terminal: bool, variable: &dyn Fn(&str) -> Option<String>) -> bool {
    let is = |name: &str, value: &str| variable(name).as_deref() == Some(value);
    match colour {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto if variable("NO_COLOR").is_some() => false,
        Colour::Auto if variable("CLICOLOR_FORCE").is_some() && !is("CLICOLOR_FORCE", "0") => true,
        Colour::Auto => terminal && !is("TERM", "dumb") && !is("CLICOLOR", "0"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(colour: Colour, terminal: bool, set: &[(&str, &str)]) -> bool {
        let variable = |name: &str| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        wanted(colour, terminal, &variable)
    }

    #[test]
    fn colours_need_a_terminal_that_can() {
        assert!(with(Colour::Auto, true, &[("TERM", "xterm")]));
        assert!(!with(Colour::Auto, false, &[("TERM", "xterm")]));
        assert!(!with(Colour::Auto, true, &[("TERM", "dumb")]));
    }

    #[test]
    fn no_color_wins_over_force_and_the_flag_over_both() {
        assert!(with(Colour::Auto, false, &[("CLICOLOR_FORCE", "1")]));
        assert!(!with(Colour::Auto, false, &[("CLICOLOR_FORCE", "0")]));
        assert!(!with(Colour::Auto, true, &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
        assert!(with(Colour::Always, false, &[("NO_COLOR", "1")]));
        assert!(!with(Colour::Never, true, &[("CLICOLOR_FORCE", "1")]));
    }
}
