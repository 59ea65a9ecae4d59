//! C10: revocations that come too late after what should have caused them.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::basis::lived::percentile;
use super::basis::words::{between, count, span};
use super::basis::{alert, card, log, task};
use super::{Answers, Check, Context, severity};
use crate::ledger::{CredentialRow, Ledger, Moment};
use crate::model::StreamKey;

/// See `rules/checks/slow_revocation.yaml`.
pub(super) struct SlowRevocation;

/// How long each revocation took, with the record of it.
pub(super) type Delays = BTreeMap<StreamKey, Vec<(SignedDuration, Moment)>>;

impl Check for SlowRevocation {
    fn id(&self) -> &'static str {
        "slow-revocation"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        for (stream, mut delays) in delays(ctx.ledger) {
            answers.examine();
            delays.sort();
            let Some(p95) = at(&delays, 95) else { continue };
            if delays.len() as u64 >= ctx.parameter("revocations") && p95 > ctx.span("minutes") {
                report(ctx, &stream, &delays, p95, answers);
            }
        }
    }
}

/// The delay at a percentile of sorted ones.
fn at(delays: &[(SignedDuration, Moment)], percent: usize) -> Option<SignedDuration> {
    let lengths: Vec<SignedDuration> = delays.iter().map(|(delay, _)| *delay).collect();
    percentile(&lengths, percent)
}

/// Revocations after a signal about the identity, and after the end of the task, in no order.
pub(super) fn delays(ledger: &Ledger) -> Delays {
    let mut delays = Delays::new();
    let mut add = |row: &CredentialRow, from| {
        if let Some((moment, stream)) = off(row, from) {
            delays.entry(stream).or_default().push((between(moment.time, from), moment));
        }
    };
    for alarm in alert::alarms(ledger) {
        alarm.held.iter().for_each(|row| add(row, alarm.signal.time));
    }
    for held in task::held(ledger) {
        add(held.row, held.end.time);
    }
    delays
}

/// The first time that somebody switched the credential off after `from`.
fn off(row: &CredentialRow, from: jiff::Timestamp) -> Option<(Moment, StreamKey)> {
    let timeline = row.timeline.as_ref()?;
    let mut switches = timeline.switches.iter();
    let switch = switches.find(|switch| switch.time >= from && switch.kind.switches_off())?;
    let moment = Moment { time: switch.time, evidence: switch.evidence.clone() };
    Some((moment, timeline.streams.first()?.clone()))
}

fn report(
    ctx: &Context<'_>,
    stream: &StreamKey,
    delays: &[(SignedDuration, Moment)],
    p95: SignedDuration,
    answers: &mut Answers,
) {
    let name = log::name(stream);
    let rating = severity::default(ctx);
    let told = |percent: usize| at(delays, percent).map(span).unwrap_or_default();
    let revocations = count(delays.len() as u64, "revocation");
    let finding = log::about(ctx, stream, &rating, "")
        .message(format!("Of {revocations} of {name}, one in twenty took {} or longer after its cause.", span(p95)))
        .fact("Delay", format!("median {}, 95th percentile {}, longest {}", told(50), told(95), told(100)))
        .fact(
            "Limit",
            format!("{} for 95 in a hundred, over {} revocations", ctx.limit("minutes"), ctx.limit("revocations")),
        )
        .evidence(card::records(delays.iter().rev().map(|(_, moment)| moment)));
    answers.found(&name, finding);
}
