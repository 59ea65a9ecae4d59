//! A03: an active credential that lies idle.

use jiff::SignedDuration;

use super::basis::gate;
use super::basis::words::{before, between, day, span};
use super::basis::{card, life};
use super::severity::{Rating, by_threshold};
use super::{Answers, Check, Context, severity};
use crate::ledger::CredentialRow;
use crate::model::{LastUse, Severity, Status};
use jiff::Timestamp;

/// See `rules/checks/idle_credential.yaml`.
pub(super) struct IdleCredential;

/// For how long there was no use, at least, and who says so.
pub(super) struct Idle {
    pub(super) length: SignedDuration,
    since: Option<Timestamp>,
    source: String,
}

impl Check for IdleCredential {
    fn id(&self) -> &'static str {
        "idle-credential"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        for row in ctx.shared.lasting.iter().copied().filter(|row| life::is_known(row)) {
            if life::is_over(row, ctx.ledger.as_of) {
                continue;
            }
            answers.examine();
            match idle(ctx, row, ctx.span("medium-days")) {
                Ok(Some(idle)) => report(ctx, row, &idle, answers),
                Ok(None) => {}
                Err(why) => answers.inconclusive(&row.id.to_string(), why),
            }
        }
    }
}

/// Nothing where the credential was used lately or never at all; `Err` where nobody can tell.
pub(super) fn idle(ctx: &Context<'_>, row: &CredentialRow, limit: SignedDuration) -> Result<Option<Idle>, String> {
    match row.last_use {
        LastUse::Never => Ok(None),
        LastUse::At(used) if between(ctx.ledger.as_of, used) < limit => Ok(None),
        LastUse::At(used) => since(ctx, row, used).map(Some),
        LastUse::NotInWindow | LastUse::Unknown => {
            let young = row.created.is_some_and(|created| between(ctx.ledger.as_of, created) < limit);
            let issued_here = row.timeline.as_deref().is_some_and(|timeline| timeline.issued.is_some());
            if young || issued_here { Ok(None) } else { silent(ctx, row, limit).map(Some) }
        }
    }
}

/// The time after the last use, as far as an export or a log without gaps speaks about it.
fn since(ctx: &Context<'_>, row: &CredentialRow, used: Timestamp) -> Result<Idle, String> {
    let logged = row.timeline.as_deref().and_then(|timeline| timeline.last_accepted.as_ref()).map(|moment| moment.time);
    let told = row.status == Status::Active && logged != Some(used);
    let exported = told.then(|| gate::exported(ctx, row));
    let covered = gate::covered_uses(ctx, row, used);
    let (until, source) = match (exported, covered) {
        (Some(exported), Ok(known)) if known.until <= exported.until => (exported.until, exported.source),
        (Some(exported), Err(_)) => (exported.until, exported.source),
        (_, Ok(known)) => (known.until, known.source),
        (None, Err(why)) => return Err(why),
    };
    Ok(Idle { length: between(until, used), since: Some(used), source })
}

/// No use is known: only a log that covers the whole limit can tell.
fn silent(ctx: &Context<'_>, row: &CredentialRow, limit: SignedDuration) -> Result<Idle, String> {
    let Some(end) = ctx.ledger.stream_for(row).and_then(|(_, stream)| stream.window()).map(|(_, end)| end) else {
        return Err("no input says when it was last used".to_owned());
    };
    let known = gate::covered_uses(ctx, row, before(end, limit))?;
    Ok(Idle { length: limit, since: None, source: known.source })
}

fn report(ctx: &Context<'_>, row: &CredentialRow, idle: &Idle, answers: &mut Answers) {
    let Some(rating) = rate(ctx, idle.length) else { return };
    let rating = severity::for_privilege(ctx, rating, &row.privilege);
    let message = match idle.since {
        Some(used) => {
            let (name, length) = (card::name(row), span(idle.length));
            format!("{name} is active and was not used for {length}, since {}.", day(used))
        }
        None => format!("{} is active and was not used for at least {}.", card::name(row), span(idle.length)),
    };
    let limits = format!("{} and {}", ctx.limit("medium-days"), ctx.limit("high-days"));
    let finding = card::about(ctx, row, &rating, "")
        .message(message)
        .fact("Idle", format!("{}; the limits are {limits}", idle.source))
        .evidence(card::evidence(row));
    answers.found(&row.id.to_string(), card::complete(ctx, row, finding));
}

fn rate(ctx: &Context<'_>, length: SignedDuration) -> Option<Rating> {
    let over = |name: &str| length >= ctx.span(name);
    if over("high-days") {
        return Some(by_threshold(Severity::High, format!("idle for {} or more", ctx.limit("high-days"))));
    }
    over("medium-days")
        .then(|| by_threshold(Severity::Medium, format!("idle for {} or more", ctx.limit("medium-days"))))
}
