//! D04: access that was approved only after it had been given.

use super::basis::request::{self, Given};
use super::basis::words::{after, between, span};
use super::{Answers, Check, Context, severity};
use crate::ledger::Decision;

/// See `rules/checks/approval_after_issuance.yaml`.
pub(super) struct ApprovalAfterIssuance;

impl Check for ApprovalAfterIssuance {
    fn id(&self) -> &'static str {
        "approval-after-issuance"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        for given in request::first_of_each(&ctx.shared.given) {
            let Some(approval) = given.request.first_approval() else { continue };
            answers.examine();
            if approval.time > after(given.at, ctx.span("late-seconds")) {
                report(ctx, given, approval, answers);
            }
        }
    }
}

fn report(ctx: &Context<'_>, given: &Given<'_>, approval: &Decision, answers: &mut Answers) {
    let rating = severity::default(ctx);
    let late = span(between(approval.time, given.at));
    let message = format!("{} was approved {late} after it had been given.", given.name);
    let finding = request::of_given(ctx, given, &rating, message).fact("Limit", ctx.limit("late-seconds"));
    answers.found(given.id, finding);
}
