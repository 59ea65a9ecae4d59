//! A role that many may become, so that nobody can tell who it was.

use std::collections::{BTreeMap, BTreeSet};

use super::basis::holder;
use super::basis::words::{count, list};
use super::{Answers, Check, Context, severity};
use crate::model::{Evidence, GrantObject};

/// See `rules/checks/shared_identity.yaml`.
pub(super) struct SharedIdentity;

impl Check for SharedIdentity {
    fn id(&self) -> &'static str {
        "shared-identity"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        let mut trusted: BTreeMap<&str, (BTreeSet<&str>, Vec<&Evidence>)> = BTreeMap::new();
        for grant in &ctx.ledger.grants {
            let GrantObject::AssumeRole(role) = &grant.object else { continue };
            let (holders, records) = trusted.entry(role).or_default();
            if is_named(&grant.holder) && holders.insert(&grant.holder) {
                records.push(&grant.evidence);
            }
        }
        for (role, (holders, records)) in trusted {
            answers.examine();
            let Some(row) = ctx.ledger.identities.get(role) else { continue };
            if (holders.len() as u64) < ctx.parameter("holders") {
                continue;
            }
            let rating = severity::for_privilege(ctx, severity::default(ctx), &row.privilege);
            let finding = holder::about(ctx, row, &rating, "")
                .message(format!(
                    "{} may be taken by {}.",
                    holder::name(row),
                    count(holders.len() as u64, "named principal")
                ))
                .fact("By", list(holders.iter().map(|holder| (*holder).to_owned()), 8))
                .fact("Limit", ctx.limit("holders"))
                .evidence(records.into_iter().take(8).cloned())
                .evidence(row.evidence.iter().take(1).cloned());
            answers.found(role, holder::complete(ctx, row, finding));
        }
    }
}

/// A user or role by name; accounts, services and providers are no single identities.
fn is_named(holder: &str) -> bool {
    holder.contains(":user/") || holder.contains(":role/") || holder.contains(":assumed-role/")
}
