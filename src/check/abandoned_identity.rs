//! A09: an identity that nobody uses or answers for any more, and that still holds credentials.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::basis::words::{count, list, span};
use super::basis::{card, holder, life};
use super::severity::by_threshold;
use super::{Answers, Check, Context, idle_credential};
use crate::ledger::{CredentialRow, IdentityRow, identity_key};
use crate::model::{Evidence, FindingBuilder, Severity, StandingClass, Status};

/// See `rules/checks/abandoned_identity.yaml`.
pub(super) struct AbandonedIdentity;

impl Check for AbandonedIdentity {
    fn id(&self) -> &'static str {
        "abandoned-identity"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        let identities: BTreeMap<String, &IdentityRow> =
            ctx.ledger.identities.values().map(|row| (identity_key(&row.id), row)).collect();
        for (holder, rows) in holders(ctx) {
            answers.examine();
            if let Some(owner) = lost_owner(&identities, &holder) {
                report(ctx, &rows, &format!("its owner {owner} is disabled"), None, answers);
                continue;
            }
            match idle(ctx, &rows) {
                Ok(Some(length)) => {
                    let why = format!("none of them was used for {}", span(length));
                    report(ctx, &rows, &why, Some(length), answers);
                }
                Ok(None) => {}
                Err(why) => answers.inconclusive(name(&rows), why),
            }
        }
    }
}

/// Working long-lived credentials by who holds them.
fn holders<'a>(ctx: &Context<'a>) -> BTreeMap<String, Vec<&'a CredentialRow>> {
    let mut holders: BTreeMap<String, Vec<&CredentialRow>> = BTreeMap::new();
    for row in ctx.shared.lasting.iter().copied().filter(|row| life::is_known(row)) {
        let works = !life::is_over(row, ctx.ledger.as_of);
        if let Some(holder) = row.principal.as_deref().filter(|_| works) {
            holders.entry(identity_key(holder)).or_default().push(row);
        }
    }
    holders
}

/// The owner of the identity, where an export lists that owner as disabled.
fn lost_owner<'a>(identities: &BTreeMap<String, &'a IdentityRow>, holder: &str) -> Option<&'a str> {
    let owner = identities.get(holder)?.fact("owner")?;
    identities.get(&identity_key(owner)).is_some_and(|row| row.status == Status::Inactive).then_some(owner)
}

/// The time for which no credential was used; nothing where one was, or is too young to tell.
fn idle(ctx: &Context<'_>, rows: &[&CredentialRow]) -> Result<Option<SignedDuration>, String> {
    let limit = ctx.span("days");
    let mut shortest: Option<SignedDuration> = None;
    let mut doubt = None;
    for row in rows {
        match idle_credential::idle(ctx, row, limit) {
            Ok(Some(idle)) if idle.length >= limit => {
                shortest = Some(shortest.map_or(idle.length, |known| known.min(idle.length)));
            }
            Ok(_) => return Ok(None),
            Err(why) => doubt = Some(why),
        }
    }
    doubt.map_or(Ok(shortest), Err)
}

fn name<'a>(rows: &[&'a CredentialRow]) -> &'a str {
    rows.first().and_then(|row| row.principal.as_deref()).unwrap_or_default()
}

fn report(ctx: &Context<'_>, rows: &[&CredentialRow], why: &str, idle: Option<SignedDuration>, answers: &mut Answers) {
    let holder = name(rows);
    let reason = if idle.is_some() { "the default of abandoned-identity" } else { "nobody answers for it" };
    let rating = by_threshold(Severity::High, reason);
    let subject = holder::by_id(holder);
    let works = if rows.len() == 1 { "works" } else { "work" };
    let finding = FindingBuilder::new(&ctx.rule.id, ctx.id(holder, ""), subject, rating.severity, &rating.reason)
        .message(format!(
            "{} of {} still {works}, and {why}.",
            count(rows.len() as u64, "credential"),
            card::short(holder)
        ))
        .standing(StandingClass::Standing)
        .fact("Credentials", list(rows.iter().map(|row| row.id.to_string()), 8))
        .fact("Limit", ctx.limit("days"))
        .evidence(rows.iter().flat_map(|row| card::evidence(row)).collect::<Vec<Evidence>>());
    answers.found(holder, finding);
}
