//! The `json` format.

use std::io::{self, Write};

use super::{Look, Report, Reporter};

/// The `json` format.
pub(super) struct Json;

impl Reporter for Json {
    fn id(&self) -> &'static str {
        "json"
    }

    fn title(&self) -> &'static str {
        "json"
    }

    fn write(&self, report: &Report, out: &mut dyn Write, _look: &Look) -> io::Result<()> {
        writeln!(out, "{}", report.version)
    }
}
