//! The manifest of a saved ledger: written last, so that a directory without one is incomplete.

use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Error, Run};
use crate::model::Sha256Digest;

/// The name of its file.
pub(super) const FILE: &str = "manifest.json";
/// The version of the schema that this tool writes and reads.
pub(super) const SCHEMA: u32 = 1;
/// The most bytes that a manifest may have.
const MAX_BYTES: u64 = 1 << 20;

/// What a saved ledger is and which files belong to it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    pub(super) tool: String,
    pub(super) version: String,
    pub(super) schema: u32,
    pub(super) as_of: Timestamp,
    pub(super) as_of_source: String,
    pub(super) run: Run,
    pub(super) files: Vec<Listed>,
}

/// One file of a saved ledger.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Listed {
    pub(super) name: String,
    pub(super) rows: u64,
    pub(super) sha256: String,
}

impl Manifest {
    /// Reads the manifest in `dir`.
    pub(super) fn read(dir: &Path) -> Result<Self, Error> {
        let path = dir.join(FILE);
        let failed = |source| Error::Io { path: path.clone(), source };
        if std::fs::metadata(&path).map_err(failed)?.len() > MAX_BYTES {
            return Err(Error::damaged(&path, "too large for a manifest"));
        }
        let text = std::fs::read(&path).map_err(failed)?;
        let manifest: Self = serde_json::from_slice(&text).map_err(|error| Error::damaged(&path, error.to_string()))?;
        if manifest.tool != env!("CARGO_PKG_NAME") {
            return Err(Error::damaged(&path, "not the manifest of a saved ledger"));
        }
        if manifest.schema != SCHEMA {
            return Err(Error::Version { path, found: manifest.schema });
        }
        Ok(manifest)
    }

    /// The content of the file `name`, which is as long and as unchanged as the manifest says.
    pub(super) fn content(&self, dir: &Path, name: &str) -> Result<Vec<u8>, Error> {
        let path = dir.join(name);
        let Some(listed) = self.files.iter().find(|file| file.name == name) else {
            return Err(Error::damaged(&path, "not in the manifest"));
        };
        let bytes = std::fs::read(&path).map_err(|source| Error::Io { path: path.clone(), source })?;
        if Sha256Digest::of(&bytes).to_string() != listed.sha256 {
            return Err(Error::damaged(&path, "changed since it was written: SHA-256 differs from the manifest"));
        }
        Ok(bytes)
    }
}
