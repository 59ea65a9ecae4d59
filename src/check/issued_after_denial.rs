//! D03: access that was declined and given all the same.

use super::basis::request::{self, Given};
use super::basis::words::{between, span};
use super::{Answers, Check, Context, severity};
use crate::ledger::Decision;

/// See `rules/checks/issued_after_denial.yaml`.
pub(super) struct IssuedAfterDenial;

impl Check for IssuedAfterDenial {
    fn id(&self) -> &'static str {
        "issued-after-denial"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        let decided = |given: &&Given<'_>| !given.request.decisions.is_empty();
        for given in ctx.shared.given.iter().filter(decided) {
            answers.examine();
            let last = given.request.decisions.iter().rev().find(|decision| decision.time <= given.at);
            if let Some(denial) = last.filter(|decision| !decision.approved) {
                report(ctx, given, denial, answers);
            }
        }
    }
}

fn report(ctx: &Context<'_>, given: &Given<'_>, denial: &Decision, answers: &mut Answers) {
    let rating = severity::default(ctx);
    let late = span(between(given.at, denial.time));
    let message = format!("{} was given {late} after the request had been declined.", given.name);
    let finding = request::of_given(ctx, given, &rating, message).evidence([denial.evidence.clone()]);
    answers.found(given.id, finding);
}
