//! Says of blobs which commit first brought them in at which path, and whether they are still in `HEAD`.
//!
//! A commit brings a blob in at a path where none of its parents has the same blob at the same path; so what a merge
//! invents is the merge's, and what it only joins is not. Renames are new paths.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use gix::ObjectId;
use jiff::Timestamp;
use rayon::prelude::*;

use super::history::{Commit, History};
use super::reader::Reader;
use super::trees::{Entry, MAX_DEPTH, Trees};
use super::wanted::Wanted;
use super::{BlobId, Repository};
use crate::model::{Gap, GapReason, Presence};
use crate::source::name::shown;
use crate::source::tally::{Kind, Tally};

/// Commits compared at a time, so that what they bring in is never held for the whole history.
const WINDOW: usize = 4096;
/// The paths that are kept of one blob, and the blobs that one commit may bring in.
const MAX_PATHS: usize = 1000;
pub(super) const MAX_BROUGHT: usize = 200_000;

/// A place of a blob in the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The first commit that has the blob at this path, in hexadecimal; empty where no commit reaches it.
    pub commit: String,
    /// When its author says it was written: evidence, not proof. Absent where the commit gives no such date.
    pub author_date: Option<Timestamp>,
    /// The path inside the repository, safe to show; empty where no commit reaches the blob.
    pub path: String,
    /// Whether `HEAD` has this blob at this path, or only older commits and other branches, or none.
    pub presence: Presence,
}

/// The places of all blobs asked about.
#[derive(Debug)]
pub struct Attribution {
    /// For every blob asked about its places, the oldest commit first, then by path. Never empty.
    pub origins: BTreeMap<BlobId, Vec<Origin>>,
    /// Commits that any reference reaches.
    pub commits: u64,
    /// What is missing from the history, so that a first commit may be older than stated or a blob wrongly unreachable.
    pub gaps: Vec<Gap>,
}

/// A blob at a path.
pub(super) type Spot = (ObjectId, Vec<u8>);

impl Repository {
    /// Finds the places of `blobs` in the whole history: all references, all work trees' `HEAD`, all stashes.
    pub fn attribute(&self, blobs: &[BlobId]) -> Attribution {
        let history = History::read(self);
        let wanted = Wanted::new(blobs.iter().map(|blob| blob.0));
        let trees = Trees::new(&wanted);
        let mut places = Places::default();
        let asked = if wanted.is_empty() { &[] } else { history.commits.as_slice() };
        self.survey(asked, &trees);
        for (number, window) in asked.chunks(WINDOW).enumerate() {
            let comparison = Comparison { history: &history, trees: &trees };
            let brought: Vec<Brought> = window
                .par_iter()
                .map_init(|| self.reader(), |reader, commit| comparison.brought(reader, commit))
                .collect();
            for (place, brought) in (number * WINDOW..).zip(brought) {
                places.note(place, brought);
            }
        }
        let head = self.spots_in_head(&history, &trees);
        let origins = blobs.iter().map(|blob| (*blob, places.origins(*blob, &history, &head))).collect();
        let gaps = self.history_gaps(&history, &trees, &places);
        Attribution { origins, commits: history.commits.len() as u64, gaps }
    }

    /// Reads the trees of all commits, the newest first: packs hold old trees as differences to newer ones.
    fn survey(&self, commits: &[Commit], trees: &Trees<'_>) {
        commits.par_iter().rev().for_each_init(
            || self.reader(),
            |reader, commit| {
                let _failed_again_below = catch_unwind(AssertUnwindSafe(|| trees.survey(reader, commit.tree)));
            },
        );
    }

    fn spots_in_head(&self, history: &History, trees: &Trees<'_>) -> BTreeSet<Spot> {
        let mut reader = self.reader();
        let head = history.commits.iter().find(|commit| Some(commit.id) == self.references.head);
        let Some(head) = head else { return BTreeSet::new() };
        let alone = Commit { parents: Vec::new(), ..head.clone() };
        Comparison { history, trees }.brought(&mut reader, &alone).spots.into_iter().collect()
    }

    fn history_gaps(&self, history: &History, trees: &Trees<'_>, places: &Places) -> Vec<Gap> {
        const WRONG: &str = "first commits may be older than stated, and blobs may wrongly count as unreachable";
        let mut tally = Tally::default();
        let mut say = |reason, detail, ids: &[ObjectId]| {
            let first = ids.first().map(ObjectId::to_string).unwrap_or_default();
            tally.add_many(Kind { reason, detail, effect: WRONG }, ids.len() as u64, &first);
        };
        // What a bundle lacks is said once, where it is opened.
        let is_told = self.bundle.as_ref().is_some_and(|bundle| !bundle.is_whole());
        let absent = if is_told { &[] } else { history.absent.as_slice() };
        say(self.missing_reason(), "commits that history names and that are not here", absent);
        say(GapReason::Damaged, "commits and tags that do not decode", &history.damaged);
        let counted = [
            (
                self.missing_reason(),
                "directories (trees) of the history that are not here",
                if is_told { 0 } else { trees.absent.load(Ordering::Relaxed) },
            ),
            (
                GapReason::Damaged,
                "directories (trees) of the history that do not decode",
                trees.damaged.load(Ordering::Relaxed),
            ),
            (GapReason::TooDeep, "directories of the history nested too deep", trees.too_deep.load(Ordering::Relaxed)),
            (GapReason::TooLarge, "commits and blobs with more places than are kept", places.cut_off),
            (GapReason::Internal, "commits on which the comparison itself failed", places.failed),
        ];
        for (reason, detail, count) in counted {
            tally.add_many(Kind { reason, detail, effect: WRONG }, count, "");
        }
        tally.into_gaps(&self.name)
    }

    /// Missing objects are expected in a partial clone, and damage elsewhere.
    fn missing_reason(&self) -> GapReason {
        if self.format.promised { GapReason::Absent } else { GapReason::Damaged }
    }
}

/// What one commit brings in.
#[derive(Default)]
pub(super) struct Brought {
    pub(super) spots: Vec<Spot>,
    pub(super) is_cut_off: bool,
    pub(super) has_failed: bool,
}

/// Compares commits with their parents.
struct Comparison<'a> {
    history: &'a History,
    trees: &'a Trees<'a>,
}

impl Comparison<'_> {
    fn brought(&self, reader: &mut Reader, commit: &Commit) -> Brought {
        let compared = catch_unwind(AssertUnwindSafe(|| {
            let parents = commit.parents.iter().filter_map(|place| self.history.commits.get(*place as usize));
            let parents: Vec<ObjectId> = parents.map(|parent| parent.tree).collect();
            let mut brought = Brought::default();
            if !parents.contains(&commit.tree) {
                self.descend(reader, commit.tree, &parents, &mut Path::default(), &mut brought);
            }
            brought
        }));
        compared.unwrap_or(Brought { has_failed: true, ..Brought::default() })
    }

    /// Collects what is at or below `tree` and at the same path in none of `parents`.
    fn descend(
        &self,
        reader: &mut Reader,
        tree: ObjectId,
        parents: &[ObjectId],
        path: &mut Path,
        brought: &mut Brought,
    ) {
        let entries = self.trees.entries(reader, tree);
        if entries.is_empty() {
            return;
        }
        if path.depth > MAX_DEPTH {
            self.trees.refuse();
            return;
        }
        let parents: Vec<Arc<[Entry]>> = parents.iter().map(|parent| self.trees.entries(reader, *parent)).collect();
        for entry in &*entries {
            let before: Vec<&Entry> = parents.iter().filter_map(|entries| entry.same_in(entries)).collect();
            if before.iter().any(|other| other.id == entry.id) {
                continue;
            }
            if brought.spots.len() >= MAX_BROUGHT {
                brought.is_cut_off = true;
                return;
            }
            let length = path.bytes.len();
            path.bytes.extend_from_slice(&entry.name);
            if entry.is_tree {
                path.bytes.push(b'/');
                path.depth += 1;
                let before: Vec<ObjectId> = before.iter().map(|other| other.id).collect();
                self.descend(reader, entry.id, &before, path, brought);
                path.depth -= 1;
            } else {
                brought.spots.push((entry.id, path.bytes.clone()));
            }
            path.bytes.truncate(length);
        }
    }
}

/// Where a comparison is.
#[derive(Default)]
struct Path {
    bytes: Vec<u8>,
    depth: usize,
}

/// The first commit of every blob at every path, as far as history was read.
#[derive(Default)]
pub(super) struct Places {
    first: BTreeMap<ObjectId, BTreeMap<Vec<u8>, usize>>,
    pub(super) cut_off: u64,
    pub(super) failed: u64,
}

impl Places {
    /// Notes what the commit at `place` brought; earlier commits were noted before.
    pub(super) fn note(&mut self, place: usize, brought: Brought) {
        self.cut_off += u64::from(brought.is_cut_off);
        self.failed += u64::from(brought.has_failed);
        for (blob, path) in brought.spots {
            let paths = self.first.entry(blob).or_default();
            if paths.len() < MAX_PATHS {
                paths.entry(path).or_insert(place);
            } else if !paths.contains_key(&path) {
                self.cut_off += 1;
            }
        }
    }

    /// The blobs that were noted.
    pub(super) fn blobs(&self) -> impl Iterator<Item = BlobId> + '_ {
        self.first.keys().copied().map(BlobId)
    }

    /// The paths at which a blob was noted.
    pub(super) fn paths(&self, blob: BlobId) -> impl Iterator<Item = &Vec<u8>> {
        self.first.get(&blob.0).into_iter().flat_map(BTreeMap::keys)
    }

    /// The places of a blob, oldest commit first.
    pub(super) fn origins(&self, blob: BlobId, history: &History, head: &BTreeSet<Spot>) -> Vec<Origin> {
        let paths = self.first.get(&blob.0).into_iter().flatten();
        let mut places: Vec<(usize, &Vec<u8>)> = paths.map(|(path, place)| (*place, path)).collect();
        places.sort_unstable();
        let known = places.into_iter().filter_map(|(place, path)| {
            let commit = history.commits.get(place)?;
            let is_in_head = head.contains(&(blob.0, path.clone()));
            Some(Origin {
                commit: commit.id.to_string(),
                author_date: commit.author_date,
                path: shown(path),
                presence: if is_in_head { Presence::InHead } else { Presence::HistoryOnly },
            })
        });
        let mut origins: Vec<Origin> = known.collect();
        if origins.is_empty() {
            let (commit, path) = (String::new(), String::new());
            origins.push(Origin { commit, author_date: None, path, presence: Presence::Unreachable });
        }
        origins
    }
}
