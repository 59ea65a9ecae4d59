//! The archives of `ar`: Debian packages, static libraries. Names in the forms of GNU and BSD.

use std::io::{self, Read};

use super::name::MOST_BYTES;
use super::tar::skip_exactly;
use super::walk::Walk;

/// What the file begins with.
pub(super) const MAGIC: &[u8] = b"!<arch>\n";
/// The table of long names may be this large; what is longer is read and not kept.
const MOST_TABLE: u64 = 1 << 20;

/// Reads every member.
pub(super) fn read(walk: &mut Walk<'_>, input: &mut dyn Read) -> io::Result<()> {
    skip_exactly(input, MAGIC.len() as u64)?;
    let mut table = Vec::new();
    while let Some(header) = next_header(input)? {
        let size = decimal(&header[48..58]).filter(|_| header[58..] == *b"`\n").ok_or(io::ErrorKind::InvalidData)?;
        let mut content = input.take(size);
        match header[..16].trim_ascii_end() {
            b"//" => {
                table.clear();
                content.by_ref().take(MOST_TABLE).read_to_end(&mut table)?;
            }
            // Tables of symbols.
            b"/" | b"/SYM64/" => {}
            field => {
                let name = name(field, &table, &mut content)?;
                walk.member(&name, &mut content)?;
            }
        }
        let rest = content.limit();
        skip_exactly(content.into_inner(), rest)?;
        if size % 2 == 1 {
            // The last member need not be padded.
            input.take(1).read_to_end(&mut Vec::new())?;
        }
    }
    Ok(())
}

fn next_header(input: &mut dyn Read) -> io::Result<Option<[u8; 60]>> {
    let mut header = Vec::with_capacity(60);
    input.take(60).read_to_end(&mut header)?;
    match (header.is_empty(), header.try_into()) {
        (true, _) => Ok(None),
        (false, Ok(header)) => Ok(Some(header)),
        (false, Err(_)) => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

/// `name/` or `name`; `/17` is the offset of a name in the table; `#1/20` says that it precedes the content.
fn name(field: &[u8], table: &[u8], content: &mut dyn Read) -> io::Result<Vec<u8>> {
    if let Some(length) = field.strip_prefix(b"#1/").and_then(decimal) {
        if length > MOST_BYTES as u64 {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut name = Vec::new();
        content.take(length).read_to_end(&mut name)?;
        name.retain(|byte| *byte != 0);
        return Ok(name);
    }
    if let Some(offset) = field.strip_prefix(b"/").and_then(decimal).and_then(|offset| usize::try_from(offset).ok()) {
        let name = table.get(offset..).and_then(|rest| rest.split(|byte| matches!(byte, b'/' | b'\n')).next());
        return Ok(name.unwrap_or(field).to_vec());
    }
    Ok(field.strip_suffix(b"/").unwrap_or(field).to_vec())
}

fn decimal(field: &[u8]) -> Option<u64> {
    std::str::from_utf8(field.trim_ascii_end()).ok()?.parse().ok()
}
