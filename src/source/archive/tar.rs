//! Tape archives: POSIX ustar and pax, and the extensions of GNU tar.

use std::io::{self, Read};

use super::name::MOST_BYTES;
use super::walk::Walk;

const BLOCK: usize = 512;
/// A pax header or a long name may be this large; what is longer is read and not kept.
const MOST_EXTENSION: u64 = 1 << 20;

/// Whether the first block is the header of a member.
pub(super) fn is_header(head: &[u8]) -> bool {
    let block: Option<&[u8; BLOCK]> = head.first_chunk();
    block.is_some_and(|block| block[257..262] == *b"ustar" && is_sound(block))
}

/// Reads every member.
pub(super) fn read(walk: &mut Walk<'_>, input: &mut dyn Read) -> io::Result<()> {
    let mut extended = Extended::default();
    while let Some(header) = next_header(input)? {
        let own_size = number(&header[124..136]).ok_or(io::ErrorKind::InvalidData)?;
        match header[156] {
            b'L' => extended.name = Some(extension(input, own_size)?),
            b'x' => extended.read_pax(&extension(input, own_size)?),
            b'K' | b'g' => skip(input, own_size)?,
            // Links, devices and directories have no content.
            b'1'..=b'6' => extended = Extended::default(),
            kind => {
                let Extended { name, size } = std::mem::take(&mut extended);
                let name = name.unwrap_or_else(|| plain_name(&header));
                if kind == b'S' {
                    skip_sparse_map(&header, input)?;
                }
                member(walk, &name, size.unwrap_or(own_size), input)?;
            }
        }
    }
    Ok(())
}

/// What headers before that of a member say about it.
#[derive(Default)]
struct Extended {
    name: Option<Vec<u8>>,
    size: Option<u64>,
}

impl Extended {
    /// The records of a pax header: `27 path=a/name\n`.
    fn read_pax(&mut self, mut records: &[u8]) {
        while let Some(space) = memchr::memchr(b' ', records)
            && let Some(length) = std::str::from_utf8(&records[..space]).ok().and_then(|text| text.parse().ok())
            && let Some((record, rest)) = records.split_at_checked(length)
            && let Some(body) = record.get(space + 1..)
        {
            let body = body.strip_suffix(b"\n").unwrap_or(body);
            if let Some(path) = body.strip_prefix(b"path=") {
                self.name = Some(path.to_vec());
            } else if let Some(size) = body.strip_prefix(b"size=") {
                self.size = std::str::from_utf8(size).ok().and_then(|size| size.parse().ok());
            }
            records = rest;
        }
    }
}

fn member(walk: &mut Walk<'_>, name: &[u8], size: u64, input: &mut dyn Read) -> io::Result<()> {
    let mut content = input.take(size);
    if is_whiteout(name) {
        walk.whiteout(name);
    } else if !name.ends_with(b"/") {
        walk.member(name, &mut content)?;
    }
    let rest = content.limit();
    skip_exactly(content.into_inner(), rest)?;
    skip_exactly(input, size.next_multiple_of(BLOCK as u64) - size)
}

/// How a layer of a container image says that a file of an earlier one is deleted.
fn is_whiteout(name: &[u8]) -> bool {
    name.rsplit(|byte| *byte == b'/').next().is_some_and(|last| last.starts_with(b".wh."))
}

/// The next header; nothing at the end, which two blocks of zeros or the end of the input mark.
fn next_header(input: &mut dyn Read) -> io::Result<Option<[u8; BLOCK]>> {
    let mut block = [0; BLOCK];
    let mut filled = 0;
    while filled < BLOCK {
        match input.read(&mut block[filled..])? {
            0 if filled == 0 => return Ok(None),
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => filled += read,
        }
    }
    match block.iter().all(|byte| *byte == 0) {
        true => Ok(None),
        false if is_sound(&block) => Ok(Some(block)),
        false => Err(io::ErrorKind::InvalidData.into()),
    }
}

/// Whether the sum of the header is as it says, its own field counted as blanks.
fn is_sound(block: &[u8; BLOCK]) -> bool {
    let field = 148..156;
    let sum = |byte: fn(u8) -> i64| -> i64 {
        let blank_or = |(at, value): (usize, &u8)| byte(if field.contains(&at) { b' ' } else { *value });
        block.iter().enumerate().map(blank_or).sum()
    };
    let stated = number(&block[field.clone()]).and_then(|stated| i64::try_from(stated).ok());
    // Some old programs summed signed bytes.
    stated.is_some_and(|stated| stated == sum(i64::from) || stated == sum(|byte| i64::from(byte.cast_signed())))
}

/// A number in octal digits, or in base 256 where the highest bit of the field is set.
fn number(field: &[u8]) -> Option<u64> {
    if let [first, rest @ ..] = field
        && *first >= 0x80
    {
        let fold = |value: u64, byte: &u8| value.checked_mul(256)?.checked_add(u64::from(*byte));
        return rest.iter().try_fold(u64::from(first & 0x3f), fold).filter(|_| first & 0x40 == 0);
    }
    let digits = field.trim_ascii_start().split(|byte| matches!(byte, 0 | b' ')).next()?;
    let fold = |value: u64, byte: &u8| match byte {
        b'0'..=b'7' => value.checked_mul(8)?.checked_add(u64::from(byte - b'0')),
        _ => None,
    };
    digits.iter().try_fold(0, fold)
}

fn plain_name(header: &[u8; BLOCK]) -> Vec<u8> {
    let text = |field: &[u8]| field.split(|byte| *byte == 0).next().unwrap_or_default().to_vec();
    let (name, prefix) = (text(&header[..100]), text(&header[345..500]));
    if header[257..263] != *b"ustar\0" || prefix.is_empty() {
        return name;
    }
    [prefix, b"/".to_vec(), name].concat()
}

/// The content of a header that extends the next one, cut where it is too long.
fn extension(input: &mut dyn Read, size: u64) -> io::Result<Vec<u8>> {
    let kept = size.min(MOST_EXTENSION);
    let mut content = Vec::new();
    let read = input.take(kept).read_to_end(&mut content)? as u64;
    if read < kept {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let padded = size.checked_next_multiple_of(BLOCK as u64).ok_or(io::ErrorKind::InvalidData)?;
    skip_exactly(input, padded - kept)?;
    let end = content.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    content.truncate(if size > MOST_EXTENSION { MOST_BYTES } else { end });
    Ok(content)
}

/// The map of a sparse file continues in blocks behind its header.
fn skip_sparse_map(header: &[u8; BLOCK], input: &mut dyn Read) -> io::Result<()> {
    let mut continues = header[482] != 0;
    while continues {
        let mut block = [0; BLOCK];
        input.read_exact(&mut block)?;
        continues = block[504] != 0;
    }
    Ok(())
}

fn skip(input: &mut dyn Read, size: u64) -> io::Result<()> {
    skip_exactly(input, size.checked_next_multiple_of(BLOCK as u64).ok_or(io::ErrorKind::InvalidData)?)
}

/// Passes over so many bytes; an error where there are fewer.
pub(super) fn skip_exactly(input: &mut dyn Read, count: u64) -> io::Result<()> {
    let passed = io::copy(&mut input.take(count), &mut io::sink())?;
    if passed < count { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
}
