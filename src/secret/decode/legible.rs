//! Tells text from what random or binary data decode to.

/// Whether the first bytes of something read like text: no control characters, and not mostly foreign bytes.
pub(super) fn begins_well(head: &[u8]) -> bool {
    !head.is_empty() && !head.iter().any(|byte| is_control(*byte)) && foreign(head) * 4 <= head.len()
}

/// Whether all of it is text, give or take one byte of a hundred.
pub(super) fn is_text(bytes: &[u8]) -> bool {
    let head = bytes.get(..HEAD).unwrap_or(bytes);
    begins_well(head)
        && bytes.iter().filter(|byte| is_control(**byte)).count() * 100 <= bytes.len()
        && foreign(bytes) * 4 <= bytes.len()
}

/// How many bytes decide before the rest is decoded.
pub(super) const HEAD: usize = 36;

fn is_control(byte: u8) -> bool {
    matches!(byte, 0..=8 | 0x0b..=0x0c | 0x0e..=0x1f | 0x7f)
}

/// Bytes outside ASCII: random data holds one in two.
fn foreign(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| !byte.is_ascii()).count()
}
