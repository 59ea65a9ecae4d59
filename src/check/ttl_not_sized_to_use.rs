//! B03: a time to live that nobody ever needs.

use jiff::SignedDuration;

use super::basis::lived::{self, Key, Lived, percentile};
use super::basis::words::{count, span};
use super::basis::{card, log};
use super::{Answers, Check, Context, severity};

/// Lives that are offered as a better one, in minutes: what people configure.
const ROUND_MINUTES: [i64; 10] = [15, 30, 60, 120, 180, 240, 360, 480, 720, 1_440];

/// See `rules/checks/ttl_not_sized_to_use.yaml`.
pub(super) struct TtlNotSizedToUse;

impl Check for TtlNotSizedToUse {
    fn id(&self) -> &'static str {
        "ttl-not-sized-to-use"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        for (&key, issues) in &ctx.shared.lived {
            // A session that outlives the evidence may yet be used.
            let over: Vec<Lived<'_>> = issues.iter().filter(|issue| issue.to <= ctx.ledger.as_of).copied().collect();
            if (over.len() as u64) < ctx.parameter("issuances") {
                continue;
            }
            answers.examine();
            match covered(ctx, &over) {
                Ok(()) => ask(ctx, key, &over, answers),
                Err(why) => answers.inconclusive(if key.0.is_empty() { key.1 } else { key.0 }, why),
            }
        }
    }
}

/// The log that would hold their uses covers the time from the first issue to the last end.
fn covered(ctx: &Context<'_>, issues: &[Lived<'_>]) -> Result<(), String> {
    let (Some(first), Some(last)) = (issues.first(), issues.iter().map(|issue| issue.to).max()) else { return Ok(()) };
    let (key, stream) = ctx.ledger.stream_for(first.row).ok_or("no log that would hold their uses was read")?;
    stream.covers(first.from, last).map_err(|why| format!("{}: {why}", log::name(key)))
}

fn ask(ctx: &Context<'_>, key: Key<'_>, issues: &[Lived<'_>], answers: &mut Answers) {
    let mut lives: Vec<SignedDuration> = issues.iter().map(Lived::ttl).collect();
    let mut spans: Vec<SignedDuration> = issues.iter().filter_map(Lived::used).collect();
    lives.sort();
    spans.sort();
    let (Some(life), Some(p95), Some(p99)) = (percentile(&lives, 50), percentile(&spans, 95), percentile(&spans, 99))
    else {
        return;
    };
    let share = i64::try_from(ctx.parameter("share-percent")).unwrap_or(i64::MAX);
    let better = better(p99);
    if p95.as_secs().saturating_mul(100) > life.as_secs().saturating_mul(share) || better >= life {
        return;
    }
    let rating = severity::default(ctx);
    let name = if key.0.is_empty() { key.1 } else { key.0 };
    let finding = lived::about(ctx, key, &rating)
        .message(format!(
            "Credentials for {} live {}; 95 in a hundred are used for {} or less.",
            card::short(name),
            span(life),
            span(p95)
        ))
        .fact(
            "Used for",
            format!("95th percentile {}, 99th {}, of {} that were used", span(p95), span(p99), spans.len()),
        )
        .fact("Issued", count(issues.len() as u64, "credential"))
        .fact("Enough", format!("{}: the 99th percentile rounded up", span(better)))
        .fact("Limit", format!("{} of the median life", ctx.limit("share-percent")))
        .evidence(lived::records(issues));
    answers.found(name, finding);
}

/// The next life that people configure.
fn better(used: SignedDuration) -> SignedDuration {
    let fits = ROUND_MINUTES.iter().copied().map(SignedDuration::from_mins).find(|life| *life >= used);
    fits.unwrap_or(used)
}
