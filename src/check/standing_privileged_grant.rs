//! An administrator all the time.

use std::collections::{BTreeMap, BTreeSet};

use super::basis::holder;
use super::{Answers, Check, Context, severity};
use crate::ledger::{IdentityRow, Privilege};
use crate::model::{Evidence, Grant, GrantObject, Standing, StandingClass, Status};

/// See `rules/checks/standing_privileged_grant.yaml`.
pub(super) struct StandingPrivilegedGrant;

impl Check for StandingPrivilegedGrant {
    fn id(&self) -> &'static str {
        "standing-privileged-grant"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        let by_record = holder::grants_by_record(ctx);
        for row in ctx.ledger.identities.values().filter(|row| holder::acts(row) && row.status != Status::Inactive) {
            let Privilege::Admin { how, evidence } = &row.privilege else { continue };
            answers.examine();
            let grounds = grounds(row, evidence, &by_record);
            ask(ctx, row, how, (&grounds, evidence), answers);
        }
    }
}

/// The grants that make it an administrator, its own and those of groups it is in. One record may show grants of others.
fn grounds<'a>(
    row: &'a IdentityRow,
    evidence: &'a [Evidence],
    by_record: &BTreeMap<&'a Evidence, Vec<&'a Grant>>,
) -> Vec<&'a Grant> {
    let records: BTreeSet<&Evidence> = evidence.iter().collect();
    let shown: Vec<&Grant> =
        records.into_iter().filter_map(|record| by_record.get(record)).flatten().copied().collect();
    let mut holders: BTreeSet<&str> = BTreeSet::from([&*row.id]);
    loop {
        let known = holders.len();
        for grant in &shown {
            if let GrantObject::Group(group) = &grant.object
                && holders.contains(&*grant.holder)
            {
                holders.insert(group);
            }
        }
        if holders.len() == known {
            break;
        }
    }
    shown.into_iter().filter(|grant| holders.contains(&*grant.holder)).collect()
}

fn ask(ctx: &Context<'_>, row: &IdentityRow, how: &str, grounds: (&[&Grant], &[Evidence]), answers: &mut Answers) {
    let (grants, records) = grounds;
    if grants.iter().any(|grant| {
        matches!(grant.standing, Standing::TimeBound | Standing::JitActive | Standing::Eligible)
            || grant.standing == Standing::ExpiredStillPresent
    }) {
        return;
    }
    if grants.is_empty() {
        return answers.inconclusive(&row.id, "no grant that can be pointed to makes it an administrator");
    }
    if grants.iter().any(|grant| grant.standing == Standing::Unknown) {
        return answers.inconclusive(&row.id, "no export says whether what makes it an administrator ends by itself");
    }
    let rating = severity::default(ctx);
    let finding = holder::about(ctx, row, &rating, "")
        .standing(StandingClass::Standing)
        .message(format!("{} is privileged all the time: {how}.", holder::name(row)))
        .fact("Grants", grants.iter().map(|grant| holder::gives(grant)).collect::<Vec<_>>().join(", "))
        .evidence(records.iter().take(8).cloned())
        .evidence(holder::evidence(row));
    answers.found(&row.id, holder::complete(ctx, row, finding));
}
