//! Partial clones: how many blobs the history names that were never fetched.

use gix::ObjectId;
use gix::hashtable::HashSet;
use gix::objs::{Kind, TreeRefIter};

use super::Repository;
use super::history::History;
use super::reader::Lookup;
use crate::model::GapReason;
use crate::source::tally::{self, Tally};

const BLOBS: tally::Kind = tally::Kind {
    reason: GapReason::Absent,
    detail: "blobs of the history that this partial clone does not hold",
    effect: "their content was not examined",
};
const TREES: tally::Kind = tally::Kind {
    reason: GapReason::Absent,
    detail: "directories (trees) of the history that this partial clone does not hold",
    effect: "neither they nor the files in them were examined",
};

impl Repository {
    /// Counts what a partial clone lacks; each distinct tree of the history is read for it. Other repositories are not
    /// walked: what they lack shows when blobs are assigned to commits.
    pub(super) fn count_absent(&self, tally: &mut Tally) {
        if !self.format.promised {
            return;
        }
        let reader = self.reader();
        let (mut seen, mut buffer) = (HashSet::<ObjectId>::default(), Vec::new());
        let mut pending: Vec<ObjectId> = History::read(self).commits.into_iter().map(|commit| commit.tree).collect();
        while let Some(tree) = pending.pop() {
            if !seen.insert(tree) {
                continue;
            }
            match reader.read(tree, &mut buffer) {
                Lookup::Found(Kind::Tree) => {}
                Lookup::Absent => {
                    tally.add(TREES, &tree.to_string());
                    continue;
                }
                _ => continue,
            }
            for entry in TreeRefIter::from_bytes(&buffer, tree.kind()).map_while(Result::ok) {
                let id = entry.oid.to_owned();
                if entry.mode.is_tree() {
                    pending.push(id);
                } else if entry.mode.is_blob_or_symlink() && seen.insert(id) && !reader.holds(id) {
                    tally.add(BLOBS, &id.to_string());
                }
            }
        }
    }
}
