//! Damages bytes in the ways in which parsers break: flipped bits, interesting numbers, cuts, copies, foreign parts.

/// A sequence of numbers that follows from its seed (SplitMix64).
pub(crate) struct Dice(u64);

const NUMBERS: [u64; 10] = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0xffff_ffff, u64::MAX];
/// Pieces that formats hang on.
const PIECES: [&[u8]; 22] = [
    b"\0",
    b"\"",
    b"\\",
    b"\\u",
    b"{",
    b"[[[[[[[[",
    b"}",
    b"-----BEGIN ",
    b"-----END ",
    b"eyJ",
    b"%",
    b"=",
    b"\r\n",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\x1f\x8b\x08",
    b"PK\x03\x04",
    b"&a *a",
    b"AKIA",
    b"://",
    b"@",
    b"9999-12-31T23:59:59Z",
];

impl Dice {
    /// The sequence of this number.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `limit`; 0 where that is 0.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) >> 1).unwrap_or(0) % limit.max(1)
    }

    /// `seed` after one to eight injuries, some of them with parts of `other`.
    pub(crate) fn damaged(&mut self, seed: &[u8], other: &[u8]) -> Vec<u8> {
        let mut bytes = seed.to_vec();
        for _ in 0..=self.below(8) {
            self.injure(&mut bytes, other);
        }
        bytes.truncate(1 << 20);
        bytes
    }

    fn injure(&mut self, bytes: &mut Vec<u8>, other: &[u8]) {
        let at = self.below(bytes.len());
        let end = (at + 1 + self.below(32)).min(bytes.len());
        match self.below(9) {
            0 if at < bytes.len() => bytes[at] ^= 1 << self.below(8),
            1 if at < bytes.len() => bytes[at] = self.below(256) as u8,
            2 => bytes.truncate(at),
            3 if at < end => drop(bytes.drain(at..end)),
            4 if at < end => {
                let part = bytes[at..end].repeat(1 + self.below(64));
                bytes.splice(at..at, part);
            }
            5 => {
                let number = NUMBERS[self.below(NUMBERS.len())].to_be_bytes();
                let width = [1, 2, 4, 8][self.below(4)];
                bytes.splice(at..end.min(at + width), number[8 - width..].iter().copied());
            }
            6 => drop(bytes.splice(at..at, PIECES[self.below(PIECES.len())].iter().copied())),
            7 => {
                let from = self.below(other.len());
                let to = (from + self.below(256)).min(other.len());
                bytes.splice(at..at, other[from..to].iter().copied());
            }
            _ => {
                let digits = NUMBERS[self.below(NUMBERS.len())].to_string();
                bytes.splice(at..end, digits.bytes());
            }
        }
    }
}
