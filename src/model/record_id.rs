//! The id that a log gives its record, held in few bytes: most are UUIDs, and a ledger holds many.

use std::fmt;

use serde::{Serialize, Serializer};

/// The id of a record as its log writes it.
#[derive(Clone, PartialEq, Eq)]
pub struct RecordId(Form);

#[derive(Clone, PartialEq, Eq)]
enum Form {
    /// A UUID in its usual form: lower case, 8-4-4-4-12.
    Uuid([u8; 16]),
    Text(Box<str>),
}

impl RecordId {
    /// The id that is written `text`.
    pub fn new(text: &str) -> Self {
        Self(uuid(text.as_bytes()).map_or_else(|| Form::Text(text.into()), Form::Uuid))
    }
}

/// The bytes of a UUID in its usual form; nothing for any text that would not be written the same again.
fn uuid(text: &[u8]) -> Option<[u8; 16]> {
    let text: &[u8; 36] = text.try_into().ok()?;
    let dashes = [text[8], text[13], text[18], text[23]];
    if dashes != *b"----" {
        return None;
    }
    let mut bytes = [0; 16];
    let mut wrong = 0;
    for (byte, at) in bytes.iter_mut().zip(PAIRS) {
        let (high, low) = (DIGITS[usize::from(text[at])], DIGITS[usize::from(text[at + 1])]);
        wrong |= high | low;
        *byte = high << 4 | low & 15;
    }
    (wrong < 16).then_some(bytes)
}

/// Where the pairs of digits of a UUID begin.
const PAIRS: [usize; 16] = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];

/// What a byte is worth as a lower-case hexadecimal digit; 16 where it is none.
const DIGITS: [u8; 256] = {
    let mut digits = [16; 256];
    let mut value = 0;
    while value < 16 {
        digits[b"0123456789abcdef"[value as usize] as usize] = value;
        value += 1;
    }
    digits
};

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Form::Text(text) => f.write_str(text),
            Form::Uuid(bytes) => bytes.iter().enumerate().try_for_each(|(at, byte)| {
                let dash = if matches!(at, 4 | 6 | 8 | 10) { "-" } else { "" };
                write!(f, "{dash}{byte:02x}")
            }),
        }
    }
}

impl fmt::Debug for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.to_string(), f)
    }
}

impl Serialize for RecordId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_is_written_as_it_was_read() {
        for text in [
            "",
            "evt-1",
            "6f1e4b2a-0c3d-4e5f-8a9b-0123456789ab",
            "6F1E4B2A-0C3D-4E5F-8A9B-0123456789AB",
            "6f1e4b2a00c3d-4e5f-8a9b-0123456789ab",
            "6f1e4b2a-0c3d-4e5f-8a9b-0123456789ag",
            "6f1e4b2a-0c3d-4e5f-8a9b-0123456789a\u{e9}",
        ] {
            assert_eq!(RecordId::new(text).to_string(), text);
        }
    }

    #[test]
    fn a_uuid_takes_no_memory_of_its_own() {
        let id = RecordId::new("6f1e4b2a-0c3d-4e5f-8a9b-0123456789ab");
        assert!(matches!(id.0, Form::Uuid(_)));
        assert!(size_of::<Option<RecordId>>() <= 24);
    }
}
