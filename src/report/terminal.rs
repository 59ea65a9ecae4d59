//! The `terminal` format.

use std::io::{self, Write};

use super::{Look, Report, Reporter};

/// The `terminal` format.
pub(super) struct Terminal;

impl Reporter for Terminal {
    fn id(&self) -> &'static str {
        "terminal"
    }

    fn title(&self) -> &'static str {
        "terminal"
    }

    fn write(&self, report: &Report, out: &mut dyn Write, _look: &Look) -> io::Result<()> {
        writeln!(out, "{}", report.version)
    }
}
