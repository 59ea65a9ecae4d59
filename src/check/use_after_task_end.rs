//! C06: a credential that was accepted after the task it was issued for had ended.

use super::basis::card;
use super::basis::task::{self, Held};
use super::basis::words::{after, between, minute, span};
use super::{Answers, Check, Context, severity};
use crate::ledger::Moment;

/// See `rules/checks/use_after_task_end.yaml`.
pub(super) struct UseAfterTaskEnd;

impl Check for UseAfterTaskEnd {
    fn id(&self) -> &'static str {
        "use-after-task-end"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        for held in task::held(ctx.ledger) {
            let Some(last) = held.timeline.last_accepted.as_ref() else { continue };
            answers.examine();
            if last.time > after(held.end.time, ctx.span("skew-seconds")) {
                report(ctx, &held, last, answers);
            }
        }
    }
}

fn report(ctx: &Context<'_>, held: &Held<'_>, last: &Moment, answers: &mut Answers) {
    let rating = severity::for_privilege(ctx, severity::default(ctx), &held.row.privilege);
    let late = span(between(last.time, held.end.time));
    let finding = card::about(ctx, held.row, &rating, held.id)
        .message(format!("{} was accepted {late} after task {} had ended.", card::name(held.row), held.id))
        .fact("Task", task::describe(held))
        .fact("Late use", format!("{}; clocks may differ by {}", minute(last.time), ctx.limit("skew-seconds")))
        .evidence([last.evidence.clone(), held.end.evidence.clone()])
        .evidence(card::evidence(held.row));
    answers.found(&held.row.id.to_string(), card::complete(ctx, held.row, finding));
}
