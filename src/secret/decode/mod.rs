//! The parts of a text that say something else once they are decoded: one file per encoding.
//!
//! Nothing is decoded on suspicion alone: runs are found by looking at every n-th byte or by a rare mark, the first
//! bytes are decoded, and what does not become text is dropped at once. What is decoded counts against a budget.

mod base64;
mod escape;
mod gzip;
mod hex;
mod legible;
mod percent;
mod runs;
mod utf16;

use std::ops::Range;

/// How often decoded text is decoded again.
pub(super) const DEPTH: usize = 3;
/// Decoded bytes that any text may cost.
const LEAST_BUDGET: usize = 64 * 1024;
/// Decoded bytes that no text may exceed.
const MOST_BUDGET: usize = 16 * 1024 * 1024;

/// How something was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Base64,
    Base64Url,
    Hex,
    Percent,
    Escapes,
    Utf16,
    Gzip,
}

impl Encoding {
    /// The name in reports.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Base64 => "base64",
            Self::Base64Url => "base64url",
            Self::Hex => "hex",
            Self::Percent => "percent",
            Self::Escapes => "escapes",
            Self::Utf16 => "utf-16",
            Self::Gzip => "gzip",
        }
    }
}

/// A decoded part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Layer {
    /// What it says: text, as far as it was looked at.
    pub(super) bytes: Vec<u8>,
    /// Where it lies in the text.
    pub(super) outer: Range<usize>,
    /// How it was written, outermost first: one encoding, or two where the first is a mere wrapping of the second.
    pub(super) encodings: Vec<Encoding>,
}

impl Layer {
    /// The bytes of the text (the one that the layer was found in) that say the bytes `inner` of the layer.
    pub(super) fn origin(&self, text: &[u8], inner: &Range<usize>) -> Range<usize> {
        let written = text.get(self.outer.clone()).unwrap_or_default();
        let at = |inner: usize| {
            self.encodings.iter().rev().try_fold(inner, |at, encoding| match encoding {
                Encoding::Gzip => None,
                Encoding::Utf16 | Encoding::Hex => Some(at * 2),
                Encoding::Base64 | Encoding::Base64Url => Some(base64::origin(written, at)),
                Encoding::Percent => Some(percent::origin(written, at)),
                Encoding::Escapes => Some(escape::origin(written, at)),
            })
        };
        match (at(inner.start), at(inner.end)) {
            (Some(start), Some(end)) => {
                let clamp = |at: usize| (self.outer.start + at).min(self.outer.end);
                clamp(start)..clamp(end).max(clamp(start))
            }
            _ => self.outer.clone(),
        }
    }

    /// `base64 > gzip`.
    pub(super) fn chain(&self) -> String {
        self.encodings.iter().map(|encoding| encoding.name()).collect::<Vec<_>>().join(" > ")
    }
}

/// What was recognised as encoded and left as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Left {
    /// Pictures, fonts and other media in `data:` URLs.
    pub media: u64,
    /// Integrity hashes of lock files and of scripts, such as `sha512-...`.
    pub hashes: u64,
    /// Runs in text that was decoded three times already.
    pub deeper: u64,
    /// Runs that the budget did not suffice for, or not to their end.
    pub beyond_budget: u64,
}

impl Left {
    /// What was left since `before`.
    pub(super) fn since(self, before: Self) -> Self {
        Self {
            media: self.media - before.media,
            hashes: self.hashes - before.hashes,
            deeper: self.deeper - before.deeper,
            beyond_budget: self.beyond_budget - before.beyond_budget,
        }
    }

    /// Counts what was left elsewhere.
    pub(super) fn add(&mut self, other: Self) {
        self.media += other.media;
        self.hashes += other.hashes;
        self.deeper += other.deeper;
        self.beyond_budget += other.beyond_budget;
    }

    /// Whether nothing was left.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What decoding may still cost for one text and everything in it.
#[derive(Debug)]
pub(super) struct Budget {
    bytes: usize,
    pub(super) left: Left,
}

impl Budget {
    /// Four times a text of `length` bytes, and something for short texts.
    pub(super) fn of(length: usize) -> Self {
        let bytes = length.saturating_mul(4).saturating_add(LEAST_BUDGET).min(MOST_BUDGET);
        Self { bytes, left: Left::default() }
    }

    /// How much was taken so far from the budget of a text of `length` bytes.
    pub(super) fn spent(&self, length: usize) -> usize {
        Self::of(length).bytes - self.bytes
    }

    /// Takes the price of decoding a run of so many bytes; nothing where it is too much.
    pub(super) fn take(&mut self, bytes: usize) -> Option<()> {
        let rest = self.bytes.checked_sub(bytes);
        match rest {
            Some(rest) => self.bytes = rest,
            None => self.left.beyond_budget += 1,
        }
        rest.map(|_| ())
    }
}

/// Every part of `text` that can be decoded to text, within `budget`. Where something was left as it is, and what, goes
/// to `left_at`.
pub(super) fn layers(text: &[u8], budget: &mut Budget, mut left_at: impl FnMut(Range<usize>, Left)) -> Vec<Layer> {
    let mut layers = Vec::new();
    runs::visit(text, |run| {
        let before = budget.left;
        let start = run.start;
        let hex = hex::layer(text, &run, budget);
        let (end, layer) = if hex.is_some() { (run.end, hex) } else { base64::layer(text, run, budget) };
        layers.extend(layer);
        if budget.left != before {
            left_at(start..end, budget.left.since(before));
        }
        end
    });
    marks(text, budget, &mut layers, &mut left_at);
    layers
}

/// The smallest stretch of `text` around `range` that says by itself what it says in the text: whole lines, and no line
/// before it or at its end that could be continued on the next.
pub(super) fn stretch_around(text: &[u8], range: &Range<usize>) -> Range<usize> {
    let line_start = |at: usize| memchr::memrchr(b'\n', &text[..at]).map_or(0, |newline| newline + 1);
    let line_end = |at: usize| memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |newline| at + newline + 1);
    let mut start = line_start(range.start.saturating_sub(base64::LOOK_BACK));
    while start > 0 {
        let before = line_start(start - 1);
        if start - before <= base64::LEAST_LINE {
            break;
        }
        start = before;
    }
    let mut end = line_end(range.end.min(text.len()));
    while end < text.len() && end - line_start(end - 1) > base64::LEAST_LINE {
        end = line_end(end);
    }
    start..end
}

/// Whether something in `text` could be decoded.
pub(super) fn is_encoded(text: &[u8]) -> bool {
    !layers(text, &mut Budget::of(text.len()), |_, _| {}).is_empty()
}

/// Encodings that give themselves away by a mark: a backslash, a percent sign, a zero byte.
fn marks(text: &[u8], budget: &mut Budget, layers: &mut Vec<Layer>, left_at: &mut impl FnMut(Range<usize>, Left)) {
    let mut done = 0;
    for at in memchr::memchr3_iter(b'\\', b'%', 0, text) {
        if at < done {
            continue;
        }
        let before = budget.left;
        let (end, layer) = match text[at] {
            b'\\' => escape::layer(text, at, budget),
            b'%' => percent::layer(text, at, budget),
            _ => utf16::layer(text, at, budget),
        };
        done = end;
        layers.extend(layer);
        if budget.left != before {
            left_at(at..end, budget.left.since(before));
        }
    }
}

#[cfg(test)]
mod tests;
