//! One thread's access to commits, tags and trees, with a bounded cache of delta bases.

use std::collections::HashMap;

use gix::ObjectId;
use gix::objs::{Find as _, Kind};
use gix::odb::pack::cache::DecodeEntry;

use super::Repository;

/// Places in the cache of delta bases, each for one object.
const SLOTS: usize = 2048;
/// Objects larger than this are not kept; so a cache never takes more than 128 MiB, and mostly far less.
const SLOT_BYTES: usize = 64 * 1024;
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
}

impl Repository {
    /// A reader for one thread. Objects that are not there are not looked for again.
    pub(super) fn reader(&self) -> Reader {
        let mut handle = self.store.to_cache_arc();
        handle.set_pack_cache(|| Box::new(Bases { slots: HashMap::new() }));
        handle.refresh_never();
        Reader { handle, buffers: Vec::new() }
    }
}

impl Reader {
    /// Reads an object of whatever kind into `buffer`.
    pub(super) fn read(&self, id: ObjectId, buffer: &mut Vec<u8>) -> Lookup {
        match self.handle.try_find(&id, buffer) {
            Ok(Some(object)) => Lookup::Found(object.kind),
            Ok(None) => Lookup::Absent,
            Err(_) => Lookup::Damaged,
        }
    }

    /// Whether an object is there at all.
    pub(super) fn holds(&self, id: ObjectId) -> bool {
        gix::objs::Exists::exists(&self.handle, &id)
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
struct Bases {
    slots: HashMap<usize, Slot>,
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
        if data.len() <= SLOT_BYTES {
            let slot = self.slots.entry(place(pack, offset));
            let slot = slot.or_insert_with(|| Slot { pack, offset, kind, compressed_size, data: Vec::new() });
            (slot.pack, slot.offset, slot.kind, slot.compressed_size) = (pack, offset, kind, compressed_size);
            slot.data.clear();
            slot.data.extend_from_slice(data);
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
