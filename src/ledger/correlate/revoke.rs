//! Revocations that name no credential: the sessions of a role, the credentials of a deleted identity.
//!
//! The end of a parent credential does not end the sessions that were obtained with it, so it is not handed down. The
//! leases of a Vault token are another matter: they end with it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::ledger::arn;
use crate::ledger::kind;
use crate::ledger::observed::Observed;
use crate::ledger::timeline::{Switch, Timeline};
use crate::model::{CredentialId, EventKind, StandingClass};

/// What ended, as records of the log say, by the lookup key of the role or identity.
#[derive(Debug, Default)]
pub(super) struct Revocations {
    /// Sessions issued before this time.
    sessions: BTreeMap<String, Vec<(Timestamp, Switch)>>,
    /// The identity.
    deleted: BTreeMap<String, Vec<Switch>>,
}

impl Revocations {
    /// Revocations of the sessions of roles, and deletions of identities.
    pub(super) fn new(
        sessions: BTreeSet<(Box<str>, Timestamp, Switch)>,
        deleted: BTreeSet<(Box<str>, Switch)>,
    ) -> Self {
        let mut revocations = Self::default();
        for (role, before, switch) in sessions {
            revocations.sessions.entry(arn::key(&role)).or_default().push((before, switch));
        }
        for (identity, switch) in deleted {
            revocations.deleted.entry(arn::key(&identity)).or_default().push(switch);
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
        for timeline in timelines.values_mut() {
            self.end_sessions(timeline);
            self.end_identity(timeline, None);
        }
        Self::end_leases(timelines);
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

    /// Vault revokes the leases of a token together with it: <https://developer.hashicorp.com/vault/docs/concepts/lease>.
    fn end_leases(timelines: &mut BTreeMap<CredentialId, Box<Timeline>>) {
        let is_lease = |timeline: &Timeline| &*timeline.kind == "vault-lease";
        let ends = timelines.iter().filter(|(_, timeline)| is_lease(timeline)).filter_map(|(id, timeline)| {
            let parent = timelines.get(timeline.parent.as_ref()?)?;
            let revoked = parent.switches.iter().find(|switch| switch.kind == EventKind::Revoked)?;
            timeline.issued_at.is_some_and(|issued| issued <= revoked.time).then(|| (id.clone(), revoked.clone()))
        });
        for (id, switch) in ends.collect::<Vec<_>>() {
            if let Some(timeline) = timelines.get_mut(&id) {
                timeline.switch(switch);
            }
        }
    }

    /// A key that belongs to no session carries no issue time, so such a revocation does not concern it.
    fn end_sessions(&self, timeline: &mut Timeline) {
        if self.sessions.is_empty() {
            return;
        }
        if kind::standing(&timeline.kind, StandingClass::Depends, timeline.expiry, None) == StandingClass::Standing {
            return;
        }
        let roles: BTreeSet<String> = [&timeline.scope, &timeline.principal]
            .into_iter()
            .flatten()
            .flat_map(|id| places(&timeline.kind, id))
            .map(arn::key)
            .collect();
        for (before, switch) in roles.iter().filter_map(|role| self.sessions.get(role)).flatten() {
            if timeline.issued_at.is_some_and(|issued| issued < *before) {
                timeline.switch(switch.clone());
            }
        }
    }

    /// An identity made anew under an old name does not get the end of the old one: the credential must have been
    /// there before.
    fn end_identity(&self, timeline: &mut Timeline, observed: Option<&Observed>) {
        if self.deleted.is_empty() {
            return;
        }
        let exported = observed.into_iter().flat_map(|observed| &observed.principals);
        let holders: BTreeSet<String> =
            exported.map(AsRef::as_ref).chain(timeline.principal.as_deref()).map(arn::key).collect();
        let first_use = timeline.first_use.as_ref().map(|moment| moment.time);
        let since = observed.and_then(|observed| observed.created).or(timeline.issued_at).or(first_use);
        for switch in holders.iter().filter_map(|holder| self.deleted.get(holder)).flatten() {
            if since.is_some_and(|since| since < switch.time) {
                timeline.switch(switch.clone());
            }
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
