//! The index against the trees of `HEAD`, directory by directory, skipping those that the index knows to be the same.

use std::collections::BTreeMap;
use std::ops::Range;

use gix::ObjectId;
use gix::bstr::ByteSlice;
use gix::index::extension::Tree as CacheTree;
use gix::index::{Entry, State, entry};
use gix::objs::{Kind as ObjectKind, TreeRefIter};

use super::{BlobId, Repository, Staged, StagedFile};
use crate::model::GapReason;
use crate::source::git::reader::{Lookup, Reader};
use crate::source::git::trees::MAX_DEPTH;
use crate::source::name::shown;
use crate::source::tally::{Kind, Tally};

const CONFLICT: Kind = Kind {
    reason: GapReason::Skipped,
    detail: "files in conflict, of which nothing can be committed yet",
    effect: "none of their versions was examined",
};
const ANNOUNCED: Kind = Kind {
    reason: GapReason::Skipped,
    detail: "files announced without content (git add --intent-to-add)",
    effect: "nothing of them is staged",
};
const SUBMODULE: Kind = Kind {
    reason: GapReason::Skipped,
    detail: "submodules",
    effect: "a commit of another repository; examine it there",
};
const DAMAGED: Kind = Kind {
    reason: GapReason::Damaged,
    detail: "directories (trees) that could not be read",
    effect: "files in them may count as staged, or may be missing",
};
const TOO_DEEP: Kind = Kind {
    reason: GapReason::TooDeep,
    detail: "directories nested too deep",
    effect: "what is staged in them was not examined",
};

/// Everything in which the index differs from `HEAD`, deletions left out.
pub(super) fn compare(repository: &Repository, index: &State) -> Staged {
    let mut reader = repository.reader();
    let head = repository.head_tree(&mut reader);
    let mut comparison =
        Comparison { reader, index, staged: Staged::default(), tally: Tally::default(), last_conflict: None };
    comparison.staged.entries = index.entries().len() as u64;
    if head.is_none() && repository.references.head.is_some() {
        comparison.tally.add(DAMAGED, "the commit of HEAD");
    }
    let all = 0..index.entries().len();
    comparison.directory(head, index.tree(), 0, all, 0);
    let Comparison { mut staged, tally, .. } = comparison;
    staged.gaps = tally.into_gaps(&repository.name);
    staged
}

struct Comparison<'a> {
    reader: Reader,
    index: &'a State,
    staged: Staged,
    tally: Tally,
    /// The path of the last entry in conflict: it has up to three entries, and counts once.
    last_conflict: Option<&'a [u8]>,
}

/// The entries of a tree by name: whether it is a tree, and its id. A name can stand for one thing only.
type Entries = BTreeMap<Vec<u8>, (bool, ObjectId)>;

impl<'a> Comparison<'a> {
    /// Compares the entries in `range`, all of which lie in the directory that is the first `prefix` bytes of their
    /// paths, with the tree that `HEAD` has there.
    fn directory(
        &mut self,
        head: Option<ObjectId>,
        cached: Option<&CacheTree>,
        prefix: usize,
        range: Range<usize>,
        depth: usize,
    ) {
        let same = |cached: &CacheTree| cached.num_entries.is_some() && Some(cached.id) == head;
        if cached.is_some_and(same) {
            return;
        }
        if depth > MAX_DEPTH {
            self.tally.add(TOO_DEEP, "");
            return;
        }
        let head = head.map(|tree| self.entries(tree)).unwrap_or_default();
        let (index, mut at) = (self.index, range.start);
        while let Some(entry) = index.entries().get(at).filter(|_| at < range.end) {
            let path = entry.path(index).as_bytes();
            let rest = path.get(prefix..).unwrap_or_default();
            let Some(name) = rest.find_byte(b'/').filter(|_| !entry.mode.is_sparse()) else {
                self.entry(entry, path, head.get(rest.strip_suffix(b"/").unwrap_or(rest)), depth);
                at += 1;
                continue;
            };
            let below = at..self.end_of(at..range.end, path.get(..=prefix + name).unwrap_or_default());
            let name = rest.get(..name).unwrap_or_default();
            let child = cached.and_then(|tree| tree.children.iter().find(|child| child.name.as_slice() == name));
            let tree = head.get(name).filter(|(is_tree, _)| *is_tree).map(|(_, id)| *id);
            at = below.end;
            self.directory(tree, child, prefix + name.len() + 1, below, depth + 1);
        }
    }

    /// Where the entries end whose paths begin with `directory`. Entries are sorted by path.
    fn end_of(&self, range: Range<usize>, directory: &[u8]) -> usize {
        let entries = self.index.entries().get(range.clone()).unwrap_or_default();
        let inside = entries.partition_point(|entry| entry.path(self.index).starts_with(directory));
        range.start + inside.max(1)
    }

    /// One entry against what `HEAD` has at its path.
    fn entry(&mut self, entry: &Entry, path: &'a [u8], head: Option<&(bool, ObjectId)>, depth: usize) {
        if entry.stage() != entry::Stage::Unconflicted {
            if self.last_conflict.replace(path) != Some(path) {
                self.tally.add(CONFLICT, &shown(path));
            }
        } else if entry.flags.contains(entry::Flags::INTENT_TO_ADD) {
            self.tally.add(ANNOUNCED, &shown(path));
        } else if entry.mode.is_sparse() {
            let head = head.filter(|(is_tree, _)| *is_tree).map(|(_, id)| *id);
            self.tree(head, entry.id, path, depth);
        } else if head.is_some_and(|(is_tree, id)| !is_tree && *id == entry.id) {
            // Unchanged, but for its mode.
        } else if entry.mode.is_submodule() {
            self.tally.add(SUBMODULE, &shown(path));
        } else {
            let before = head.filter(|(is_tree, _)| !is_tree).map(|(_, id)| BlobId(*id));
            self.staged.files.push(StagedFile { path: shown(path), blob: BlobId(entry.id), before });
        }
    }

    /// A directory that a sparse index holds as a whole. `path` ends with a slash.
    fn tree(&mut self, head: Option<ObjectId>, tree: ObjectId, path: &[u8], depth: usize) {
        if head == Some(tree) {
            return;
        }
        if depth > MAX_DEPTH {
            self.tally.add(TOO_DEEP, &shown(path));
            return;
        }
        let head = head.map(|tree| self.entries(tree)).unwrap_or_default();
        for (name, (is_tree, id)) in self.entries(tree) {
            let before = head.get(&name).filter(|(was_tree, _)| *was_tree == is_tree).map(|(_, id)| *id);
            let path = [path, &name].concat();
            if is_tree {
                self.tree(before, id, &[&*path, b"/"].concat(), depth + 1);
            } else if before != Some(id) {
                let before = before.map(BlobId);
                self.staged.files.push(StagedFile { path: shown(&path), blob: BlobId(id), before });
            }
        }
    }

    /// What a tree holds. One that cannot be read is said, and holds nothing.
    fn entries(&mut self, tree: ObjectId) -> Entries {
        let mut content = self.reader.buffer();
        let mut entries = Entries::new();
        if self.reader.read(tree, &mut content) == Lookup::Found(ObjectKind::Tree) {
            for entry in TreeRefIter::from_bytes(&content, tree.kind()).map_while(Result::ok) {
                entries.insert(entry.filename.to_vec(), (entry.mode.is_tree(), entry.oid.to_owned()));
            }
        } else {
            self.tally.add(DAMAGED, &tree.to_string());
        }
        self.reader.give_back(content);
        entries
    }
}
