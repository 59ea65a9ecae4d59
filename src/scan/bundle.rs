//! Git bundles: a history in one file.

use std::io::Read as _;
use std::path::Path;

use super::{Gathered, Scan};
use crate::model::{Gap, GapReason, Sink};
use crate::source::archive::{self, Format};
use crate::source::{File, Repository, file};

impl Scan<'_> {
    /// Examines the history in a git bundle.
    pub(super) fn bundle(&self, bundle: &File, gathered: &mut Gathered) {
        let name = &*bundle.name;
        if !self.request.history {
            return gathered.fold.gap(Gap {
                what: name.into(),
                reason: GapReason::Skipped,
                detail: "a git bundle, which is a history, not read as asked for".into(),
                effect: "nothing in it was examined".into(),
                count: 1,
            });
        }
        self.progress.begin(&format!("reading the bundle {name}"));
        match Repository::open_bundle(&bundle.path, name) {
            Ok(repository) => {
                repository.gaps().into_iter().for_each(|gap| gathered.fold.gap(gap));
                repository.head_time().into_iter().for_each(|time| gathered.fold.committed(time));
                if gathered.repositories.insert(repository.layout().common_dir.clone()) {
                    self.history(&repository, name, &format!("{name}!"), gathered);
                }
            }
            Err(error) => gathered.fold.gap(error.gap(name)),
        }
    }
}

/// Whether the file begins like a git bundle.
pub(super) fn is_bundle(path: &Path) -> bool {
    let mut head = Vec::new();
    let read = file::open_regular(path).map(|file| file.take(archive::BUNDLE_HEAD).read_to_end(&mut head));
    matches!(read, Ok(Ok(_))) && archive::recognise(&head) == Some(Format::GitBundle)
}
