//! A07: a static credential past its rotation date.

use jiff::Timestamp;

use super::basis::gate::{self, Known};
use super::basis::generations::Generations;
use super::basis::words::{between, day, list, span};
use super::basis::{card, life};
use super::{Answers, Check, Context, severity};
use crate::ledger::CredentialRow;

/// See `rules/checks/rotation_overdue.yaml`.
pub(super) struct RotationOverdue;

impl Check for RotationOverdue {
    fn id(&self) -> &'static str {
        "rotation-overdue"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        let generations = Generations::of(ctx);
        for row in ctx.shared.lasting.iter().copied().filter(|row| life::is_static(row) && life::is_known(row)) {
            if !life::is_over(row, ctx.ledger.as_of) {
                answers.examine();
                ask(ctx, row, &generations, answers);
            }
        }
    }
}

fn ask(ctx: &Context<'_>, row: &CredentialRow, generations: &Generations<'_>, answers: &mut Answers) {
    let subject = row.id.to_string();
    let (Some(issued), Some(_)) = (row.created, &row.principal) else {
        return answers.inconclusive(&subject, "its age or its identity is not known");
    };
    let limit = ctx.span("age-days");
    if between(ctx.ledger.as_of, issued) < limit || generations.successor(row).is_some() {
        return;
    }
    match gate::alive(ctx, row, issued) {
        Ok(known) if between(known.until, issued) >= limit => report(ctx, row, issued, &known, generations, answers),
        Ok(_) => {}
        Err(why) => answers.inconclusive(&subject, why),
    }
}

fn report(
    ctx: &Context<'_>,
    row: &CredentialRow,
    issued: Timestamp,
    known: &Known,
    generations: &Generations<'_>,
    answers: &mut Answers,
) {
    let rating = severity::for_privilege(ctx, severity::default(ctx), &row.privilege);
    let age = span(between(known.until, issued));
    let all = generations.siblings(row).iter().map(|(time, other)| format!("{} ({})", other.id, day(*time)));
    let finding = card::about(ctx, row, &rating, "")
        .message(format!("{} is {age} old and was never replaced by a newer one.", card::name(row)))
        .fact(
            "Rotation",
            format!("every {} (default of the rule or overstay.yaml); {}", ctx.limit("age-days"), known.source),
        )
        .fact("Generations", list(all, 5))
        .evidence(card::evidence(row));
    answers.found(&row.id.to_string(), card::complete(ctx, row, finding));
}
