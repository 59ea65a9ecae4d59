//! JSON for programs. `reports/report.schema.json` is its contract; a change that breaks readers gets a new number.

use std::io::{self, Write};

use super::escape::write_json;
use super::{Look, Report, Reporter};

mod view;

/// The `json` format.
pub(super) struct Json;

impl Reporter for Json {
    fn id(&self) -> &'static str {
        "json"
    }

    fn title(&self) -> &'static str {
        "everything, for programs (schema overstay-report/1)"
    }

    fn write(&self, report: &Report, out: &mut dyn Write, _look: &Look) -> io::Result<()> {
        write_json(&view::Document::of(report), out)
    }
}
