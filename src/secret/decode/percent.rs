//! Percent-encoding (RFC 3986): a word of a URL or form with at least three escapes in it.

use super::hex::value;
use super::legible::is_text;
use super::{Budget, Encoding, Layer};

/// Words with fewer escapes are left as they are: patterns match what is between them.
const LEAST_ESCAPES: usize = 3;
/// How far a word is followed before its first percent sign, and behind it.
const MOST_BEFORE: usize = 4 * 1024;
const MOST_AFTER: usize = 64 * 1024;

/// The layer that the word around the percent sign at `at` says, and where to look on.
pub(super) fn layer(text: &[u8], at: usize, budget: &mut Budget) -> (usize, Option<Layer>) {
    if escaped(&text[at..]).is_none() {
        return (at + 1, None);
    }
    let before = text[at.saturating_sub(MOST_BEFORE)..at].iter().rev().take_while(|byte| is_word(**byte)).count();
    let after = text[at..].iter().take(MOST_AFTER).take_while(|byte| is_word(**byte)).count();
    let outer = at - before..at + after;
    let end = outer.end;
    let written = &text[outer.clone()];
    let escapes = memchr::memchr_iter(b'%', written).filter(|at| escaped(&written[*at..]).is_some());
    if escapes.take(LEAST_ESCAPES).count() < LEAST_ESCAPES || budget.take(written.len()).is_none() {
        return (end, None);
    }
    let bytes: Vec<u8> = steps(written).map(|(_, byte)| byte).collect();
    (end, is_text(&bytes).then_some(Layer { bytes, outer, encodings: vec![Encoding::Percent] }))
}

/// The offset in `written` at which the decoded byte `at` is written.
pub(super) fn origin(written: &[u8], at: usize) -> usize {
    steps(written).nth(at).map_or(written.len(), |(offset, _)| offset)
}

/// Each decoded byte with the offset at which it is written.
fn steps(written: &[u8]) -> impl Iterator<Item = (usize, u8)> {
    let mut offset = 0;
    std::iter::from_fn(move || {
        let rest = written.get(offset..)?;
        let (length, byte) = match (rest.first()?, escaped(rest)) {
            (_, Some(byte)) => (3, byte),
            (byte, None) => (1, *byte),
        };
        let at = offset;
        offset += length;
        Some((at, byte))
    })
}

/// The byte that `%XX` at the start says.
fn escaped(rest: &[u8]) -> Option<u8> {
    match rest {
        [b'%', high, low, ..] => Some(value(*high)? << 4 | value(*low)?),
        _ => None,
    }
}

/// What a URL in a text consists of.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\')
}
