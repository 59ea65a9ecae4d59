//! Where text lives: directory trees and git repositories with all their history.
//!
//! Everything here is read and nothing is obeyed: no subprocess, no hook, no repository configuration, no symbolic link.
//! Whatever could not be examined comes back as a [`Gap`](crate::model::Gap), never as an error of the run.

pub mod archive;
mod examine;
pub mod file;
pub mod git;
pub mod name;
pub mod shape;
mod tally;
pub mod text;
pub mod tree;

use std::io;
use std::path::{Path, PathBuf};

use globset::GlobSet;

pub use examine::{Copied, Examine};
pub use file::File;
pub use git::{Attribution, BlobId, BlobScan, CommitRange, Origin, Repository, Staged, StagedFile, StagedScan};
pub use shape::Shape;
pub use tree::{Tree, TreeScan};

/// What is examined and what is left out.
#[derive(Clone, Debug)]
pub struct Options {
    /// Files and blobs with more bytes are not examined.
    pub max_file_bytes: u64,
    /// Paths left out, matched against the path below the root with `/` between its parts.
    pub ignore: GlobSet,
    /// Whether installed dependencies and caches (`node_modules`, virtual environments, build output) are examined too.
    pub vendored: bool,
    /// Whether archives and compressed files are opened.
    pub archives: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { max_file_bytes: 64 * 1024 * 1024, ignore: GlobSet::empty(), vendored: false, archives: true }
    }
}

/// What lies at a path that the user named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Root {
    /// A directory that is no git repository itself.
    Tree(PathBuf),
    /// A git repository: the directory with `.git` in it, or the bare repository.
    Git(PathBuf),
    /// A single regular file.
    File(PathBuf),
    /// The standard input.
    Stdin,
}

/// The git repository that lies at `path` or in which `path` lies, looking upwards.
pub fn repository_around(path: &Path) -> Option<PathBuf> {
    if Shape::of(path).is_some() {
        return Some(path.to_owned());
    }
    let absolute = path.canonicalize().ok()?;
    absolute.ancestors().skip(1).find(|folder| Shape::of(folder).is_some()).map(Path::to_owned)
}

/// Looks what lies at `path`; `-` is the standard input. A symbolic link is followed here, because the user named it.
///
/// Errors: nothing is there, it cannot be reached, or it is a pipe, socket or device.
pub fn classify(path: &Path) -> io::Result<Root> {
    if path == Path::new("-") {
        return Ok(Root::Stdin);
    }
    let metadata = path.metadata()?;
    if metadata.is_file() {
        return Ok(Root::File(path.to_owned()));
    }
    if !metadata.is_dir() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "a pipe, socket or device; only files and directories are read",
        ));
    }
    match Shape::of(path) {
        Some(_) => Ok(Root::Git(path.to_owned())),
        None => Ok(Root::Tree(path.to_owned())),
    }
}
