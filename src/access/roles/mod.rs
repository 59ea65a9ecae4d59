//! Systems in which roles are held over scopes that lie in each other: Google Cloud and Azure.
//!
//! What a role allows is known where an export holds the role, or where `rules/access/<system>/roles.yaml` does; of all
//! other roles it stays unknown. Denials that no export shows (deny policies, deny assignments) are not seen.

mod held;
mod method;
mod path;
mod privilege;
mod question;
mod table;
#[cfg(test)]
pub(super) mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use jiff::Timestamp;

use super::{Decision, Estate, Judge, Principal, Question};
use crate::model::{Evidence, Grant, GrantObject, Path, Privilege};

#[cfg(test)]
pub(super) use method::Target;
pub(super) use method::{Method, methods};
pub(super) use table::{Table, table};

/// Whether a condition holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    /// It holds, or there is none.
    Yes,
    /// It does not.
    No,
    /// It depends on this, which no export tells.
    Open(String),
}

/// What differs between the systems.
pub(super) trait Rules: Sync {
    /// The name under which facts of the system come.
    fn id(&self) -> &'static str;
    /// The roles whose permissions are published.
    fn table(&self) -> &'static Table;
    /// The ways in which some rights give more of them.
    fn methods(&self) -> &'static [Method];
    /// The permissions that let their holder give any role over the scope.
    fn giving(&self) -> &'static [&'static str];
    /// Whether a role over this scope is one over a project, a subscription, a directory, or more.
    fn is_wide(&self, scope: &str) -> bool;
    /// The scope that a scope lies in by its name alone.
    fn parent(&self, scope: &str) -> Option<String>;
    /// Whether a scope may lie in another though nothing says so.
    fn may_lie_in(&self, inner: &str, outer: &str) -> bool;
    /// Whether a condition of a grant holds at a time.
    fn condition(&self, condition: &str, as_of: Timestamp) -> Holds;
    /// The groups that an identity is in by its name alone.
    fn implied(&self, id: &str) -> Vec<&'static str>;
    /// The scope in which a workload lies.
    fn place(&self, id: &str, principal: &Principal<'_>) -> Option<String>;
    /// Whether a group has members that an export would list.
    fn has_members(&self, id: &str, principal: &Principal<'_>) -> bool;
    /// Whether a role over a scope may be a custom one, of which only an export tells what it allows.
    fn is_custom(&self, role: &str, scope: &str) -> bool;
    /// Whether two names of actions mean the same one, or a pattern covers a name.
    fn covers(&self, pattern: &str, action: &str) -> bool;
}

/// Answers about one system of this kind.
pub(super) struct RoleJudge<'a> {
    rules: &'static dyn Rules,
    estate: &'a Estate<'a>,
    grants: BTreeMap<&'a str, &'a [Grant]>,
    /// Service principals by the application that they act for.
    by_application: BTreeMap<&'a str, Vec<&'a str>>,
    /// The files that hold roles of somebody.
    exports: BTreeSet<&'a str>,
    /// What roles that somebody holds allow of the actions that methods name.
    known: BTreeMap<&'a str, BTreeMap<&'static str, held::Allows>>,
    privileges: OnceLock<BTreeMap<&'a str, Privilege>>,
    unlisted: OnceLock<Option<(&'a str, String)>>,
}

impl<'a> RoleJudge<'a> {
    /// A judge of one system over an estate.
    pub(super) fn new(rules: &'static dyn Rules, estate: &'a Estate<'a>) -> Self {
        let runs = estate.grants.chunk_by(|one, other| one.holder == other.holder);
        let grants = runs.filter_map(|run| Some((&*run.first()?.holder, run))).collect();
        let mut by_application: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (id, principal) in estate.principals.iter().filter(|(_, principal)| is_workload(principal)) {
            if let Some(application) = fact(principal, "app-id") {
                by_application.entry(application).or_default().push(id);
            }
        }
        let of_roles = estate.grants.iter().filter(|grant| matches!(grant.object, GrantObject::Role(_)));
        let own: Vec<&Grant> = of_roles.filter(|grant| &*grant.system == rules.id()).collect();
        let exports = own.iter().map(|grant| grant.evidence.input.name()).collect();
        let (known, privileges, unlisted) = (BTreeMap::new(), OnceLock::new(), OnceLock::new());
        let mut judge = Self { rules, estate, grants, by_application, exports, known, privileges, unlisted };
        let held: BTreeSet<&str> = own.iter().map(|grant| grant.object.id()).collect();
        judge.known = held.into_iter().map(|role| (role, judge.marks(role))).collect();
        judge
    }

    /// What a role allows of the actions that methods name.
    fn marks(&self, role: &str) -> BTreeMap<&'static str, held::Allows> {
        let named = self.rules.methods().iter().flat_map(|method| &method.actions).map(String::as_str);
        let all = named.chain(self.rules.giving().iter().copied());
        all.map(|action| (action, self.reads(role, action))).collect()
    }

    /// The identities of the system.
    fn own(&self) -> impl Iterator<Item = (&'a str, &'a Principal<'a>)> + use<'a> {
        let system = self.rules.id();
        let estate = self.estate;
        let all = estate.principals.iter().filter(move |(_, principal)| principal.system == system);
        all.map(|(id, principal)| (*id, principal))
    }

    /// Whether a scope is another one or lies in it, however deep. Scopes that lie in each other are one.
    fn lies_in(&self, inner: &str, outer: &str) -> bool {
        self.around(inner).contains(&outer.to_ascii_lowercase())
    }

    /// A scope and all that it lies in, in lower case.
    fn around(&self, scope: &str) -> BTreeSet<String> {
        let mut seen: BTreeSet<String> = BTreeSet::new();
        let mut next = vec![scope.to_owned()];
        while let Some(scope) = next.pop() {
            if !seen.insert(scope.to_ascii_lowercase()) {
                continue;
            }
            let known = self.grants.get(scope.as_str()).copied().unwrap_or_default();
            next.extend(known.iter().filter_map(|grant| match &grant.object {
                GrantObject::Group(parent) => Some(parent.to_string()),
                _ => None,
            }));
            next.extend(self.rules.parent(&scope));
        }
        seen
    }
}

impl Judge for RoleJudge<'_> {
    fn privilege(&self, principal: &str) -> Privilege {
        self.privileges().get(principal).cloned().unwrap_or_default()
    }

    fn paths(&self) -> Vec<Path> {
        path::paths(self)
    }

    fn decide(&self, question: &Question<'_>) -> Decision {
        self.answer(question)
    }
}

/// The value of a fact about an identity.
fn fact<'a>(principal: &Principal<'a>, name: &str) -> Option<&'a str> {
    principal.facts.iter().find(|fact| &*fact.name == name).map(|fact| &*fact.value)
}

fn is_workload(principal: &Principal<'_>) -> bool {
    principal.kind == crate::model::IdentityKind::Workload
}

/// Evidence once each, in order.
fn once(evidence: impl IntoIterator<Item = Evidence>) -> Vec<Evidence> {
    evidence.into_iter().collect::<BTreeSet<Evidence>>().into_iter().collect()
}
