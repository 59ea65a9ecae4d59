//! Goes through a pack from its first entry to its last: where each begins, what it is, and the ids of whole objects.

use std::io::{self, BufReader, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use gix::ObjectId;
use gix::objs::Kind;
use gix::odb::pack::data::Entry;
use gix::odb::pack::data::entry::Header;
use gix::zlib::Inflate;

use crate::source::git::delta;
use crate::source::git::pack_file::{FIRST, PackFile, Window};

/// Entries that inflate to more are read in pieces.
const WHOLE: u64 = 1 << 20;
const READ_AHEAD: usize = 4 << 20;
const PIECE: usize = 64 << 10;
/// All objects together may decode to so many bytes, and beyond that to so many times the size of the pack. Histories of
/// folders with thousands of files come near it.
const FREE_BYTES: u64 = 1 << 30;
const RATIO: u64 = 5000;

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// A whole object.
    Whole(Kind, ObjectId),
    /// A difference to the entry at an offset.
    OnOffset(u64),
    /// A difference to an object by its id.
    OnId(ObjectId),
    /// It would decode to too much.
    Refused,
}

/// The entries of a pack with their offsets, as far as it is sound.
pub(super) fn list(data: &PackFile) -> Vec<(u64, Content)> {
    let mut reading = Reading {
        data,
        window: Window::new(READ_AHEAD),
        inflate: Inflate::default(),
        buffer: Vec::new(),
        allowance: data.end().saturating_mul(RATIO).saturating_add(FREE_BYTES),
    };
    let (mut entries, mut at) = (Vec::new(), FIRST);
    for _ in 0..data.objects {
        let entry = catch_unwind(AssertUnwindSafe(|| reading.entry(at)));
        let Ok(Some((content, next))) = entry else { break };
        entries.push((at, content));
        at = next;
    }
    entries
}

struct Reading<'a> {
    data: &'a PackFile,
    window: Window,
    inflate: Inflate,
    buffer: Vec<u8>,
    /// What may still be decoded.
    allowance: u64,
}

impl Reading<'_> {
    /// The entry at an offset, and where the next begins; nothing where it does not decode.
    fn entry(&mut self, at: u64) -> Option<(Content, u64)> {
        let entry = self.data.entry(at, &mut self.window)?;
        let kind = entry.header.as_kind();
        let (id, length) = if entry.decompressed_size <= WHOLE {
            let (window, inflate) = (&mut self.window, &mut self.inflate);
            let length = self.data.inflate(&entry, WHOLE as usize, window, inflate, &mut self.buffer)? as u64;
            let id = kind.map(|kind| gix::objs::compute_hash(self.data.hash(), kind, &self.buffer));
            (id.transpose().ok()?, length)
        } else {
            self.in_pieces(&entry, kind)?
        };
        // Of a difference the buffer holds at least the beginning, and so the size of its result.
        let size = match kind {
            Some(_) => entry.decompressed_size,
            None => delta::result_size(&self.buffer)?,
        };
        let content = match (self.allowance.checked_sub(size), &entry.header, kind.zip(id)) {
            (None, ..) => Content::Refused,
            (_, Header::OfsDelta { base_distance }, _) => Content::OnOffset(at.checked_sub(*base_distance)?),
            (_, Header::RefDelta { base_id }, _) => Content::OnId(*base_id),
            (_, _, whole) => whole.map(|(kind, id)| Content::Whole(kind, id))?,
        };
        self.allowance = self.allowance.saturating_sub(size);
        Some((content, entry.data_offset + length))
    }

    /// Reads a large entry: the id of a whole object, and how many bytes it takes. The buffer holds its first piece.
    fn in_pieces(&mut self, entry: &Entry, kind: Option<Kind>) -> Option<(Option<ObjectId>, u64)> {
        let input = Stored { data: self.data, at: entry.data_offset, window: &mut self.window };
        let mut decoder = flate2::bufread::ZlibDecoder::new(BufReader::with_capacity(PIECE, input));
        let size = entry.decompressed_size;
        let mut hash = gix::hash::hasher(self.data.hash());
        if let Some(kind) = kind {
            hash.update(&gix::objs::encode::loose_header(kind, size));
        }
        let (mut piece, mut total) = (vec![0; PIECE], 0_u64);
        self.buffer.clear();
        loop {
            let read = decoder.read(&mut piece).ok()?;
            let part = piece.get(..read)?;
            if total == 0 {
                self.buffer.extend_from_slice(part);
            }
            total += read as u64;
            if read == 0 || total > size {
                break;
            }
            hash.update(part);
        }
        if total != size {
            return None;
        }
        let id = kind.map(|_| hash.try_finalize()).transpose().ok()?;
        Some((id, decoder.total_in()))
    }
}

/// The bytes of the pack from a place on.
struct Stored<'a> {
    data: &'a PackFile,
    at: u64,
    window: &'a mut Window,
}

impl Read for Stored<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.data.bytes(self.at, buffer.len(), self.window)?;
        let read = bytes.len().min(buffer.len());
        buffer.get_mut(..read).unwrap_or_default().copy_from_slice(bytes.get(..read).unwrap_or_default());
        self.at += read as u64;
        Ok(read)
    }
}
