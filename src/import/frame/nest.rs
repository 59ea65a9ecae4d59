//! Follows the brackets and strings of one record, across blocks.

use memchr::memchr3;

use crate::import::quote::first_of;

/// The deepest nesting whose kinds of brackets are followed: that of the JSON parser.
pub(super) const MAX_DEPTH: u32 = 127;

/// The bytes that open or close something outside a string.
const STRUCTURE: [bool; 256] = {
    let mut table = [false; 256];
    table[b'"' as usize] = true;
    table[b'{' as usize] = true;
    table[b'}' as usize] = true;
    table[b'[' as usize] = true;
    table[b']' as usize] = true;
    table
};

/// The next thing outside a string.
pub(super) enum Step {
    /// A bracket opens.
    Open(u8),
    /// A bracket closes.
    Close(u8),
    /// A line ends inside a string.
    Broken,
    /// The block ends.
    End,
}

/// Where a scanner stands inside a record.
#[derive(Debug, Default)]
pub(super) struct Nest {
    depth: u32,
    kinds: u128,
    in_string: bool,
    escaped: bool,
}

impl Nest {
    /// Just inside an object.
    pub(super) fn object() -> Self {
        Self { depth: 1, kinds: 1, in_string: false, escaped: false }
    }

    /// How many brackets are open.
    pub(super) fn depth(&self) -> u32 {
        self.depth
    }

    /// Moves past the next bracket outside a string.
    pub(super) fn step(&mut self, bytes: &[u8], at: &mut usize) -> Step {
        loop {
            let rest = bytes.get(*at..).unwrap_or_default();
            if self.in_string {
                if self.escaped {
                    *at += usize::from(!rest.is_empty());
                    self.escaped = rest.is_empty();
                    if rest.is_empty() {
                        return Step::End;
                    }
                    continue;
                }
                let long = |rest: &[u8]| memchr3(b'"', b'\\', b'\n', rest);
                let Some(found) = first_of(*b"\"\\\n", rest, long) else {
                    *at = bytes.len();
                    return Step::End;
                };
                *at += found + 1;
                match rest.get(found) {
                    Some(b'"') => self.in_string = false,
                    Some(b'\\') => self.escaped = true,
                    _ => return Step::Broken,
                }
            } else {
                let Some(found) = rest.iter().position(|byte| STRUCTURE[usize::from(*byte)]) else {
                    *at = bytes.len();
                    return Step::End;
                };
                *at += found + 1;
                match rest.get(found) {
                    Some(b'"') => self.in_string = true,
                    Some(byte @ (b'{' | b'[')) => return Step::Open(*byte),
                    Some(byte) => return Step::Close(*byte),
                    None => return Step::End,
                }
            }
        }
    }

    /// Whether an object may open after `before`: after a colon in an object, or in a list.
    pub(super) fn may_open_object(&self, before: &[u8]) -> bool {
        let in_object = self.kinds.checked_shr(self.depth.saturating_sub(1)).unwrap_or_default() & 1 == 1;
        match before.trim_ascii_end().last() {
            Some(b':') => in_object,
            Some(b',' | b'[') => !in_object,
            _ => false,
        }
    }

    /// A bracket opens.
    pub(super) fn push(&mut self, byte: u8) {
        if self.depth <= MAX_DEPTH {
            let bit = 1_u128.checked_shl(self.depth).unwrap_or_default();
            self.kinds = if byte == b'{' { self.kinds | bit } else { self.kinds & !bit };
        }
        self.depth = self.depth.saturating_add(1);
    }

    /// A bracket closes; false if it is not of the kind that was opened.
    pub(super) fn pop(&mut self, byte: u8) -> bool {
        self.depth = self.depth.saturating_sub(1);
        let is_object = self.kinds.checked_shr(self.depth).unwrap_or_default() & 1 == 1;
        self.depth > MAX_DEPTH || is_object == (byte == b'}')
    }
}
