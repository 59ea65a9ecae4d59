//! One pack, ready to be read in the order that costs least: every delta right after its base.
//!
//! Only entry headers are read here. They form a forest: whole objects are roots, and each delta hangs below its base.
//! Trees that grow from a commit, tree or tag are left alone without inflating anything in them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use gix::ObjectId;
use gix::odb::pack::data::entry::Header;

use super::pack_file::{PackFile, Window};
use super::pack_index::PackIndex;

/// The position of an entry in the order of offsets; no pack has more than 2^32 - 1 entries.
pub(super) type Position = u32;
const NONE: Position = Position::MAX;
/// Headers lie close to each other, so they are read in large pieces.
const HEADERS_AHEAD: usize = 256 * 1024;

/// What an entry hangs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Link {
    Blob,
    Other,
    Base(Position),
    /// A base in another pack: git does not write that to disk, but reads it.
    Outside,
    Broken,
}

/// A pack and its index.
pub(super) struct Pack {
    pub(super) index: PackIndex,
    pub(super) data: PackFile,
}

/// The blobs of a pack as a forest of deltas.
pub(super) struct Forest {
    /// Offset in the pack and number in the index, in the order of offsets.
    entries: Vec<(u64, u32)>,
    /// Where the children of each entry begin in `children`; one more than entries.
    starts: Vec<u32>,
    children: Vec<Position>,
    /// Wanted blobs at and below each entry; 0 also for what is no blob.
    weights: Vec<u32>,
    /// The wanted entries themselves.
    wanted: Vec<bool>,
    /// Whole blobs and deltas on a base elsewhere, with something wanted at or below them, in the order of offsets.
    pub(super) roots: Vec<Position>,
    /// Entries whose kind cannot be known, because their header or their base is damaged.
    pub(super) broken: Vec<Position>,
}

impl Pack {
    /// Opens a pack by its index; in words why not.
    pub(super) fn open(index: &Path, hash: gix::hash::Kind) -> Result<Self, String> {
        let data = PackFile::open(&index.with_extension("pack"), hash)?;
        Ok(Self { index: PackIndex::open(index, hash)?, data })
    }

    /// Sorts the entries into a forest; `is_wanted` says which objects were not examined elsewhere.
    pub(super) fn forest(&self, is_wanted: &dyn Fn(&ObjectId) -> bool) -> Forest {
        let mut entries: Vec<(u64, u32)> = self.index.offsets().into_iter().zip(0..).collect();
        entries.sort_unstable();
        let mut window = Window::new(HEADERS_AHEAD);
        let links: Vec<Link> = entries.iter().map(|(offset, _)| self.link(*offset, &entries, &mut window)).collect();
        let wanted = entries.iter().map(|(_, number)| is_wanted(&self.index.id(*number))).collect();
        let (starts, children) = adjacency(&links);
        let mut forest = Forest {
            weights: vec![0; links.len()],
            roots: Vec::new(),
            broken: Vec::new(),
            entries,
            starts,
            children,
            wanted,
        };
        forest.grow(&links);
        forest
    }

    fn link(&self, offset: u64, entries: &[(u64, u32)], window: &mut Window) -> Link {
        let entry = catch_unwind(AssertUnwindSafe(|| self.data.entry(offset, window)));
        let Ok(Some(entry)) = entry else { return Link::Broken };
        let base = match entry.header {
            Header::Blob => return Link::Blob,
            Header::Commit | Header::Tree | Header::Tag => return Link::Other,
            Header::OfsDelta { base_distance } => entry.checked_base_pack_offset(base_distance),
            Header::RefDelta { base_id } => match self.index.lookup(&base_id) {
                Some(number) => Some(self.index.offset(number)),
                None => return Link::Outside,
            },
        };
        let position = base.and_then(|base| entries.binary_search_by_key(&base, |(offset, _)| *offset).ok());
        position.and_then(|position| Position::try_from(position).ok()).map_or(Link::Broken, Link::Base)
    }
}

impl Forest {
    /// The id of an entry.
    pub(super) fn id(&self, pack: &Pack, position: Position) -> ObjectId {
        self.entries
            .get(position as usize)
            .map_or_else(|| ObjectId::null(pack.index.hash()), |(_, number)| pack.index.id(*number))
    }

    /// The offset of an entry in the pack.
    pub(super) fn offset(&self, position: Position) -> u64 {
        self.entries.get(position as usize).map_or(u64::MAX, |(offset, _)| *offset)
    }

    /// Whether the entry itself is to be examined, and not only a base for others.
    pub(super) fn is_wanted(&self, position: Position) -> bool {
        self.wanted.get(position as usize).copied().unwrap_or(false)
    }

    /// How many wanted blobs depend on an entry, itself included.
    pub(super) fn weight(&self, position: Position) -> u32 {
        self.weights.get(position as usize).copied().unwrap_or(0)
    }

    /// The deltas on an entry that lead to something wanted, those that lead to most first.
    pub(super) fn children(&self, position: Position) -> Vec<Position> {
        let mut children: Vec<Position> =
            self.all_children(position).iter().copied().filter(|child| self.weight(*child) > 0).collect();
        children.sort_by_key(|child| (std::cmp::Reverse(self.weight(*child)), *child));
        children
    }

    fn all_children(&self, position: Position) -> &[Position] {
        let position = position as usize;
        match (self.starts.get(position), self.starts.get(position + 1)) {
            (Some(start), Some(end)) => self.children.get(*start as usize..*end as usize).unwrap_or_default(),
            _ => &[],
        }
    }

    /// Finds the roots, weighs what hangs below them, and finds what hangs on nothing.
    fn grow(&mut self, links: &[Link]) {
        let mut reached = vec![false; links.len()];
        for (position, link) in (0..).zip(links) {
            if *link == Link::Other {
                self.reach(position, &mut reached);
            }
        }
        for (position, link) in (0..).zip(links) {
            if matches!(link, Link::Blob | Link::Outside) {
                let below = self.reach(position, &mut reached);
                self.weigh(&below, links);
                if self.weight(position) > 0 {
                    self.roots.push(position);
                }
            }
        }
        self.broken = (0..).zip(&reached).filter(|(_, reached)| !**reached).map(|(position, _)| position).collect();
    }

    /// Everything at and below an entry, bases before their deltas.
    fn reach(&self, root: Position, reached: &mut [bool]) -> Vec<Position> {
        let mut below = vec![root];
        let mut next = 0;
        while let Some(position) = below.get(next).copied() {
            next += 1;
            if let Some(mark) = reached.get_mut(position as usize) {
                *mark = true;
            }
            below.extend_from_slice(self.all_children(position));
        }
        below
    }

    fn weigh(&mut self, below: &[Position], links: &[Link]) {
        for position in below.iter().rev() {
            let own = u32::from(self.is_wanted(*position));
            let weight = self.weight(*position) + own;
            if let Some(slot) = self.weights.get_mut(*position as usize) {
                *slot = weight;
            }
            if let Some(Link::Base(base)) = links.get(*position as usize)
                && let Some(slot) = self.weights.get_mut(*base as usize)
            {
                *slot += weight;
            }
        }
    }
}

/// The children of every entry, one list after the other.
fn adjacency(links: &[Link]) -> (Vec<u32>, Vec<Position>) {
    let mut starts = vec![0_u32; links.len() + 1];
    let bases =
        || links.iter().filter_map(|link| if let Link::Base(base) = link { Some(*base as usize) } else { None });
    bases().for_each(|base| starts[base + 1] += 1);
    for position in 1..starts.len() {
        starts[position] += starts[position - 1];
    }
    let mut children = vec![NONE; bases().count()];
    let mut free = starts.clone();
    for (position, link) in (0..).zip(links) {
        if let Link::Base(base) = link {
            let slot = &mut free[*base as usize];
            children[*slot as usize] = position;
            *slot += 1;
        }
    }
    (starts, children)
}
