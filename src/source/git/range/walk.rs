//! Which commits one revision reaches and another does not, without reading the whole history.

use std::collections::{BTreeMap, BinaryHeap, HashMap};

use gix::ObjectId;
use gix::objs::Kind as ObjectKind;

use super::CommitTrees;
use crate::source::git::Repository;
use crate::source::git::history::{Commit, History, in_order, parsed};
use crate::source::git::reader::{Lookup, Reader};

/// Reached from `HEAD`.
const WANTED: u8 = 1;
/// Reached from the revision where the range begins.
const KNOWN: u8 = 2;

/// Walks from both ends, newest commits first, until everything that is left is known to lie outside of the range.
///
/// Commit dates may lie. Where they do, a commit of the past can be taken for a part of the range, and is examined
/// again; none is ever left out, for only what `REV` really reaches is.
pub(super) struct Walk {
    reader: Reader,
    buffer: Vec<u8>,
    boundary: Vec<ObjectId>,
    nodes: Vec<Node>,
    numbers: HashMap<ObjectId, Option<usize>>,
    queue: BinaryHeap<(i64, ObjectId, usize)>,
    /// Commits in the queue that are not known to lie outside.
    open: usize,
    /// The commits of the range, parents first.
    pub(super) history: History,
    /// Commits of the range whose parents a shallow clone lacks.
    pub(super) cut: Vec<ObjectId>,
    /// Commits that are named and not here, or do not decode.
    pub(super) absent: Vec<ObjectId>,
    /// The trees and parents of the commits of the range and of their parents.
    pub(super) trees: CommitTrees,
}

struct Node {
    commit: Commit,
    parents: Vec<ObjectId>,
    reached: u8,
    is_queued: bool,
}

impl Walk {
    /// A walk that has not begun.
    pub(super) fn new(repository: &Repository) -> Self {
        Self {
            reader: repository.reader(),
            buffer: Vec::new(),
            boundary: repository.shallow_boundary(),
            nodes: Vec::new(),
            numbers: HashMap::new(),
            queue: BinaryHeap::new(),
            open: 0,
            history: History::default(),
            cut: Vec::new(),
            absent: Vec::new(),
            trees: BTreeMap::new(),
        }
    }

    /// Walks from `head` as far as `since` does not reach.
    pub(super) fn run(&mut self, head: Option<ObjectId>, since: ObjectId) {
        self.reach(since, KNOWN);
        if let Some(head) = head {
            self.reach(head, WANTED);
        }
        let mut oldest = i64::MAX;
        while let Some((date, _, number)) = self.queue.pop() {
            // With nothing open, only commits as old as the range could still turn out to reach into it.
            if self.open == 0 && date < oldest {
                break;
            }
            let Some(node) = self.nodes.get_mut(number) else { continue };
            node.is_queued = false;
            if node.reached & KNOWN == 0 {
                self.open -= 1;
                oldest = oldest.min(date);
            }
            let (parents, reached) = (node.parents.clone(), node.reached);
            for parent in parents {
                self.reach(parent, reached);
            }
        }
    }

    /// The commits of the range in order.
    pub(super) fn finish(mut self) -> Self {
        let inside = |node: &Node| node.reached == WANTED;
        let mut places: HashMap<ObjectId, u32> = HashMap::new();
        let mut commits: Vec<Commit> = Vec::new();
        for node in self.nodes.iter().filter(|node| inside(node)) {
            places.insert(node.commit.id, commits.len() as u32);
            commits.push(node.commit.clone());
            if self.boundary.binary_search(&node.commit.id).is_ok() {
                self.cut.push(node.commit.id);
            }
        }
        for node in self.nodes.iter().filter(|node| inside(node)) {
            let known = node.parents.iter().filter_map(|parent| places.get(parent).copied());
            if let Some(commit) = places.get(&node.commit.id).and_then(|place| commits.get_mut(*place as usize)) {
                commit.parents = known.collect();
            }
        }
        self.history.commits = in_order(commits);
        let all = self.nodes.iter().map(|node| (node.commit.id, (node.commit.tree, node.parents.clone())));
        self.trees = all.collect();
        self.cut.sort_unstable();
        self.absent.sort_unstable();
        self
    }

    fn reach(&mut self, id: ObjectId, from: u8) {
        let Some(number) = self.number(id) else { return };
        let Some(node) = self.nodes.get_mut(number) else { return };
        let before = node.reached;
        node.reached |= from;
        if node.reached == before {
            return;
        }
        let was_open = node.is_queued && before & KNOWN == 0;
        let is_open = node.reached & KNOWN == 0;
        if !node.is_queued {
            node.is_queued = true;
            self.queue.push((node.commit.committed, id, number));
        }
        self.open = self.open + usize::from(is_open) - usize::from(was_open);
    }

    /// The number of a commit, which is read where it was not met before.
    fn number(&mut self, id: ObjectId) -> Option<usize> {
        if let Some(number) = self.numbers.get(&id) {
            return *number;
        }
        let read = match self.reader.read(id, &mut self.buffer) {
            Lookup::Found(ObjectKind::Commit) => parsed(id, &self.buffer),
            _ => None,
        };
        let number = read.map(|(commit, parents)| {
            let parents = if self.boundary.binary_search(&id).is_ok() { Vec::new() } else { parents };
            self.nodes.push(Node { commit, parents, reached: 0, is_queued: false });
            self.nodes.len() - 1
        });
        if number.is_none() {
            self.absent.push(id);
        }
        self.numbers.insert(id, number);
        number
    }
}
