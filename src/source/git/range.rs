//! The commits that `HEAD` reaches and another revision does not, and the blobs that they bring in.
//!
//! As in `REV..HEAD`: what `REV` has is left out whether or not it is an ancestor of `HEAD`, so the merge base need not
//! be known. A commit brings a blob in at a path where none of its parents has it there.

mod resolve;
mod walk;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use gix::ObjectId;
use gix::bstr::ByteSlice;
use gix::objs::{Kind as ObjectKind, TreeRefIter};
use rayon::prelude::*;

use super::attribute::{Brought, MAX_BROUGHT, Places, Spot};
use super::blobs::BlobScan;
use super::examine::{Examiner, Found, Loss};
use super::history::{Commit, History};
use super::reader::{Lookup, Reader};
use super::trees::MAX_DEPTH;
use super::{Attribution, BlobId, Error, Repository};
use crate::model::{Gap, GapReason};
use crate::source::tally::{Kind, Tally};
use crate::source::{Examine, Options};

use walk::Walk;

const OVER: &str = "what they bring in may be more than what they changed";
const CUT: Kind = Kind {
    reason: GapReason::Absent,
    detail: "commits of the range at which the shallow clone is cut off",
    effect: "all of their files count as brought in",
};
const ABSENT: Kind =
    Kind { reason: GapReason::Damaged, detail: "commits that the range needs and that are not here", effect: OVER };
const FAILED: Kind =
    Kind { reason: GapReason::Internal, detail: "commits on which the comparison itself failed", effect: OVER };
const CUT_OFF: Kind = Kind {
    reason: GapReason::TooLarge,
    detail: "commits and blobs with more places than are kept",
    effect: "some of what they bring in was not examined",
};
const BINARY: Kind = Kind {
    reason: GapReason::Skipped,
    detail: "binary blobs",
    effect: "secrets inside compiled, compressed or packed content are not found",
};

/// What the commits from a revision to `HEAD` bring in.
pub struct CommitRange {
    /// The commit that the revision names, in hexadecimal.
    pub since: String,
    /// How many commits there are.
    pub commits: u64,
    /// What is missing, so that too much or too little is examined.
    pub gaps: Vec<Gap>,
    history: History,
    places: Places,
}

impl Repository {
    /// The commits that `HEAD` reaches and the revision `rev` does not, with the blobs they bring in.
    ///
    /// Errors: `rev` names no commit here.
    pub fn since(&self, rev: &str) -> Result<CommitRange, Error> {
        let since = resolve::commit(self, rev)?;
        let mut walk = Walk::new(self);
        walk.run(self.references.head, since);
        let Walk { history, cut, absent, trees, .. } = walk.finish();
        let mut places = Places::default();
        let brought: Vec<Brought> = history
            .commits
            .par_iter()
            .map_init(|| self.reader(), |reader, commit| brought(reader, commit, &trees))
            .collect();
        brought.into_iter().enumerate().for_each(|(place, brought)| places.note(place, brought));
        let mut tally = Tally::default();
        let first = |ids: &[ObjectId]| ids.first().map(ObjectId::to_string).unwrap_or_default();
        tally.add_many(CUT, cut.len() as u64, &first(&cut));
        tally.add_many(ABSENT, absent.len() as u64, &first(&absent));
        tally.add_many(FAILED, places.failed, "");
        tally.add_many(CUT_OFF, places.cut_off, "");
        let (commits, gaps) = (history.commits.len() as u64, tally.into_gaps(&self.name));
        Ok(CommitRange { since: since.to_string(), commits, gaps, history, places })
    }

    /// Calls `examine` with the text of every blob that the range brings in, as [`Repository::scan_blobs`] does for all.
    pub fn scan_range<E: Examine>(&self, range: &CommitRange, options: &Options, examine: &E) -> BlobScan<E::Found> {
        let examiner = Examiner { max_bytes: options.max_file_bytes, examine };
        let blobs: Vec<BlobId> = range.places.blobs().collect();
        let parts: Vec<Found<E::Found>> = blobs
            .par_iter()
            .map_init(
                || (self.reader(), Vec::new()),
                |(reader, content), blob| {
                    let mut found = Found::default();
                    match reader.read(blob.0, content) {
                        Lookup::Found(ObjectKind::Blob) => examiner.look(blob.0, content, &mut found),
                        Lookup::Absent => found.lose(blob.0, Loss::Absent),
                        _ => found.lose(blob.0, Loss::Damaged),
                    }
                    found
                },
            )
            .collect();
        let mut total = Found::default();
        for part in parts {
            total.merge(part);
        }
        let mut tally = Tally::default();
        tally.add_many(BINARY, total.binary, "");
        for (id, loss) in &total.lost {
            let kind = Kind { reason: self.reason(*loss), detail: in_words(*loss), effect: "not examined" };
            tally.add(kind, &id.to_string());
        }
        let Found { mut hits, blobs, bytes, binary, .. } = total;
        hits.sort_by_key(|hit| hit.id);
        BlobScan { hits, blobs, bytes, binary, gaps: tally.into_gaps(&self.name) }
    }

    /// The places at which commits of the range bring `blobs` in.
    pub fn attribute_range(&self, range: &CommitRange, blobs: &[BlobId]) -> Attribution {
        let mut reader = self.reader();
        let tree = self.head_tree(&mut reader);
        let mut head: BTreeSet<Spot> = BTreeSet::new();
        for blob in blobs {
            let here = range.places.paths(*blob).filter(|path| holds(&mut reader, tree, path, blob.0));
            head.extend(here.map(|path| (blob.0, path.clone())));
        }
        let origins = blobs.iter().map(|blob| (*blob, range.places.origins(*blob, &range.history, &head))).collect();
        Attribution { origins, commits: range.commits, gaps: Vec::new() }
    }

    /// Missing blobs are expected in a partial clone, and damage elsewhere.
    fn reason(&self, loss: Loss) -> GapReason {
        match loss {
            Loss::Absent if self.format.promised => GapReason::Absent,
            Loss::TooLarge => GapReason::TooLarge,
            Loss::Internal => GapReason::Internal,
            Loss::Binary | Loss::Damaged | Loss::Absent => GapReason::Damaged,
        }
    }
}

fn in_words(loss: Loss) -> &'static str {
    match loss {
        Loss::TooLarge => "blobs of the range larger than the limit",
        Loss::Absent => "blobs of the range that are not here",
        Loss::Binary | Loss::Damaged => "blobs of the range that do not decode",
        Loss::Internal => "blobs of the range on which the examination itself failed",
    }
}

/// The trees of commits by commit, as far as the range needs them.
type CommitTrees = BTreeMap<ObjectId, (ObjectId, Vec<ObjectId>)>;

fn brought(reader: &mut Reader, commit: &Commit, trees: &CommitTrees) -> Brought {
    let tree_of = |id: &ObjectId| trees.get(id).map(|(tree, _)| *tree);
    let parents: Vec<ObjectId> =
        trees.get(&commit.id).into_iter().flat_map(|(_, parents)| parents).filter_map(tree_of).collect();
    let compared = catch_unwind(AssertUnwindSafe(|| {
        let mut brought = Brought::default();
        if !parents.contains(&commit.tree) {
            descend(reader, commit.tree, &parents, &mut Vec::new(), 0, &mut brought);
        }
        brought
    }));
    compared.unwrap_or(Brought { has_failed: true, ..Brought::default() })
}

/// The entries of a tree that can be examined, by name and kind. None where it cannot be read.
fn entries(reader: &mut Reader, tree: ObjectId) -> Option<BTreeMap<(Vec<u8>, bool), ObjectId>> {
    let mut content = reader.buffer();
    let found = reader.read(tree, &mut content) == Lookup::Found(ObjectKind::Tree);
    let entries = found.then(|| {
        let entries = TreeRefIter::from_bytes(&content, tree.kind()).map_while(Result::ok);
        let files = entries.filter(|entry| entry.mode.is_tree() || entry.mode.is_blob_or_symlink());
        files.map(|entry| ((entry.filename.to_vec(), entry.mode.is_tree()), entry.oid.to_owned())).collect()
    });
    reader.give_back(content);
    entries
}

/// Collects what is at or below `tree` and at the same path in none of `parents`.
fn descend(
    reader: &mut Reader,
    tree: ObjectId,
    parents: &[ObjectId],
    path: &mut Vec<u8>,
    depth: usize,
    brought: &mut Brought,
) {
    let own = if depth > MAX_DEPTH { None } else { entries(reader, tree) };
    brought.has_failed |= own.is_none();
    let before: Vec<_> = parents.iter().filter_map(|parent| entries(reader, *parent)).collect();
    for (key, id) in own.unwrap_or_default() {
        let before: Vec<ObjectId> = before.iter().filter_map(|entries| entries.get(&key).copied()).collect();
        if before.contains(&id) {
            continue;
        }
        if brought.spots.len() >= MAX_BROUGHT {
            brought.is_cut_off = true;
            return;
        }
        let length = path.len();
        path.extend_from_slice(&key.0);
        if key.1 {
            path.push(b'/');
            descend(reader, id, &before, path, depth + 1, brought);
        } else {
            brought.spots.push((id, path.clone()));
        }
        path.truncate(length);
    }
}

/// Whether the tree has this blob at this path.
fn holds(reader: &mut Reader, tree: Option<ObjectId>, path: &[u8], blob: ObjectId) -> bool {
    let mut current = tree;
    let mut parts = path.split_str(b"/").peekable();
    while let (Some(tree), Some(part)) = (current, parts.next()) {
        let is_tree = parts.peek().is_some();
        current = entries(reader, tree).and_then(|entries| entries.get(&(part.to_vec(), is_tree)).copied());
    }
    current == Some(blob)
}
