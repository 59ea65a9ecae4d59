//! C07: a credential that stays valid after its task was completed.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::basis::card;
use super::basis::issued::subject as scope_subject;
use super::basis::task::{self, Held};
use super::basis::words::{after, between, count, list, minute, span};
use super::{Answers, Check, Context, severity};
use crate::model::{Expiry, FindingBuilder, StandingClass};

/// See `rules/checks/no_revocation_on_completion.yaml`.
pub(super) struct NoRevocationOnCompletion;

impl Check for NoRevocationOnCompletion {
    fn id(&self) -> &'static str {
        "no-revocation-on-completion"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        ask(ctx, answers, |held| held.end.completed, "completed");
    }
}

/// Credentials for one scope and requester that were left valid, with how long.
#[derive(Default)]
struct Left<'a> {
    all: u64,
    valid: Vec<(SignedDuration, Held<'a>)>,
    doubt: Option<String>,
}

/// Asks about all tasks that ended in this way.
pub(super) fn ask(ctx: &Context<'_>, answers: &mut Answers, ended: impl Fn(&Held<'_>) -> bool, how: &str) {
    for ((scope, requester), group) in groups(ctx, ended) {
        answers.examine();
        if !group.valid.is_empty() {
            report(ctx, (&scope, &requester), group, how, answers);
        } else if let Some(why) = group.doubt {
            answers.inconclusive(&scope, why);
        }
    }
}

fn groups<'a>(ctx: &Context<'a>, ended: impl Fn(&Held<'_>) -> bool) -> BTreeMap<(String, String), Left<'a>> {
    let mut groups: BTreeMap<_, Left<'a>> = BTreeMap::new();
    for held in task::held(ctx.ledger).filter(ended) {
        let requester = held.timeline.requester.as_deref().unwrap_or_default().to_owned();
        let scope = held.timeline.scope.as_deref().map_or_else(|| held.row.id.to_string(), str::to_owned);
        let group = groups.entry((scope, requester)).or_default();
        group.all += 1;
        let exposure = match held.row.expiry {
            Expiry::At(end) => between(end, held.end.time),
            Expiry::Never => SignedDuration::MAX,
            Expiry::Unknown => continue,
        };
        if exposure < ctx.span("exposure-minutes") || revoked_in_time(ctx, &held) {
            continue;
        }
        match watched(ctx, &held) {
            Ok(()) => group.valid.push((exposure, held)),
            Err(why) => group.doubt = Some(why),
        }
    }
    groups
}

/// Switched off at any time since its issue, at the latest some minutes after the end of the task.
fn revoked_in_time(ctx: &Context<'_>, held: &Held<'_>) -> bool {
    let limit = after(held.end.time, ctx.span("revocation-minutes"));
    let from = held.timeline.issued_at.unwrap_or(held.end.time);
    task::switched_off(held.timeline, from).is_some_and(|off| off <= limit)
}

/// The log that would hold the revocation covers the minutes in which it should have come.
fn watched(ctx: &Context<'_>, held: &Held<'_>) -> Result<(), String> {
    let limit = after(held.end.time, ctx.span("revocation-minutes"));
    let Some((key, stream)) = ctx.ledger.stream_for(held.row) else {
        return Err("no log that would hold its revocation was read".to_owned());
    };
    stream.covers(held.end.time, limit).map_err(|why| format!("{}/{}: {why}", key.importer, key.scope))
}

fn report(ctx: &Context<'_>, (scope, requester): (&str, &str), mut group: Left<'_>, how: &str, answers: &mut Answers) {
    group.valid.sort_by(|a, b| (b.0, &a.1.row.id).cmp(&(a.0, &b.1.row.id)));
    let Some((longest, _)) = group.valid.first() else { return };
    let long = |length: SignedDuration| {
        if length == SignedDuration::MAX { "without end".to_owned() } else { format!("for up to {}", span(length)) }
    };
    let rating = severity::default(ctx);
    let message = format!(
        "{} of {} stayed valid {} after {how} tasks.",
        count(group.valid.len() as u64, "credential"),
        card::short(scope),
        long(*longest)
    );
    let tasks = group.valid.iter().map(|(_, held)| task::describe(held));
    let ends = group.valid.iter().filter_map(|(_, held)| Some(minute(held.row.expiry.at()?)));
    let subject = scope_subject(scope, requester);
    let records = group.valid.iter().take(4).flat_map(|(_, held)| {
        let issued =
            held.timeline.issued.as_ref().or(held.timeline.seen.as_ref()).map(|moment| moment.evidence.clone());
        [Some(held.end.evidence.clone()), issued].into_iter().flatten()
    });
    let finding = FindingBuilder::new(&ctx.rule.id, ctx.id(scope, requester), subject, rating.severity, &rating.reason)
        .message(message)
        .standing(StandingClass::Ephemeral)
        .fact("Credentials", format!("{} of {} left valid", group.valid.len(), count(group.all, "credential")))
        .fact("Tasks", list(tasks, 4))
        .fact("Would end", list(ends, 4))
        .fact(
            "Limit",
            format!("{} to revoke, {} of exposure", ctx.limit("revocation-minutes"), ctx.limit("exposure-minutes")),
        )
        .evidence(records.collect::<Vec<_>>());
    answers.found(scope, finding);
}
