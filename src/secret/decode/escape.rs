//! Escapes of string literals (JSON, YAML, JavaScript, C): `\n`, `\"`, `\/`, `\x41`, `\u0041`.
//!
//! Most escapes hide nothing, since patterns match around them. A line is decoded only where one stands inside or right
//! before something that could be a secret, or where a whole document is quoted.

use super::hex::value;
use super::{Budget, Encoding, Layer};

/// How much of a line before the first such escape is decoded with it, and how much behind it.
const BEFORE: usize = 512;
const AFTER: usize = 16 * 1024;
/// A word this long behind a line break may be a token.
const TOKEN: usize = 16;

/// The layer that the line around the backslash at `at` says, and where to look on.
pub(super) fn layer(text: &[u8], at: usize, budget: &mut Budget) -> (usize, Option<Layer>) {
    if !reveals(text, at) {
        return (at + 2, None);
    }
    let before = &text[at.saturating_sub(BEFORE)..at];
    let start = at - before.len() + memchr::memrchr(b'\n', before).map_or(0, |newline| newline + 1);
    let after = &text[at..text.len().min(at + AFTER)];
    let end = at + memchr::memchr(b'\n', after).unwrap_or(after.len());
    let written = &text[start..end];
    if budget.take(written.len()).is_none() {
        return (end, None);
    }
    let mut bytes = Vec::with_capacity(written.len());
    for (_, character) in steps(written) {
        character.push_to(&mut bytes);
    }
    (end, Some(Layer { bytes, outer: start..end, encodings: vec![Encoding::Escapes] }))
}

/// The offset in `written` at which the decoded byte `at` is written.
pub(super) fn origin(written: &[u8], at: usize) -> usize {
    let mut decoded = 0;
    let step = steps(written).find(|(_, character)| {
        decoded += character.length();
        decoded > at
    });
    step.map_or(written.len(), |(offset, _)| offset)
}

/// Whether the escape at `at` could keep a pattern from matching.
fn reveals(text: &[u8], at: usize) -> bool {
    let rest = &text[at..];
    let before = at.checked_sub(1).map_or(0, |before| text[before]);
    match rest {
        [b'\\', b'/', next, ..] => {
            let inside = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'\\' | b'/' | b'+' | b':');
            inside(before) && inside(*next)
        }
        // A character of ASCII; three in a row where one alone is mostly a control character or a foreign letter; the
        // end of a key in a quoted document.
        [b'\\', b'u', b'0', b'0', b'2'..=b'7', _, ..]
        | [b'\\', b'x', b'2'..=b'7', _, b'\\', b'x', _, _, b'\\', b'x', ..]
        | [b'\\', b'"', b':', ..]
        | [b'\\', b'"', b' ', b':', ..] => true,
        [b'\\', b'n' | b'r' | b't', word @ ..] => {
            word.get(..TOKEN).is_some_and(|word| word.iter().all(|byte| is_token(*byte)))
        }
        _ => false,
    }
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+' | b'/' | b'=')
}

/// What one step of a literal says.
enum Step {
    Byte(u8),
    Character(char),
}

impl Step {
    fn length(&self) -> usize {
        match self {
            Self::Byte(_) => 1,
            Self::Character(character) => character.len_utf8(),
        }
    }

    fn push_to(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Byte(byte) => bytes.push(*byte),
            Self::Character(character) => {
                bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
    }
}

/// Each step with the offset at which it is written.
fn steps(written: &[u8]) -> impl Iterator<Item = (usize, Step)> {
    let mut offset = 0;
    std::iter::from_fn(move || {
        let (step, length) = step(written.get(offset..)?)?;
        let at = offset;
        offset += length;
        Some((at, step))
    })
}

/// The first step of `rest` and how many bytes it is written in. What is no known escape says itself.
fn step(rest: &[u8]) -> Option<(Step, usize)> {
    let [b'\\', kind, tail @ ..] = rest else { return Some((Step::Byte(*rest.first()?), 1)) };
    let byte = |byte: u8| Some((Step::Byte(byte), 2));
    let itself = Some((Step::Byte(b'\\'), 1));
    match kind {
        b'n' => byte(b'\n'),
        b'r' => byte(b'\r'),
        b't' => byte(b'\t'),
        b'"' | b'\'' | b'\\' | b'/' => byte(*kind),
        b'x' => digits(tail, 2).and_then(char::from_u32).map_or(itself, |code| Some((Step::Character(code), 4))),
        b'u' => unicode(tail).map_or(itself, |(code, length)| Some((Step::Character(code), 2 + length))),
        _ => itself,
    }
}

/// `0041`, `{1f600}`, or the two halves of a surrogate pair; and how many bytes they are written in.
fn unicode(tail: &[u8]) -> Option<(char, usize)> {
    if let [b'{', inside @ ..] = tail {
        let length = inside.iter().take(7).position(|byte| *byte == b'}')?;
        return Some((char::from_u32(digits(inside, length)?)?, length + 2));
    }
    let high = digits(tail, 4)?;
    if let (0xd800..=0xdbff, Some([b'\\', b'u', low @ ..])) = (high, tail.get(4..)) {
        let low = digits(low, 4).filter(|low| (0xdc00..=0xdfff).contains(low))?;
        return Some((char::from_u32(0x1_0000 + ((high - 0xd800) << 10 | (low - 0xdc00)))?, 10));
    }
    Some((char::from_u32(high)?, 4))
}

/// The value of the first `count` hexadecimal digits.
fn digits(tail: &[u8], count: usize) -> Option<u32> {
    tail.get(..count)?.iter().try_fold(0, |number: u32, digit| Some(number << 4 | u32::from(value(*digit)?)))
}
