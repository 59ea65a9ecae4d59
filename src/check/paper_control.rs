//! J01: ends that do not end anything.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::basis::words::{after, count};
use super::basis::{card, life, log};
use super::{Answers, Check, Context, severity};
use crate::ledger::{CredentialRow, Moment, Timeline};
use crate::model::StreamKey;

/// See `rules/checks/paper_control.yaml`.
pub(super) struct PaperControl;

/// Ended credentials of one log.
#[derive(Default)]
struct Ended<'a> {
    all: u64,
    late: Vec<(&'a CredentialRow, &'a Moment)>,
}

impl Check for PaperControl {
    fn id(&self) -> &'static str {
        "paper-control"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        let mut logs: BTreeMap<&StreamKey, Ended<'_>> = BTreeMap::new();
        for row in ctx.ledger.credentials.iter().filter(|row| !life::is_derived(row)) {
            let Some(timeline) = row.timeline.as_deref() else { continue };
            let Some(end) = end(row, timeline).filter(|end| *end <= ctx.ledger.as_of) else { continue };
            let Some((stream, _)) = ctx.ledger.stream_for(row) else { continue };
            let ended = logs.entry(stream).or_default();
            ended.all += 1;
            let late = timeline.last_accepted.as_ref().filter(|last| last.time > after(end, ctx.span("skew-seconds")));
            ended.late.extend(late.map(|last| (row, last)));
        }
        for (stream, ended) in logs {
            answers.examine();
            let permille = (ended.late.len() as u64).saturating_mul(1_000) / ended.all.max(1);
            if !ended.late.is_empty() && permille >= ctx.parameter("per-thousand") {
                report(ctx, stream, &ended, answers);
            }
        }
    }
}

/// The end that is known: the revocation for good, or the end by itself where nothing renews it.
fn end(row: &CredentialRow, timeline: &Timeline) -> Option<Timestamp> {
    let off = timeline.off().map(|switch| switch.time);
    let own = row.expiry.at().filter(|_| timeline.renewals == 0);
    off.into_iter().chain(own).min()
}

fn report(ctx: &Context<'_>, stream: &StreamKey, ended: &Ended<'_>, answers: &mut Answers) {
    let rating = severity::default(ctx);
    let late = ended.late.len() as u64;
    let finding = log::about(ctx, stream, &rating, "")
        .message(format!(
            "{late} of {} that ended in {} {} accepted after the end.",
            count(ended.all, "credential"),
            log::name(stream),
            if late == 1 { "was" } else { "were" }
        ))
        .fact("Late", super::basis::words::list(ended.late.iter().map(|(row, _)| row.id.to_string()), 8))
        .fact(
            "Limit",
            format!(
                "{} in a thousand; clocks may differ by {}",
                ctx.parameter("per-thousand"),
                ctx.limit("skew-seconds")
            ),
        )
        .evidence(card::records(ended.late.iter().map(|(_, last)| *last)));
    answers.found(&log::name(stream), finding);
}
