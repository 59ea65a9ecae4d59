//! An identity that nobody answers for.

use std::collections::BTreeMap;

use super::basis::holder;
use super::{Answers, Check, Context, severity};
use crate::ledger::IdentityRow;
use crate::model::{IdentityKind, Status};

/// See `rules/checks/ownerless_identity.yaml`.
pub(super) struct OwnerlessIdentity;

impl Check for OwnerlessIdentity {
    fn id(&self) -> &'static str {
        "ownerless-identity"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        // Where no identity of an account has an owner, the export does not carry owners.
        let mut by_account: BTreeMap<(&str, &str), (Vec<&IdentityRow>, u64)> = BTreeMap::new();
        for row in ctx.ledger.identities.values().filter(|row| applies(row)) {
            answers.examine();
            let key = (&*row.system, row.account.as_deref().unwrap_or_default());
            let (without, owned) = by_account.entry(key).or_default();
            match row.fact("owner") {
                Some(_) => *owned += 1,
                None => without.push(row),
            }
        }
        for ((system, account), (without, owned)) in by_account {
            if owned == 0 {
                let subject = format!("{system} {account}");
                answers.inconclusive(subject.trim_end(), "no identity in the exports has an owner");
                continue;
            }
            for row in without {
                let rating = severity::for_privilege(ctx, severity::default(ctx), &row.privilege);
                let finding = holder::about(ctx, row, &rating, "")
                    .message(format!("{} has no owner, and {owned} of its neighbours have.", holder::name(row)))
                    .evidence(holder::evidence(row));
                answers.found(&row.id, holder::complete(ctx, row, finding));
            }
        }
    }
}

fn applies(row: &IdentityRow) -> bool {
    (holder::acts(row) || row.kind == IdentityKind::Role) && row.status != Status::Inactive
}
