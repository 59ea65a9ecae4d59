//! Base64 and base64url (RFC 4648), on one line or wrapped, and what is often wrapped in it: gzip and UTF-16.

use std::ops::Range;

use super::legible::{HEAD, begins_well, is_text};
use super::{Budget, Encoding, Layer, gzip, runs};
use crate::source::text::{self, Decoded};

/// A line that is continued on the next one has at least so many characters (PEM 64, MIME 76).
pub(super) const LEAST_LINE: usize = 60;
/// How far before a run its kind may be named.
pub(super) const LOOK_BACK: usize = 64;
/// White space before a continued line.
const MOST_INDENT: usize = 40;
/// What no character of the alphabets stands for.
const NONE: u8 = 64;

/// The six bits of each character; both alphabets at once.
static VALUES: [u8; 256] = {
    let mut values = [NONE; 256];
    let mut index = 0;
    while index < 62 {
        let byte = match index {
            0..26 => b'A' + index,
            26..52 => b'a' + index - 26,
            _ => b'0' + index - 52,
        };
        values[byte as usize] = index;
        index += 1;
    }
    values[b'+' as usize] = 62;
    values[b'-' as usize] = 62;
    values[b'/' as usize] = 63;
    values[b'_' as usize] = 63;
    values
};

/// What the first bytes of a run say.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Looks {
    Text,
    Gzip,
    Utf16,
}

/// The layer that a run says, and where the run ends: wrapped ones go on after their first line.
pub(super) fn layer(text: &[u8], run: Range<usize>, budget: &mut Budget) -> (usize, Option<Layer>) {
    let Some(looks) = looks(&text[run.clone()]) else {
        note(text, &run, budget);
        return (run.end, None);
    };
    let outer = run.start..last_line(text, &run);
    let end = outer.end;
    let written = &text[outer.clone()];
    if budget.take(written.len() / 4 * 3).is_none() {
        return (end, None);
    }
    let url = written.iter().any(|byte| matches!(byte, b'-' | b'_'));
    let wrapping = if url { Encoding::Base64Url } else { Encoding::Base64 };
    let bytes = decode(written);
    let (bytes, encodings) = match looks {
        Looks::Text => (bytes, vec![wrapping]),
        Looks::Gzip => (gzip::inflate(&bytes, budget), vec![wrapping, Encoding::Gzip]),
        Looks::Utf16 => match text::decode(&bytes) {
            Decoded::Text(text) => (text.into_owned(), vec![wrapping, Encoding::Utf16]),
            Decoded::Binary => return (end, None),
        },
    };
    (end, is_text(&bytes).then_some(Layer { bytes, outer, encodings }))
}

/// The offset in `written` of the character that byte `at` of the decoded text begins in.
pub(super) fn origin(written: &[u8], at: usize) -> usize {
    let character = at / 3 * 4 + at % 3;
    let members = written.iter().enumerate().filter(|(_, byte)| VALUES[usize::from(**byte)] != NONE);
    members.map(|(offset, _)| offset).nth(character).unwrap_or(written.len())
}

/// Decodes all characters of the alphabets and passes over all others; a rest of fewer than eight bits is dropped.
fn decode(written: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(written.len() / 4 * 3 + 3);
    let (mut bits, mut held) = (0_u32, 0);
    for value in written.iter().map(|byte| VALUES[usize::from(*byte)]).filter(|value| *value != NONE) {
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    bytes
}

/// Judges by the first characters: most runs are names and paths, which decode to noise within the first four.
fn looks(run: &[u8]) -> Option<Looks> {
    let first = first(run)?;
    match first {
        [0x1f, 0x8b, 8, ..] => return Some(Looks::Gzip),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => return Some(Looks::Utf16),
        [a, 0, b, 0, c, 0] | [0, a, 0, b, 0, c] if begins_well(&[a, b, c]) => return Some(Looks::Utf16),
        [0xef, 0xbb, 0xbf, ..] => {}
        _ if !begins_well(&first) => return None,
        _ => {}
    }
    let head = decode(run.get(..HEAD / 3 * 4).unwrap_or(run));
    begins_well(&head).then_some(Looks::Text)
}

/// What the first eight characters say.
fn first(run: &[u8]) -> Option<[u8; 6]> {
    let join = |bits: u64, byte: &u8| bits << 6 | u64::from(VALUES[usize::from(*byte)] & 63);
    let bits = run.get(..8)?.iter().fold(0, join);
    let [_, _, bytes @ ..] = bits.to_be_bytes();
    Some(bytes)
}

/// Counts what is known by name to be no text.
fn note(text: &[u8], run: &Range<usize>, budget: &mut Budget) {
    let hashes: [&[u8]; 3] = [b"sha512-", b"sha384-", b"sha256-"];
    if hashes.iter().any(|hash| text[run.clone()].starts_with(hash)) {
        budget.left.hashes += 1;
        return;
    }
    let before = &text[run.start.saturating_sub(LOOK_BACK)..run.start];
    if before.ends_with(b"base64,") && before.windows(5).any(|five| five == b"data:") {
        budget.left.media += 1;
    }
}

/// Where a run ends that is wrapped into lines of equal length.
fn last_line(text: &[u8], first: &Range<usize>) -> usize {
    let width = first.len();
    let mut end = first.end;
    if width < LEAST_LINE || !width.is_multiple_of(4) {
        return end;
    }
    while let Some(start) = next_line(text, end) {
        let next = runs::end_of(text, start);
        if next == start || next - start > width {
            break;
        }
        end = next;
        if next - start < width {
            break;
        }
    }
    end
}

/// The start of the line after `end`, behind its indentation, where a line ends there.
fn next_line(text: &[u8], end: usize) -> Option<usize> {
    let rest = text.get(end..)?;
    let rest = rest.strip_prefix(b"\r").unwrap_or(rest).strip_prefix(b"\n")?;
    let indent = rest.iter().take(MOST_INDENT).take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    Some(text.len() - rest.len() + indent)
}
