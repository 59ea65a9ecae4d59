//! The `markdown` format.

use std::io::{self, Write};

use super::{Look, Report, Reporter};

/// The `markdown` format.
pub(super) struct Markdown;

impl Reporter for Markdown {
    fn id(&self) -> &'static str {
        "markdown"
    }

    fn title(&self) -> &'static str {
        "markdown"
    }

    fn write(&self, report: &Report, out: &mut dyn Write, _look: &Look) -> io::Result<()> {
        writeln!(out, "{}", report.version)
    }
}
