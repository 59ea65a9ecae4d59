//! What a text is made of.

/// Hexadecimal digits only.
pub(super) fn is_hex(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// `01234567-89ab-cdef-0123-456789abcdef`.
pub(super) fn is_uuid(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(|part| if is_hex(part) { part.len() } else { 0 }).collect();
    lengths == [8, 4, 4, 4, 12]
}

/// How many of lower case, upper case, digits and the rest occur.
pub(super) fn classes(text: &str) -> usize {
    let has = |test: fn(&u8) -> bool| usize::from(text.as_bytes().iter().any(test));
    has(u8::is_ascii_lowercase)
        + has(u8::is_ascii_uppercase)
        + has(u8::is_ascii_digit)
        + has(|byte| !byte.is_ascii_alphanumeric())
}

/// Eight or more neighbours in the order of the alphabet or of the digits.
pub(super) fn is_sequential(body: &str) -> bool {
    let mut run = 1;
    body.as_bytes().windows(2).any(|pair| {
        let follows = pair[1] == pair[0].wrapping_add(1) || (pair[0] == b'9' && pair[1] == b'0');
        run = if follows { run + 1 } else { 1 };
        run >= 8
    })
}

/// Two of each: `aabbccdd`, `00112233`.
pub(super) fn is_doubled(body: &str) -> bool {
    let bytes = body.as_bytes();
    bytes.len() >= 12 && bytes.len().is_multiple_of(2) && bytes.chunks(2).all(|pair| pair[0] == pair[pair.len() - 1])
}
