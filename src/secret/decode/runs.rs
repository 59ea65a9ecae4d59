//! Finds long runs of the characters of base64 without looking at most bytes of a text.

use std::ops::Range;

/// Shorter runs hold no secret: 24 characters say 18 bytes.
pub(super) const LEAST: usize = 24;

/// Bytes that are looked at together.
const BLOCK: usize = 16;

/// The characters of base64 and base64url, and with them those of hexadecimal.
static MEMBERS: [bool; 256] = {
    let mut members = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        members[byte] = (byte as u8).is_ascii_alphanumeric() || matches!(byte as u8, b'+' | b'/' | b'-' | b'_');
        byte += 1;
    }
    members
};

/// Whether a byte belongs to a run.
pub(super) fn is_member(byte: u8) -> bool {
    MEMBERS[usize::from(byte)]
}

/// Calls `visit` with every run of at least [`LEAST`] characters. It answers where to look on: at the end of the run, or
/// further where it took more.
///
/// A run of 23 bytes or more covers the first half of one of the blocks that begin at multiples of 16, and the half
/// before or behind that. So a few operations on a block tell most of them to hold no part of a run.
pub(super) fn visit(text: &[u8], mut visit: impl FnMut(Range<usize>) -> usize) {
    let (blocks, rest) = text.as_chunks::<BLOCK>();
    let mut done = 0;
    let mut try_at = |at: usize| {
        if at >= done && members(half(text, at)) == HIGH {
            let start = start_of(text, at);
            let end = end_of(text, at);
            if end >= start + LEAST {
                done = visit(start.max(done)..end).max(end);
            }
        }
    };
    let mut before = false;
    for (number, block) in blocks.iter().enumerate() {
        let [first, second] = halves(block).map(is_likely);
        if first && (before || second) {
            try_at(number * BLOCK);
        }
        before = second;
    }
    if before && rest.len() >= BLOCK / 2 {
        try_at(text.len() - rest.len());
    }
}

fn halves(block: &[u8; BLOCK]) -> [u64; 2] {
    let both = u128::from_le_bytes(*block);
    [both as u64, (both >> 64) as u64]
}

/// Whether all eight bytes lie between `+` and `z`, as all members do and white space, quotes and brackets do not.
fn is_likely(half: u64) -> bool {
    between(half, b'+', b'z') == HIGH
}

const ONES: u64 = u64::from_le_bytes([1; 8]);
const HIGH: u64 = ONES << 7;

/// Sets the highest bit of each byte that is a member and clears all others.
fn members(half: u64) -> u64 {
    let folded = half | (ONES * 0x20);
    let letter = between(folded, b'a', b'z') & !half;
    let digit = between(half, b'/', b'9');
    let other = between(half, b'+', b'+') | between(half, b'-', b'-') | between(half, b'_', b'_');
    letter | digit | other
}

/// Sets the highest bit of each byte from `least` to `most`, both below 128, and clears all others.
///
/// In bytes below 128 an addition of `128 - least` sets the highest bit of those that are `least` or more.
fn between(half: u64, least: u8, most: u8) -> u64 {
    let low = half & !HIGH;
    let (reached, passed) = (low + ONES * u64::from(128 - least), low + ONES * u64::from(127 - most));
    reached & !passed & !half & HIGH
}

/// Eight bytes; zeros where the text does not reach.
fn half(text: &[u8], at: usize) -> u64 {
    text.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |half| u64::from_le_bytes(*half))
}

/// Where the run that `at` lies in begins.
fn start_of(text: &[u8], at: usize) -> usize {
    let mut start = at;
    while start >= 8 {
        let strangers = !members(half(text, start - 8)) & HIGH;
        if strangers != 0 {
            return start - strangers.leading_zeros() as usize / 8;
        }
        start -= 8;
    }
    text[..start].iter().rposition(|byte| !is_member(*byte)).map_or(0, |stranger| stranger + 1)
}

/// Where the run that `from` lies in ends.
pub(super) fn end_of(text: &[u8], from: usize) -> usize {
    let mut end = from;
    while end + 8 <= text.len() {
        let strangers = !members(half(text, end)) & HIGH;
        if strangers != 0 {
            return end + strangers.trailing_zeros() as usize / 8;
        }
        end += 8;
    }
    let rest = text.get(end..).unwrap_or_default();
    end + rest.iter().position(|byte| !is_member(*byte)).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{LEAST, is_member, members, visit};

    fn found(text: &[u8]) -> Vec<std::ops::Range<usize>> {
        let mut runs = Vec::new();
        visit(text, |run| {
            let end = run.end;
            runs.push(run);
            end
        });
        runs
    }

    #[test]
    fn eight_bytes_at_once_are_judged_like_one() {
        for byte in 0..=u8::MAX {
            let expected = if is_member(byte) { 0x80 } else { 0 };
            assert_eq!(members(u64::from_le_bytes([byte; 8])).to_le_bytes(), [expected; 8], "{byte}");
            let mixed = [b'a', byte, b' ', byte, 0xff, byte, b'+', byte];
            let alone = mixed.map(|byte| if is_member(byte) { 0x80 } else { 0 });
            assert_eq!(members(u64::from_le_bytes(mixed)).to_le_bytes(), alone);
        }
    }

    #[test]
    fn a_run_is_found_wherever_it_lies_and_a_shorter_one_is_not() {
        for before in 0..60 {
            let text = [" ".repeat(before), "a".repeat(LEAST), " ".to_owned(), "b".repeat(LEAST - 1)].concat();
            assert_eq!(found(text.as_bytes()), vec![before..before + LEAST]);
        }
    }

    proptest! {
        #[test]
        fn skipping_finds_what_reading_every_byte_finds(text in "([a-c]{0,40}[ .]{0,3}){0,8}") {
            let text = text.as_bytes();
            let mut expected = Vec::new();
            let mut start = 0;
            for end in 0..=text.len() {
                if end == text.len() || !is_member(text[end]) {
                    if end - start >= LEAST {
                        expected.push(start..end);
                    }
                    start = end + 1;
                }
            }
            prop_assert_eq!(found(text), expected);
        }
    }
}
