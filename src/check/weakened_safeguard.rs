//! A setting that guards the issuing of access was relaxed.

use std::collections::BTreeMap;

use super::basis::card::short;
use super::basis::log;
use super::basis::words::{list, minute};
use super::{Answers, Check, Context, severity};
use crate::ledger::Signal;
use crate::model::{Evidence, StreamKey};

/// How many records a finding points to.
const MAX_RECORDS: usize = 8;

/// See `rules/checks/weakened_safeguard.yaml`.
pub(super) struct WeakenedSafeguard;

impl Check for WeakenedSafeguard {
    fn id(&self) -> &'static str {
        "weakened-safeguard"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        let mut groups: BTreeMap<(&StreamKey, &str, &str), Vec<&Signal>> = BTreeMap::new();
        for signal in &ctx.ledger.signals.weakened {
            groups.entry((&signal.stream, &signal.what, &signal.target)).or_default().push(signal);
        }
        for ((stream, what, target), signals) in groups {
            answers.examine();
            report(ctx, stream, what, target, &signals, answers);
        }
    }
}

fn report(ctx: &Context<'_>, stream: &StreamKey, what: &str, target: &str, signals: &[&Signal], answers: &mut Answers) {
    let rating = severity::default(ctx);
    let of = if target.is_empty() { String::new() } else { format!(" of {}", short(target)) };
    let when = signals.iter().map(|signal| {
        let by = signal.by.as_deref().map(|by| format!(" by {}", short(by))).unwrap_or_default();
        format!("{}{by}", minute(signal.time))
    });
    let finding = log::about(ctx, stream, &rating, &format!("{what}\0{target}"))
        .message(format!("A safeguard{of} was relaxed: {what}."))
        .fact("When", list(when, MAX_RECORDS))
        .evidence(signals.iter().take(MAX_RECORDS).map(|signal| signal.evidence.clone()).collect::<Vec<Evidence>>());
    answers.found(&log::name(stream), finding);
}
