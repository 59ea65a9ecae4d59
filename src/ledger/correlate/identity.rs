//! One row an identity: its policies, direct and by groups, and what they add up to.

use std::collections::{BTreeMap, BTreeSet};

use crate::ledger::fold::Fold;
use crate::ledger::observed::Known;
use crate::ledger::subject::{IdentityRow, Privilege};
use crate::model::{Evidence, GrantObject, IdentityKind};

use super::privilege::{Held, Holdings, MAX_HELD, privilege};

/// The grants of a fold, by holder.
pub(super) struct Access<'a> {
    fold: &'a Fold,
    held: BTreeMap<&'a str, Vec<(&'a GrantObject, &'a Evidence)>>,
    /// The files that speak about grants: an identity that such a file lists was examined.
    exports: BTreeSet<&'a str>,
}

impl<'a> Access<'a> {
    /// Reads the grants of `fold`.
    pub(super) fn new(fold: &'a Fold) -> Self {
        let mut held: BTreeMap<&str, Vec<_>> = BTreeMap::new();
        let mut exports = BTreeSet::new();
        for (key, evidence) in &fold.grants {
            held.entry(&*key.holder).or_default().push((&key.object, evidence));
            exports.insert(evidence.input.name());
        }
        exports.extend(fold.policies.values().map(|policy| policy.evidence.input.name()));
        Self { fold, held, exports }
    }

    /// All identities that exports describe.
    pub(super) fn identities(&self) -> BTreeMap<Box<str>, IdentityRow> {
        self.fold.identities.iter().map(|(id, known)| (id.clone(), self.row(id, known))).collect()
    }

    /// The policies in force for an identity, direct ones first.
    pub(super) fn holdings(&self, id: &'a str) -> Holdings<'a> {
        let mut holdings = Holdings::default();
        for (object, evidence) in self.grants(id) {
            if holdings.held.len() > MAX_HELD {
                break;
            }
            match object {
                GrantObject::Policy(policy) => holdings.held.push(self.hold(policy, None, vec![evidence])),
                GrantObject::Group(group) => self.add_group(&mut holdings, group, evidence),
                GrantObject::AssumeRole(_) | GrantObject::Role(_) | GrantObject::Cap(_) => {}
            }
        }
        holdings.cut = holdings.held.len() > MAX_HELD;
        holdings.held.truncate(MAX_HELD);
        holdings.held.sort_by_key(|held| held.evidence.len());
        let boundary = self.fold.identities.get(id).and_then(|known| known.boundary.as_deref());
        holdings.boundary = boundary.map(|boundary| (boundary, self.fold.policies.get(boundary)));
        holdings
    }

    fn row(&self, id: &'a str, known: &Known) -> IdentityRow {
        let holdings = self.holdings(id);
        let policies: BTreeSet<&str> = holdings.held.iter().map(|held| held.id).collect();
        IdentityRow {
            id: id.into(),
            system: known.system.clone(),
            account: known.account.clone(),
            name: known.name.clone(),
            kind: known.kind,
            created: known.created,
            last_use: known.last_use,
            privilege: self.privilege(known, &holdings),
            boundary: known.boundary.clone(),
            status: known.status,
            facts: known.facts.iter().cloned().collect(),
            policies: policies.into_iter().map(Into::into).collect(),
            paths: Vec::new(),
            evidence: known.evidence.iter().cloned().collect(),
        }
    }

    fn privilege(&self, known: &Known, holdings: &Holdings<'_>) -> Privilege {
        if known.kind == IdentityKind::Root {
            let how = "root user of the account".to_owned();
            return Privilege::Admin { how, evidence: known.evidence.iter().cloned().collect() };
        }
        let examined = known.evidence.iter().any(|evidence| self.exports.contains(evidence.input.name()));
        if examined { privilege(holdings) } else { Privilege::NotExamined }
    }

    fn grants(&self, id: &str) -> impl Iterator<Item = (&'a GrantObject, &'a Evidence)> {
        self.held.get(id).into_iter().flatten().copied()
    }

    fn add_group(&self, holdings: &mut Holdings<'a>, group: &'a str, membership: &'a Evidence) {
        let mut policies = self.grants(group).peekable();
        if policies.peek().is_none() && !self.fold.identities.contains_key(group) {
            holdings.unknown_groups.push(group);
        }
        for (object, evidence) in policies.take(MAX_HELD + 1) {
            if let GrantObject::Policy(policy) = object {
                holdings.held.push(self.hold(policy, Some(group), vec![membership, evidence]));
            }
        }
    }

    fn hold(&self, policy: &'a str, group: Option<&str>, evidence: Vec<&'a Evidence>) -> Held<'a> {
        let via = group.map(|group| format!(" via group {}", short(group))).unwrap_or_default();
        Held { id: policy, how: format!("{}{via}", short(policy)), evidence, policy: self.fold.policies.get(policy) }
    }
}

/// The last part of an ARN: `AdministratorAccess`, `deployers`; for an inline policy its own name.
pub(super) fn short(id: &str) -> &str {
    let id = id.rsplit_once("#inline/").map_or(id, |(_, name)| name);
    id.rsplit('/').next().unwrap_or(id)
}
