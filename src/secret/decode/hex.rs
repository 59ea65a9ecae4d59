//! Text written as hexadecimal digits: runs of at least 32, with or without `0x`.

use std::ops::Range;

use super::legible::{begins_well, is_text};
use super::{Budget, Encoding, Layer};

/// Shorter runs hold no secret: 32 digits say 16 bytes.
const LEAST: usize = 32;

/// The layer that a run of word characters says, if all of it is hexadecimal. Digests do not read like text.
pub(super) fn layer(text: &[u8], run: &Range<usize>, budget: &mut Budget) -> Option<Layer> {
    let start = if text[run.clone()].starts_with(b"0x") { run.start + 2 } else { run.start };
    let written = &text[start..run.end];
    let [a, b, c, d, ..] = written else { return None };
    if written.len() < LEAST || !begins_well(&[byte(*a, *b)?, byte(*c, *d)?]) {
        return None;
    }
    let bytes = decode(written)?;
    if !is_text(&bytes) {
        return None;
    }
    budget.take(bytes.len())?;
    Some(Layer { bytes, outer: start..run.end, encodings: vec![Encoding::Hex] })
}

/// Nothing where a byte is no digit or one is left over.
fn decode(written: &[u8]) -> Option<Vec<u8>> {
    let (pairs, []) = written.as_chunks::<2>() else { return None };
    pairs.iter().map(|[high, low]| byte(*high, *low)).collect()
}

fn byte(high: u8, low: u8) -> Option<u8> {
    Some(value(high)? << 4 | value(low)?)
}

/// The value of a hexadecimal digit.
pub(super) fn value(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}
