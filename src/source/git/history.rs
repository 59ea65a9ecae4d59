//! All commits that any reference reaches, parents before children.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use gix::ObjectId;
use gix::bstr::ByteSlice;
use gix::objs::commit::ref_iter::Token;
use gix::objs::{CommitRefIter, Kind, TagRefIter};
use jiff::Timestamp;

use super::Repository;
use super::reader::{Lookup, Reader};
use crate::source::file;

/// A commit, as far as it matters for who introduced what.
#[derive(Clone, Debug)]
pub(super) struct Commit {
    pub(super) id: ObjectId,
    pub(super) tree: ObjectId,
    /// The parents that are here, as places in [`History::commits`].
    pub(super) parents: Vec<u32>,
    /// When its author says it was written. Anybody can write any date; absent where it is none at all.
    pub(super) author_date: Option<Timestamp>,
    pub(super) committed: i64,
}

/// The commits of a repository.
#[derive(Debug, Default)]
pub(super) struct History {
    /// Parents before children; among those that could come next, the one with the older commit date first.
    pub(super) commits: Vec<Commit>,
    /// Commits and tags that something names and that are not here, shallow boundaries not counted.
    pub(super) absent: Vec<ObjectId>,
    /// Commits and tags that do not decode.
    pub(super) damaged: Vec<ObjectId>,
}

impl History {
    /// Reads the history behind every reference.
    pub(super) fn read(repository: &Repository) -> Self {
        let mut walk = Walk {
            reader: repository.reader(),
            buffer: Vec::new(),
            cut: repository.shallow_boundary(),
            places: HashMap::new(),
            history: Self::default(),
            links: Vec::new(),
        };
        let mut pending = repository.references.targets.clone();
        pending.reverse();
        while let Some(id) = pending.pop() {
            walk.visit(id, &mut pending);
        }
        walk.finish()
    }
}

struct Walk {
    reader: Reader,
    buffer: Vec<u8>,
    /// Commits whose parents are left out on purpose.
    cut: Vec<ObjectId>,
    /// Where each object seen stands among the commits; nothing for what is no commit.
    places: HashMap<ObjectId, Option<u32>>,
    history: History,
    links: Vec<Vec<ObjectId>>,
}

impl Walk {
    fn visit(&mut self, id: ObjectId, pending: &mut Vec<ObjectId>) {
        if self.places.contains_key(&id) {
            return;
        }
        let mut place = None;
        match self.reader.read(id, &mut self.buffer) {
            Lookup::Found(Kind::Commit) => match parsed(id, &self.buffer) {
                Some((commit, parents)) => {
                    let parents = if self.cut.binary_search(&id).is_ok() { Vec::new() } else { parents };
                    pending.extend(parents.iter().rev());
                    place = u32::try_from(self.history.commits.len()).ok();
                    self.history.commits.push(commit);
                    self.links.push(parents);
                }
                None => self.history.damaged.push(id),
            },
            Lookup::Found(Kind::Tag) => match TagRefIter::from_bytes(&self.buffer, id.kind()).target_id() {
                Ok(target) => pending.push(target),
                Err(_) => self.history.damaged.push(id),
            },
            Lookup::Found(Kind::Tree | Kind::Blob) => {}
            Lookup::Absent => self.history.absent.push(id),
            Lookup::Damaged => self.history.damaged.push(id),
        }
        self.places.insert(id, place);
    }

    fn finish(mut self) -> History {
        for (commit, links) in self.history.commits.iter_mut().zip(&self.links) {
            commit.parents = links.iter().filter_map(|id| self.places.get(id).copied().flatten()).collect();
        }
        self.history.commits = in_order(self.history.commits);
        self.history.absent.sort_unstable();
        self.history.damaged.sort_unstable();
        self.history
    }
}

/// A commit and the ids of its parents. What follows a malformed header is not needed.
pub(super) fn parsed(id: ObjectId, content: &[u8]) -> Option<(Commit, Vec<ObjectId>)> {
    let mut commit = Commit { id, tree: id, parents: Vec::new(), author_date: None, committed: 0 };
    let (mut parents, mut has_tree) = (Vec::new(), false);
    for token in CommitRefIter::from_bytes(content, id.kind()).map_while(Result::ok) {
        match token {
            Token::Tree { id } => (commit.tree, has_tree) = (id, true),
            Token::Parent { id } => parents.push(id),
            Token::Author { signature } => {
                commit.author_date = seconds(signature.time).and_then(|seconds| Timestamp::from_second(seconds).ok());
            }
            Token::Committer { signature } => {
                commit.committed = seconds(signature.time).unwrap_or_default();
                break;
            }
            _ => {}
        }
    }
    has_tree.then_some((commit, parents))
}

/// The seconds of a raw git date such as `1700000000 +0100`.
fn seconds(time: &str) -> Option<i64> {
    time.split_ascii_whitespace().next()?.parse().ok()
}

/// Sorts parents before children; ties by commit date, then by id. The order depends on the commits alone.
pub(super) fn in_order(mut commits: Vec<Commit>) -> Vec<Commit> {
    let mut missing: Vec<usize> = commits.iter().map(|commit| commit.parents.len()).collect();
    let mut children: Vec<Vec<u32>> = vec![Vec::new(); commits.len()];
    for (place, commit) in (0_u32..).zip(&commits) {
        for parent in &commit.parents {
            if let Some(children) = children.get_mut(*parent as usize) {
                children.push(place);
            }
        }
    }
    let key = |place: u32, commit: &Commit| Reverse((commit.committed, commit.id, place));
    let mut ready: BinaryHeap<_> = (0_u32..)
        .zip(&commits)
        .filter(|(_, commit)| commit.parents.is_empty())
        .map(|(place, commit)| key(place, commit))
        .collect();
    let mut order = Vec::with_capacity(commits.len());
    while let Some(Reverse((_, _, place))) = ready.pop() {
        order.push(place);
        for child in children.get(place as usize).into_iter().flatten() {
            if let (Some(missing), Some(commit)) = (missing.get_mut(*child as usize), commits.get(*child as usize)) {
                *missing -= 1;
                if *missing == 0 {
                    ready.push(key(*child, commit));
                }
            }
        }
    }
    rearrange(&mut commits, &order)
}

fn rearrange(commits: &mut [Commit], order: &[u32]) -> Vec<Commit> {
    let mut places = vec![0_u32; commits.len()];
    for (new, old) in (0_u32..).zip(order) {
        if let Some(place) = places.get_mut(*old as usize) {
            *place = new;
        }
    }
    for commit in commits.iter_mut() {
        for parent in &mut commit.parents {
            *parent = places.get(*parent as usize).copied().unwrap_or_default();
        }
    }
    order.iter().filter_map(|old| commits.get(*old as usize).cloned()).collect()
}

impl Repository {
    /// The commits at which a shallow clone is cut off, sorted.
    pub(super) fn shallow_boundary(&self) -> Vec<ObjectId> {
        let list = file::read_small(&self.layout.common_dir.join("shallow"), 64 * 1024 * 1024).unwrap_or_default();
        let mut ids: Vec<ObjectId> =
            list.lines().filter_map(|line| ObjectId::from_hex(line.trim_ascii()).ok()).collect();
        ids.sort_unstable();
        ids
    }
}
