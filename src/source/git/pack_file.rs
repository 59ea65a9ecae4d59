//! The data file of a pack, read piece by piece.
//!
//! It is not mapped into memory: a mapped pack counts as memory of the process, and one that shrinks while it is read
//! ends the process.

use std::fs::File;
use std::io;
use std::path::Path;

use gix::odb::pack::data::Entry;
use gix::zlib::{Inflate, Status};

use crate::source::file::{self, ReadError};

/// "PACK", version and number of objects.
const HEADER: usize = 12;
/// Where the first entry begins.
pub(super) const FIRST: u64 = HEADER as u64;
/// The longest header of an entry: a size of ten bytes, and the id of the base or ten bytes of distance.
const ENTRY_HEADER: usize = 10 + 32;

/// An open pack.
pub(super) struct PackFile {
    file: File,
    /// Where the pack begins in the file, and its bytes.
    start: u64,
    length: u64,
    hash: gix::hash::Kind,
    /// How many objects it says it holds.
    pub(super) objects: u32,
}

/// The bytes read last. Entries that follow each other cost one read together.
pub(super) struct Window {
    buffer: Vec<u8>,
    start: u64,
    /// At least so many bytes are read at once.
    ahead: usize,
}

impl Window {
    /// A window that reads at least `ahead` bytes at once.
    pub(super) fn new(ahead: usize) -> Self {
        Self { buffer: Vec::new(), start: 0, ahead }
    }
}

impl PackFile {
    /// Opens the pack at `path`; in words why not.
    pub(super) fn open(path: &Path, hash: gix::hash::Kind) -> Result<Self, String> {
        Self::open_within(path, 0, hash)
    }

    /// Opens the pack that begins at `start` in a file; in words why not. All other offsets are those in the pack.
    pub(super) fn open_within(path: &Path, start: u64, hash: gix::hash::Kind) -> Result<Self, String> {
        let words = |error: ReadError| format!("it cannot be read: {error}");
        let file = file::open_regular(path).map_err(words)?;
        let length = file.metadata().map_err(|error| words(error.into()))?.len();
        let mut pack = Self { file, start, length: length.saturating_sub(start), hash, objects: 0 };
        let mut window = Window::new(HEADER);
        let header = pack.bytes(0, HEADER, &mut window).map_err(|error| words(error.into()))?;
        let [b'P', b'A', b'C', b'K', 0, 0, 0, 2 | 3, objects @ ..] = header else {
            return Err("it does not begin like a pack of version 2 or 3".to_owned());
        };
        pack.objects = objects.first_chunk().map_or(0, |objects| u32::from_be_bytes(*objects));
        Ok(pack)
    }

    /// The hash that names its objects.
    pub(super) fn hash(&self) -> gix::hash::Kind {
        self.hash
    }

    /// Where the entries end: a checksum follows.
    pub(super) fn end(&self) -> u64 {
        self.length.saturating_sub(self.hash.len_in_bytes() as u64)
    }

    /// The header of the entry at `offset`; nothing where there is none.
    pub(super) fn entry(&self, offset: u64, window: &mut Window) -> Option<Entry> {
        let header = self.bytes(offset, ENTRY_HEADER, window).ok()?;
        Entry::from_bytes(header, offset, self.hash).ok()
    }

    /// Inflates the content of an entry into `out`, and says how many bytes it takes in the pack; nothing where it has more
    /// than `limit` bytes or is damaged.
    pub(super) fn inflate(
        &self,
        entry: &Entry,
        limit: usize,
        window: &mut Window,
        inflate: &mut Inflate,
        out: &mut Vec<u8>,
    ) -> Option<usize> {
        let size = usize::try_from(entry.decompressed_size).ok().filter(|size| *size <= limit)?;
        // Where nothing can be compressed, the stream is longer than its content by a few bytes for each block.
        let input = self.bytes(entry.data_offset, size + size / 64 + 1024, window).ok()?;
        out.clear();
        out.resize(size, 0);
        inflate.reset();
        match inflate.once(input, out) {
            Ok((Status::StreamEnd, taken, written)) if written == size => Some(taken),
            _ => None,
        }
    }

    /// Up to `length` bytes from `offset`, fewer where the entries end.
    pub(super) fn bytes<'w>(&self, offset: u64, length: usize, window: &'w mut Window) -> io::Result<&'w [u8]> {
        let length = length.min(usize::try_from(self.end().saturating_sub(offset)).unwrap_or(usize::MAX));
        let held = offset.checked_sub(window.start).and_then(|skip| usize::try_from(skip).ok());
        let held = held.filter(|skip| window.buffer.len().saturating_sub(*skip) >= length);
        let skip = if let Some(skip) = held {
            skip
        } else {
            self.fill(offset, length, window)?;
            0
        };
        Ok(window.buffer.get(skip..skip.saturating_add(length)).unwrap_or_default())
    }

    fn fill(&self, offset: u64, length: usize, window: &mut Window) -> io::Result<()> {
        let left = usize::try_from(self.end().saturating_sub(offset)).unwrap_or(usize::MAX);
        window.buffer.resize(length.max(window.ahead).min(left), 0);
        window.start = offset;
        let read = read_exact_at(&self.file, &mut window.buffer, self.start.saturating_add(offset));
        if read.is_err() {
            window.buffer.clear();
        }
        read
    }
}

#[cfg(unix)]
fn read_exact_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_exact_at(file: &File, mut buffer: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !buffer.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, buffer, offset)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => {
                buffer = &mut buffer[read..];
                offset += read as u64;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::{PackFile, Window};

    fn pack(body: &[u8]) -> (tempfile::NamedTempFile, PackFile) {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"PACK\0\0\0\x02\0\0\0\x07").unwrap();
        file.write_all(body).unwrap();
        file.write_all(&[0; 20]).unwrap();
        let pack = PackFile::open(file.path(), gix::hash::Kind::Sha1).unwrap();
        (file, pack)
    }

    #[test]
    fn bytes_are_those_of_the_file_whatever_the_window_holds() {
        let body: Vec<u8> = (0..=255).collect();
        let (_file, pack) = pack(&body);
        assert_eq!((pack.objects, pack.end()), (7, 12 + 256));
        for ahead in [1, 16, 1000] {
            let mut window = Window::new(ahead);
            for (offset, length) in [(12, 3), (13, 40), (200, 9), (14, 1), (260, 50), (268, 4), (900, 4)] {
                let expected: Vec<u8> = body.iter().skip(offset - 12).take(length).copied().collect();
                assert_eq!(pack.bytes(offset as u64, length, &mut window).unwrap(), expected, "{offset} {ahead}");
            }
        }
    }

    #[test]
    fn a_file_that_is_no_pack_is_refused() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(PackFile::open(file.path(), gix::hash::Kind::Sha1).is_err());
    }
}
