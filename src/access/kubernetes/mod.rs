//! Kubernetes: what its role-based access control allows. It only ever adds: there is no denial, and who no binding names
//! may do nothing.
//!
//! An action is `VERB RESOURCE` with the API group before the resource (`create apps/deployments`, `get pods/log`) or a
//! path (`get /healthz`); without a group it is one of the
//! core group, or of a rule that names it. A resource is `NAMESPACE/NAME`, with `*` for every
//! name, or the name of an object of the cluster. Which groups a user is in, the authenticator decides and no export
//! tells. Other authorisers (nodes, webhooks) are not in exports either.

mod action;
mod escalation;
mod method;
mod rights;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::{Decision, Estate, Judge, Question, System};
use crate::model::{IdentityKind, Path, Privilege, Verdict};
use action::Action;
use rights::{Held, MASTERS, Permit, Rights, SYSTEM};

/// Kubernetes.
pub(super) struct Kubernetes;

impl System for Kubernetes {
    fn id(&self) -> &'static str {
        SYSTEM
    }

    fn judge<'a>(&self, estate: &'a Estate<'a>) -> Box<dyn Judge + Sync + 'a> {
        Box::new(KubernetesJudge::new(estate))
    }
}

/// Answers about the clusters of an estate.
struct KubernetesJudge<'a> {
    estate: &'a Estate<'a>,
    rights: Rights<'a>,
    privileges: OnceLock<BTreeMap<&'a str, Privilege>>,
}

impl<'a> KubernetesJudge<'a> {
    fn new(estate: &'a Estate<'a>) -> Self {
        Self { estate, rights: Rights::new(estate), privileges: OnceLock::new() }
    }

    /// The identities of the system, in order.
    fn own(&self) -> impl Iterator<Item = &'a str> {
        self.estate.principals.iter().filter(|(_, principal)| principal.system == SYSTEM).map(|(id, _)| *id)
    }

    fn privileges(&self) -> &BTreeMap<&'a str, Privilege> {
        self.privileges.get_or_init(|| self.own().map(|id| (id, self.assess(id))).collect())
    }

    fn assess(&self, id: &str) -> Privilege {
        if id == MASTERS {
            let evidence =
                self.estate.principals.get(id).map(|principal| principal.evidence.to_vec()).unwrap_or_default();
            return Privilege::Admin { how: "the group is not asked for rights".to_owned(), evidence };
        }
        let held = self.rights.of(id);
        let everything = |held: &&Held<'a>| {
            held.scope().is_empty() && held.permits(Action::EVERYTHING).any(|permit| permit.names.is_empty())
        };
        if let Some(held) = held.iter().find(everything) {
            let how = format!("{} by {}", held.role_id(), held.grant.id);
            return Privilege::Admin { how, evidence: held.evidence() };
        }
        if let Some(held) = held.iter().find(|held| !held.is_known()) {
            return Privilege::Unknown(format!("{} is not in any export", held.role_id()));
        }
        if self.rights.is_empty() { Privilege::NotExamined } else { Privilege::Limited }
    }

    /// The groups whose bindings would allow it, were the identity in them.
    fn groups_that_may(&self, asked: Action<'_>, on: On<'_>) -> Option<&'a str> {
        let groups =
            self.rights.holders().filter(|holder| holder.starts_with("group:") && !holder.starts_with("group:system:"));
        let mut may = groups.filter(|group| {
            self.rights.of(group).into_iter().flat_map(|held| held.permits(asked)).any(|permit| on.is_in(&permit))
        });
        may.next()
    }
}

/// On what something is asked.
#[derive(Clone, Copy)]
struct On<'q> {
    /// The namespace; nothing for objects of the cluster, and where nothing is asked.
    namespace: Option<&'q str>,
    /// The name; nothing where any object will do.
    name: Option<&'q str>,
}

impl<'q> On<'q> {
    fn of(resource: Option<&'q str>) -> Self {
        match resource.map(|resource| resource.split_once('/').map_or((None, resource), |(of, name)| (Some(of), name)))
        {
            Some((namespace, name)) => Self { namespace, name: Some(name) },
            None => Self { namespace: None, name: None },
        }
    }

    /// Whether a permission reaches there.
    fn is_in(self, permit: &Permit<'_>) -> bool {
        let scope = permit.held.scope();
        let Some(name) = self.name else { return true };
        let there = scope.is_empty() || self.namespace == Some(scope);
        there && (permit.names.is_empty() || permit.names.iter().any(|own| &**own == name))
    }
}

impl Judge for KubernetesJudge<'_> {
    fn privilege(&self, principal: &str) -> Privilege {
        self.privileges().get(principal).cloned().unwrap_or_default()
    }

    fn paths(&self) -> Vec<Path> {
        escalation::paths(self)
    }

    fn decide(&self, question: &Question<'_>) -> Decision {
        let answer = |verdict, why: String, deciding| Decision { verdict, why, deciding };
        let Some(asked) = Action::asked(question.action) else {
            return answer(Verdict::Unknown, "the action is not VERB RESOURCE".to_owned(), Vec::new());
        };
        if question.principal == MASTERS {
            return answer(Verdict::Allowed, "the group is not asked for rights".to_owned(), Vec::new());
        }
        let on = On::of(question.resource);
        let held = self.rights.of(question.principal);
        let mut permits: Vec<Permit<'_>> =
            held.iter().flat_map(|held| held.permits(asked)).filter(|permit| on.is_in(permit)).collect();
        permits.sort_by_key(|permit| (!permit.held.scope().is_empty(), !permit.names.is_empty()));
        if let Some(first) = permits.first() {
            let scope = first.held.scope();
            let place =
                if scope.is_empty() { "in the whole cluster".to_owned() } else { format!("in namespace {scope}") };
            let why = format!("{} by {}, {place}", first.held.role_id(), first.held.grant.id);
            return answer(Verdict::Allowed, why, permits.iter().map(Permit::deciding).collect());
        }
        if let Some(held) = held.iter().find(|held| !held.is_known()) {
            return answer(Verdict::Unknown, format!("{} is not in any export", held.role_id()), Vec::new());
        }
        if self.rights.is_empty() {
            return answer(Verdict::Unknown, "no export holds bindings".to_owned(), Vec::new());
        }
        let is_user = self.estate.principals.get(question.principal).is_none_or(|own| own.kind == IdentityKind::User);
        match self.groups_that_may(asked, on).filter(|_| is_user && !question.principal.starts_with("group:")) {
            Some(group) => {
                let name = group.trim_start_matches("group:");
                answer(Verdict::Conditional, format!("allowed if it is in the group {name}"), Vec::new())
            }
            None => answer(Verdict::Denied, "no binding allows it".to_owned(), Vec::new()),
        }
    }
}
