//! The portable form of cpio (`newc`, with and without checksums): initial RAM disks and the like.

use std::io::{self, Read};

use super::name::MOST_BYTES;
use super::tar::skip_exactly;
use super::walk::Walk;

const HEADER: usize = 110;
const END: &[u8] = b"TRAILER!!!";

/// Whether the first bytes are the header of a member.
pub(super) fn is_header(head: &[u8]) -> bool {
    let is_marked = head.starts_with(b"070701") || head.starts_with(b"070702");
    is_marked && head.get(6..HEADER).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
}

/// Reads every member.
pub(super) fn read(walk: &mut Walk<'_>, input: &mut dyn Read) -> io::Result<()> {
    loop {
        let mut header = [0; HEADER];
        input.read_exact(&mut header)?;
        if !is_header(&header) {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let (size, name_size) = (number(&header[54..62])?, number(&header[94..102])?);
        let mut name = Vec::new();
        input.take(name_size.min(MOST_BYTES as u64)).read_to_end(&mut name)?;
        skip_exactly(input, name_size.saturating_sub(MOST_BYTES as u64) + padding(HEADER as u64 + name_size))?;
        name.retain(|byte| *byte != 0);
        if name == END {
            return Ok(());
        }
        let mut content = input.take(size);
        if size > 0 {
            walk.member(&name, &mut content)?;
        }
        let rest = content.limit();
        skip_exactly(content.into_inner(), rest + padding(size))?;
    }
}

fn number(digits: &[u8]) -> io::Result<u64> {
    let text = std::str::from_utf8(digits).map_err(|_| io::ErrorKind::InvalidData)?;
    u64::from_str_radix(text, 16).map_err(|_| io::ErrorKind::InvalidData.into())
}

/// Bytes up to the next multiple of four.
fn padding(length: u64) -> u64 {
    length.next_multiple_of(4) - length
}
