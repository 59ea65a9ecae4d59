//! A01: a long-lived credential that nobody revoked.

use super::basis::words::{between, day, span};
use super::basis::{card, gate, life};
use super::{Answers, Check, Context, severity};
use crate::ledger::CredentialRow;

/// See `rules/checks/unrevoked_credential.yaml`.
pub(super) struct UnrevokedCredential;

impl Check for UnrevokedCredential {
    fn id(&self) -> &'static str {
        "unrevoked-credential"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        for row in ctx.shared.lasting.iter().copied().filter(|row| life::is_static(row) && life::is_known(row)) {
            answers.examine();
            if !life::is_over(row, ctx.ledger.as_of) {
                ask(ctx, row, answers);
            }
        }
    }
}

fn ask(ctx: &Context<'_>, row: &CredentialRow, answers: &mut Answers) {
    let subject = row.id.to_string();
    let limit = ctx.span("age-days");
    let Some(issued) = row.created else {
        return answers.inconclusive(&subject, "when it was issued is not known");
    };
    if between(ctx.ledger.as_of, issued) < limit {
        return;
    }
    let alive = match gate::alive(ctx, row, issued) {
        Ok(alive) => alive,
        Err(why) => return answers.inconclusive(&subject, why),
    };
    let age = between(alive.until, issued);
    if age < limit {
        return;
    }
    let rating = severity::for_privilege(ctx, severity::default(ctx), &row.privilege);
    let message = format!("{} was issued {} ago ({}) and nobody revoked it.", card::name(row), span(age), day(issued));
    let finding = card::about(ctx, row, &rating, "")
        .message(message)
        .fact("Not revoked", format!("{}; the limit is {}", alive.source, ctx.limit("age-days")))
        .evidence(card::evidence(row));
    answers.found(&subject, card::complete(ctx, row, finding));
}
