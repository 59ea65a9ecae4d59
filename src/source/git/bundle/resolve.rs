//! Learns the ids of the objects that a pack stores as differences, by applying them to their bases.
//!
//! Each whole object with what hangs below it is one task. What leads to most is taken last, so that few bases are alive
//! at a time; the most that one task may hold is bounded.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use gix::ObjectId;
use gix::objs::Kind;
use gix::zlib::Inflate;
use rayon::prelude::*;

use super::entries::Content;
use crate::source::Copied;
use crate::source::git::delta;
use crate::source::git::pack_file::{PackFile, Window};

/// The most bytes of an object, as for the bases of any pack.
const MOST_BYTES: usize = 256 << 20;
/// The most bytes of bases that one task holds.
const MOST_HELD: usize = 512 << 20;
const READ_AHEAD: usize = 32 << 10;

/// The objects of a pack.
pub(super) struct Resolved {
    /// Ids and offsets.
    pub(super) objects: Vec<(ObjectId, u64)>,
    /// Objects whose base is not in the pack, directly or not.
    pub(super) outside: u64,
    /// Objects that do not decode or whose base does not.
    pub(super) damaged: u64,
}

/// Finds the id of every entry. `is_partial` says that bases may lie elsewhere.
pub(super) fn resolve(data: &PackFile, entries: &[(u64, Content)], is_partial: bool) -> Resolved {
    let family = Family::of(entries);
    let roots = (0_u32..).zip(entries).filter_map(|(place, (_, content))| match content {
        Content::Whole(kind, id) if family.has_children(place, id) => Some((place, *kind, *id)),
        _ => None,
    });
    let roots: Vec<(u32, Kind, ObjectId)> = roots.collect();
    let found: Vec<(u32, ObjectId)> = roots.par_iter().flat_map_iter(|root| Task::run(data, &family, *root)).collect();
    let mut ids: Vec<Option<ObjectId>> = entries.iter().map(|(_, content)| content.id()).collect();
    for (place, id) in found {
        if let Some(slot) = ids.get_mut(place as usize) {
            *slot = Some(id);
        }
    }
    let known: BTreeSet<ObjectId> = ids.iter().flatten().copied().collect();
    let mut resolved = Resolved { objects: Vec::with_capacity(ids.len()), outside: 0, damaged: 0 };
    let mut is_outside = vec![false; ids.len()];
    for (place, (id, (offset, content))) in ids.iter().zip(entries).enumerate() {
        if let Some(id) = id {
            resolved.objects.push((*id, *offset));
            continue;
        }
        let lies_outside = match content {
            Content::OnId(base) => is_partial && !known.contains(base),
            Content::OnOffset(base) => family.place(*base).is_some_and(|base| is_outside[base as usize]),
            Content::Whole(..) | Content::Refused => false,
        };
        is_outside[place] = lies_outside;
        *(if lies_outside { &mut resolved.outside } else { &mut resolved.damaged }) += 1;
    }
    resolved
}

impl Content {
    fn id(&self) -> Option<ObjectId> {
        match self {
            Self::Whole(_, id) => Some(*id),
            _ => None,
        }
    }
}

/// Which entries are differences to which.
struct Family<'a> {
    entries: &'a [(u64, Content)],
    by_offset: Vec<(u64, u32)>,
    by_id: Vec<(ObjectId, u32)>,
    /// Entries at and below each, as far as offsets say it.
    weights: Vec<u32>,
}

impl<'a> Family<'a> {
    fn of(entries: &'a [(u64, Content)]) -> Self {
        let mut family = Self { entries, by_offset: Vec::new(), by_id: Vec::new(), weights: vec![1; entries.len()] };
        for (place, (_, content)) in (0_u32..).zip(entries) {
            match content {
                Content::OnOffset(base) => family.by_offset.push((*base, place)),
                Content::OnId(base) => family.by_id.push((*base, place)),
                Content::Whole(..) | Content::Refused => {}
            }
        }
        family.by_offset.sort_unstable();
        family.by_id.sort_unstable();
        // Bases come before what is a difference to them.
        for place in (0..entries.len()).rev() {
            if let Some((_, Content::OnOffset(base))) = entries.get(place)
                && let Some(base) = family.place(*base).map(|base| base as usize).filter(|base| *base < place)
            {
                family.weights[base] = family.weights[base].saturating_add(family.weights[place]);
            }
        }
        family
    }

    /// The place of the entry at an offset.
    fn place(&self, offset: u64) -> Option<u32> {
        let found = self.entries.binary_search_by_key(&offset, |(offset, _)| *offset).ok()?;
        u32::try_from(found).ok()
    }

    fn has_children(&self, place: u32, id: &ObjectId) -> bool {
        !self.on_offset(place).is_empty() || !self.on_id(id).is_empty()
    }

    /// The differences to an entry, those that lead to most first.
    fn children(&self, place: u32, id: &ObjectId) -> Vec<u32> {
        let on_offset = self.on_offset(place).iter().map(|(_, child)| *child);
        let mut children: Vec<u32> = on_offset.chain(self.on_id(id).iter().map(|(_, child)| *child)).collect();
        children.sort_unstable_by_key(|child| (Reverse(self.weights.get(*child as usize).copied()), *child));
        children
    }

    fn on_offset(&self, place: u32) -> &[(u64, u32)] {
        let Some((offset, _)) = self.entries.get(place as usize) else { return &[] };
        let start = self.by_offset.partition_point(|(base, _)| base < offset);
        let end = self.by_offset.partition_point(|(base, _)| base <= offset);
        self.by_offset.get(start..end).unwrap_or_default()
    }

    fn on_id(&self, id: &ObjectId) -> &[(ObjectId, u32)] {
        let start = self.by_id.partition_point(|(base, _)| base < id);
        let end = self.by_id.partition_point(|(base, _)| base <= id);
        self.by_id.get(start..end).unwrap_or_default()
    }
}

/// What hangs below one whole object.
struct Task<'a> {
    data: &'a PackFile,
    family: &'a Family<'a>,
    kind: Kind,
    window: Window,
    inflate: Inflate,
    instructions: Vec<u8>,
    copied: Vec<Copied>,
    /// Entries to be decoded, and the content they apply to.
    stack: Vec<(u32, Arc<Vec<u8>>)>,
    /// Bytes of such contents.
    held: usize,
    found: Vec<(u32, ObjectId)>,
}

impl<'a> Task<'a> {
    /// The ids of all entries below a whole object, as far as they decode.
    fn run(data: &'a PackFile, family: &'a Family<'a>, root: (u32, Kind, ObjectId)) -> Vec<(u32, ObjectId)> {
        let (place, kind, id) = root;
        let mut task = Self {
            data,
            family,
            kind,
            window: Window::new(READ_AHEAD),
            inflate: Inflate::default(),
            instructions: Vec::new(),
            copied: Vec::new(),
            stack: Vec::new(),
            held: 0,
            found: Vec::new(),
        };
        // What was found before a failure counts.
        let _failed = catch_unwind(AssertUnwindSafe(|| {
            if let Some(content) = task.whole(place) {
                task.descend(place, &id, content);
                task.exhaust();
            }
        }));
        task.found
    }

    fn whole(&mut self, place: u32) -> Option<Vec<u8>> {
        let mut content = Vec::new();
        self.inflated(place, &mut content)?;
        Some(content)
    }

    fn exhaust(&mut self) {
        while let Some((place, base)) = self.stack.pop() {
            let mut content = Vec::new();
            let mut instructions = std::mem::take(&mut self.instructions);
            let applied = self.inflated(place, &mut instructions).and_then(|()| {
                delta::apply(&base, &instructions, MOST_BYTES as u64, &mut content, &mut self.copied).ok()
            });
            self.instructions = instructions;
            if let Ok(base) = Arc::try_unwrap(base) {
                self.held -= base.len();
            }
            if applied.is_some()
                && let Ok(id) = gix::objs::compute_hash(self.data.hash(), self.kind, &content)
            {
                self.found.push((place, id));
                self.descend(place, &id, content);
            }
        }
    }

    /// Plans what hangs on an entry whose content is known.
    fn descend(&mut self, place: u32, id: &ObjectId, content: Vec<u8>) {
        let children = self.family.children(place, id);
        if children.is_empty() || self.held + content.len() > MOST_HELD {
            return;
        }
        self.held += content.len();
        let content = Arc::new(content);
        self.stack.extend(children.into_iter().map(|child| (child, Arc::clone(&content))));
    }

    fn inflated(&mut self, place: u32, out: &mut Vec<u8>) -> Option<()> {
        let (offset, _) = self.family.entries.get(place as usize)?;
        let entry = self.data.entry(*offset, &mut self.window)?;
        self.data.inflate(&entry, MOST_BYTES, &mut self.window, &mut self.inflate, out).map(|_| ())
    }
}
