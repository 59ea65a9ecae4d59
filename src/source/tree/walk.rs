//! Lists a tree: depth first, by name, never through a symbolic link.

use std::ffi::OsStr;
use std::path::Path;

use walkdir::{DirEntry, WalkDir};

use super::Tree;
use super::vendored::is_vendored;
use crate::model::GapReason;
use crate::source::name::below;
use crate::source::tally::{Kind, Tally};
use crate::source::{File, Options, Shape, shape};

const IGNORED: Kind =
    Kind { reason: GapReason::Skipped, detail: "left out by an ignore rule", effect: "not examined, as asked for" };
const VENDORED: Kind = Kind {
    reason: GapReason::Skipped,
    detail: "directories of installed dependencies and caches",
    effect: "secrets in them are not found",
};
const LINKS: Kind = Kind {
    reason: GapReason::Skipped,
    detail: "symbolic links, not followed",
    effect: "targets outside the tree are not examined",
};
const SPECIAL: Kind = Kind {
    reason: GapReason::Skipped,
    detail: "pipes, sockets and devices, never opened",
    effect: "no content to examine",
};
const INTERNALS: Kind = Kind {
    reason: GapReason::Skipped,
    detail: "git's own files, read as history where the repository is opened",
    effect: "not examined as plain files",
};

/// Lists everything below `root`, which is called `name` (as the user wrote it) in every name shown.
pub fn walk(root: &Path, name: &str, options: &Options) -> Tree {
    let mut listing = Listing { root, name, options, tree: Tree::default(), tally: Tally::default() };
    let mut entries = WalkDir::new(root).follow_links(false).sort_by_file_name().into_iter();
    while let Some(entry) = entries.next() {
        match entry {
            Ok(entry) if entry.file_type().is_dir() => {
                if !listing.enters(&entry) {
                    entries.skip_current_dir();
                }
            }
            Ok(entry) => listing.add(&entry),
            Err(error) => listing.failed(&error),
        }
    }
    let Listing { mut tree, tally, .. } = listing;
    tree.name = below(name, Path::new(""));
    tree.gaps = tally.into_gaps(&tree.name);
    tree
}

struct Listing<'a> {
    root: &'a Path,
    name: &'a str,
    options: &'a Options,
    tree: Tree,
    tally: Tally,
}

impl Listing<'_> {
    /// Whether a directory is descended into; if not, it is counted or handed back.
    fn enters(&mut self, entry: &DirEntry) -> bool {
        if entry.depth() == 0 {
            return true;
        }
        let (path, name) = (entry.path(), self.shown(entry.path()));
        if self.is_ignored(path) {
            self.tally.add(IGNORED, &name);
        } else if !self.options.vendored && is_vendored(entry.file_name(), path) {
            self.tally.add(VENDORED, &name);
        } else if entry.file_name() == OsStr::new(".git") && shape::is_git_dir(path) {
            self.tally.add(INTERNALS, &name);
        } else if Shape::of(path).is_some() {
            self.tree.repositories.push(path.to_owned());
        } else {
            return true;
        }
        false
    }

    /// Lists or counts what is no directory.
    fn add(&mut self, entry: &DirEntry) {
        let (path, kind) = (entry.path(), entry.file_type());
        let name = self.shown(path);
        if self.is_ignored(path) {
            self.tally.add(IGNORED, &name);
        } else if kind.is_symlink() {
            self.tally.add(LINKS, &name);
        } else if !kind.is_file() {
            self.tally.add(SPECIAL, &name);
        } else {
            match entry.metadata() {
                Ok(metadata) => {
                    let (name, path) = (name.into(), path.to_owned());
                    self.tree.files.push(File { name, path, bytes: metadata.len() });
                }
                Err(error) => self.failed(&error),
            }
        }
    }

    /// A directory that cannot be listed or a file whose size cannot be asked.
    fn failed(&mut self, error: &walkdir::Error) {
        let name = self.shown(error.path().unwrap_or(self.root));
        let detail = match error.io_error() {
            Some(error) => error.to_string(),
            None => "a directory that contains itself".to_owned(),
        };
        self.tally.fail(&name, GapReason::Unreadable, detail, "nothing in it was examined");
    }

    fn is_ignored(&self, path: &Path) -> bool {
        !self.options.ignore.is_empty() && self.options.ignore.is_match(self.relative(path))
    }

    fn shown(&self, path: &Path) -> String {
        below(self.name, self.relative(path))
    }

    fn relative<'p>(&self, path: &'p Path) -> &'p Path {
        path.strip_prefix(self.root).unwrap_or(path)
    }
}
