//! Applies a git delta: copy pieces of the base, insert new bytes.
//!
//! The format is described in git's `gitformat-pack`. Every length in it is checked, since packs come from strangers.

use std::ops::Range;

use crate::source::Copied;

/// Why a delta was not applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It contradicts itself or its base.
    Damaged,
    /// The result would be larger than allowed.
    TooLarge,
}

/// Writes what `delta` makes of `base` into `out`, at most `limit` bytes, and into `copied` which stretches of it come
/// from the base. The former content of both is dropped.
pub(super) fn apply(
    base: &[u8],
    delta: &[u8],
    limit: u64,
    out: &mut Vec<u8>,
    copied: &mut Vec<Copied>,
) -> Result<(), Refusal> {
    let mut rest = delta;
    let (base_size, result_size) = (size(&mut rest)?, size(&mut rest)?);
    if base_size != base.len() as u64 {
        return Err(Refusal::Damaged);
    }
    if result_size > limit {
        return Err(Refusal::TooLarge);
    }
    let expected = usize::try_from(result_size).map_err(|_| Refusal::TooLarge)?;
    out.clear();
    copied.clear();
    out.reserve(expected);
    while let Some(command) = next(&mut rest) {
        let piece = match command {
            0 => return Err(Refusal::Damaged),
            copy if copy & 0x80 != 0 => {
                let range = range(copy, &mut rest)?;
                note(copied, &range, out.len());
                base.get(range).ok_or(Refusal::Damaged)?
            }
            length => inserted(usize::from(length), &mut rest)?,
        };
        if piece.len() > expected - out.len() {
            return Err(Refusal::Damaged);
        }
        out.extend_from_slice(piece);
    }
    if out.len() == expected { Ok(()) } else { Err(Refusal::Damaged) }
}

/// The size of what a delta makes of its base, from its first bytes.
pub(super) fn result_size(mut delta: &[u8]) -> Option<u64> {
    size(&mut delta).ok()?;
    size(&mut delta).ok()
}

/// A size of seven bits a byte, least significant first.
fn size(rest: &mut &[u8]) -> Result<u64, Refusal> {
    let mut value = 0_u64;
    for shift in (0..u64::BITS).step_by(7) {
        let byte = next(rest).ok_or(Refusal::Damaged)?;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(Refusal::Damaged)
}

/// Adds a stretch that is copied to `at`, or lets the last one grow: git cuts long copies into pieces.
fn note(copied: &mut Vec<Copied>, range: &Range<usize>, at: usize) {
    match copied.last_mut() {
        Some(last) if last.from_end() == range.start && last.at_end() == at => last.length += range.len(),
        _ => copied.push(Copied { from: range.start, at, length: range.len() }),
    }
}

/// Which part of the base is copied: bits 0 to 3 of the command say which bytes of the offset follow, bits 4 to 6 those
/// of the length.
fn range(command: u8, rest: &mut &[u8]) -> Result<Range<usize>, Refusal> {
    let mut field = |bits: Range<u8>| {
        let mut value = 0_usize;
        for (position, bit) in bits.enumerate() {
            if command & (1 << bit) != 0 {
                value |= usize::from(next(rest).ok_or(Refusal::Damaged)?) << (8 * position);
            }
        }
        Ok(value)
    };
    let (offset, length) = (field(0..4)?, field(4..7)?);
    let length = if length == 0 { 0x1_0000 } else { length };
    Ok(offset..offset + length)
}

fn inserted<'a>(length: usize, rest: &mut &'a [u8]) -> Result<&'a [u8], Refusal> {
    let (piece, after) = rest.split_at_checked(length).ok_or(Refusal::Damaged)?;
    *rest = after;
    Ok(piece)
}

fn next(rest: &mut &[u8]) -> Option<u8> {
    let (first, after) = rest.split_first()?;
    *rest = after;
    Some(*first)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Refusal, apply};
    use crate::source::Copied;

    fn applied(base: &[u8], delta: &[u8]) -> Result<Vec<u8>, Refusal> {
        let mut out = b"left over".to_vec();
        let mut copied = vec![Copied { from: 9, at: 9, length: 9 }];
        apply(base, delta, 1 << 20, &mut out, &mut copied)?;
        for piece in copied {
            assert_eq!(out[piece.at..piece.at_end()], base[piece.from..piece.from_end()]);
        }
        Ok(out)
    }

    #[test]
    fn neighbouring_copies_are_one_stretch() {
        let (mut out, mut copied) = (Vec::new(), Vec::new());
        let delta = [11, 9, 0b1001_0000, 4, 0b1001_0001, 4, 2, 1, b'!', 0b1001_0001, 1, 2];
        apply(b"hello world", &delta, 100, &mut out, &mut copied).unwrap();
        assert_eq!(out, b"hello !el");
        assert_eq!(copied, [Copied { from: 0, at: 0, length: 6 }, Copied { from: 1, at: 7, length: 2 }]);
    }

    #[test]
    fn pieces_are_copied_and_inserted() {
        let delta = [11, 8, 0b1001_0001, 6, 5, 3, b'!', b'!', b'!'];
        assert_eq!(applied(b"hello world", &delta).as_deref(), Ok(b"world!!!".as_slice()));
    }

    #[test]
    fn a_length_of_zero_means_64_kibibytes() {
        let base = vec![b'a'; 0x1_0000];
        assert_eq!(applied(&base, &[0x80, 0x80, 4, 0x80, 0x80, 4, 0x80]).map(|out| out.len()), Ok(0x1_0000));
    }

    #[test]
    fn a_copy_behind_the_end_of_the_base_is_damage() {
        assert_eq!(applied(b"abc", &[3, 4, 0b1001_0001, 1, 4]), Err(Refusal::Damaged));
    }

    #[test]
    fn the_wrong_base_is_damage() {
        assert_eq!(applied(b"abcd", &[3, 1, 0b1001_0000, 1]), Err(Refusal::Damaged));
    }

    #[test]
    fn a_result_that_is_shorter_or_longer_than_promised_is_damage() {
        assert_eq!(applied(b"abc", &[3, 4, 2, b'x', b'y']), Err(Refusal::Damaged));
        assert_eq!(applied(b"abc", &[3, 1, 2, b'x', b'y']), Err(Refusal::Damaged));
    }

    #[test]
    fn a_promise_of_too_many_bytes_is_refused_before_memory_is_taken() {
        let delta = [3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
        assert_eq!(applied(b"abc", &delta), Err(Refusal::TooLarge));
    }

    proptest! {
        #[test]
        fn no_delta_makes_it_panic(base in any::<Vec<u8>>(), delta in any::<Vec<u8>>()) {
            let _result = applied(&base, &delta);
        }
    }
}
