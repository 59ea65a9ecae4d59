//! Line and column of a byte offset, computed only for matches and in one pass over all of them.

use memchr::{memchr_iter, memrchr};

/// Walks forward through a text. Each byte is looked at once, however many places are asked for on one line.
pub(super) struct Places<'a> {
    text: &'a [u8],
    offset: usize,
    line: u64,
    column: u64,
}

impl<'a> Places<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self { text, offset: 0, line: 1, column: 1 }
    }

    /// Line and column (in characters) of `offset`, both from 1. Offsets must not decrease from call to call.
    pub(super) fn locate(&mut self, offset: usize) -> (u64, u64) {
        let between = self.text.get(self.offset..offset).unwrap_or_default();
        self.line += memchr_iter(b'\n', between).count() as u64;
        match memrchr(b'\n', between) {
            Some(newline) => self.column = 1 + characters(&between[newline + 1..]),
            None => self.column += characters(between),
        }
        self.offset = self.offset.max(offset);
        (self.line, self.column)
    }
}

/// Characters of UTF-8 text; bytes that continue a character do not count.
fn characters(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|&&byte| byte & 0b1100_0000 != 0b1000_0000).count() as u64
}

#[cfg(test)]
mod tests {
    use super::Places;

    #[test]
    fn lines_and_columns_count_from_one_and_columns_count_characters() {
        let mut places = Places::new("ab\ncü=x\n\nz".as_bytes());
        assert_eq!(places.locate(1), (1, 2));
        assert_eq!(places.locate(7), (2, 4), "ü is two bytes and one character");
        assert_eq!(places.locate(10), (4, 1));
    }

    #[test]
    fn two_places_on_one_line_are_counted_on_from_each_other() {
        let mut places = Places::new(b"abcdef");
        assert_eq!((places.locate(2), places.locate(2), places.locate(5)), ((1, 3), (1, 3), (1, 6)));
    }
}
