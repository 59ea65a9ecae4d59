//! Directory trees: which files there are, which are left out and why, and reading the rest in parallel.

mod scan;
mod vendored;
mod walk;

use std::path::PathBuf;

use super::File;
use crate::model::Gap;

pub use scan::{Content, Hit, TreeScan, Verdict};
pub use walk::walk;

/// A directory tree as listed: nothing of its content was read yet.
#[derive(Debug, Default)]
pub struct Tree {
    /// The name of the root as the user would write it.
    pub name: String,
    /// Every regular file that is not left out, in the order of their paths. Large and binary files are among them: they
    /// can be exports or logs, and a scan for text tells them apart.
    pub files: Vec<File>,
    /// What was left out or could not be listed.
    pub gaps: Vec<Gap>,
    /// Git repositories inside, in order: neither descended into nor read. The caller opens them, and walks their work
    /// trees (or, where one does not open, walks it as a plain tree).
    pub repositories: Vec<PathBuf>,
}
