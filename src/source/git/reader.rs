//! One thread's access to commits, tags and trees, with a bounded cache of delta bases.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use gix::ObjectId;
use gix::objs::{Find as _, Kind};
use gix::odb::pack::cache::DecodeEntry;

use super::Repository;
use super::wanted::prefix;

/// Places in the cache of delta bases, each for one object.
const SLOTS: usize = 2048;
/// Objects larger than this are not kept.
const SLOT_BYTES: usize = 256 * 1024;
/// A cache that holds more than this is emptied.
const CACHE_BYTES: usize = 32 * 1024 * 1024;
/// The trees of which a thread remembers one bit.
const VERDICTS: usize = 8192;
/// The most memory that one commit, tag or tree may take; larger ones count as damaged.
pub(super) const MAX_BYTES: usize = 256 * 1024 * 1024;

/// What was found under an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lookup {
    /// It is in the buffer.
    Found(Kind),
    /// It is not in the database.
    Absent,
    /// It is there and does not decode.
    Damaged,
}

/// Reads objects for one thread.
pub(super) struct Reader {
    handle: gix::odb::HandleArc,
    buffers: Vec<Vec<u8>>,
    verdicts: Vec<Option<(ObjectId, bool)>>,
}

impl Repository {
    /// A reader for one thread. Objects that are not there are not looked for again.
    pub(super) fn reader(&self) -> Reader {
        let mut handle = self.store.to_cache_arc();
        handle.set_pack_cache(|| Box::new(Bases::default()));
        handle.refresh_never();
        Reader { handle, buffers: Vec::new(), verdicts: Vec::new() }
    }
}

impl Reader {
    /// Reads an object of whatever kind into `buffer`.
    pub(super) fn read(&self, id: ObjectId, buffer: &mut Vec<u8>) -> Lookup {
        let found = catch_unwind(AssertUnwindSafe(|| {
            self.handle.try_find(&id, buffer).map(|found| found.map(|data| data.kind))
        }));
        match found {
            Ok(Ok(Some(kind))) => Lookup::Found(kind),
            Ok(Ok(None)) => Lookup::Absent,
            Ok(Err(_)) | Err(_) => Lookup::Damaged,
        }
    }

    /// Whether an object is there at all.
    pub(super) fn holds(&self, id: ObjectId) -> bool {
        gix::objs::Exists::exists(&self.handle, &id)
    }

    /// What was remembered of a tree, unless another took its place.
    pub(super) fn verdict(&self, tree: &gix::oid) -> Option<bool> {
        let (id, verdict) = self.verdicts.get(prefix(tree) as usize % VERDICTS)?.as_ref()?;
        (id.as_bytes() == tree.as_bytes()).then_some(*verdict)
    }

    /// Remembers one bit about a tree. A reader serves one question, so the bit means the same every time.
    pub(super) fn remember(&mut self, tree: ObjectId, verdict: bool) {
        self.verdicts.resize(VERDICTS, None);
        if let Some(slot) = self.verdicts.get_mut(prefix(&tree) as usize % VERDICTS) {
            *slot = Some((tree, verdict));
        }
    }

    /// A buffer to read into; give it back with [`Self::give_back`].
    pub(super) fn buffer(&mut self) -> Vec<u8> {
        self.buffers.pop().unwrap_or_default()
    }

    /// Keeps a buffer for later use.
    pub(super) fn give_back(&mut self, buffer: Vec<u8>) {
        self.buffers.push(buffer);
    }
}

/// The delta bases decoded last, each in the one place its address leads to.
#[derive(Default)]
struct Bases {
    slots: HashMap<usize, Slot>,
    bytes: usize,
}

struct Slot {
    pack: u32,
    offset: u64,
    kind: Kind,
    compressed_size: usize,
    data: Vec<u8>,
}

impl DecodeEntry for Bases {
    fn put(&mut self, pack: u32, offset: u64, data: &[u8], kind: Kind, compressed_size: usize) {
        if data.len() > SLOT_BYTES {
            return;
        }
        if self.bytes > CACHE_BYTES {
            *self = Self::default();
        }
        self.bytes += data.len();
        let slot = Slot { pack, offset, kind, compressed_size, data: data.to_vec() };
        if let Some(old) = self.slots.insert(place(pack, offset), slot) {
            self.bytes = self.bytes.saturating_sub(old.data.len());
        }
    }

    fn get(&mut self, pack: u32, offset: u64, out: &mut Vec<u8>) -> Option<(Kind, usize)> {
        let slot = self.slots.get(&place(pack, offset))?;
        if (slot.pack, slot.offset) != (pack, offset) {
            return None;
        }
        out.clear();
        out.extend_from_slice(&slot.data);
        Some((slot.kind, slot.compressed_size))
    }
}

/// Spreads addresses over the places (Fibonacci hashing).
fn place(pack: u32, offset: u64) -> usize {
    let mixed = (offset ^ u64::from(pack)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> (u64::BITS - SLOTS.ilog2())) as usize
}
