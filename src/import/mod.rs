//! Exports of identity systems and issuance logs, turned into facts. Formats are recognised by content, never by name.
//!
//! Nothing here fails a run: what cannot be read is one [`crate::model::Gap`] that says what, where, why and the effect.

mod recognise;

use std::path::Path;

use crate::model::{Gap, GapReason, Shard};

pub use recognise::{Recognised, recognise};

/// One format: how it is recognised and how its records become facts.
pub trait Importer: Sync {
    /// The id, in kebab case: `aws-cloudtrail`.
    fn id(&self) -> &'static str;
    /// The human name of the format.
    fn title(&self) -> &'static str;
    /// The command or setting that produces a file of this format.
    fn how_to_export(&self) -> &'static str;
}

/// All formats, in order of their ids.
pub static IMPORTERS: &[&dyn Importer] = &[];

/// Limits that keep hostile or broken files from taking the memory or the time of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The largest single record, in bytes; a larger one is left out and said.
    pub max_record_bytes: usize,
    /// The largest file that must be held as a whole (CSV reports), in bytes after decompression.
    pub max_document_bytes: usize,
    /// How many times its size a gzip file may expand, beyond the first 64 MiB.
    pub max_expansion: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_record_bytes: 16 << 20, max_document_bytes: 512 << 20, max_expansion: 500 }
    }
}

/// Reads one file of a known format into `sink`. It never fails: what cannot be read is a gap.
///
/// `name` is the path as the user would write it. `sink.examined` is called once, also for a file that cannot be read.
pub fn import<S: Shard>(importer: &'static dyn Importer, path: &Path, name: &str, limits: &Limits, sink: &mut S) {
    let _ = (importer, path, limits);
    sink.gap(Gap {
        what: name.into(),
        reason: GapReason::Internal,
        detail: "this build has no importers yet".into(),
        effect: "nothing of it was examined".into(),
        count: 1,
    });
}
