//! Which roles the holder of a standing credential could use for short-lived sessions instead, and whether anybody does.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::access::aws::arn;
use crate::access::{Judge, Question, pattern};
use crate::ledger::subject::{CredentialRow, IdentityRow, JitPath};
use crate::ledger::texts::place;
use crate::ledger::timeline::{Moment, Timeline};
use crate::model::{Evidence, Grant, GrantObject, IdentityKind, LastUse, StandingClass, Verdict};

/// What is known about roles: who is trusted, who got sessions, when they were used. Everything is looked up by holder,
/// so that the cost does not grow with holders times roles.
pub(super) struct Roles<'a> {
    identities: &'a BTreeMap<Box<str>, IdentityRow>,
    /// Who answers what an AWS identity may do.
    judge: &'a (dyn Judge + Sync + 'a),
    /// Every role that any input names, by lookup key.
    all: BTreeMap<String, Role<'a>>,
    /// Roles by the lookup key of an identity that they trust by name, or by `account` or `*` for a whole account.
    trusting: BTreeMap<String, Vec<(String, &'a Evidence)>>,
    /// Sessions by requester and role.
    sessions: BTreeMap<String, BTreeMap<String, Sessions>>,
    /// Roles that the user's configuration names as handing out sessions, by account.
    declared: BTreeMap<String, Vec<String>>,
    /// The exported id of an identity, by lookup key: logs leave the path out.
    exported: BTreeMap<String, &'a str>,
}

/// One role.
struct Role<'a> {
    id: Box<str>,
    used: LastUse,
    trust: Option<&'a Evidence>,
    /// Its trust policy names users or roles: it is there for them.
    names_people: bool,
}

/// The sessions of one role that one identity obtained.
#[derive(Clone, Debug)]
struct Sessions {
    count: u64,
    latest: Moment,
}

/// Sessions for one scope, of one principal, that one requester asked for: where the texts lie tells them apart.
struct Alike<'a> {
    timeline: &'a Timeline,
    used: LastUse,
    sessions: Option<Sessions>,
}

impl Alike<'_> {
    fn add(&mut self, used: LastUse, issued: Option<&Moment>) {
        self.used = self.used.merge(used);
        let Some(issued) = issued else { return };
        let sessions = self.sessions.get_or_insert_with(|| Sessions { count: 0, latest: issued.clone() });
        sessions.count += 1;
        if *issued > sessions.latest {
            sessions.latest = issued.clone();
        }
    }
}

impl Sessions {
    fn join(&mut self, other: Self) {
        self.count += other.count;
        if other.latest > self.latest {
            self.latest = other.latest;
        }
    }
}

impl<'a> Roles<'a> {
    /// Reads trust policies and sessions.
    pub(super) fn new(
        identities: &'a BTreeMap<Box<str>, IdentityRow>,
        judge: &'a (dyn Judge + Sync + 'a),
        grants: &'a [Grant],
        rows: &[CredentialRow],
        declared: &[String],
    ) -> Self {
        let mut roles = Self {
            identities,
            judge,
            all: BTreeMap::new(),
            trusting: BTreeMap::new(),
            sessions: BTreeMap::new(),
            declared: BTreeMap::new(),
            exported: identities.keys().map(|id| (arn::key(id), &**id)).collect(),
        };
        for (id, _) in identities.iter().filter(|(_, row)| row.kind == IdentityKind::Role) {
            roles.role(id);
        }
        for grant in grants {
            roles.add_trust(grant);
        }
        roles.add_sessions(rows);
        roles.declare(declared);
        roles
    }

    /// The ways of one identity to short-lived sessions, in order of the roles.
    pub(super) fn paths(&self, holder: &'a str) -> Vec<JitPath> {
        let key = arn::key(holder);
        let Some(user) = arn::iam(holder).filter(|identity| identity.kind == "user") else { return Vec::new() };
        let mut found: BTreeMap<&str, Option<Evidence>> = BTreeMap::new();
        for role in self.declared.get(user.account).into_iter().flatten() {
            found.insert(role, self.all.get(role).and_then(|role| role.trust).cloned());
        }
        for role in self.sessions.get(&key).into_iter().flat_map(BTreeMap::keys) {
            found.entry(role).or_default();
        }
        self.open_to_account(holder, user.account, &mut found);
        for (role, evidence) in self.trusting.get(&key).into_iter().flatten() {
            found.insert(role, Some((*evidence).clone()));
        }
        found.into_iter().filter_map(|(role, why)| self.path(&key, role, why)).collect()
    }

    /// Adds the roles that trust the holder's whole account, and that its own policies let it assume.
    fn open_to_account(&'a self, holder: &'a str, account: &str, found: &mut BTreeMap<&'a str, Option<Evidence>>) {
        const ACTION: &str = "sts:AssumeRole";
        let principal = self.exported.get(&arn::key(holder)).copied().unwrap_or(holder);
        let verdict = |resource| self.judge.decide(&Question { principal, action: ACTION, resource }).verdict;
        if verdict(None) == Verdict::Denied {
            return;
        }
        let open = [account, "*"].map(|trusted| self.trusting.get(trusted)).into_iter().flatten().flatten();
        for (role, evidence) in open {
            if self.all.get(role).is_some_and(|role| verdict(Some(&role.id)) == Verdict::Allowed) {
                let shows = format!("{}, and a policy of {holder} allows {ACTION}", evidence.shows);
                found.insert(role, Some((*evidence).clone().showing(shows)));
            }
        }
    }

    fn role(&mut self, id: &str) -> &mut Role<'a> {
        let fresh = || Role { id: id.into(), used: LastUse::Unknown, trust: None, names_people: false };
        self.all.entry(arn::key(id)).or_insert_with(fresh)
    }

    fn add_trust(&mut self, grant: &'a Grant) {
        let GrantObject::AssumeRole(id) = &grant.object else { return };
        let named = arn::iam(&grant.holder).is_some_and(|holder| ["user", "role"].contains(&holder.kind));
        let role = self.role(id);
        role.trust = role.trust.or(Some(&grant.evidence));
        role.names_people |= named;
        let trusted = arn::root_account(&grant.holder).map_or_else(|| arn::key(&grant.holder), str::to_owned);
        self.trusting.entry(trusted).or_default().push((arn::key(id), &grant.evidence));
    }

    /// Adds all sessions: first up by what they are for and who asked, since many are alike.
    fn add_sessions(&mut self, rows: &[CredentialRow]) {
        let mut places: HashMap<_, usize> = HashMap::new();
        let mut alike: Vec<Alike<'_>> = Vec::new();
        for row in rows.iter().filter(|row| row.standing == StandingClass::Ephemeral) {
            let Some(timeline) = row.timeline.as_deref() else { continue };
            let texts = [&timeline.scope, &timeline.principal, &timeline.requester];
            let at = *places.entry(texts.map(|text| text.as_deref().map(place))).or_insert_with(|| {
                alike.push(Alike { timeline, used: LastUse::Unknown, sessions: None });
                alike.len() - 1
            });
            if let Some(alike) = alike.get_mut(at) {
                alike.add(row.last_use, timeline.issued.as_ref());
            }
        }
        for alike in alike {
            self.add_alike(alike);
        }
    }

    fn add_alike(&mut self, Alike { timeline, used, sessions }: Alike<'_>) {
        let is_role = |id: &&str| arn::iam(id).is_some_and(|identity| identity.kind == "role");
        let named = [timeline.scope.as_deref(), timeline.principal.as_deref()];
        let Some(id) = named.into_iter().flatten().find(is_role) else { return };
        let role = self.role(id);
        role.used = role.used.merge(used);
        if let (Some(requester), Some(more)) = (&timeline.requester, sessions) {
            let of_requester = self.sessions.entry(arn::key(requester)).or_default();
            match of_requester.entry(arn::key(id)) {
                Entry::Vacant(vacant) => {
                    vacant.insert(more);
                }
                Entry::Occupied(mut known) => known.get_mut().join(more),
            }
        }
    }

    /// Notes the roles that the user's configuration names, by their account, unless their trust policy names people.
    fn declare(&mut self, globs: &[String]) {
        for (key, role) in &self.all {
            let named = || globs.iter().any(|glob| pattern::covers(glob, &role.id));
            if let Some(account) = arn::account(&role.id).filter(|_| !role.names_people && named()) {
                self.declared.entry(account.to_owned()).or_default().push(key.clone());
            }
        }
    }

    fn path(&self, holder: &str, key: &str, why: Option<Evidence>) -> Option<JitPath> {
        let role = self.all.get(key)?;
        let sessions = self.sessions.get(holder).and_then(|of_holder| of_holder.get(key));
        let exported = self.exported.get(key).and_then(|id| self.identities.get(*id));
        let mut evidence: BTreeSet<Evidence> = BTreeSet::new();
        evidence.extend(why);
        evidence.extend(exported.and_then(|row| row.evidence.first().cloned()));
        evidence.extend(sessions.map(|sessions| sessions.latest.evidence.clone()));
        Some(JitPath {
            role: role.id.clone(),
            last_use: exported.map(|row| row.last_use).unwrap_or_default().merge(role.used),
            issued: sessions.map_or(0, |sessions| sessions.count),
            evidence: evidence.into_iter().collect(),
        })
    }
}
