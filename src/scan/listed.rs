//! Paths from a list that another program made: what has gone meanwhile costs a line and not the run.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::{Gathered, Scan};
use crate::model::{Gap, GapReason, Sink};
use crate::source::name::shown;
use crate::source::{self, File, Root, Tree};

/// What reports call the list.
const NAME: &str = "--files-from";

impl Scan<'_> {
    /// Examines everything that the list names, each path once. Symbolic links in a list are not followed: a list is
    /// mostly the content of a repository, and nobody chose their targets.
    pub(super) fn listed(&self, paths: &[PathBuf], gathered: &mut Gathered) {
        let mut tree = Tree { name: NAME.to_owned(), ..Tree::default() };
        let (mut folders, mut ignored, mut links) = (Vec::new(), 0, 0);
        for path in paths.iter().collect::<BTreeSet<_>>() {
            let name = shown(path.as_os_str().as_encoded_bytes());
            if self.options.ignore.is_match(path.strip_prefix(".").unwrap_or(path)) {
                ignored += 1;
                continue;
            }
            match path.symlink_metadata().and_then(|metadata| Ok((metadata, source::classify(path)?))) {
                Ok((metadata, _)) if metadata.is_symlink() => links += 1,
                Ok((metadata, Root::File(_))) => {
                    tree.files.push(File { name: name.into(), path: path.clone(), bytes: metadata.len() });
                }
                Ok((_, root)) => folders.push((name, root)),
                Err(error) => gathered.skip(&name, GapReason::Unreadable, &error.to_string(), 1),
            }
        }
        gathered.skip(NAME, GapReason::Skipped, "left out by an ignore rule", ignored);
        gathered.skip(NAME, GapReason::Skipped, "symbolic links, not followed", links);
        self.files(&tree, gathered);
        for (name, root) in folders {
            match root {
                Root::Git(path) => self.repository(&path, &name, gathered),
                Root::Tree(path) => self.tree(&path, &name, gathered),
                Root::File(_) | Root::Stdin => {}
            }
        }
    }
}

impl Gathered {
    fn skip(&mut self, what: &str, reason: GapReason, detail: &str, count: u64) {
        if count > 0 {
            let effect = "its content was not examined".into();
            self.fold.gap(Gap { what: what.into(), reason, detail: detail.into(), effect, count });
        }
    }
}

/// The paths in a list: separated by NUL where it holds one, else one a line. Empty ones are left out.
pub fn paths(list: &[u8]) -> Vec<PathBuf> {
    let lines = !list.contains(&0);
    let separator = if lines { b'\n' } else { 0 };
    let whole = |part: &'_ [u8]| match part.strip_suffix(b"\r") {
        Some(line) if lines => line.len(),
        _ => part.len(),
    };
    let parts = list.split(|byte| *byte == separator).map(|part| part.get(..whole(part)).unwrap_or(part));
    parts.filter(|part| !part.is_empty()).map(path_of).collect()
}

#[cfg(unix)]
fn path_of(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    Path::new(std::ffi::OsStr::from_bytes(bytes)).to_owned()
}

#[cfg(not(unix))]
fn path_of(bytes: &[u8]) -> PathBuf {
    Path::new(&*String::from_utf8_lossy(bytes)).to_owned()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::paths;

    #[test]
    fn a_list_with_a_nul_is_split_there_and_may_hold_line_breaks_in_names() {
        assert_eq!(paths(b"a b\0c\nd\0\0"), ["a b", "c\nd"].map(PathBuf::from));
    }

    #[test]
    fn a_list_without_one_holds_a_path_a_line_with_any_line_ending() {
        assert_eq!(paths(b"a b\r\n\nc"), ["a b", "c"].map(PathBuf::from));
        assert_eq!(paths(b""), Vec::<PathBuf>::new());
    }
}
