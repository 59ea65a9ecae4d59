//! What identities hold: their bindings and those of the groups that Kubernetes puts them in.

use std::collections::BTreeMap;

use super::action::Action;
use crate::access::{Deciding, Estate};
use crate::model::{Evidence, Grant, GrantObject, Policy, Standing, Statement};

/// The system.
pub(super) const SYSTEM: &str = "kubernetes";
/// The role that allows everything, by its published content.
const CLUSTER_ADMIN: &str = "ClusterRole/cluster-admin";
/// The group that is not asked for rights at all.
pub(super) const MASTERS: &str = "group:system:masters";

/// One binding of an identity.
#[derive(Clone, Copy, Debug)]
pub(super) struct Held<'a> {
    /// The binding.
    pub(super) grant: &'a Grant,
    /// The role, where an export holds it.
    pub(super) role: Option<&'a Policy>,
}

/// The bindings of all holders.
pub(super) struct Rights<'a> {
    held: BTreeMap<&'a str, Vec<Held<'a>>>,
}

/// A permission that a binding gives.
#[derive(Clone, Copy, Debug)]
pub(super) struct Permit<'a> {
    /// The binding.
    pub(super) held: Held<'a>,
    /// The names of the objects; all where there are none.
    pub(super) names: &'a [Box<str>],
    /// What the role allows, as it says it.
    pub(super) action: &'a str,
}

impl<'a> Rights<'a> {
    /// The bindings in an estate.
    pub(super) fn new(estate: &'a Estate<'a>) -> Self {
        let mut held: BTreeMap<&str, Vec<Held<'a>>> = BTreeMap::new();
        for grant in estate.grants.iter().filter(|grant| &*grant.system == SYSTEM) {
            let in_force = !matches!(grant.standing, Standing::ExpiredStillPresent | Standing::Eligible);
            if let (GrantObject::Role(role), true) = (&grant.object, in_force) {
                held.entry(&grant.holder).or_default().push(Held { grant, role: estate.policies.get(role) });
            }
        }
        Self { held }
    }

    /// Whether there are any bindings.
    pub(super) fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// All holders.
    pub(super) fn holders(&self) -> impl Iterator<Item = &'a str> {
        self.held.keys().copied()
    }

    /// The bindings of an identity, its own first.
    pub(super) fn of(&self, id: &str) -> Vec<Held<'a>> {
        let own = std::iter::once(id.to_owned()).chain(groups(id));
        own.filter_map(|holder| self.held.get(holder.as_str())).flatten().copied().collect()
    }
}

/// The groups that Kubernetes itself puts an identity in.
fn groups(id: &str) -> Vec<String> {
    if id.starts_with("group:") {
        return Vec::new();
    }
    let mut groups = vec!["group:system:authenticated".to_owned()];
    if let Some((namespace, _)) = account(id) {
        groups.push("group:system:serviceaccounts".to_owned());
        groups.push(format!("group:system:serviceaccounts:{namespace}"));
    }
    groups
}

/// The namespace and name of a service account.
pub(super) fn account(id: &str) -> Option<(&str, &str)> {
    id.strip_prefix("system:serviceaccount:")?.split_once(':')
}

impl<'a> Held<'a> {
    /// The role's id.
    pub(super) fn role_id(&self) -> &'a str {
        self.grant.object.id()
    }

    /// Where it holds: a namespace, or empty for the cluster.
    pub(super) fn scope(&self) -> &'a str {
        &self.grant.scope
    }

    /// What the role allows is known.
    pub(super) fn is_known(&self) -> bool {
        self.role.is_some() || self.role_id() == CLUSTER_ADMIN
    }

    /// The permissions of this binding that cover what is asked.
    pub(super) fn permits(self, asked: Action<'_>) -> impl Iterator<Item = Permit<'a>> {
        let published = self.role.is_none() && self.role_id() == CLUSTER_ADMIN;
        let everything = published.then_some(Permit { held: self, names: &[], action: "* */*" });
        let statements = self.role.map(|role| role.statements.as_slice()).unwrap_or_default();
        let covers = move |action: &&str| Action::of_rule(action).is_some_and(|own| own.covers(asked));
        let permit = move |statement: &'a Statement| {
            let action = statement.actions.iter().map(|action| &**action).find(covers)?;
            Some(Permit { held: self, names: names(statement), action })
        };
        let named = move |permit: &Permit<'_>| permit.names.is_empty() || !asked.has_no_name();
        everything.into_iter().chain(statements.iter().filter_map(permit)).filter(named)
    }

    /// The records that say so: the binding, and the role where an export holds it.
    pub(super) fn evidence(&self) -> Vec<Evidence> {
        let role = self.role.map(|role| role.evidence.clone());
        std::iter::once(self.grant.evidence.clone()).chain(role).collect()
    }
}

impl Permit<'_> {
    /// As a statement that decides.
    pub(super) fn deciding(&self) -> Deciding {
        let names = if self.names.is_empty() { String::new() } else { format!(" named {}", self.names.join(", ")) };
        Deciding {
            policy: self.held.role_id().into(),
            statement: format!("Allow {}{names}", self.action),
            via: self.held.grant.id.to_string(),
            evidence: self.held.evidence(),
        }
    }
}

/// The names that a rule is limited to.
fn names(statement: &Statement) -> &[Box<str>] {
    if statement.resources.iter().any(|name| &**name == "*") { &[] } else { &statement.resources }
}
