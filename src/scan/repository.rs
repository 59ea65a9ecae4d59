//! Git repositories: all blobs once, attributed afterwards, then what differs from `HEAD` in the work tree.

use std::collections::BTreeSet;
use std::path::Path;

use rayon::prelude::*;

use super::archive::Sums;
use super::code::{Blob, Found, Home};
use super::places::Places;
use super::{Gathered, Scan};
use crate::model::{Gap, GapReason, InputSummary, Presence, Sink};
use crate::source::git::{Attribution, BlobHit, Repository};
use crate::source::name::shown;
use crate::source::{File, Tree, file, tree};

impl Scan<'_> {
    /// Examines the repository at `path`. Where it does not open, its files are still read as a plain tree.
    pub(super) fn repository(&self, path: &Path, name: &str, gathered: &mut Gathered) {
        let repository = match Repository::open(path, name) {
            Ok(repository) => repository,
            Err(error) => {
                gathered.fold.gap(error.gap(name));
                return self.tree_of_text(path, name, gathered);
            }
        };
        repository.gaps().into_iter().for_each(|gap| gathered.fold.gap(gap));
        repository.head_time().into_iter().for_each(|time| gathered.fold.committed(time));
        let own = Tree { name: name.to_owned(), files: repository.own_files(), ..Tree::default() };
        self.texts(&own, Presence::WorkTree, gathered);
        let objects = repository.layout().common_dir.clone();
        if self.request.history && gathered.repositories.insert(objects) {
            self.history(&repository, name, name, gathered);
        }
        if let Some(work_tree) = repository.layout().work_tree.clone() {
            self.work_tree(&repository, &work_tree, name, gathered);
        }
    }

    /// Reads the history of a repository. `root` is what its files are shown below.
    pub(super) fn history(&self, repository: &Repository, name: &str, root: &str, gathered: &mut Gathered) {
        self.progress.begin(&format!("reading the history of {name}"));
        let scanned = repository.scan_blobs(&self.options, self);
        scanned.gaps.into_iter().for_each(|gap| gathered.fold.gap(gap));
        let ids: Vec<_> = scanned.hits.iter().map(|hit| hit.id).collect();
        self.progress.begin(&format!("attributing {} blobs of {name}", ids.len()));
        let mut attribution = repository.attribute(&ids);
        attribution.gaps.drain(..).for_each(|gap| gathered.fold.gap(gap));
        self.placed(&scanned.hits, &attribution, root, gathered);
        let mut notes = repository.notes();
        notes.push(format!("commits {}", attribution.commits));
        gathered.fold.examined(InputSummary {
            name: name.into(),
            format: "git".into(),
            sha256: None,
            bytes: scanned.bytes,
            items: scanned.blobs,
            ignored: scanned.binary,
            notes,
        });
    }

    /// Reports the matches in blobs of a history, each secret once at each path.
    pub(super) fn placed(
        &self,
        hits: &[BlobHit<Blob>],
        attribution: &Attribution,
        name: &str,
        gathered: &mut Gathered,
    ) {
        let (mut places, mut ignored) = (Places::default(), 0);
        // What is wrong with several versions of one archive is said once.
        let (mut problems, mut sums) = (BTreeSet::new(), Sums::default());
        for hit in hits {
            for origin in attribution.origins.get(&hit.id).into_iter().flatten() {
                if self.options.ignore.is_match(&origin.path) {
                    ignored += 1;
                    continue;
                }
                let path = inside(name, &origin.path);
                let input = match &hit.found {
                    Blob::Text(found) => Self::input(path, hit.sha256, found),
                    Blob::Archive(opened) => opened.input(path, hit.sha256),
                };
                let home = Home {
                    input: &input,
                    presence: origin.presence,
                    commit: Some((&origin.commit, &origin.path)),
                    member: None,
                    since: origin.author_date,
                    root: "",
                };
                match &hit.found {
                    Blob::Text(found) => self.place(found, &home, &mut places, gathered),
                    Blob::Archive(opened) => {
                        for (member, found) in opened.members() {
                            self.place(found, &Home { member: Some(member), ..home }, &mut places, gathered);
                        }
                        problems.extend(opened.problems(input.name()));
                        sums.add(input.name(), opened);
                    }
                }
            }
        }
        places.report(gathered);
        for problem in problems {
            gathered.fold.gap(problem);
        }
        sums.report_named(name, &mut gathered.fold);
        gathered.leave_out(name, ignored);
    }

    fn place(&self, found: &Found, home: &Home<'_>, places: &mut Places, gathered: &mut Gathered) {
        let name = home.name();
        for secret in &found.examined.matches {
            if let Some(filter) = Self::set_aside(secret, home) {
                let place = self.filtered(secret, filter, home);
                places.add_set_aside(&name, &secret.rule, filter, place);
            }
        }
        let (secrets, allowed) = self.secrets(found, home);
        if home.presence == Presence::InHead {
            gathered.marks.note_text(&name, &found.markers, &allowed);
        }
        for (secret, allowed) in secrets.into_iter().zip(allowed) {
            places.add(secret, allowed.and_then(|line| found.markers.exception(line, &name)));
        }
        Self::cut_off(&found.examined, home, &mut gathered.fold);
    }

    /// Files of the work tree that are not the same in `HEAD`; with no history asked for, all files.
    fn work_tree(&self, repository: &Repository, root: &Path, name: &str, gathered: &mut Gathered) {
        let mut listed = tree::walk(root, name, &self.options);
        listed.gaps.drain(..).for_each(|gap| gathered.fold.gap(gap));
        let unchanged = self.unchanged(repository, root, &listed.files);
        let same: Vec<_> = listed.files.iter().filter(|file| unchanged.contains(&file.name)).cloned().collect();
        listed.files.retain(|file| !unchanged.contains(&file.name));
        self.texts(&listed, Presence::WorkTree, gathered);
        if !self.request.history {
            let same = Tree { name: name.to_owned(), files: same, ..Tree::default() };
            self.texts(&same, Presence::InHead, gathered);
        }
        self.nested(&listed, root, name, gathered);
    }
}

impl Gathered {
    /// Says how many versions of files with matches an ignore rule left out of a history.
    fn leave_out(&mut self, name: &str, count: u64) {
        if count > 0 {
            self.fold.gap(Gap {
                what: name.into(),
                reason: GapReason::Skipped,
                detail: "left out by an ignore rule: versions of files in the history".into(),
                effect: "what they hold is not reported, as asked for".into(),
                count,
            });
        }
    }
}

impl Scan<'_> {
    /// The names of those files whose content `HEAD` has at the same path.
    fn unchanged(&self, repository: &Repository, root: &Path, files: &[File]) -> BTreeSet<Box<str>> {
        let head = repository.head_paths();
        let same = |file: &&File| {
            let below = file.path.strip_prefix(root).unwrap_or(&file.path);
            let committed = head.get(&shown(below.as_os_str().as_encoded_bytes()));
            committed.is_some_and(|blob| {
                let content = file::read_small(&file.path, self.options.max_file_bytes);
                content.is_ok_and(|content| repository.blob_id(&content).as_ref() == Some(blob))
            })
        };
        files.par_iter().filter(same).map(|file| file.name.clone()).collect()
    }
}

/// The name of a file of a repository, as it would be written for its work tree.
pub(super) fn inside(name: &str, path: &str) -> String {
    Path::new(name).join(path).to_string_lossy().trim_start_matches("./").to_owned()
}
