//! A ledger on disk: one Parquet file a table, and a manifest that is written last.

use std::fs;
use std::io::{self, Cursor};
use std::path::{Path, PathBuf};

use polars::prelude::{DataFrame, PolarsError};
use polars_io::prelude::{ParquetCompression, ParquetWriter};
use serde::{Deserialize, Serialize};

use super::{Ledger, frames};
use crate::model::{CheckSummary, Finding, Metric, Sha256Digest, Triage};

mod access;
pub(in crate::ledger) mod json;
mod manifest;
mod saved;

pub use access::open_access;
pub use json::StreamWindow;
pub use saved::{Saved, open};

use manifest::{Listed, Manifest};

/// What a report says about its run beside the facts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// The public name of the fingerprint key.
    pub key_id: String,
    /// SHA-256 of the rules in force, in hexadecimal.
    pub rules_sha256: String,
}

/// Why a ledger could not be saved or read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or directory could not be read, written or put in place.
    #[error("{}: {source}", .path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The directory holds something that is no saved ledger: it is left alone.
    #[error("{} is not a saved ledger ({what}), so it is not overwritten: name a new directory", .path.display())]
    Foreign {
        /// The directory.
        path: PathBuf,
        /// What was found or missing.
        what: String,
    },
    /// A file is not what was once written.
    #[error("{}: {what}; write the ledger again with `--ledger`", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// Another version of the tool wrote it in another form.
    #[error(
        "{}: schema {found} is not the one this version reads; write the ledger again with `--ledger`",
        .path.display()
    )]
    Version {
        /// The manifest.
        path: PathBuf,
        /// The version found.
        found: u32,
    },
    /// A table could not be built.
    #[error("the ledger could not be put into tables: {0}")]
    Table(#[from] PolarsError),
}

impl Error {
    fn damaged(path: &Path, what: impl Into<String>) -> Self {
        Self::Damaged { path: path.to_owned(), what: what.into() }
    }
}

/// What the checks made of a ledger.
#[derive(Clone, Copy, Debug)]
pub struct Answers<'a> {
    /// All findings, also those that do not count.
    pub findings: &'a [Finding],
    /// What each check answered.
    pub summaries: &'a [CheckSummary],
    /// Figures about the whole estate.
    pub metrics: &'a [Metric],
    /// Which findings do not count, and why.
    pub triage: &'a Triage,
}

/// Saves a ledger, all findings and which of them do not count as `dir`, all or nothing. An existing `dir` is replaced if it is a saved
/// ledger and nothing else, or empty.
pub fn write(dir: &Path, ledger: &Ledger, answers: &Answers<'_>, run: &Run) -> Result<(), Error> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| Error::Io { path, source }
    };
    let old = replaceable(dir)?;
    let parent = match dir.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let made = tempfile::Builder::new().prefix(".overstay-ledger-").tempdir_in(parent).map_err(failed(parent))?;
    let new = made.path().join("new");
    fs::create_dir(&new).map_err(failed(&new))?;
    let coverage = frames::coverage::frame(ledger, answers)?;
    fill(&new, ledger, answers.findings, coverage, run)?;
    let aside = made.path().join("old");
    if old {
        fs::rename(dir, &aside).map_err(failed(dir))?;
    }
    fs::rename(&new, dir).map_err(|source| {
        if old {
            // The old ledger goes back to its place; the error that is reported is the first one.
            let _ = fs::rename(&aside, dir);
        }
        Error::Io { path: dir.to_owned(), source }
    })
}

/// Whether there is a directory in the way that may be replaced.
fn replaceable(dir: &Path) -> Result<bool, Error> {
    let foreign = |what: String| Error::Foreign { path: dir.to_owned(), what };
    let failed = |source| Error::Io { path: dir.to_owned(), source };
    match fs::symlink_metadata(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(failed(error)),
        Ok(found) if !found.is_dir() => return Err(foreign("not a directory".to_owned())),
        Ok(_) => {}
    }
    let mut names = Vec::new();
    for entry in fs::read_dir(dir).map_err(failed)? {
        names.push(entry.map_err(failed)?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    let own = |name: &str| name == manifest::FILE || frames::TABLES.iter().any(|table| table.file() == name);
    if let Some(other) = names.iter().find(|name| !own(name)) {
        return Err(foreign(format!("it holds {other}")));
    }
    if !names.is_empty() {
        match Manifest::read(dir) {
            Ok(_) | Err(Error::Version { .. }) => {}
            Err(error) => return Err(foreign(error.to_string())),
        }
    }
    Ok(true)
}

fn fill(dir: &Path, ledger: &Ledger, findings: &[Finding], coverage: DataFrame, run: &Run) -> Result<(), Error> {
    let identities: Vec<_> = ledger.identities.values().collect();
    let policies: Vec<_> = ledger.policies.values().collect();
    let requests: Vec<_> = ledger.requests.iter().map(|(id, request)| (&**id, request)).collect();
    let tasks: Vec<_> = ledger.tasks.iter().map(|(id, task)| (&**id, task)).collect();
    let lives: Vec<_> = ledger.grant_lives.iter().collect();
    let tables = [
        (&frames::credentials::TABLE, frames::credentials::frame(&ledger.credentials)?),
        (&frames::identities::TABLE, frames::identities::frame(&identities)?),
        (&frames::grants::TABLE, frames::grants::frame(&ledger.grants)?),
        (&frames::policies::TABLE, frames::policies::frame(&policies)?),
        (&frames::timelines::TABLE, frames::timelines::frame(&ledger.credentials)?),
        (&frames::requests::TABLE, frames::requests::frame(&requests)?),
        (&frames::tasks::TABLE, frames::tasks::frame(&tasks)?),
        (&frames::grant_lives::TABLE, frames::grant_lives::frame(&lives)?),
        (&frames::findings::TABLE, frames::findings::frame(findings)?),
        (&frames::coverage::TABLE, coverage),
    ];
    let mut files = Vec::new();
    for (table, mut frame) in tables {
        let bytes = parquet(&mut frame)?;
        put(&dir.join(table.file()), &bytes)?;
        let sha256 = Sha256Digest::of(&bytes).to_string();
        files.push(Listed { name: table.file(), rows: frame.height() as u64, sha256 });
    }
    let manifest = Manifest {
        tool: env!("CARGO_PKG_NAME").to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        schema: manifest::SCHEMA,
        as_of: ledger.as_of,
        as_of_source: ledger.as_of_source.clone(),
        run: run.clone(),
        files,
    };
    let path = dir.join(manifest::FILE);
    let mut text = serde_json::to_vec_pretty(&manifest)
        .map_err(|error| Error::Io { path: path.clone(), source: io::Error::from(error) })?;
    text.push(b'\n');
    put(&path, &text)
}

fn parquet(frame: &mut DataFrame) -> Result<Vec<u8>, Error> {
    let mut bytes = Cursor::new(Vec::new());
    ParquetWriter::new(&mut bytes).with_compression(ParquetCompression::Zstd(None)).finish(frame)?;
    Ok(bytes.into_inner())
}

/// Writes a file to its end before the manifest can name it.
fn put(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let failed = |source| Error::Io { path: path.to_owned(), source };
    let mut file = fs::File::create_new(path).map_err(failed)?;
    io::Write::write_all(&mut file, bytes).map_err(failed)?;
    file.sync_all().map_err(failed)
}
