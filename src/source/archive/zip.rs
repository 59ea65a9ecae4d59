//! ZIP archives, as PKWARE's APPNOTE describes them: by their central directory, members in the order of their places.

use std::io::{self, BufReader, Read, Seek, SeekFrom};

use flate2::read::DeflateDecoder;

use super::walk::Walk;
use super::{Format, Source, compressed};
use crate::model::GapReason;

/// How far from the end the end record may begin: itself and the longest comment.
const TAIL: u64 = 22 + 0xffff;
/// A central directory may be this large.
const MOST_DIRECTORY: u64 = 64 << 20;
/// How much is read at once, so that small members share one read.
const READ_AHEAD: usize = 256 << 10;

/// Reads every member.
pub(super) fn read(walk: &mut Walk<'_>, source: &mut dyn Source) -> io::Result<()> {
    let size = source.seek(SeekFrom::End(0))?;
    let Some(end) = EndRecord::find(source, size)? else {
        return Err(io::ErrorKind::UnexpectedEof.into());
    };
    if end.directory_size > MOST_DIRECTORY {
        let detail = format!("a table of contents of more than {MOST_DIRECTORY} bytes");
        walk.lose("", GapReason::TooLarge, &detail);
        return Ok(());
    }
    source.seek(SeekFrom::Start(end.directory_start()))?;
    let mut directory = Vec::new();
    source.take(end.directory_size).read_to_end(&mut directory)?;
    let mut table = Entries { rest: &directory };
    let mut entries: Vec<Entry<'_>> = table.by_ref().collect();
    // A digital signature may follow the entries.
    if !table.rest.is_empty() && !table.rest.starts_with(b"PK\x05\x05") {
        walk.lose("", GapReason::Damaged, "the table of contents does not decode to its end");
    }
    // One pass over the file, whatever order the directory has.
    entries.sort_by_key(|entry| entry.offset);
    let mut reader = BufReader::with_capacity(READ_AHEAD, source);
    let mut at = reader.seek(SeekFrom::Start(0))?;
    for entry in entries.iter().filter(|entry| !entry.name.ends_with(b"/")) {
        if entry.flags & ENCRYPTED != 0 {
            walk.contents().members += 1;
            walk.contents().encrypted += 1;
            continue;
        }
        let start = entry.offset.saturating_add(end.shift);
        let result = entry.open(&mut reader, &mut at, start, walk);
        walk.survive(entry.name, result)?;
    }
    Ok(())
}

/// The bit that says that a member is encrypted.
const ENCRYPTED: u16 = 1;

/// What the end of the file says about the central directory.
struct EndRecord {
    /// Where the record itself begins.
    at: u64,
    directory_size: u64,
    /// By how much all offsets are too small, because something was put before the archive.
    shift: u64,
}

impl EndRecord {
    fn find(source: &mut dyn Source, size: u64) -> io::Result<Option<Self>> {
        let from = size.saturating_sub(TAIL);
        source.seek(SeekFrom::Start(from))?;
        let mut tail = Vec::new();
        source.take(TAIL).read_to_end(&mut tail)?;
        let mut starts = memchr::memmem::rfind_iter(&tail, b"PK\x05\x06");
        let found = starts.find_map(|start| tail.get(start..start + 22).map(|record| (start, record)));
        let Some((start, bytes)) = found else { return Ok(None) };
        let at = from + start as u64;
        let (mut directory_size, mut offset) = (u64::from(u32_at(bytes, 12)), u64::from(u32_at(bytes, 16)));
        let mut directory_end = at;
        if (u16_at(bytes, 10) == u16::MAX || directory_size == 0xffff_ffff || offset == 0xffff_ffff)
            && let Some((position, wide)) = wide_record(source, at)?
        {
            (directory_size, offset) = (u64_at(&wide, 40), u64_at(&wide, 48));
            directory_end = position;
        }
        let stated_end = offset.saturating_add(directory_size);
        let shift = directory_end.saturating_sub(stated_end);
        Ok(Some(Self { at: directory_end, directory_size: directory_size.min(directory_end), shift }))
    }

    fn directory_start(&self) -> u64 {
        self.at - self.directory_size
    }
}

/// The end record with 64-bit numbers and its position, where the locator before `end` names one.
fn wide_record(source: &mut dyn Source, end: u64) -> io::Result<Option<(u64, [u8; 56])>> {
    let Some(at) = end.checked_sub(20) else { return Ok(None) };
    source.seek(SeekFrom::Start(at))?;
    let mut locator = [0; 20];
    source.read_exact(&mut locator)?;
    if !locator.starts_with(b"PK\x06\x07") {
        return Ok(None);
    }
    let position = u64_at(&locator, 8);
    source.seek(SeekFrom::Start(position))?;
    let mut record = [0; 56];
    source.read_exact(&mut record)?;
    Ok(record.starts_with(b"PK\x06\x06").then_some((position, record)))
}

/// A member as the central directory describes it.
struct Entry<'a> {
    name: &'a [u8],
    flags: u16,
    method: u16,
    compressed: u64,
    offset: u64,
}

/// The entries of a central directory, as far as they are sound.
struct Entries<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Entries<'a> {
    type Item = Entry<'a>;

    fn next(&mut self) -> Option<Entry<'a>> {
        let (fixed, rest) = self.rest.split_at_checked(46).filter(|(fixed, _)| fixed.starts_with(b"PK\x01\x02"))?;
        let length = |at| usize::from(u16_at(fixed, at));
        let (name, rest) = rest.split_at_checked(length(28))?;
        let (extra, rest) = rest.split_at_checked(length(30))?;
        self.rest = rest.get(length(32)..)?;
        let mut entry = Entry {
            name,
            flags: u16_at(fixed, 8),
            method: u16_at(fixed, 10),
            compressed: u64::from(u32_at(fixed, 20)),
            offset: u64::from(u32_at(fixed, 42)),
        };
        entry.widen(u32_at(fixed, 24) == u32::MAX, extra);
        Some(entry)
    }
}

impl Entry<'_> {
    /// Takes the numbers that do not fit into 32 bits from the extra field 1, where they stand in a fixed order.
    fn widen(&mut self, has_size: bool, mut extra: &[u8]) {
        while let Some((head, rest)) = extra.split_at_checked(4) {
            let Some((body, rest)) = rest.split_at_checked(usize::from(u16_at(head, 2))) else { return };
            if u16_at(head, 0) == 1 {
                let mut numbers = body.as_chunks::<8>().0.iter().map(|eight| u64::from_le_bytes(*eight));
                if has_size {
                    numbers.next();
                }
                for slot in [&mut self.compressed, &mut self.offset] {
                    if *slot == 0xffff_ffff {
                        *slot = numbers.next().unwrap_or(*slot);
                    }
                }
            }
            extra = rest;
        }
    }

    /// Finds the content behind the local header at `start` and examines it. `at` is where `reader` stands.
    fn open(
        &self,
        reader: &mut BufReader<&mut dyn Source>,
        at: &mut u64,
        start: u64,
        walk: &mut Walk<'_>,
    ) -> io::Result<()> {
        let mut header = [0; 30];
        seek(reader, at, start)?;
        read_counted(reader, at, &mut header)?;
        if !header.starts_with(b"PK\x03\x04") {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let names = u64::from(u16_at(&header, 26)) + u64::from(u16_at(&header, 28));
        let content = start.saturating_add(30 + names);
        seek(reader, at, content)?;
        let mut content = reader.take(self.compressed);
        let result = self.decode(&mut content, walk);
        *at += self.compressed - content.limit();
        result
    }

    fn decode(&self, content: &mut dyn Read, walk: &mut Walk<'_>) -> io::Result<()> {
        let mut decoder: Box<dyn Read + '_> = match self.method {
            0 => Box::new(content),
            8 => Box::new(DeflateDecoder::new(content)),
            12 => compressed::decoder(Format::Bzip2, content),
            93 => compressed::decoder(Format::Zstd, content),
            95 => compressed::decoder(Format::Xz, content),
            _ => {
                walk.contents().members += 1;
                walk.contents().unsupported += 1;
                return Ok(());
            }
        };
        let mut metered = walk.metered(&mut decoder);
        walk.member(self.name, &mut metered)
    }
}

/// Goes to `target`, within what was read ahead where it lies there.
fn seek(reader: &mut BufReader<&mut dyn Source>, at: &mut u64, target: u64) -> io::Result<()> {
    let distance = i128::from(target) - i128::from(*at);
    reader.seek_relative(i64::try_from(distance).map_err(|_| io::ErrorKind::InvalidData)?)?;
    *at = target;
    Ok(())
}

fn read_counted(reader: &mut dyn Read, at: &mut u64, buffer: &mut [u8]) -> io::Result<()> {
    reader.read_exact(buffer)?;
    *at += buffer.len() as u64;
    Ok(())
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |two| u16::from_le_bytes(*two))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |four| u32::from_le_bytes(*four))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |eight| u64::from_le_bytes(*eight))
}
