//! Runs the engine over the cases and counts.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use overstay::model::{Confidence, Evidence, FingerprintKey, Input, Place, Presence};
use overstay::rules::secret::{Breadth, SecretRules};
use overstay::secret::{Engine, Match};

use super::cases::{Case, Wanted};
use super::read::Class;

/// The row for types that no rule is about.
const NO_RULE: &str = "no rule of its own";

static RULES: LazyLock<SecretRules> = LazyLock::new(|| SecretRules::embedded().expect("the embedded rules are right"));
static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    Engine::new(&RULES, &FingerprintKey::new(b"a key for tests".to_vec())).expect("the embedded rules compile")
});

/// What is reported: everything, or what is told with at least medium confidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Persona {
    Default,
    Audit,
}

pub(crate) const PERSONAS: [Persona; 2] = [Persona::Default, Persona::Audit];

/// The counts of one row.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Row {
    pub(crate) cases: u64,
    /// Secrets that are to be found; none in negative cases.
    pub(crate) wanted: u64,
    /// Of those, found by the right rule at the right place, by persona.
    pub(crate) found: [u64; 2],
    /// Cases with a report where no secret stands, by persona.
    pub(crate) false_cases: [u64; 2],
    /// Reports where no secret stands, by persona.
    pub(crate) false_reports: [u64; 2],
}

/// All rows, and a line for each fault.
#[derive(Default)]
pub(crate) struct Score {
    pub(crate) rows: BTreeMap<String, Row>,
    pub(crate) faults: Vec<String>,
}

impl Row {
    pub(crate) fn recall(&self, persona: Persona) -> f64 {
        ratio(self.found[persona as usize], self.wanted)
    }
}

impl Score {
    pub(crate) fn of(cases: &[Case]) -> Self {
        let mut score = Self::default();
        for case in cases {
            score.add(case);
        }
        score
    }

    /// The counts of all rows whose name passes.
    pub(crate) fn sum(&self, among: impl Fn(&str) -> bool) -> Row {
        let mut sum = Row::default();
        for row in self.rows.iter().filter(|(name, _)| among(name)).map(|(_, row)| row) {
            sum.cases += row.cases;
            sum.wanted += row.wanted;
            for at in 0..2 {
                sum.found[at] += row.found[at];
                sum.false_cases[at] += row.false_cases[at];
                sum.false_reports[at] += row.false_reports[at];
            }
        }
        sum
    }

    /// Right reports among all reports.
    pub(crate) fn precision(&self, persona: Persona) -> f64 {
        let all = self.sum(|_| true);
        let (found, wrong) = (all.found[persona as usize], all.false_reports[persona as usize]);
        ratio(found, found + wrong)
    }

    /// Negative cases with a false report, of 1,000.
    pub(crate) fn false_rate(&self, persona: Persona) -> f64 {
        let negative = self.sum(|name| name.starts_with("look-alike") || name.starts_with("near"));
        1000.0 * ratio(negative.false_cases[persona as usize], negative.cases)
    }

    fn add(&mut self, case: &Case) {
        let found = ENGINE.scan(case.text.as_bytes());
        let name = if case.wanted.iter().any(uncovered) { NO_RULE } else { &case.row };
        let row = self.rows.entry(name.to_owned()).or_default();
        row.cases += 1;
        row.wanted += case.wanted.len() as u64;
        for persona in PERSONAS {
            let at = persona as usize;
            for wanted in &case.wanted {
                if found.iter().any(|found| reported(found, wanted.loose_checksum, persona) && right(found, wanted)) {
                    row.found[at] += 1;
                } else {
                    self.faults.push(format!("missed {persona:?} {name}: {}: {}", case.id, seen(&found)));
                }
            }
            let stray =
                |found: &&Match| reported(found, false, persona) && !case.wanted.iter().any(|w| overlaps(found, w));
            let strays: Vec<&Match> = found.iter().filter(stray).collect();
            row.false_reports[at] += strays.len() as u64;
            row.false_cases[at] += u64::from(!strays.is_empty());
            for stray in strays {
                self.faults.push(format!(
                    "false {persona:?} {name}: {}: {} in {}",
                    case.id,
                    stray.rule,
                    line(case, stray)
                ));
            }
        }
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| row | cases | secrets | recall, default | recall, audit | false, default | false, audit |")?;
        writeln!(f, "|---|---|---|---|---|---|---|")?;
        for (name, row) in &self.rows {
            let recall = |persona| if row.wanted == 0 { "-".to_owned() } else { format!("{:.4}", row.recall(persona)) };
            let [default, audit] = row.false_reports;
            let recalls = (recall(Persona::Default), recall(Persona::Audit));
            writeln!(
                f,
                "| {name} | {} | {} | {} | {} | {default} | {audit} |",
                row.cases, row.wanted, recalls.0, recalls.1
            )?;
        }
        for persona in PERSONAS {
            let rate = self.false_rate(persona);
            let precision = self.precision(persona);
            writeln!(f, "{persona:?}: precision {precision:.4}, {rate:.2} false positives per 1,000 negative cases")?;
        }
        Ok(())
    }
}

fn reported(found: &Match, doubt_is_no_fault: bool, persona: Persona) -> bool {
    if found.set_aside.is_some() {
        return false;
    }
    let input = Input::of("corpus", b"");
    let evidence = Evidence::new("secret in code", &input, Place::Line { line: found.line, column: found.column });
    let credential = ENGINE.credential(found, evidence, Presence::Tree, None);
    let confidence = credential.exposure.map_or(Confidence::High, |exposure| exposure.confidence);
    persona == Persona::Audit || doubt_is_no_fault || confidence >= Confidence::Medium
}

fn right(found: &Match, wanted: &Wanted) -> bool {
    let place = if wanted.loose { overlaps(found, wanted) } else { found.range == wanted.range };
    let named: Vec<&String> = wanted.rules.iter().filter(|rule| RULES.find(rule).is_some()).collect();
    let rule = if named.is_empty() {
        wanted.provider == "any" || uncovered(wanted) || of_provider(&found.rule, &wanted.provider)
    } else {
        named.iter().any(|rule| **rule == *found.rule)
    };
    place && rule
}

/// Whether no rule is about the type: any report of it is then right, and it counts in a row of its own.
fn uncovered(wanted: &Wanted) -> bool {
    let named = wanted.rules.iter().any(|rule| RULES.find(rule).is_some());
    let provided = RULES.iter().any(|rule| of_provider(&rule.id, &wanted.provider));
    !named && !provided && wanted.class.is_some_and(|class| class != Class::Generic) && wanted.provider != "any"
}

fn of_provider(rule: &str, provider: &str) -> bool {
    RULES
        .find(rule)
        .is_some_and(|rule| rule.breadth != Breadth::Generic && rule.provider.eq_ignore_ascii_case(provider))
}

fn overlaps(found: &Match, wanted: &Wanted) -> bool {
    found.range.start < wanted.range.end && wanted.range.start < found.range.end
}

/// What was found instead, without any value.
fn seen(found: &[Match]) -> String {
    let one = |found: &Match| format!("{} {:?} {:?}", found.rule, found.range, found.set_aside);
    found.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn line<'a>(case: &'a Case, found: &Match) -> &'a str {
    case.text.lines().nth(found.line as usize - 1).unwrap_or_default()
}

fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        1.0
    } else {
        f64::from(u32::try_from(part).unwrap_or(u32::MAX)) / f64::from(u32::try_from(whole).unwrap_or(u32::MAX))
    }
}
