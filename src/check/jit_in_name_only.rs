//! B05: short-lived access that is there nearly all the time and used nearly never.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::basis::lived::{self, Key, Lived};
use super::basis::words::{between, count, span};
use super::basis::{card, log};
use super::{Answers, Check, Context, severity};

/// See `rules/checks/jit_in_name_only.yaml`.
pub(super) struct JitInNameOnly;

impl Check for JitInNameOnly {
    fn id(&self) -> &'static str {
        "jit-in-name-only"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        for (&key, issues) in &ctx.shared.lived {
            let Some(first) = issues.first().filter(|_| issues.len() > 1) else { continue };
            answers.examine();
            let window =
                ctx.ledger.stream_for(first.row).and_then(|(name, stream)| Some((name, stream, stream.window()?)));
            let Some((name, stream, (from, to))) = window else {
                answers.inconclusive(subject(key), "no log that would hold their uses was read");
                continue;
            };
            if between(to, from) < ctx.span("window-hours") {
                answers.inconclusive(
                    subject(key),
                    format!("{} covers less than {}", log::name(name), ctx.limit("window-hours")),
                );
                continue;
            }
            match stream.covers(from, to) {
                Ok(()) => ask(ctx, key, issues, (from, to), answers),
                Err(why) => answers.inconclusive(subject(key), format!("{}: {why}", log::name(name))),
            }
        }
    }
}

fn subject((scope, requester): Key<'_>) -> &str {
    if scope.is_empty() { requester } else { scope }
}

fn ask(ctx: &Context<'_>, key: Key<'_>, issues: &[Lived<'_>], window: (Timestamp, Timestamp), answers: &mut Answers) {
    let whole = between(window.1, window.0);
    let held = union(issues, window);
    let hours: BTreeSet<i64> = issues.iter().flat_map(|issue| issue.timeline.accepted_hours.iter().copied()).collect();
    let used = SignedDuration::from_hours(i64::try_from(hours.len()).unwrap_or(i64::MAX)).min(whole);
    let percent =
        |part: SignedDuration| u64::try_from(part.as_secs().saturating_mul(100) / whole.as_secs().max(1)).unwrap_or(0);
    if percent(held) < ctx.parameter("held-percent") || percent(used) > ctx.parameter("used-percent") {
        return;
    }
    let rating = severity::default(ctx);
    let finding = lived::about(ctx, key, &rating)
        .message(format!(
            "Access to {} is held {}% of the time and used in {}% of it.",
            card::short(subject(key)),
            percent(held),
            percent(used)
        ))
        .fact("Held", format!("{} of {}, by {}", span(held), span(whole), count(issues.len() as u64, "credential")))
        .fact("Used", format!("in {}", count(hours.len() as u64, "hour")))
        .fact(
            "Limit",
            format!("held {} or more, used {} or less", ctx.limit("held-percent"), ctx.limit("used-percent")),
        )
        .evidence(lived::records(issues));
    answers.found(subject(key), finding);
}

/// How much of the window at least one of them was valid.
fn union(issues: &[Lived<'_>], (start, end): (Timestamp, Timestamp)) -> SignedDuration {
    let (mut sum, mut reached) = (SignedDuration::ZERO, start);
    for issue in issues {
        let (from, to) = (issue.from.max(reached), issue.to.min(end));
        if to > from {
            sum += to.duration_since(from);
            reached = to;
        }
    }
    sum
}
