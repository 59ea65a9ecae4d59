//! What the reading of one file counted, and its problems as gaps: the first few one by one, the rest as a number.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::frame::Damage;
use crate::model::{Gap, GapReason};

/// How many problems of a file are told one by one.
const MAX_TOLD: usize = 10;

/// How many names are counted each by itself.
const MOST_NAMES: usize = 1000;
/// A longer name is no name.
const MOST_NAME_BYTES: usize = 100;

/// The note that counts records with bytes that are no text.
pub(super) const INVALID_UTF8: &str = "records with invalid UTF-8";

/// A record or a part of one that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Problem {
    /// The record.
    pub(super) index: u64,
    /// The record or the place inside it, in words.
    pub(super) place: String,
    /// The class.
    pub(super) reason: GapReason,
    /// What is wrong.
    pub(super) detail: String,
}

/// The counts of one worker, or of several together.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Records read.
    pub(super) records: u64,
    /// Records that did not matter.
    pub(super) ignored: u64,
    /// Counted facts.
    pub(super) notes: BTreeMap<Cow<'static, str>, u64>,
    names: Names,
    problems: Vec<Problem>,
    more_problems: u64,
}

impl Tally {
    /// Takes a problem. A worker sees its records in order, so the first ones it meets are the first ones of its share.
    pub(super) fn problem(&mut self, problem: Problem) {
        if self.problems.len() < MAX_TOLD {
            self.problems.push(problem);
        } else {
            self.more_problems += 1;
        }
    }

    /// Counts a record that did not matter under its name.
    pub(super) fn ignore_named(&mut self, name: &str) {
        self.ignored += 1;
        let is_name = !name.is_empty() && name.len() <= MOST_NAME_BYTES && !name.contains(char::is_control);
        self.names.add(if is_name { name } else { "(no name)" }, 1);
    }

    /// Whether anything could not be read.
    pub(super) fn has_problems(&self) -> bool {
        !self.problems.is_empty()
    }

    /// Adds another worker's counts; which problems are told does not depend on who met them.
    pub(super) fn join(&mut self, other: Self) {
        self.records += other.records;
        self.ignored += other.ignored;
        for (what, count) in other.notes {
            *self.notes.entry(what).or_default() += count;
        }
        self.names.join(other.names);
        self.problems.extend(other.problems);
        self.problems.sort();
        self.more_problems += other.more_problems + self.problems.len().saturating_sub(MAX_TOLD) as u64;
        self.problems.truncate(MAX_TOLD);
    }

    /// The problems as gaps of the file `name`.
    pub(super) fn gaps(&self, name: &str) -> Vec<Gap> {
        let mut gaps: Vec<Gap> = self
            .problems
            .iter()
            .map(|problem| Gap {
                what: format!("{name} {}", problem.place).into(),
                reason: problem.reason,
                detail: problem.detail.as_str().into(),
                effect: "what it says is missing from the answer".into(),
                count: 1,
            })
            .collect();
        gaps.extend(rest(name, self.more_problems));
        gaps.extend(self.notes.get(INVALID_UTF8).map(|count| Gap {
            what: name.into(),
            reason: GapReason::Damaged,
            detail: format!("{INVALID_UTF8}: {count}").into(),
            effect: "they were read with the bad bytes replaced; an id in them may not join".into(),
            count: *count,
        }));
        gaps
    }

    /// The notes as lines: `network-activity 12`; of the names of records the `most_names` with the highest counts.
    pub(super) fn note_lines(&self, most_names: usize) -> Vec<String> {
        let notes = self.notes.iter().map(|(what, count)| format!("{what} {count}"));
        notes.chain(self.names.lines(most_names)).collect()
    }
}

/// Counts by name. The names that come first in the alphabet are counted exactly, whatever the order and the shares in
/// which records came; the rest are one count.
#[derive(Debug, Default)]
struct Names {
    counts: BTreeMap<Box<str>, u64>,
    rest: u64,
}

impl Names {
    fn add(&mut self, name: &str, count: u64) {
        if let Some(so_far) = self.counts.get_mut(name) {
            *so_far += count;
            return;
        }
        self.counts.insert(name.into(), count);
        while self.counts.len() > MOST_NAMES {
            self.rest += self.counts.pop_last().map_or(0, |(_, count)| count);
        }
    }

    fn join(&mut self, other: Self) {
        self.rest += other.rest;
        for (name, count) in other.counts {
            self.add(&name, count);
        }
    }

    fn lines(&self, most: usize) -> Vec<String> {
        let mut all: Vec<(&str, u64)> = self.counts.iter().map(|(name, count)| (&**name, *count)).collect();
        all.sort_by_key(|(name, count)| (Reverse(*count), *name));
        let (told, more) = all.split_at(most.min(all.len()));
        let mut lines: Vec<String> = told.iter().map(|(name, count)| format!("ignored: {name} {count}")).collect();
        let rest = self.rest + more.iter().map(|(_, count)| count).sum::<u64>();
        if rest > 0 {
            lines.push(format!("ignored: other names {rest}"));
        }
        lines
    }
}

/// Parts of the stream that were no records, as gaps of the file `name`.
pub(super) fn damage_gaps(name: &str, damages: &[Damage], more: u64) -> Vec<Gap> {
    let told = damages.iter().take(MAX_TOLD).map(|damage| Gap {
        what: format!("{name} record {} at byte {}", damage.index, damage.offset).into(),
        reason: damage.fault.reason(),
        detail: match damage.length {
            0 => damage.fault.describe().into(),
            length => format!("{} ({length} bytes left out)", damage.fault.describe()).into(),
        },
        effect: "what it says is missing from the answer; the rest of the file was read".into(),
        count: 1,
    });
    let more = more + damages.len().saturating_sub(MAX_TOLD) as u64;
    told.chain(rest(name, more)).collect()
}

fn rest(name: &str, count: u64) -> Option<Gap> {
    (count > 0).then(|| Gap {
        what: name.into(),
        reason: GapReason::Damaged,
        detail: format!("{count} further places could not be read").into(),
        effect: "what they say is missing from the answer".into(),
        count,
    })
}

#[cfg(test)]
mod tests {
    use super::{MOST_NAMES, Tally};

    #[test]
    fn names_are_counted_alike_whatever_the_shares_in_which_records_came() {
        let names: Vec<String> = (0..3 * MOST_NAMES).map(|n| format!("n{:05}", n * 7919 % (2 * MOST_NAMES))).collect();
        let count = |parts: usize| {
            let mut tally = Tally::default();
            for part in 0..parts {
                let mut share = Tally::default();
                names.iter().skip(part).step_by(parts).for_each(|name| share.ignore_named(name));
                tally.join(share);
            }
            (tally.ignored, tally.note_lines(MOST_NAMES))
        };
        assert_eq!(count(1), count(4));
        assert_eq!(count(1).0, names.len() as u64);
        assert_eq!(count(1).1.len(), MOST_NAMES + 1);
    }

    #[test]
    fn what_is_no_name_is_counted_as_such() {
        let mut tally = Tally::default();
        for name in ["", "a\u{1b}[31m", &"x".repeat(200), "ok"] {
            tally.ignore_named(name);
        }
        assert_eq!(tally.note_lines(1), ["ignored: (no name) 3", "ignored: other names 1"]);
    }
}
