//! Finds the directories that make up a repository, and refuses one that could block or flood its reader.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::Error;
use crate::source::Shape;
use crate::source::file::{self, ReadError};

/// The most bytes of a file that holds one line: `HEAD`, a reference, `commondir`, a `.git` file.
const LINE: u64 = 64 * 1024;
/// The most bytes of `config` and of `objects/info/alternates`.
pub(super) const LIST: u64 = 4 * 1024 * 1024;
/// The most directories that are looked into for references.
const MAX_DEPTH: usize = 64;

/// Where the parts of a repository lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// How it was found.
    pub shape: Shape,
    /// Holds `HEAD` and what belongs to one work tree.
    pub git_dir: PathBuf,
    /// Holds `objects`, `refs` and `config`: the same path, without links, for all work trees of one repository.
    pub common_dir: PathBuf,
    /// Whether this is a linked worktree: one of several work trees of a repository.
    pub is_linked_worktree: bool,
    /// The directory whose files are checked out, where there is one.
    pub work_tree: Option<PathBuf>,
}

impl Layout {
    /// Finds the parts of the repository at `path` and makes sure that everything in them is a plain file or directory.
    pub(super) fn find(path: &Path) -> Result<Self, Error> {
        let shape = Shape::of(path).ok_or(Error::NoRepository)?;
        let git_dir = match shape {
            Shape::WorkTree => path.join(".git"),
            Shape::GitFile => path.join(linked(&path.join(".git"), b"gitdir:")?),
            Shape::Bare => path.to_owned(),
        };
        if git_dir.join("HEAD").symlink_metadata().is_err() {
            return Err(Error::Incomplete("the directory that its .git file names is not there"));
        }
        let pointer = git_dir.join("commondir");
        let is_linked_worktree = pointer.symlink_metadata().is_ok();
        let common_dir = if is_linked_worktree { git_dir.join(linked(&pointer, b"")?) } else { git_dir.clone() };
        let work_tree = (shape != Shape::Bare).then(|| path.to_owned());
        let mut layout = Self { shape, git_dir, common_dir, is_linked_worktree, work_tree };
        layout.refuse_special()?;
        layout.common_dir = layout.common_dir.canonicalize().unwrap_or(layout.common_dir);
        Ok(layout)
    }

    /// Where the index of this work tree lies, if it has one.
    pub(super) fn index(&self) -> PathBuf {
        self.git_dir.join("index")
    }

    /// Where the objects lie.
    pub(super) fn objects(&self) -> PathBuf {
        self.common_dir.join("objects")
    }

    fn refuse_special(&self) -> Result<(), Error> {
        for directory in [&self.git_dir, &self.common_dir] {
            refuse_special_in(directory)?;
            refuse_special_below(&directory.join("refs"), 0)?;
            for (name, limit) in [("HEAD", LINE), ("config", LIST), ("config.worktree", LIST)] {
                refuse_large(&directory.join(name), limit)?;
            }
        }
        let objects = self.objects();
        if !objects.is_dir() {
            return Err(Error::Incomplete("it has no objects directory"));
        }
        refuse_special_objects(&objects)
    }
}

/// Refuses pipes and devices among the files of an object database.
pub(super) fn refuse_special_objects(objects: &Path) -> Result<(), Error> {
    refuse_special_in(objects)?;
    refuse_large(&objects.join("info/alternates"), LIST)?;
    for entry in entries(objects) {
        if entry.path().is_dir() {
            refuse_special_in(&entry.path())?;
        }
    }
    Ok(())
}

/// The path that a one-line file names, after `prefix`.
fn linked(file: &Path, prefix: &[u8]) -> Result<PathBuf, Error> {
    let content = file::read_small(file, LINE).map_err(|error| unreadable(file, error))?;
    let target = content.strip_prefix(prefix).unwrap_or(&content).trim_ascii();
    path_of(target).ok_or(Error::Incomplete("a file that should name its git directory names nothing"))
}

#[cfg(unix)]
fn path_of(bytes: &[u8]) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStrExt;
    (!bytes.is_empty() && !bytes.contains(&0)).then(|| PathBuf::from(OsStr::from_bytes(bytes)))
}

#[cfg(not(unix))]
fn path_of(bytes: &[u8]) -> Option<PathBuf> {
    let text = std::str::from_utf8(bytes).ok()?;
    (!text.is_empty()).then(|| PathBuf::from(OsStr::new(text)))
}

/// Refuses a directory with a pipe, socket or device among its direct entries, also behind a symbolic link.
fn refuse_special_in(directory: &Path) -> Result<(), Error> {
    entries(directory).try_for_each(|entry| refuse_entry(&entry))
}

/// The same for all directories below, and for files too large for a reference. Symbolic links are not descended into.
fn refuse_special_below(directory: &Path, depth: usize) -> Result<(), Error> {
    if depth > MAX_DEPTH {
        return Err(Error::Incomplete("its references are nested too deep"));
    }
    for entry in entries(directory) {
        refuse_entry(&entry)?;
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            refuse_special_below(&entry.path(), depth + 1)?;
        } else {
            refuse_large(&entry.path(), LINE)?;
        }
    }
    Ok(())
}

/// Entries of a directory; one that cannot be listed has none here, and fails later where it is needed.
fn entries(directory: &Path) -> impl Iterator<Item = std::fs::DirEntry> {
    std::fs::read_dir(directory).into_iter().flatten().filter_map(Result::ok)
}

fn refuse_entry(entry: &std::fs::DirEntry) -> Result<(), Error> {
    let plain = match entry.file_type() {
        Ok(kind) if kind.is_symlink() => {
            entry.path().metadata().map_or(true, |target| target.is_file() || target.is_dir())
        }
        Ok(kind) => kind.is_file() || kind.is_dir(),
        Err(_) => true,
    };
    if plain { Ok(()) } else { Err(Error::Special(entry.path())) }
}

fn refuse_large(path: &Path, limit: u64) -> Result<(), Error> {
    match path.metadata() {
        Ok(metadata) if metadata.is_file() && metadata.len() > limit => {
            Err(Error::Oversize { path: path.to_owned(), limit })
        }
        _ => Ok(()),
    }
}

fn unreadable(path: &Path, error: ReadError) -> Error {
    match error {
        ReadError::TooLarge(limit) => Error::Oversize { path: path.to_owned(), limit },
        source => Error::Unreadable { path: path.to_owned(), source },
    }
}
