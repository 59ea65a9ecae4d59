//! Objects out of order, read from packs that are not mapped into memory.

use std::path::PathBuf;

use gix::objs::Kind;
use gix::odb::pack::data::entry::Header;
use gix::zlib::Inflate;

use super::delta;
use super::pack::Pack;
use super::pack_file::Window;
use super::reader::MAX_BYTES;

/// Each open pack takes a file descriptor; of more packs the largest are opened.
const MOST_PACKS: usize = 64;
/// No writer of packs makes longer chains of deltas; git's own limit is 4095.
const LONGEST_CHAIN: usize = 10_000;
/// The header and the content of most trees and commits come with one read.
const READ_AHEAD: usize = 4096;
/// Places in the cache of delta bases, each for one object.
const SLOTS: usize = 2048;
/// Objects larger than this are not kept.
const SLOT_BYTES: usize = 256 * 1024;
/// A cache that holds more than this is emptied.
const CACHE_BYTES: usize = 12 * 1024 * 1024;

/// The packs of a repository, as far as they open.
#[derive(Default)]
pub(super) struct Packs {
    packs: Vec<Pack>,
}

/// What one thread needs to read objects.
pub(super) struct Unpacker {
    window: Window,
    inflate: Inflate,
    instructions: Vec<u8>,
    bases: Bases,
}

impl Packs {
    /// Opens the packs below object directories. What does not open is left to other readers.
    pub(super) fn open(directories: &[PathBuf], hash: gix::hash::Kind) -> Self {
        let listed = directories.iter().filter_map(|objects| std::fs::read_dir(objects.join("pack")).ok());
        let entries = listed.flatten().filter_map(Result::ok);
        let mut indexes: Vec<(u64, PathBuf)> = entries
            .filter(|entry| entry.path().extension().is_some_and(|extension| extension == "idx"))
            .filter_map(|entry| Some((entry.metadata().ok()?.len(), entry.path())))
            .collect();
        indexes.sort_unstable_by(|a, b| b.cmp(a));
        let packs = indexes.iter().take(MOST_PACKS).filter_map(|(_, path)| Pack::open(path, hash).ok());
        Self { packs: packs.collect() }
    }

    /// One pack that was opened otherwise.
    pub(super) fn only(pack: Pack) -> Self {
        Self { packs: vec![pack] }
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Pack> {
        self.packs.iter()
    }

    /// Reads an object into `out`; nothing where no pack holds it sound and whole.
    pub(super) fn read(&self, id: &gix::oid, unpacker: &mut Unpacker, out: &mut Vec<u8>) -> Option<Kind> {
        self.packs.iter().zip(0_u32..).find_map(|(pack, number)| {
            let position = pack.index.lookup(id)?;
            unpacker.unpack(pack, number, pack.index.offset(position), out)
        })
    }
}

impl Default for Unpacker {
    fn default() -> Self {
        Self {
            window: Window::new(READ_AHEAD),
            inflate: Inflate::default(),
            instructions: Vec::new(),
            bases: Bases::default(),
        }
    }
}

impl Unpacker {
    /// Decodes the entry at `offset`, deltas and all.
    fn unpack(&mut self, pack: &Pack, number: u32, offset: u64, out: &mut Vec<u8>) -> Option<Kind> {
        let mut chain = Vec::new();
        let mut at = offset;
        let kind = loop {
            if let Some(kind) = self.bases.get(number, at, out) {
                break kind;
            }
            let entry = pack.data.entry(at, &mut self.window)?;
            let base = match &entry.header {
                Header::OfsDelta { base_distance } => entry.checked_base_pack_offset(*base_distance)?,
                Header::RefDelta { base_id } => pack.index.offset(pack.index.lookup(base_id)?),
                whole => {
                    let kind = whole.as_kind()?;
                    pack.data.inflate(&entry, MAX_BYTES, &mut self.window, &mut self.inflate, out)?;
                    break kind;
                }
            };
            chain.push(entry);
            if chain.len() > LONGEST_CHAIN {
                return None;
            }
            at = base;
        };
        let (mut base, mut copied) = (Vec::new(), Vec::new());
        for entry in chain.iter().rev() {
            std::mem::swap(&mut base, out);
            let instructions = &mut self.instructions;
            pack.data.inflate(entry, MAX_BYTES, &mut self.window, &mut self.inflate, instructions)?;
            delta::apply(&base, instructions, MAX_BYTES as u64, out, &mut copied).ok()?;
            // Whoever reads one version of a directory reads its neighbours next.
            self.bases.put(number, entry.pack_offset(), out, kind);
        }
        if chain.is_empty() {
            self.bases.put(number, offset, out, kind);
        }
        Some(kind)
    }
}

/// The objects decoded last, each in the one place its address leads to.
#[derive(Default)]
struct Bases {
    slots: Vec<Option<Slot>>,
    bytes: usize,
}

struct Slot {
    pack: u32,
    offset: u64,
    kind: Kind,
    data: Vec<u8>,
}

impl Bases {
    fn put(&mut self, pack: u32, offset: u64, data: &[u8], kind: Kind) {
        if data.len() > SLOT_BYTES {
            return;
        }
        if self.bytes > CACHE_BYTES || self.slots.is_empty() {
            self.bytes = 0;
            self.slots.clear();
            self.slots.resize_with(SLOTS, || None);
        }
        let Some(place) = self.slots.get_mut(place(pack, offset)) else { return };
        let mut kept = place.take().map_or_else(Vec::new, |old| old.data);
        self.bytes = self.bytes.saturating_sub(kept.len()) + data.len();
        kept.clear();
        kept.extend_from_slice(data);
        *place = Some(Slot { pack, offset, kind, data: kept });
    }

    fn get(&self, pack: u32, offset: u64, out: &mut Vec<u8>) -> Option<Kind> {
        let slot = self.slots.get(place(pack, offset))?.as_ref()?;
        if (slot.pack, slot.offset) != (pack, offset) {
            return None;
        }
        out.clear();
        out.extend_from_slice(&slot.data);
        Some(slot.kind)
    }
}

/// Spreads addresses over the places (Fibonacci hashing).
fn place(pack: u32, offset: u64) -> usize {
    let mixed = (offset ^ u64::from(pack)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> (u64::BITS - SLOTS.ilog2())) as usize
}
