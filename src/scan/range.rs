//! What the commits since a revision bring in, for CI: nothing else of the repository is examined.

use std::path::Path;

use super::{Error, Gathered, Scan};
use crate::model::{InputSummary, Sink};
use crate::rules::nearest::suggestion;
use crate::source::git::{self, Repository};

impl Scan<'_> {
    /// Examines every blob that a commit of `rev..HEAD` brings in, and attributes it to that commit.
    pub(super) fn range(&self, path: &Path, name: &str, rev: &str, gathered: &mut Gathered) -> Result<(), Error> {
        self.progress.begin(&format!("reading the commits of {name} since {rev}"));
        let repository = Repository::open(path, name).map_err(error)?;
        let range = repository.since(rev).map_err(error)?;
        repository.gaps().into_iter().chain(range.gaps.iter().cloned()).for_each(|gap| gathered.fold.gap(gap));
        repository.head_time().into_iter().for_each(|time| gathered.fold.committed(time));
        let scanned = repository.scan_range(&range, &self.options, self);
        scanned.gaps.into_iter().for_each(|gap| gathered.fold.gap(gap));
        let ids: Vec<_> = scanned.hits.iter().map(|hit| hit.id).collect();
        self.placed(&scanned.hits, &repository.attribute_range(&range, &ids), name, gathered);
        let mut notes = repository.notes();
        notes.extend([format!("since {}", range.since), format!("blobs {}", scanned.blobs)]);
        gathered.fold.examined(InputSummary {
            name: name.into(),
            format: "git-range".into(),
            sha256: None,
            bytes: scanned.bytes,
            items: range.commits,
            ignored: scanned.binary,
            notes,
        });
        Ok(())
    }
}

/// The error with what would help: the nearest reference, or the rest of a shallow clone.
fn error(source: git::Error) -> Error {
    let hint = match &source {
        git::Error::Revision { given, .. } if given.contains("..") => {
            "; name the revision where the range begins, it ends at HEAD".to_owned()
        }
        git::Error::Revision { given, known, is_shallow, .. } => {
            let shallow = if *is_shallow { "; the clone is shallow: fetch more history (depth 0)" } else { "" };
            format!("{}{shallow}", suggestion(given, known.iter().map(String::as_str)))
        }
        _ => String::new(),
    };
    Error::Repository { source, hint }
}
