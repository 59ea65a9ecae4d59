//! What the engine remembers of a text, so that a version of it costs little more than what is new in it.
//!
//! Where a keyword lies depends on its own bytes only, and what a pattern finds around it on the bytes of its window
//! only. So both carry over into any stretch of bytes that a version has from the text: the engine looks for keywords
//! where something is new or joined anew, and runs patterns only where the old text gives no answer.

use std::ops::Range;

use super::compiled::Hit;
use super::decode::{self, Left};
use super::prefilter::{Candidate, Prefilter};
use crate::source::Copied;

/// A text may hold one keyword in so many bytes and still be remembered, besides [`FREE`] ones.
const BYTES_EACH: usize = 16;
const FREE: usize = 1024;

/// What the engine found out about a text.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// Length of the text in bytes.
    pub(super) length: usize,
    /// In order of the text.
    pub(super) candidates: Vec<Candidate>,
    /// In order of rule and start, once sealed.
    pub(super) windows: Vec<Window>,
    pub(super) hits: Vec<Hit>,
    /// What decoding the encoded parts gave.
    pub(super) encoded: Encoded,
}

/// What decoding the encoded parts of a text gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Encoded {
    /// The parts that were left as they are, in order; nothing where something was found in any, or too much was left.
    pub(super) left: Option<Vec<LeftAt>>,
    /// At most so many bytes of the budget were spent.
    pub(super) spent: usize,
}

/// A part of a text that was recognised as encoded and left as it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LeftAt {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) left: Left,
}

impl LeftAt {
    /// The part as the version of a text has it, where the text lies `from` that is `to` in the version.
    fn moved(&self, from: usize, to: usize) -> Self {
        let moved = |at: u32| (at as usize - from + to) as u32;
        Self { start: moved(self.start), end: moved(self.end), left: self.left }
    }
}

/// A stretch of text on which a pattern was run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Window {
    pub(super) rule: u16,
    pub(super) start: u32,
    pub(super) end: u32,
    /// Where the bytes end that were looked at.
    pub(super) seen: u32,
    /// The hits in it, as a range of the trace's hits.
    pub(super) first_hit: u32,
    pub(super) hits: u32,
}

/// A text of which something is remembered, and the stretches that a version has from it, in order of the version.
#[derive(Clone, Copy)]
pub(super) struct Base<'a> {
    pub(super) trace: &'a Trace,
    pub(super) copied: &'a [Copied],
}

impl Trace {
    /// Whether so many candidates are too many to be worth remembering for a text of this length.
    pub(super) fn is_crowded(length: usize, candidates: usize) -> bool {
        candidates > length / BYTES_EACH + FREE
    }

    /// Makes windows findable.
    pub(super) fn sealed(mut self) -> Self {
        self.windows.sort_unstable();
        self.windows.shrink_to_fit();
        self
    }
}

impl<'a> Base<'a> {
    /// All keywords of the version `text`, in its order.
    pub(super) fn candidates(self, prefilter: &Prefilter, text: &[u8]) -> Vec<Candidate> {
        let mut all = Vec::with_capacity(self.trace.candidates.len());
        for piece in self.copied {
            let known = &self.trace.candidates;
            let first = known.partition_point(|candidate| (candidate.at as usize) < piece.from);
            let here = known.iter().skip(first).take_while(|candidate| (candidate.at as usize) < piece.from_end());
            let whole =
                here.filter(|candidate| candidate.at as usize + prefilter.length(**candidate) <= piece.from_end());
            all.extend(whole.map(|candidate| Candidate {
                at: (candidate.at as usize - piece.from + piece.at) as u32,
                ..*candidate
            }));
        }
        for range in self.renewed(prefilter.longest(), text.len()) {
            prefilter.find(text, range, |candidate| {
                let place = candidate.at as usize..candidate.at as usize + prefilter.length(candidate);
                if self.piece_around(&place).is_none() {
                    all.push(candidate);
                }
            });
        }
        all.sort_unstable();
        all
    }

    /// The hits of a rule in a window of the version, and where the bytes end that they rest on; nothing where the old
    /// text does not tell.
    pub(super) fn hits(
        self,
        rule: u16,
        window: &Range<usize>,
        length: usize,
    ) -> Option<(impl Iterator<Item = Hit> + use<'a>, usize)> {
        // The byte before the window is looked at by boundary assertions.
        let piece = self.piece_around(&(window.start.saturating_sub(1)..window.end))?;
        if window.start == 0 && piece.from != 0 {
            return None;
        }
        let back =
            |offset: usize| offset.checked_sub(piece.at).and_then(|offset| u32::try_from(offset + piece.from).ok());
        let (start, end) = (back(window.start)?, back(window.end)?);
        let at = self.trace.windows.partition_point(|known| (known.rule, known.start) < (rule, start));
        let known =
            self.trace.windows.get(at).filter(|known| (known.rule, known.start, known.end) == (rule, start, end))?;
        let seen = known.seen as usize;
        let moved = seen.checked_sub(piece.from)? + piece.at;
        // What a pattern saw at the end of the text, it sees only at the end of another one.
        let same_end = (seen == self.trace.length) == (moved == length);
        if seen > piece.from_end() || !same_end {
            return None;
        }
        let hits = known.first_hit as usize..known.first_hit as usize + known.hits as usize;
        let hits = self.trace.hits.get(hits).unwrap_or_default();
        Some((hits.iter().map(move |hit| hit.moved(piece.from, piece.at)), moved))
    }

    /// How often the version has a part of the old text at most.
    pub(super) fn most_often(self) -> usize {
        let mut ends: Vec<(usize, bool)> =
            self.copied.iter().flat_map(|piece| [(piece.from, true), (piece.from_end(), false)]).collect();
        // An end at the place of a begin comes first.
        ends.sort_unstable();
        let (mut open, mut most) = (0_usize, 0);
        for (_, begins) in ends {
            open = if begins { open + 1 } else { open.saturating_sub(1) };
            most = most.max(open);
        }
        most
    }

    /// The stretches of the version that may say something the old text does not, once decoded.
    pub(super) fn stretches(self, text: &[u8]) -> Vec<Range<usize>> {
        let mut stretches: Vec<Range<usize>> = Vec::new();
        // The text may begin or end where the old one did not: in the middle of something.
        let begins_anew = self.copied.first().is_some_and(|piece| piece.at == 0 && piece.from != 0);
        let ends_anew = self
            .copied
            .last()
            .is_some_and(|piece| piece.at_end() == text.len() && piece.from_end() != self.trace.length);
        let start = begins_anew.then_some(0..0);
        let end = ends_anew.then_some(text.len()..text.len());
        for renewed in start.into_iter().chain(self.renewed(2, text.len())).chain(end) {
            if stretches.last().is_some_and(|last| renewed.end < last.end) {
                continue;
            }
            let next = decode::stretch_around(text, &renewed);
            match stretches.last_mut() {
                Some(last) if next.start <= last.end => last.end = last.end.max(next.end),
                _ => stretches.push(next),
            }
        }
        stretches
    }

    /// What was left of the old text in parts that the version has unchanged, outside of `stretches`.
    pub(super) fn left_outside(self, stretches: &[Range<usize>]) -> Option<Vec<LeftAt>> {
        let known = self.trace.encoded.left.as_ref()?;
        let mut left = Vec::with_capacity(known.len());
        for piece in self.copied {
            let first = known.partition_point(|part| (part.start as usize) < piece.from);
            let here = known.iter().skip(first).take_while(|part| part.end as usize <= piece.from_end());
            left.extend(here.map(|part| part.moved(piece.from, piece.at)));
        }
        left.retain(|part| {
            let after = stretches.partition_point(|stretch| stretch.start < part.end as usize);
            let before = after.checked_sub(1).and_then(|before| stretches.get(before));
            before.is_none_or(|stretch| stretch.end <= part.start as usize)
        });
        Some(left)
    }

    /// The piece that holds all of a range of the version.
    fn piece_around(self, range: &Range<usize>) -> Option<&'a Copied> {
        let next = self.copied.partition_point(|piece| piece.at <= range.start);
        let piece = self.copied.get(next.checked_sub(1)?)?;
        (range.end <= piece.at_end()).then_some(piece)
    }

    /// Where a keyword can lie that lies in no piece: what is new, and the seams, with a margin for what straddles.
    fn renewed(self, longest: usize, length: usize) -> Vec<Range<usize>> {
        let margin = longest.saturating_sub(1);
        let ends = std::iter::once(0).chain(self.copied.iter().map(Copied::at_end));
        let starts = self.copied.iter().map(|piece| piece.at).chain([length]);
        let mut ranges: Vec<Range<usize>> = Vec::new();
        for (end, start) in ends.zip(starts) {
            if end == start && (end == 0 || start == length) {
                continue;
            }
            let next = end.saturating_sub(margin)..start.saturating_add(margin).min(length);
            match ranges.last_mut() {
                Some(last) if next.start <= last.end => last.end = last.end.max(next.end),
                _ => ranges.push(next),
            }
        }
        ranges
    }
}

#[cfg(test)]
mod tests;
