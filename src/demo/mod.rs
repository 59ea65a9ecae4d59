//! The synthetic company: `fixtures/acme` travels inside the binary as data and becomes real files here.
//!
//! Repositories get real commits, logs are real gzip files, and every secret is made up from a label. Nothing is random
//! and no clock is read, so the same files come out each time.

mod cloudtrail;
mod mint;
mod openssh;
mod repository;
mod schedule;
mod vault;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::model::FingerprintKey;
use crate::rules::embedded;
use crate::yaml;

pub use mint::{Minted, resolve};

use mint::Mint;

const ROOT: &str = "fixtures/acme/";
/// The key of the demo's fingerprints. Its secrets are invented, so it may be public.
const KEY: &[u8] = b"overstay demo: a published key for invented secrets";

/// The company as it lies on disk.
#[derive(Debug)]
pub struct Company {
    /// The folder that holds everything.
    pub root: PathBuf,
    /// What to scan: each repository, the exports, the logs.
    pub paths: Vec<PathBuf>,
    /// The company's `overstay.yaml`, which also fixes the time as of which the checks speak.
    pub policy: PathBuf,
    /// The key for the fingerprints.
    pub key: FingerprintKey,
    /// Everything that was invented, in order of its kind and label.
    pub minted: Vec<Minted>,
}

/// The company could not be written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder could not be written.
    #[error("cannot write {path}: {source}")]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file of `fixtures/acme` has the wrong form.
    #[error(transparent)]
    Form(#[from] yaml::Error),
    /// A file of `fixtures/acme` says something that cannot be done.
    #[error("{file}: {message}")]
    Content {
        /// The file.
        file: String,
        /// What cannot be done.
        message: String,
    },
    /// A git object or reference could not be written.
    #[error("cannot write the repository {path}: {message}")]
    Git {
        /// The repository.
        path: PathBuf,
        /// Why.
        message: String,
    },
}

impl Error {
    fn content(file: &str, message: impl Into<String>) -> Self {
        Self::Content { file: file.to_owned(), message: message.into() }
    }

    fn git(path: &Path, error: impl std::fmt::Display) -> Self {
        Self::Git { path: path.to_owned(), message: error.to_string() }
    }
}

/// Writes the company into `dir`, which should be empty, and says what is there.
pub fn materialise(dir: &Path) -> Result<Company, Error> {
    let mut mint = Mint::default();
    let mut paths = Vec::new();
    for (file, text) in embedded::yaml(&format!("{ROOT}repositories/")) {
        let folder = dir.join("repositories").join(stem(file));
        repository::write(&folder, file, yaml::parse(file, text)?, &mut mint)?;
        paths.push(folder);
    }
    for (file, bytes) in embedded::below(&format!("{ROOT}exports/")) {
        let text = std::str::from_utf8(bytes).map_err(|_| Error::content(file, "is no UTF-8"))?;
        let name = file.strip_prefix(ROOT).unwrap_or(file);
        write(&dir.join(name), mint.expand(file, text)?.as_bytes())?;
    }
    paths.push(dir.join("exports"));
    for (file, text) in embedded::yaml(&format!("{ROOT}logs/cloudtrail-")) {
        cloudtrail::write(&dir.join("logs"), file, &yaml::parse(file, text)?, &mut mint)?;
    }
    for (file, text) in embedded::yaml(&format!("{ROOT}logs/vault")) {
        vault::write(&dir.join("logs/vault/audit.log"), file, &yaml::parse(file, text)?, &mut mint)?;
    }
    paths.push(dir.join("logs"));
    let policy = dir.join("overstay.yaml");
    write(&policy, policy_text().as_bytes())?;
    let key = FingerprintKey::new(KEY.to_vec());
    Ok(Company { root: dir.to_owned(), paths, policy, key, minted: mint.into_minted() })
}

/// The company's `overstay.yaml`.
pub fn policy_text() -> &'static str {
    text_of("overstay.yaml")
}

/// The planted faults and near misses: what a run over the company has to find and has to leave alone.
pub fn answers_text() -> &'static str {
    text_of("answers.yaml")
}

fn text_of(name: &str) -> &'static str {
    embedded::yaml(ROOT).find(|(file, _)| file.strip_prefix(ROOT) == Some(name)).map_or("", |(_, text)| text)
}

/// The name of a file without its folders and its ending.
fn stem(file: &str) -> &str {
    let name = file.rsplit('/').next().unwrap_or(file);
    name.strip_suffix(".yaml").unwrap_or(name)
}

/// Writes one file with the folders above it.
fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let failed = |source| Error::Write { path: path.to_owned(), source };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    fs::write(path, bytes).map_err(failed)
}

#[cfg(test)]
mod tests;
