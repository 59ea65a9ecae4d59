//! J04: uses of credentials whose issue the log should hold and does not.

use std::collections::BTreeMap;

use super::basis::words::{after, count, list};
use super::basis::{card, log};
use super::{Answers, Check, Context, severity};
use crate::ledger::{CredentialRow, StreamCoverage};
use crate::model::{StandingClass, StreamKey};

/// See `rules/checks/unjoinable_use.yaml`.
pub(super) struct UnjoinableUse;

/// The uses of one log by credentials that were issued inside its window.
#[derive(Default)]
struct Uses<'a> {
    joined: u64,
    lost: Vec<&'a CredentialRow>,
    doubt: Option<String>,
}

impl Check for UnjoinableUse {
    fn id(&self) -> &'static str {
        "unjoinable-use"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        for (stream, uses) in by_stream(ctx) {
            answers.examine();
            let lost: u64 = uses.lost.iter().map(|row| count_of(row)).sum();
            let all = lost.saturating_add(uses.joined);
            if all == 0 {
                answers.inconclusive(&log::name(stream), uses.doubt.unwrap_or_default());
            } else if lost.saturating_mul(100) > all.saturating_mul(ctx.parameter("percent")) {
                report(ctx, stream, &uses, lost, all, answers);
            }
        }
    }
}

fn by_stream<'a>(ctx: &Context<'a>) -> BTreeMap<&'a StreamKey, Uses<'a>> {
    let mut streams: BTreeMap<&StreamKey, Uses<'_>> = BTreeMap::new();
    for row in ctx.ledger.credentials.iter().filter(|row| row.standing == StandingClass::Ephemeral && count_of(row) > 0)
    {
        let Some((key, stream)) = ctx.ledger.stream_for(row) else { continue };
        let Some(timeline) = row.timeline.as_deref().filter(|timeline| !timeline.by_service) else { continue };
        let uses = streams.entry(key).or_default();
        if timeline.issued.is_some() {
            uses.joined = uses.joined.saturating_add(count_of(row));
            continue;
        }
        match issued_inside(row, stream) {
            Ok(true) => uses.lost.push(row),
            Ok(false) => {}
            Err(why) => uses.doubt = Some(why),
        }
    }
    streams.retain(|_, uses| uses.joined > 0 || !uses.lost.is_empty() || uses.doubt.is_some());
    streams
}

fn count_of(row: &CredentialRow) -> u64 {
    row.timeline.as_ref().map_or(0, |timeline| timeline.accepted)
}

/// Whether it was issued at a time that the log covers, so that the record of it is missing.
fn issued_inside(row: &CredentialRow, stream: &StreamCoverage) -> Result<bool, String> {
    let issued = row.timeline.as_ref().and_then(|timeline| timeline.issued_at);
    let issued = issued.ok_or("no record tells when the credentials were issued")?;
    let (first, _) = stream.window().ok_or("the log holds no record")?;
    if issued < after(first, jiff::SignedDuration::from_hours(1)) {
        return Ok(false);
    }
    Ok(stream.covers(issued, issued).is_ok())
}

fn report(ctx: &Context<'_>, stream: &StreamKey, uses: &Uses<'_>, lost: u64, all: u64, answers: &mut Answers) {
    let mut worst = uses.lost.clone();
    worst.sort_by_key(|row| (std::cmp::Reverse(count_of(row)), row.id.clone()));
    let percent = lost.saturating_mul(100) / all.max(1);
    let rating = severity::default(ctx);
    let proofs = worst.iter().map(|row| card::name(row));
    let first = worst.iter().filter_map(|row| row.timeline.as_ref()?.first_use.as_ref());
    let finding = log::about(ctx, stream, &rating, "")
        .message(format!(
            "{percent}% of the uses in {} are of credentials whose issue is missing from it.",
            log::name(stream)
        ))
        .fact("Uses", format!("{lost} of {all}, by {}", count(worst.len() as u64, "credential")))
        .fact("Credentials", list(proofs, 5))
        .fact("Limit", ctx.limit("percent"))
        .evidence(card::records(first));
    answers.found(&log::name(stream), finding);
}
