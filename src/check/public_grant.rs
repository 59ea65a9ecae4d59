//! A grant to everybody.

use super::basis::holder;
use super::{Answers, Check, Context, severity};
use crate::ledger::IdentityRow;
use crate::model::{Confidence, Grant, GrantObject};

/// See `rules/checks/public_grant.yaml`.
pub(super) struct PublicGrant;

/// Everybody, or everybody who is signed in anywhere, as the systems write it.
const PUBLIC: [&str; 6] = [
    "*",
    "allUsers",
    "allAuthenticatedUsers",
    "system:anonymous",
    "system:unauthenticated",
    "group:system:unauthenticated",
];

impl Check for PublicGrant {
    fn id(&self) -> &'static str {
        "public-grant"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        for grant in ctx.ledger.grants.iter().filter(|grant| !matches!(grant.object, GrantObject::Cap(_))) {
            answers.examine();
            if PUBLIC.contains(&&*grant.holder) {
                report(ctx, grant, answers);
            }
        }
    }
}

fn report(ctx: &Context<'_>, grant: &Grant, answers: &mut Answers) {
    let described: Option<&IdentityRow> =
        [grant.object.id(), &grant.holder].into_iter().find_map(|id| ctx.ledger.identities.get(id));
    let Some(row) = described else {
        return answers.inconclusive(grant.object.id(), "no export describes what is granted or to whom");
    };
    let default = severity::for_privilege(ctx, severity::default(ctx), &row.privilege);
    let (rating, confidence) = if grant.condition.is_empty() {
        (default, Confidence::High)
    } else {
        let reason = format!("{}; one step down: under a condition", default.reason);
        (severity::by_threshold(default.severity.lowered(), reason), Confidence::Medium)
    };
    let gives = holder::gives(grant);
    let finding = holder::about(ctx, row, &rating, &gives)
        .confidence(confidence)
        .standing(holder::class(grant.standing))
        .message(format!("Everybody ({}) has {gives}.", grant.holder))
        .evidence([grant.evidence.clone()])
        .evidence(row.evidence.iter().take(1).cloned());
    let finding =
        if grant.condition.is_empty() { finding } else { finding.fact("Condition", grant.condition.to_string()) };
    answers.found(grant.object.id(), holder::complete(ctx, row, finding));
}
