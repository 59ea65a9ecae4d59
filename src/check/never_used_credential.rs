//! A02: a credential that was never used.

use super::basis::gate::{self, Known};
use super::basis::words::{between, day, span};
use super::basis::{card, life};
use super::{Answers, AskRow, Check, Context, severity};
use crate::ledger::CredentialRow;
use crate::model::LastUse;
use jiff::Timestamp;

/// Credentials whose use is recorded by the system they open and not by the one that issued them.
const USED_ELSEWHERE: [&str; 1] = ["vault-lease"];

/// See `rules/checks/never_used_credential.yaml`.
pub(super) struct NeverUsedCredential;

impl Check for NeverUsedCredential {
    fn id(&self) -> &'static str {
        "never-used-credential"
    }

    fn of_row(&self) -> Option<AskRow> {
        Some(ask_row)
    }
}

fn ask_row(ctx: &Context<'_>, row: &CredentialRow, answers: &mut Answers) {
    if !applies(row) {
        return;
    }
    if !life::is_over(row, ctx.ledger.as_of) {
        answers.examine();
        ask(ctx, row, answers);
    }
}

fn applies(row: &CredentialRow) -> bool {
    let by_service = row.timeline.as_deref().is_some_and(|timeline| timeline.by_service);
    life::is_known(row) && !by_service && !USED_ELSEWHERE.contains(&&*row.kind)
}

fn ask(ctx: &Context<'_>, row: &CredentialRow, answers: &mut Answers) {
    let subject = row.id.to_string();
    let limit = ctx.span("age-days");
    if row.last_use.at().is_some() || row.timeline.as_deref().is_some_and(|timeline| timeline.uses > 0) {
        return;
    }
    let Some(issued) = row.created else {
        return answers.inconclusive(&subject, "when it was issued is not known");
    };
    if between(ctx.ledger.as_of, issued) < limit {
        return;
    }
    match unused(ctx, row, issued) {
        Ok(known) if between(known.until, issued) >= limit => report(ctx, row, issued, &known, answers),
        Ok(_) => {}
        Err(why) => answers.inconclusive(&subject, why),
    }
}

/// Until when it is known that there was no use.
fn unused(ctx: &Context<'_>, row: &CredentialRow, issued: Timestamp) -> Result<Known, String> {
    if row.last_use != LastUse::Never {
        return gate::covered_uses_since_issue(ctx, row, issued);
    }
    let exported = gate::exported(ctx, row);
    Ok(Known { source: format!("{} says never", exported.source), ..exported })
}

fn report(ctx: &Context<'_>, row: &CredentialRow, issued: Timestamp, known: &Known, answers: &mut Answers) {
    let rating = severity::for_privilege(ctx, severity::default(ctx), &row.privilege);
    let age = span(between(known.until, issued));
    let finding = card::about(ctx, row, &rating, "")
        .message(format!("{} was issued {age} ago ({}) and was never used.", card::name(row), day(issued)))
        .fact("No use", format!("{}; the limit is {}", known.source, ctx.limit("age-days")))
        .evidence(card::evidence(row));
    answers.found(&row.id.to_string(), card::complete(ctx, row, finding));
}
