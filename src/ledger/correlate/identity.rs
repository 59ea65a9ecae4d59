//! One row an identity: what exports say about it, and the policies in force for it, direct and by groups.

use std::collections::{BTreeMap, BTreeSet};

use crate::ledger::fold::Fold;
use crate::ledger::observed::Known;
use crate::ledger::subject::{IdentityRow, Privilege};
use crate::model::{Grant, GrantObject};

/// How many policies of one identity are listed.
const MAX_POLICIES: usize = 500;

/// All identities that exports describe; what they may do is left open.
pub(super) fn rows(fold: &Fold, grants: &[Grant]) -> BTreeMap<Box<str>, IdentityRow> {
    let runs = grants.chunk_by(|one, other| one.holder == other.holder);
    let held: BTreeMap<&str, &[Grant]> = runs.filter_map(|run| Some((&*run.first()?.holder, run))).collect();
    fold.identities.iter().map(|(id, known)| (id.clone(), row(id, known, policies(id, &held)))).collect()
}

fn row(id: &str, known: &Known, policies: Vec<Box<str>>) -> IdentityRow {
    IdentityRow {
        id: id.into(),
        system: known.system.clone(),
        account: known.account.clone(),
        name: known.name.clone(),
        kind: known.kind,
        created: known.created,
        last_use: known.last_use,
        privilege: Privilege::NotExamined,
        boundary: known.boundary.clone(),
        status: known.status,
        facts: known.facts.iter().cloned().collect(),
        policies,
        paths: Vec::new(),
        evidence: known.evidence.iter().cloned().collect(),
    }
}

/// The ids of the policies that an identity has itself or by its groups.
fn policies(id: &str, held: &BTreeMap<&str, &[Grant]>) -> Vec<Box<str>> {
    let grants = |holder: &str| held.get(holder).copied().unwrap_or_default();
    let mut found: BTreeSet<&str> = BTreeSet::new();
    for grant in grants(id) {
        match &grant.object {
            GrantObject::Policy(policy) => {
                found.insert(policy);
            }
            GrantObject::Group(group) => found.extend(grants(group).iter().filter_map(|grant| match &grant.object {
                GrantObject::Policy(policy) => Some(&**policy),
                _ => None,
            })),
            _ => {}
        }
    }
    found.into_iter().take(MAX_POLICIES).map(Into::into).collect()
}
