//! Tells git repositories from other directories by what lies in them, without opening anything that could block.

use std::path::Path;

use super::file;

/// What kind of git repository a directory is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// It holds a `.git` directory.
    WorkTree,
    /// It holds a `.git` file that names the git directory: a linked worktree or a submodule checkout.
    GitFile,
    /// It is the git directory itself.
    Bare,
}

impl Shape {
    /// The shape of the repository at `directory`, or nothing where it is none.
    pub fn of(directory: &Path) -> Option<Self> {
        let dot_git = directory.join(".git");
        match dot_git.metadata() {
            Ok(metadata) if metadata.is_dir() && is_git_dir(&dot_git) => return Some(Self::WorkTree),
            Ok(metadata) if metadata.is_file() && names_git_dir(&dot_git) => return Some(Self::GitFile),
            _ => {}
        }
        is_git_dir(directory).then_some(Self::Bare)
    }
}

/// Whether `path` holds what git itself asks of a git directory: `HEAD`, `objects` and `refs`.
pub(crate) fn is_git_dir(path: &Path) -> bool {
    path.join("HEAD").symlink_metadata().is_ok() && path.join("objects").is_dir() && path.join("refs").is_dir()
}

/// Whether the file starts as a `.git` file does.
fn names_git_dir(path: &Path) -> bool {
    file::read_small(path, 4096).is_ok_and(|content| content.starts_with(b"gitdir:"))
}
