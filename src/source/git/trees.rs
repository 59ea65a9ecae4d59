//! Trees, reduced to the paths that lead to blobs one asks about.
//!
//! Each distinct tree of the whole history is read once. What is remembered of it is only which of its entries lead
//! somewhere; most trees lead nowhere and are remembered by their id alone.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gix::ObjectId;
use gix::hashtable::{HashMap, HashSet};
use gix::objs::{Kind, TreeRefIter};

use super::reader::{Lookup, Reader};
use super::wanted::Wanted;

/// Trees nested deeper than this are not entered. No file system holds such paths in earnest.
pub(super) const MAX_DEPTH: usize = 256;
/// The entries that are remembered at most; beyond that, trees are read again when they are needed.
const MAX_ENTRIES: u64 = 4_000_000;
const SHARDS: usize = 256;

/// An entry that leads to a blob asked about, or is one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    pub(super) name: Box<[u8]>,
    pub(super) is_tree: bool,
    pub(super) id: ObjectId,
}

impl Entry {
    /// The entry of the same name and kind among `others`, which are sorted.
    pub(super) fn same_in<'e>(&self, others: &'e [Entry]) -> Option<&'e Entry> {
        let key = (&self.name, self.is_tree);
        others.binary_search_by(|other| (&other.name, other.is_tree).cmp(&key)).ok().and_then(|found| others.get(found))
    }
}

/// What is known about a tree.
#[derive(Clone)]
enum Node {
    /// It leads nowhere.
    Empty,
    /// It leads somewhere, over these entries, which are sorted.
    Leads(Arc<[Entry]>),
    /// It leads somewhere, but the entries were too many to keep.
    Forgotten,
}

/// What is known about the trees whose ids end in one byte. Most lead nowhere and take no more than their id.
#[derive(Default)]
struct Shard {
    empty: HashSet<ObjectId>,
    others: HashMap<ObjectId, Node>,
}

impl Shard {
    fn get(&self, tree: &ObjectId) -> Option<Node> {
        if self.empty.contains(tree) { Some(Node::Empty) } else { self.others.get(tree).cloned() }
    }

    /// Whether it was not known before.
    fn insert(&mut self, tree: ObjectId, node: Node) -> bool {
        match node {
            Node::Empty => self.empty.insert(tree),
            other => self.others.insert(tree, other).is_none(),
        }
    }
}

/// The trees of a history, as seen from some blobs.
pub(super) struct Trees<'a> {
    blobs: &'a Wanted,
    shards: Vec<Mutex<Shard>>,
    remembered: AtomicU64,
    pub(super) absent: AtomicU64,
    pub(super) damaged: AtomicU64,
    pub(super) too_deep: AtomicU64,
}

impl<'a> Trees<'a> {
    /// Trees as seen from `blobs`.
    pub(super) fn new(blobs: &'a Wanted) -> Self {
        let shards = std::iter::repeat_with(Mutex::default).take(SHARDS).collect();
        let [remembered, absent, damaged, too_deep] = std::array::from_fn(|_| AtomicU64::new(0));
        Self { blobs, shards, remembered, absent, damaged, too_deep }
    }

    /// Learns what is at and below a tree.
    pub(super) fn survey(&self, reader: &mut Reader, tree: ObjectId) {
        self.node(reader, tree, 0);
    }

    /// The entries of a tree that lead to the blobs; none where nothing in it does, or where it cannot be read.
    pub(super) fn entries(&self, reader: &mut Reader, tree: ObjectId) -> Arc<[Entry]> {
        match self.node(reader, tree, 0) {
            Node::Empty => Arc::new([]),
            Node::Leads(entries) => entries,
            Node::Forgotten => self.read(reader, tree, 0).unwrap_or_default().into(),
        }
    }

    fn node(&self, reader: &mut Reader, tree: ObjectId, depth: usize) -> Node {
        if let Some(known) = self.shard(tree).get(&tree) {
            return known;
        }
        if depth > MAX_DEPTH {
            self.refuse();
            return Node::Empty;
        }
        let read = self.read(reader, tree, depth);
        let node = match &read {
            Ok(entries) if entries.is_empty() => Node::Empty,
            Ok(entries) => {
                let count = entries.len() as u64;
                if self.remembered.fetch_add(count, Ordering::Relaxed) < MAX_ENTRIES {
                    Node::Leads(entries.as_slice().into())
                } else {
                    Node::Forgotten
                }
            }
            Err(_) => Node::Empty,
        };
        let is_new = self.shard(tree).insert(tree, node.clone());
        if let (true, Err(trouble)) = (is_new, read) {
            let counter = if trouble == Lookup::Absent { &self.absent } else { &self.damaged };
            counter.fetch_add(1, Ordering::Relaxed);
        }
        node
    }

    /// Reads a tree and keeps the entries that lead to the blobs.
    fn read(&self, reader: &mut Reader, tree: ObjectId, depth: usize) -> Result<Vec<Entry>, Lookup> {
        let mut buffer = reader.buffer();
        let looked_up = reader.read(tree, &mut buffer);
        let result = if looked_up == Lookup::Found(Kind::Tree) {
            Ok(self.filter(reader, tree, &buffer, depth))
        } else {
            Err(looked_up)
        };
        reader.give_back(buffer);
        result
    }

    fn filter(&self, reader: &mut Reader, tree: ObjectId, content: &[u8], depth: usize) -> Vec<Entry> {
        let mut entries = Vec::new();
        for entry in TreeRefIter::from_bytes(content, tree.kind()).map_while(Result::ok) {
            let is_tree = entry.mode.is_tree();
            let leads = if is_tree {
                self.leads(reader, entry.oid, depth + 1)
            } else {
                self.blobs.contains(entry.oid) && entry.mode.is_blob_or_symlink()
            };
            if leads {
                entries.push(Entry { name: entry.filename.to_vec().into(), is_tree, id: entry.oid.to_owned() });
            }
        }
        entries.sort_unstable();
        entries
    }

    /// Whether a tree leads somewhere. Neighbouring versions of a directory share most of their entries, so the thread's
    /// own memory answers nearly always.
    fn leads(&self, reader: &mut Reader, tree: &gix::oid, depth: usize) -> bool {
        if let Some(verdict) = reader.verdict(tree) {
            return verdict;
        }
        let tree = tree.to_owned();
        let verdict = !matches!(self.node(reader, tree, depth), Node::Empty);
        reader.remember(tree, verdict);
        verdict
    }

    /// Counts a tree that was not entered, because it is nested too deep.
    pub(super) fn refuse(&self) {
        self.too_deep.fetch_add(1, Ordering::Relaxed);
    }

    fn shard(&self, id: ObjectId) -> MutexGuard<'_, Shard> {
        let number = id.as_bytes().last().map_or(0, |byte| usize::from(*byte));
        self.shards[number].lock().unwrap_or_else(PoisonError::into_inner)
    }
}
