//! The `sarif` format.

use std::io::{self, Write};

use super::{Look, Report, Reporter};

/// The `sarif` format.
pub(super) struct Sarif;

impl Reporter for Sarif {
    fn id(&self) -> &'static str {
        "sarif"
    }

    fn title(&self) -> &'static str {
        "sarif"
    }

    fn write(&self, report: &Report, out: &mut dyn Write, _look: &Look) -> io::Result<()> {
        writeln!(out, "{}", report.version)
    }
}
