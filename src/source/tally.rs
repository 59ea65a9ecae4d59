//! Turns many things left out for the same reason into one line with a count and a few names.

use std::collections::BTreeMap;

use crate::model::{Gap, GapReason};

/// How many failures of one input get a line of their own; the rest share one.
const SINGLE_LINES: usize = 50;
/// How many names stand in a shared line.
const SAMPLES: usize = 3;

/// A kind of omission: its class, what it is in words, and what it means for the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Kind {
    /// The class.
    pub(crate) reason: GapReason,
    /// Such as "symbolic links, not followed".
    pub(crate) detail: &'static str,
    /// Such as "their targets are examined only where they lie inside".
    pub(crate) effect: &'static str,
}

/// Omissions of one tree or repository. Filled in a fixed order, so that the samples do not depend on threads.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    shared: BTreeMap<Kind, (u64, Vec<String>)>,
    single: Vec<Gap>,
    beyond: BTreeMap<GapReason, (u64, Vec<String>)>,
}

impl Tally {
    /// Counts one omission of a kind.
    pub(crate) fn add(&mut self, kind: Kind, name: &str) {
        self.add_many(kind, 1, name);
    }

    /// Counts several omissions of a kind, of which one is named.
    pub(crate) fn add_many(&mut self, kind: Kind, count: u64, name: &str) {
        if count > 0 {
            record(self.shared.entry(kind).or_default(), count, name);
        }
    }

    /// One failure that deserves a line of its own, as long as there are not too many.
    pub(crate) fn fail(&mut self, name: &str, reason: GapReason, detail: impl Into<Box<str>>, effect: &str) {
        if self.single.len() < SINGLE_LINES {
            let (what, effect) = (name.into(), effect.into());
            self.single.push(Gap { what, reason, detail: detail.into(), effect, count: 1 });
        } else {
            record(self.beyond.entry(reason).or_default(), 1, name);
        }
    }

    /// Every omission as a line, in a fixed order; `input` names the tree or repository in the shared lines.
    pub(crate) fn into_gaps(self, input: &str) -> Vec<Gap> {
        let shared = self.shared.into_iter().map(|(kind, (count, samples))| Gap {
            what: input.into(),
            reason: kind.reason,
            detail: with_samples(kind.detail, count, &samples).into(),
            effect: kind.effect.into(),
            count,
        });
        let beyond = self.beyond.into_iter().map(|(reason, (count, samples))| Gap {
            what: input.into(),
            reason,
            detail: with_samples("more of the same", count, &samples).into(),
            effect: "what they hold was not examined".into(),
            count,
        });
        let mut gaps: Vec<Gap> = shared.chain(self.single).chain(beyond).collect();
        gaps.sort();
        gaps
    }
}

fn record(line: &mut (u64, Vec<String>), count: u64, name: &str) {
    line.0 += count;
    if line.1.len() < SAMPLES && !name.is_empty() {
        line.1.push(name.to_owned());
    }
}

fn with_samples(detail: &str, count: u64, samples: &[String]) -> String {
    let names = samples.join(", ");
    match samples.len() {
        0 => detail.to_owned(),
        shown if shown as u64 == count => format!("{detail}: {names}"),
        _ => format!("{detail}: {names}, ..."),
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, SINGLE_LINES, Tally};
    use crate::model::GapReason;

    const LINKS: Kind = Kind { reason: GapReason::Skipped, detail: "links", effect: "none" };

    #[test]
    fn many_alike_are_one_line_with_the_first_names() {
        let mut tally = Tally::default();
        for name in ["a", "b", "c", "d"] {
            tally.add(LINKS, name);
        }
        let gaps = tally.into_gaps("tree");
        assert_eq!(gaps.len(), 1);
        assert_eq!((gaps[0].count, &*gaps[0].detail), (4, "links: a, b, c, ..."));
    }

    #[test]
    fn failures_beyond_the_limit_share_one_line_and_none_is_lost() {
        let mut tally = Tally::default();
        for number in 0..SINGLE_LINES + 7 {
            tally.fail(&number.to_string(), GapReason::Unreadable, "no", "unknown");
        }
        let gaps = tally.into_gaps("tree");
        assert_eq!(gaps.len(), SINGLE_LINES + 1);
        assert_eq!(gaps.iter().map(|gap| gap.count).sum::<u64>(), SINGLE_LINES as u64 + 7);
    }
}
