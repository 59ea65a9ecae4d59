//! Ends that name no credential: of the sessions of a role, of the credentials of an identity that was deleted or disabled,
//! of what is revoked together with the credential that it was obtained with.
//!
//! The end of a parent credential is not handed down unless the log says that it is: sessions of AWS live on.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;

use crate::ledger::arn;
use crate::ledger::grant_life::{GrantLife, GrantName};
use crate::ledger::kind;
use crate::ledger::observed::Observed;
use crate::ledger::texts::place;
use crate::ledger::timeline::{Switch, Timeline};
use crate::model::{CredentialId, EventKind, StandingClass};

/// What ended, as records of the log say, by the lookup key of the role or identity.
#[derive(Debug, Default)]
pub(super) struct Revocations {
    /// Sessions issued before this time.
    sessions: BTreeMap<String, Vec<(Timestamp, Switch)>>,
    /// The identity, in order of time; or when it was disabled and enabled again.
    identities: BTreeMap<String, BTreeSet<Switch>>,
}

/// The revocations of a credential's sessions by where its type, scope and principal lie: many have the same.
type Found<'a> = HashMap<[Option<(usize, usize)>; 3], Vec<&'a (Timestamp, Switch)>>;

impl Revocations {
    /// Revocations of the sessions of roles; deletions, disablings and enablings of identities.
    pub(super) fn new(
        sessions: BTreeSet<(Box<str>, Timestamp, Switch)>,
        identities: BTreeSet<(Box<str>, Switch)>,
    ) -> Self {
        let mut revocations = Self::default();
        for (role, before, switch) in sessions {
            revocations.sessions.entry(arn::key(&role)).or_default().push((before, switch));
        }
        for (identity, switch) in identities {
            revocations.identities.entry(arn::key(&identity)).or_default().insert(switch);
        }
        revocations
    }

    /// Enters every revocation into the timelines of the credentials that it ends. A credential of a deleted identity
    /// that no log record names gets a timeline of that one entry.
    pub(super) fn apply(
        &self,
        credentials: &BTreeMap<CredentialId, Observed>,
        timelines: &mut BTreeMap<CredentialId, Box<Timeline>>,
    ) {
        if !self.sessions.is_empty() {
            let mut found = HashMap::new();
            for timeline in timelines.values_mut() {
                self.end_sessions(timeline, &mut found);
            }
        }
        if !self.identities.is_empty() {
            for timeline in timelines.values_mut() {
                self.end_identity(timeline, None);
            }
        }
        end_children(timelines);
        for (id, observed) in credentials {
            let logged = timelines.remove(id);
            let is_logged = logged.is_some();
            let mut timeline = logged.unwrap_or_default();
            self.end_identity(&mut timeline, Some(observed));
            if is_logged || !timeline.switches.is_empty() {
                timelines.insert(id.clone(), timeline);
            }
        }
    }

    /// Ends the grants that a deleted identity held, and those of a deleted role or group. What was made after that is
    /// about a new one of the same name.
    pub(super) fn end_grants(&self, lives: &mut BTreeMap<GrantName, GrantLife>) {
        if self.identities.is_empty() {
            return;
        }
        for (name, life) in lives {
            for identity in [&*name.holder, name.object.id()].map(arn::key) {
                let switches = self.identities.get(&identity).into_iter().flatten();
                switches
                    .filter(|switch| switch.kind == EventKind::IdentityDeleted)
                    .for_each(|deleted| life.end(deleted));
            }
        }
    }

    /// A key that belongs to no session carries no issue time, so such a revocation does not concern it.
    fn end_sessions<'a>(&'a self, timeline: &mut Timeline, found: &mut Found<'a>) {
        if kind::standing(&timeline.kind, StandingClass::Depends, timeline.expiry, None) == StandingClass::Standing {
            return;
        }
        let texts = [Some(&timeline.kind), timeline.scope.as_ref(), timeline.principal.as_ref()];
        let revoked = found.entry(texts.map(|text| text.map(|text| place(text)))).or_insert_with(|| {
            let ids = [&timeline.scope, &timeline.principal].into_iter().flatten();
            let roles: BTreeSet<String> = ids.flat_map(|id| places(&timeline.kind, id)).map(arn::key).collect();
            roles.iter().filter_map(|role| self.sessions.get(role)).flatten().collect()
        });
        for (before, switch) in revoked {
            if timeline.issued_at.is_some_and(|issued| issued < *before) {
                timeline.switch(switch.clone());
            }
        }
    }

    /// An identity made anew under an old name does not get the end of the old one: the credential must have been
    /// there before.
    fn end_identity(&self, timeline: &mut Timeline, observed: Option<&Observed>) {
        if self.identities.is_empty() {
            return;
        }
        let exported = observed.into_iter().flat_map(|observed| &observed.principals);
        let holders: BTreeSet<String> =
            exported.map(AsRef::as_ref).chain(timeline.principal.as_deref()).map(arn::key).collect();
        let first_use = timeline.first_use.as_ref().map(|moment| moment.time);
        let Some(since) = observed.and_then(|observed| observed.created).or(timeline.issued_at).or(first_use) else {
            return;
        };
        for switches in holders.iter().filter_map(|holder| self.identities.get(holder)) {
            let later = switches.iter().filter(|switch| since < switch.time);
            // Who was not disabled before is not enabled by it.
            let told = later.skip_while(|switch| switch.kind == EventKind::IdentityEnabled);
            told.for_each(|switch| timeline.switch(switch.clone()));
        }
    }
}

/// Hands revocations down to what ends with its parent, to any depth. Each credential has one parent, so each is reached
/// once; a circle, which only a forged log can have, has no beginning and is not reached.
fn end_children(timelines: &mut BTreeMap<CredentialId, Box<Timeline>>) {
    let mut children: BTreeMap<CredentialId, Vec<CredentialId>> = BTreeMap::new();
    for (id, timeline) in timelines.iter().filter(|(_, timeline)| timeline.ends_with_parent) {
        if let Some(parent) = &timeline.parent {
            children.entry(parent.clone()).or_default().push(id.clone());
        }
    }
    let is_root = |id: &CredentialId| timelines.get(id).is_none_or(|timeline| !timeline.ends_with_parent);
    let mut parents: Vec<CredentialId> = children.keys().filter(|id| is_root(id)).cloned().collect();
    while let Some(parent) = parents.pop() {
        let Some(of_parent) = children.remove(&parent) else { continue };
        let revoked = timelines.get(&parent).and_then(|timeline| {
            let revoked = timeline.switches.iter().find(|switch| switch.kind == EventKind::Revoked)?;
            let shows = "revoked with the token that it was obtained with".to_owned();
            Some(Switch { evidence: revoked.evidence.clone().showing(shows), ..revoked.clone() })
        });
        for child in of_parent {
            let timeline = timelines.get_mut(&child);
            if let (Some(timeline), Some(revoked)) = (timeline, &revoked)
                && timeline.issued_at.is_some_and(|issued| issued <= revoked.time)
            {
                timeline.switch(revoked.clone());
            }
            parents.push(child);
        }
    }
}

/// The scope itself and, of a Vault lease, every path above it: leases are revoked by prefix.
fn places<'a>(kind: &str, scope: &'a str) -> impl Iterator<Item = &'a str> {
    let is_lease = kind == "vault-lease";
    std::iter::successors(Some(scope), move |path| Some(path.rsplit_once('/').filter(|_| is_lease)?.0))
}

#[cfg(test)]
mod tests {
    use super::places;

    #[test]
    fn a_lease_ends_with_every_path_above_it_and_a_role_with_itself_only() {
        assert_eq!(
            places("vault-lease", "database/creds/x").collect::<Vec<_>>(),
            ["database/creds/x", "database/creds", "database"]
        );
        assert_eq!(places("vault-token", "a/b").collect::<Vec<_>>(), ["a/b"]);
    }
}
