//! RPM packages: a lead, a header of signatures, the header with what the package says of itself, and its files as a
//! compressed cpio archive. Of the header the scripts are examined, which run when the package is installed or removed.
//!
//! <https://rpm-software-management.github.io/rpm/manual/format_v4.html>

use std::io::{self, Read};

use super::tar::skip_exactly;
use super::walk::Walk;
use crate::model::GapReason;

/// What the file begins with.
pub(super) const MAGIC: &[u8] = &[0xed, 0xab, 0xee, 0xdb];
const LEAD: u64 = 96;
/// What each header begins with: a magic number and its version.
const HEADER: [u8; 4] = [0x8e, 0xad, 0xe8, 0x01];
/// A header may be this large.
const MOST_HEADER: u64 = 64 << 20;
const ENTRY: u64 = 16;

/// The scripts in a header, under the names that a spec file gives them.
const SCRIPTS: [(u32, &str); 8] = [
    (1023, "%pre"),
    (1024, "%post"),
    (1025, "%preun"),
    (1026, "%postun"),
    (1065, "%trigger"),
    (1079, "%verify"),
    (1151, "%pretrans"),
    (1152, "%posttrans"),
];

/// Reads the scripts and every file.
pub(super) fn read(walk: &mut Walk<'_>, input: &mut dyn Read) -> io::Result<()> {
    skip_exactly(input, LEAD)?;
    let signatures = Size::read(input)?;
    // The next header begins at a multiple of eight bytes.
    skip_exactly(input, signatures.bytes().next_multiple_of(8))?;
    let size = Size::read(input)?;
    if size.bytes() > MOST_HEADER {
        walk.lose("", GapReason::TooLarge, &format!("a header of more than {MOST_HEADER} bytes"));
        skip_exactly(input, size.bytes())?;
    } else {
        let mut header = Vec::new();
        input.take(size.bytes()).read_to_end(&mut header)?;
        if (header.len() as u64) < size.bytes() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let entries = header.split_at_checked((size.entries * ENTRY) as usize).ok_or(io::ErrorKind::InvalidData)?;
        scripts(walk, entries.0, entries.1)?;
    }
    walk.payload(input)
}

/// What the beginning of a header says about the rest of it.
struct Size {
    entries: u64,
    store: u64,
}

impl Size {
    fn read(input: &mut dyn Read) -> io::Result<Self> {
        let mut start = [0; 16];
        input.read_exact(&mut start)?;
        if !start.starts_with(&HEADER) {
            return Err(io::ErrorKind::InvalidData.into());
        }
        Ok(Self { entries: u64::from(number(&start, 8)), store: u64::from(number(&start, 12)) })
    }

    fn bytes(&self) -> u64 {
        self.entries * ENTRY + self.store
    }
}

/// Hands on the scripts that the entries lead to: tag, type, offset in the store, how many strings. Each tag counts once.
fn scripts(walk: &mut Walk<'_>, entries: &[u8], store: &[u8]) -> io::Result<()> {
    let entries = entries.as_chunks::<16>().0;
    for (tag, name) in SCRIPTS {
        let Some(entry) = entries.iter().find(|entry| number(*entry, 0) == tag) else { continue };
        let text = usize::try_from(number(entry, 8)).ok().and_then(|offset| store.get(offset..)).unwrap_or_default();
        for script in text.split(|byte| *byte == 0).take(number(entry, 12) as usize) {
            let mut script = walk.metered(script);
            walk.member(name.as_bytes(), &mut script)?;
        }
    }
    Ok(())
}

/// Four bytes, the most significant first.
fn number(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |four| u32::from_be_bytes(*four))
}
