//! What a scanner does where brackets cannot be right: it notes the damage and looks for the next record.

use memchr::memmem;

use super::damage::{Damage, Fault};
use super::scan::{Mode, Scan};

/// How much of a record's start may serve to find the next one.
const MAX_MARKER: usize = 96;
/// Damaged records may be scanned again for so many bytes more than the stream has.
const FREE_RESCAN: u64 = 16 << 20;
/// How many damages are kept one by one.
const MAX_DAMAGES: usize = 64;

impl Scan {
    /// Gives up the record and goes on at the next place that starts like one, even inside what was read as it.
    pub(super) fn rescue(&mut self, bytes: &[u8], fault: Fault) {
        self.origin = self.base + self.start as u64;
        if self.marker.is_none() {
            // Only what was followed so far: how much lies beyond it depends on where the blocks end.
            self.marker = marker(bytes.get(self.start..self.at).unwrap_or_default());
        }
        let again = (self.at - self.start) as u64;
        let budget = self.base + self.at as u64 + FREE_RESCAN;
        let allowed = self.rescanned.saturating_add(again) <= budget;
        let from = if allowed { self.start + 1 } else { self.at };
        self.rescanned += if allowed { again } else { 0 };
        self.mode = Mode::Lost(fault);
        self.find_start(bytes, from, fault);
    }

    /// Moves to the next place from `from` on that starts like a record. Where there is none, keeps a tail in which
    /// one may begin.
    pub(super) fn find_start(&mut self, bytes: &[u8], from: usize, fault: Fault) -> bool {
        let rest = bytes.get(from..).unwrap_or_default();
        let known = self.marker.as_deref().and_then(|marker| find_marker(rest, marker));
        let line = if self.in_list() { None } else { memmem::find(rest, b"\n{").map(|found| found + 1) };
        let found = match (known, line) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        if let Some(found) = found {
            self.at = from + found;
            self.mode = Mode::Between;
            self.damage(self.origin, self.base + self.at as u64, fault);
            return true;
        }
        self.at = bytes.len().saturating_sub(MAX_MARKER).max(from);
        false
    }

    /// The text between two records ends here.
    pub(super) fn end_junk(&mut self, end: u64) {
        if let Some(start) = self.junk.take() {
            self.damage(start, end, Fault::Junk);
        }
    }

    /// Notes a part that was left out; parts with no record between them are one.
    pub(super) fn damage(&mut self, start: u64, end: u64, fault: Fault) {
        let again = self.damaged_at == Some(self.index);
        self.damaged_at = Some(self.index);
        if again && self.more_damages == 0 {
            if let Some(last) = self.damages.last_mut() {
                last.length = end.saturating_sub(last.offset);
                if fault == Fault::Truncated {
                    last.fault = fault;
                }
            }
        } else if self.damages.len() < MAX_DAMAGES {
            let length = end.saturating_sub(start);
            self.damages.push(Damage { index: self.index, offset: start, length, fault });
        } else {
            self.more_damages += u64::from(!again);
        }
    }
}

/// How a record starts, up to the end of its first key.
pub(super) fn marker(record: &[u8]) -> Option<Vec<u8>> {
    let head = record.get(..record.len().min(MAX_MARKER - 1))?;
    let open = memchr::memchr(b'"', head)?;
    let close = memchr::memchr(b'"', head.get(open + 1..)?)?;
    head.get(..open + close + 2).map(<[u8]>::to_vec)
}

/// The first place where `marker` stands at the start of a line or of a list element.
fn find_marker(bytes: &[u8], marker: &[u8]) -> Option<usize> {
    memmem::find_iter(bytes, marker).find(|found| {
        let before = bytes.get(..*found).unwrap_or_default();
        matches!(before.last(), Some(b'\n' | b' ' | b'\t' | b',' | b'['))
    })
}
