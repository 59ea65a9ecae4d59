//! What the reading of one file counted, and its problems as gaps: the first few one by one, the rest as a number.

use std::collections::BTreeMap;

use super::frame::Damage;
use crate::model::{Gap, GapReason};

/// How many problems of a file are told one by one.
const MAX_TOLD: usize = 10;

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
    pub(super) notes: BTreeMap<&'static str, u64>,
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

    /// The notes as lines: `network-activity 12`.
    pub(super) fn note_lines(&self) -> Vec<String> {
        self.notes.iter().map(|(what, count)| format!("{what} {count}")).collect()
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
