//! What a grant that a log shows lets its holder do by itself, whoever holds it.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::access::{self, Estate, Principal};
use crate::ledger::grant_life::{GrantLife, GrantName};
use crate::ledger::subject::IdentityRow;
use crate::model::{Evidence, Grant, IdentityKind, LastUse, Policy, Standing, Status};

/// How many grants are judged, in order of their names. The others stay not examined.
const MAX_JUDGED: usize = 20_000;

/// Asks the judge of each system about every grant alone: in the hands of somebody who holds nothing else.
pub(super) fn assess(
    lives: &mut BTreeMap<GrantName, GrantLife>,
    identities: &BTreeMap<Box<str>, IdentityRow>,
    policies: &BTreeMap<Box<str>, Policy>,
    as_of: Timestamp,
) {
    let alone: Vec<(String, Grant)> = lives.iter().take(MAX_JUDGED).enumerate().filter_map(alone).collect();
    let grants: Vec<Grant> = alone.iter().map(|(_, grant)| grant.clone()).collect();
    let mut principals: BTreeMap<&str, Principal<'_>> =
        identities.iter().map(|(id, row)| (&**id, row.principal())).collect();
    for (holder, grant) in &alone {
        let account =
            identities.get(grant.holder.split('#').next().unwrap_or_default()).and_then(|row| row.account.as_deref());
        principals.insert(holder, stranger(grant, account));
    }
    let estate = Estate { as_of, principals, grants: &grants, policies };
    let judges = access::judges(&estate);
    for ((name, life), (holder, _)) in lives.iter_mut().zip(&alone) {
        if let Some(judge) = judges.get(&*name.system) {
            life.privilege = judge.privilege(holder);
        }
    }
}

/// The grant in the hands of a holder that nothing else names.
fn alone((number, (name, life)): (usize, (&GrantName, &GrantLife))) -> Option<(String, Grant)> {
    let evidence: Evidence = life
        .made
        .last()
        .map(|made| made.evidence.clone())
        .or_else(|| life.ended.last().map(|end| end.evidence.clone()))?;
    let holder = format!("{}#{number}", name.holder);
    let grant = Grant::observed(&name.system, &holder, name.object.clone(), evidence);
    Some((holder, Grant { scope: name.scope.clone(), standing: Standing::Standing, ..grant }))
}

fn stranger<'a>(grant: &'a Grant, account: Option<&'a str>) -> Principal<'a> {
    Principal {
        system: &grant.system,
        account,
        name: &grant.holder,
        kind: IdentityKind::User,
        boundary: None,
        status: Status::Unknown,
        last_use: LastUse::Unknown,
        facts: &[],
        evidence: std::slice::from_ref(&grant.evidence),
    }
}
