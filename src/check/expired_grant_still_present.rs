//! A grant whose time is over and that is still there.

use super::basis::holder;
use super::basis::words::{between, minute, span};
use super::{Answers, Check, Context, severity};
use crate::model::{Expiry, Grant, Standing};

/// See `rules/checks/expired_grant_still_present.yaml`.
pub(super) struct ExpiredGrantStillPresent;

impl Check for ExpiredGrantStillPresent {
    fn id(&self) -> &'static str {
        "expired-grant-still-present"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        for grant in &ctx.ledger.grants {
            let Expiry::At(end) = grant.expiry else { continue };
            answers.examine();
            if grant.standing == Standing::ExpiredStillPresent
                && between(ctx.ledger.as_of, end) >= ctx.span("grace-days")
            {
                report(ctx, grant, end, answers);
            }
        }
    }
}

fn report(ctx: &Context<'_>, grant: &Grant, end: jiff::Timestamp, answers: &mut Answers) {
    let Some(row) = ctx.ledger.identities.get(&grant.holder) else {
        return answers.inconclusive(&grant.holder, "no export describes who holds the grant");
    };
    let rating = severity::default(ctx);
    let gives = holder::gives(grant);
    let over = span(between(ctx.ledger.as_of, end));
    let finding = holder::about(ctx, row, &rating, &format!("{gives} {}", grant.condition))
        .standing(holder::class(grant.standing))
        .message(format!("{} still has {gives}, which ended {over} ago.", holder::name(row)))
        .fact("Ended", format!("{}; reported after {}", minute(end), ctx.limit("grace-days")))
        .evidence([grant.evidence.clone()])
        .evidence(row.evidence.iter().take(1).cloned());
    answers.found(&grant.holder, holder::complete(ctx, row, finding));
}
