//! Makes bytes scannable: what is text stays as it is or becomes UTF-8, what is binary is said to be binary.
//!
//! UTF-8 is handed on without a copy, invalid sequences included: a secret in a Latin-1 file is still ASCII. UTF-16 and
//! UTF-32 (PowerShell redirections, Windows exports) are decoded, with a byte order mark or by their look.

use std::borrow::Cow;

use encoding_rs::{UTF_16BE, UTF_16LE};

/// How many leading bytes decide the encoding; a larger sample changes no answer.
pub const SAMPLE: usize = 8 * 1024;

/// Bytes, ready for scanning.
#[derive(Debug, PartialEq, Eq)]
pub enum Decoded<'a> {
    /// Text without byte order mark; UTF-8 as far as the input was valid.
    Text(Cow<'a, [u8]>),
    /// Not text.
    Binary,
}

/// What the first bytes of an input say about the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, ASCII or any other superset of ASCII, without byte order mark.
    Plain,
    /// UTF-8 after a byte order mark of three bytes.
    Utf8Marked,
    /// UTF-16, least significant byte first; whether a byte order mark precedes it.
    Utf16Le(bool),
    /// UTF-16, most significant byte first; whether a byte order mark precedes it.
    Utf16Be(bool),
    /// UTF-32 after a byte order mark, least significant byte first.
    Utf32Le,
    /// UTF-32 after a byte order mark, most significant byte first.
    Utf32Be,
    /// A NUL byte, and no Unicode encoding explains it.
    Binary,
}

/// Decodes a whole input.
pub fn decode(bytes: &[u8]) -> Decoded<'_> {
    match detect(bytes) {
        Encoding::Plain => Decoded::Text(Cow::Borrowed(bytes)),
        Encoding::Utf8Marked => Decoded::Text(Cow::Borrowed(bytes.get(3..).unwrap_or_default())),
        Encoding::Utf16Le(marked) => Decoded::Text(utf16(UTF_16LE, bytes, marked)),
        Encoding::Utf16Be(marked) => Decoded::Text(utf16(UTF_16BE, bytes, marked)),
        Encoding::Utf32Le => Decoded::Text(utf32(bytes, u32::from_le_bytes)),
        Encoding::Utf32Be => Decoded::Text(utf32(bytes, u32::from_be_bytes)),
        Encoding::Binary => Decoded::Binary,
    }
}

/// Decides from the head of an input, of which only the first [`SAMPLE`] bytes are looked at.
pub fn detect(head: &[u8]) -> Encoding {
    let head = head.get(..SAMPLE).unwrap_or(head);
    match head {
        [0xff, 0xfe, 0, 0, ..] => Encoding::Utf32Le,
        [0, 0, 0xfe, 0xff, ..] => Encoding::Utf32Be,
        [0xff, 0xfe, ..] => Encoding::Utf16Le(true),
        [0xfe, 0xff, ..] => Encoding::Utf16Be(true),
        [0xef, 0xbb, 0xbf, ..] => Encoding::Utf8Marked,
        _ if memchr::memchr(0, head).is_none() => Encoding::Plain,
        _ => by_look(head),
    }
}

/// UTF-16 without a mark, told by its zero halves: nine of ten units must be plain characters of Latin-1, none may be
/// zero, and at least eight units are needed. Program code and images do not look like that for a whole sample.
fn by_look(head: &[u8]) -> Encoding {
    let (units, _odd_byte) = head.as_chunks::<2>();
    let looks_right = |high: usize, low: usize| {
        let printable =
            |unit: &&[u8; 2]| unit[high] == 0 && matches!(unit[low], b'\t' | b'\n' | b'\r' | 0x20..=0x7e | 0xa0..);
        let none_zero = units.iter().all(|unit| *unit != [0, 0]);
        units.len() >= 8 && none_zero && units.iter().filter(printable).count() * 10 >= units.len() * 9
    };
    if looks_right(1, 0) {
        Encoding::Utf16Le(false)
    } else if looks_right(0, 1) {
        Encoding::Utf16Be(false)
    } else {
        Encoding::Binary
    }
}

fn utf16<'a>(encoding: &'static encoding_rs::Encoding, bytes: &'a [u8], marked: bool) -> Cow<'a, [u8]> {
    let body = bytes.get(if marked { 2 } else { 0 }..).unwrap_or_default();
    let (text, _had_errors) = encoding.decode_without_bom_handling(body);
    Cow::Owned(text.into_owned().into_bytes())
}

fn utf32(bytes: &[u8], unit: fn([u8; 4]) -> u32) -> Cow<'_, [u8]> {
    let (units, _rest) = bytes.as_chunks::<4>();
    let text: String =
        units.iter().skip(1).map(|&four| char::from_u32(unit(four)).unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    Cow::Owned(text.into_bytes())
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::{Decoded, Encoding, SAMPLE, decode, detect};

    fn text(bytes: &[u8]) -> Vec<u8> {
        match decode(bytes) {
            Decoded::Text(text) => text.into_owned(),
            Decoded::Binary => panic!("binary"),
        }
    }

    fn utf16le(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    fn utf16be(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_be_bytes).collect()
    }

    #[test]
    fn plain_text_is_not_copied() {
        assert!(matches!(decode(b"key = value"), Decoded::Text(Cow::Borrowed(b"key = value"))));
    }

    #[test]
    fn invalid_utf8_is_kept_byte_for_byte() {
        assert_eq!(text(b"caf\xe9 token"), b"caf\xe9 token");
    }

    #[test]
    fn a_utf8_mark_is_no_part_of_the_first_line() {
        assert_eq!(text(b"\xef\xbb\xbfUser,ARN"), b"User,ARN");
    }

    #[test]
    fn utf16_with_a_mark_becomes_utf8_in_both_byte_orders() {
        assert_eq!(text(&[b"\xff\xfe".as_slice(), &utf16le("schlüssel")].concat()), "schlüssel".as_bytes());
        assert_eq!(text(&[b"\xfe\xff".as_slice(), &utf16be("schlüssel")].concat()), "schlüssel".as_bytes());
    }

    #[test]
    fn utf16_without_a_mark_is_told_by_its_look() {
        assert_eq!(text(&utf16le("password = hunter\r\n")), b"password = hunter\r\n");
        assert_eq!(text(&utf16be("password = hunter\r\n")), b"password = hunter\r\n");
    }

    #[test]
    fn utf16_cut_in_the_middle_of_a_unit_keeps_the_rest() {
        let mut bytes = [b"\xff\xfe".as_slice(), &utf16le("abc")].concat();
        bytes.push(b'd');
        assert!(text(&bytes).starts_with(b"abc"));
    }

    #[test]
    fn utf32_with_a_mark_becomes_utf8_in_both_byte_orders() {
        let units =
            |to: fn(u32) -> [u8; 4]| "\u{feff}tökën".chars().flat_map(|c| to(u32::from(c))).collect::<Vec<u8>>();
        assert_eq!(text(&units(u32::to_le_bytes)), "tökën".as_bytes());
        assert_eq!(text(&units(u32::to_be_bytes)), "tökën".as_bytes());
    }

    #[test]
    fn a_program_is_binary() {
        assert_eq!(decode(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0>\0"), Decoded::Binary);
    }

    #[test]
    fn a_table_of_small_numbers_is_binary_and_not_utf16() {
        let numbers: Vec<u8> = (0..200_u16).flat_map(|n| (n % 7).to_le_bytes()).collect();
        assert_eq!(detect(&numbers), Encoding::Binary);
    }

    #[test]
    fn a_nul_behind_the_sample_leaves_text_text() {
        let mut bytes = vec![b'a'; SAMPLE];
        bytes.push(0);
        assert_eq!(detect(&bytes), Encoding::Plain);
    }

    #[test]
    fn nothing_is_text() {
        assert_eq!(text(b""), b"");
    }
}
