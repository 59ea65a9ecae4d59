//! UTF-16 in the middle of other text: what a shell of Windows appends to a file that began as something else.

use super::{Budget, Encoding, Layer};

/// A stretch with fewer characters holds no secret.
const LEAST: usize = 16;

/// The layer that the zero byte at `at` begins, and where to look on. Only characters of Latin-1 are followed: secrets
/// consist of them.
pub(super) fn layer(text: &[u8], at: usize, budget: &mut Budget) -> (usize, Option<Layer>) {
    let little = at.checked_sub(1).map_or(0..0, |start| stretch(text, start, 0));
    let outer = if little.is_empty() { stretch(text, at, 1) } else { little };
    let units = outer.len() / 2;
    if units < LEAST || budget.take(units).is_none() {
        return (outer.end.max(at + 1), None);
    }
    let written = &text[outer.clone()];
    let bytes = written.iter().copied().filter(|byte| *byte != 0).collect();
    (outer.end, Some(Layer { bytes, outer, encodings: vec![Encoding::Utf16] }))
}

/// The units from `start` on whose byte `low` is a character of ASCII and whose other byte is zero.
fn stretch(text: &[u8], start: usize, low: usize) -> std::ops::Range<usize> {
    let (units, _odd_byte) = text.get(start..).unwrap_or_default().as_chunks::<2>();
    let plain = |byte: u8| matches!(byte, b'\t' | b'\n' | b'\r' | 0x20..=0x7e);
    let count = units.iter().take_while(|unit| plain(unit[low]) && unit[1 - low] == 0).count();
    start..start + 2 * count
}
