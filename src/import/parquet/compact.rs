//! The compact protocol of Thrift, in which Parquet writes its footer and the headers of its pages: as far as it takes to
//! see what they claim before a decoder believes it.

/// The deepest nesting of values that is followed.
const MAX_DEPTH: u8 = 16;

const TRUE: u8 = 1;
const FALSE: u8 = 2;
const BYTE: u8 = 3;
const DOUBLE: u8 = 7;
const BINARY: u8 = 8;
const LIST: u8 = 9;
const SET: u8 = 10;
const MAP: u8 = 11;
const STRUCT: u8 = 12;

/// Reads from the front of some bytes. Nothing means that they are no such values.
pub(super) struct Compact<'a> {
    rest: &'a [u8],
}

/// A field of a structure, whose value comes next.
#[derive(Clone, Copy)]
pub(super) struct Field {
    /// Its number.
    pub(super) id: i64,
    kind: u8,
}

impl<'a> Compact<'a> {
    /// A reader of `bytes`.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// What was not read yet.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Hands every field of a structure to `each`, which must read or skip its value.
    pub(super) fn fields(&mut self, mut each: impl FnMut(&mut Self, Field) -> Option<()>) -> Option<()> {
        let mut id = 0;
        loop {
            let head = self.byte()?;
            if head == 0 {
                return Some(());
            }
            id = match head >> 4 {
                0 => self.integer()?,
                step => id + i64::from(step),
            };
            each(self, Field { id, kind: head & 0x0f })?;
        }
    }

    /// The number that a field holds.
    pub(super) fn number(&mut self, field: Field) -> Option<i64> {
        (BYTE + 1..DOUBLE).contains(&field.kind).then(|| self.integer()).flatten()
    }

    /// Hands every structure of a list that a field holds to `each`, which must read it.
    pub(super) fn structures(&mut self, field: Field, mut each: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        let (STRUCT, count) = (if field.kind == LIST { self.list()? } else { return None }) else { return None };
        (0..count).try_for_each(|_| each(self))
    }

    /// Hands every field of the structure that a field holds to `each`.
    pub(super) fn inside(&mut self, field: Field, each: impl FnMut(&mut Self, Field) -> Option<()>) -> Option<()> {
        if field.kind == STRUCT { self.fields(each) } else { None }
    }

    /// Passes over the value of a field.
    pub(super) fn skip(&mut self, field: Field) -> Option<()> {
        // A truth in a structure is its own value.
        if matches!(field.kind, TRUE | FALSE) { Some(()) } else { self.pass(field.kind, MAX_DEPTH) }
    }

    fn pass(&mut self, kind: u8, depth: u8) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        match kind {
            TRUE | FALSE | BYTE => self.take(1),
            4..DOUBLE => self.integer().map(|_| ()),
            DOUBLE => self.take(8),
            BINARY => {
                let length = self.unsigned()?;
                self.take(usize::try_from(length).ok()?)
            }
            LIST | SET => {
                let (kind, count) = self.list()?;
                (0..count).try_for_each(|_| self.pass(kind, depth))
            }
            MAP => {
                let count = self.unsigned()?;
                let kinds = if count == 0 { 0 } else { self.byte()? };
                (0..count).try_for_each(|_| self.pass(kinds >> 4, depth).and_then(|()| self.pass(kinds & 0x0f, depth)))
            }
            STRUCT => self.fields(|inner, field| match field.kind {
                TRUE | FALSE => Some(()),
                kind => inner.pass(kind, depth),
            }),
            _ => None,
        }
    }

    /// The kind and the number of the elements of a list. There are never more than bytes.
    fn list(&mut self) -> Option<(u8, u64)> {
        let head = self.byte()?;
        let count = if head >> 4 == 15 { self.unsigned()? } else { u64::from(head >> 4) };
        (count <= self.rest.len() as u64).then_some((head & 0x0f, count))
    }

    fn integer(&mut self) -> Option<i64> {
        let zigzag = self.unsigned()?;
        Some((zigzag >> 1).cast_signed() ^ -(zigzag & 1).cast_signed())
    }

    fn unsigned(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn take(&mut self, count: usize) -> Option<()> {
        self.rest = self.rest.get(count..)?;
        Some(())
    }
}
