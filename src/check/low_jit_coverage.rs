//! I04: too small a share of privileged work goes through just-in-time access.

use std::collections::BTreeMap;

use super::basis::words::count;
use super::basis::{card, life, log};
use super::{Answers, Check, Context, severity};
use crate::ledger::{CredentialRow, Privilege};
use crate::model::StreamKey;

/// See `rules/checks/low_jit_coverage.yaml`.
pub(super) struct LowJitCoverage;

/// Accepted uses in one log: through just-in-time access, and around it.
#[derive(Default)]
struct Uses<'a> {
    through: u64,
    around: Vec<&'a CredentialRow>,
}

impl Check for LowJitCoverage {
    fn id(&self) -> &'static str {
        "low-jit-coverage"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        for (stream, uses) in by_stream(ctx) {
            answers.examine();
            let around: u64 = uses.around.iter().map(|row| accepted(row)).sum();
            let all = uses.through.saturating_add(around);
            if uses.through.saturating_mul(100) < all.saturating_mul(ctx.parameter("percent")) {
                report(ctx, stream, &uses, around, answers);
            }
        }
    }
}

/// Only where the policy says what the broker hands out is there something to measure.
fn by_stream<'a>(ctx: &Context<'a>) -> BTreeMap<&'a StreamKey, Uses<'a>> {
    let mut streams: BTreeMap<&StreamKey, Uses<'_>> = BTreeMap::new();
    let jit = &ctx.policy.jit;
    if jit.roles.is_empty() && jit.mounts.is_empty() {
        return streams;
    }
    for row in ctx.ledger.credentials.iter().filter(|row| accepted(row) > 0) {
        let Some((stream, _)) = ctx.ledger.stream_for(row) else { continue };
        let scope = row.timeline.as_deref().and_then(|timeline| timeline.scope.as_deref());
        let uses = streams.entry(stream).or_default();
        if scope.is_some_and(|scope| jit.hands_out(scope)) {
            uses.through = uses.through.saturating_add(accepted(row));
        } else if life::is_static(row) && matches!(row.privilege, Privilege::Admin { .. }) {
            uses.around.push(row);
        }
    }
    streams.retain(|_, uses| uses.through > 0 || !uses.around.is_empty());
    streams
}

fn accepted(row: &CredentialRow) -> u64 {
    row.timeline.as_ref().map_or(0, |timeline| timeline.accepted)
}

fn report(ctx: &Context<'_>, stream: &StreamKey, uses: &Uses<'_>, around: u64, answers: &mut Answers) {
    let all = uses.through.saturating_add(around);
    let percent = uses.through.saturating_mul(100) / all.max(1);
    let mut worst = uses.around.clone();
    worst.sort_by_key(|row| (std::cmp::Reverse(accepted(row)), row.id.clone()));
    let rating = severity::default(ctx);
    let mut finding = log::about(ctx, stream, &rating, "")
        .message(format!(
            "{percent}% of the privileged uses in {} went through just-in-time access.",
            log::name(stream)
        ))
        .fact(
            "Uses",
            format!("{} through it, {around} by {}", uses.through, count(worst.len() as u64, "static credential")),
        )
        .fact("Limit", ctx.limit("percent"));
    for row in worst.iter().take(5) {
        finding = finding.fact("Around it", format!("{}: {}", card::name(row), count(accepted(row), "use")));
    }
    let last = worst.iter().filter_map(|row| row.timeline.as_ref()?.last_accepted.as_ref());
    answers.found(&log::name(stream), finding.evidence(card::records(last)));
}
