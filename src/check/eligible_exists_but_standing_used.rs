//! A permanent grant of what could be activated.

use std::collections::BTreeMap;

use super::basis::holder;
use super::{Answers, Check, Context, severity};
use crate::model::{Grant, Standing, StandingClass};

/// See `rules/checks/eligible_exists_but_standing_used.yaml`.
pub(super) struct EligibleExistsButStandingUsed;

impl Check for EligibleExistsButStandingUsed {
    fn id(&self) -> &'static str {
        "eligible-exists-but-standing-used"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        let mut eligible: BTreeMap<(&str, &str, &str), &Grant> = BTreeMap::new();
        for grant in ctx.ledger.grants.iter().filter(|grant| grant.standing == Standing::Eligible) {
            eligible.entry(key(grant)).or_insert(grant);
            answers.examine();
        }
        for grant in ctx.ledger.grants.iter().filter(|grant| grant.standing == Standing::Standing) {
            if let Some(other) = eligible.get(&key(grant)) {
                report(ctx, grant, other, answers);
            }
        }
    }
}

fn key(grant: &Grant) -> (&str, &str, &str) {
    (&grant.holder, grant.object.id(), &grant.scope)
}

fn report(ctx: &Context<'_>, grant: &Grant, eligible: &Grant, answers: &mut Answers) {
    let Some(row) = ctx.ledger.identities.get(&grant.holder) else {
        return answers.inconclusive(&grant.holder, "no export describes who holds the grant");
    };
    let rating = severity::for_privilege(ctx, severity::default(ctx), &row.privilege);
    let gives = holder::gives(grant);
    let finding = holder::about(ctx, row, &rating, &gives)
        .standing(StandingClass::Standing)
        .message(format!("{} has {gives} all the time and could activate it when needed.", holder::name(row)))
        .fact("Grant", format!("{gives}; {}", holder::standing(grant.standing)))
        .fact("Eligible for", format!("{}; {}", holder::gives(eligible), holder::standing(eligible.standing)))
        .evidence([grant.evidence.clone(), eligible.evidence.clone()])
        .evidence(holder::evidence(row));
    answers.found(&grant.holder, holder::complete(ctx, row, finding));
}
