//! A role that another organisation's account may take.

use super::basis::{card, holder};
use super::{Answers, Check, Context, severity};
use crate::model::{Grant, GrantObject};

/// See `rules/checks/unknown_account_trust.yaml`.
pub(super) struct UnknownAccountTrust;

impl Check for UnknownAccountTrust {
    fn id(&self) -> &'static str {
        "unknown-account-trust"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        for grant in &ctx.ledger.grants {
            let GrantObject::AssumeRole(role) = &grant.object else { continue };
            let (Some(theirs), Some(own)) = (account(&grant.holder), account(role)) else { continue };
            if theirs == own {
                continue;
            }
            answers.examine();
            if ctx.policy.known_accounts.is_empty() {
                let why = format!("account {theirs} may take it, and the policy names no known-accounts");
                answers.inconclusive(role, why);
            } else if !ctx.policy.known_accounts.contains(theirs) {
                report(ctx, grant, role, theirs, answers);
            }
        }
    }
}

/// The account that an ARN or a bare number names.
fn account(principal: &str) -> Option<&str> {
    let account = match principal.strip_prefix("arn:") {
        Some(rest) => rest.split(':').nth(3)?,
        None => principal,
    };
    (account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit())).then_some(account)
}

fn report(ctx: &Context<'_>, grant: &Grant, role: &str, theirs: &str, answers: &mut Answers) {
    let Some(row) = ctx.ledger.identities.get(role) else {
        return answers.inconclusive(role, "no export describes the role");
    };
    let rating = severity::for_privilege(ctx, severity::default(ctx), &row.privilege);
    let guard =
        if grant.condition.to_ascii_lowercase().contains("sts:externalid") { "asked for" } else { "not asked for" };
    let finding = holder::about(ctx, row, &rating, theirs)
        .message(format!(
            "{} may be taken from account {theirs}, which is not among known-accounts.",
            card::short(role)
        ))
        .fact("Trusts", grant.holder.to_string())
        .fact("External id", guard)
        .evidence([grant.evidence.clone()])
        .evidence(row.evidence.iter().take(1).cloned());
    answers.found(role, holder::complete(ctx, row, finding));
}
