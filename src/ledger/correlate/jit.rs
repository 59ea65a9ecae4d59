//! Which roles the holder of a standing credential could use for short-lived sessions instead, and whether anybody does.

use std::collections::{BTreeMap, BTreeSet};

use crate::ledger::arn;
use crate::ledger::subject::{CredentialRow, IdentityRow, JitPath};
use crate::ledger::timeline::Moment;
use crate::model::{Evidence, Grant, GrantObject, IdentityKind, LastUse, StandingClass};

use super::identity::Access;
use super::pattern;
use super::privilege::allows;

/// What is known about roles: who is trusted, who got sessions, when they were used.
pub(super) struct Roles<'a> {
    identities: &'a BTreeMap<Box<str>, IdentityRow>,
    access: &'a Access<'a>,
    declared: &'a [String],
    trust: BTreeMap<&'a str, Vec<(&'a str, &'a Evidence)>>,
    /// Sessions by requester and role, both as lookup keys.
    sessions: BTreeMap<(String, String), Sessions>,
    used: BTreeMap<String, LastUse>,
    /// Every role that any input names, as lookup key and as written.
    all: BTreeMap<String, Box<str>>,
    /// The exported id of an identity, by lookup key: logs leave the path out.
    exported: BTreeMap<String, &'a str>,
}

/// The sessions of one role that one identity obtained.
#[derive(Clone, Debug)]
struct Sessions {
    count: u64,
    latest: Moment,
}

impl<'a> Roles<'a> {
    /// Reads trust policies and sessions.
    pub(super) fn new(
        identities: &'a BTreeMap<Box<str>, IdentityRow>,
        access: &'a Access<'a>,
        grants: &'a [Grant],
        rows: &[CredentialRow],
        declared: &'a [String],
    ) -> Self {
        let mut roles = Self {
            identities,
            access,
            declared,
            trust: BTreeMap::new(),
            sessions: BTreeMap::new(),
            used: BTreeMap::new(),
            all: BTreeMap::new(),
            exported: identities.keys().map(|id| (arn::key(id), &**id)).collect(),
        };
        for (id, _) in identities.iter().filter(|(_, row)| row.kind == IdentityKind::Role) {
            roles.all.insert(arn::key(id), id.clone());
        }
        for grant in grants {
            if let GrantObject::AssumeRole(role) = &grant.object {
                roles.trust.entry(role).or_default().push((&grant.holder, &grant.evidence));
                roles.all.entry(arn::key(role)).or_insert_with(|| role.clone());
            }
        }
        for row in rows {
            roles.add_session(row);
        }
        roles
    }

    /// The ways of one identity to short-lived sessions, in order of the roles.
    pub(super) fn paths(&self, holder: &'a str) -> Vec<JitPath> {
        let Some(user) = arn::iam(holder).filter(|identity| identity.kind == "user") else { return Vec::new() };
        let holdings = self.access.holdings(self.exported.get(&arn::key(holder)).copied().unwrap_or(holder));
        self.all
            .iter()
            .filter_map(|(key, role)| {
                let trusted = self.trusts(role, holder, &|role| allows(&holdings, "sts:AssumeRole", role));
                let sessions = self.sessions.get(&(arn::key(holder), key.clone()));
                let declared = || self.declares(role, user.account);
                let found = trusted.is_some() || sessions.is_some() || declared();
                found.then(|| self.path(key, role, trusted.or_else(|| self.described(role)), sessions))
            })
            .collect()
    }

    fn add_session(&mut self, row: &CredentialRow) {
        let Some(timeline) = row.timeline.as_ref().filter(|_| row.standing == StandingClass::Ephemeral) else { return };
        let is_role = |id: &&str| arn::iam(id).is_some_and(|identity| identity.kind == "role");
        let named = [timeline.scope.as_deref(), timeline.principal.as_deref()];
        let Some(role) = named.into_iter().flatten().find(is_role) else { return };
        let key = arn::key(role);
        self.all.entry(key.clone()).or_insert_with(|| role.into());
        let used = self.used.entry(key.clone()).or_default();
        *used = used.merge(row.last_use);
        if let (Some(requester), Some(issued)) = (&timeline.requester, &timeline.issued) {
            let first = Sessions { count: 0, latest: issued.clone() };
            let sessions = self.sessions.entry((arn::key(requester), key)).or_insert(first);
            sessions.count += 1;
            sessions.latest = sessions.latest.clone().max(issued.clone());
        }
    }

    /// The record by which `role` trusts `holder`: by name, or by its account where the holder's own policies allow
    /// the rest.
    fn trusts(&self, role: &str, holder: &str, allowed: &dyn Fn(&str) -> bool) -> Option<Evidence> {
        let trust = self.trust.get(role)?;
        if let Some((_, evidence)) = trust.iter().find(|(trusted, _)| arn::same(trusted, holder)) {
            return Some((*evidence).clone());
        }
        let account = arn::account(holder);
        let open = |trusted: &str| trusted == "*" || account.is_some_and(|it| arn::root_account(trusted) == Some(it));
        let (_, evidence) = trust.iter().find(|(trusted, _)| open(trusted))?;
        allowed(role).then(|| {
            let mut evidence = (*evidence).clone();
            evidence.shows = format!("{}, and a policy of {holder} allows sts:AssumeRole", evidence.shows).into();
            evidence
        })
    }

    /// Whether the user's configuration names the role as one that hands out sessions, in the same account, unless its
    /// trust policy is known and names other people only.
    fn declares(&self, role: &str, account: &str) -> bool {
        let named = self.declared.iter().any(|glob| pattern::covers(glob, role));
        let others_only = self.trust.get(role).is_some_and(|trust| {
            trust.iter().all(|(trusted, _)| arn::iam(trusted).is_some_and(|it| ["user", "role"].contains(&it.kind)))
        });
        named && !others_only && arn::account(role) == Some(account)
    }

    fn path(&self, key: &str, role: &str, why: Option<Evidence>, sessions: Option<&Sessions>) -> JitPath {
        let exported = self.identities.get(role);
        let mut evidence: BTreeSet<Evidence> = BTreeSet::new();
        evidence.extend(why);
        evidence.extend(exported.and_then(|row| row.evidence.first().cloned()));
        evidence.extend(sessions.map(|sessions| sessions.latest.evidence.clone()));
        let last_use = exported.map(|row| row.last_use).unwrap_or_default();
        JitPath {
            role: role.into(),
            last_use: last_use.merge(self.used.get(key).copied().unwrap_or_default()),
            issued: sessions.map_or(0, |sessions| sessions.count),
            evidence: evidence.into_iter().collect(),
        }
    }

    fn described(&self, role: &str) -> Option<Evidence> {
        self.trust.get(role)?.first().map(|(_, evidence)| (*evidence).clone())
    }
}
