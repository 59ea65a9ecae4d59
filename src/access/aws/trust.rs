//! Who may become whom: the trust policies of roles.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::arn;
use super::condition::{Condition, Truth};
use super::context::Context;
use super::policies::Policies;
use crate::model::{Effect, Evidence, Grant, GrantObject};

/// What stands behind the role in the id of a policy that holds what its trust policy denies.
pub(super) const DENIED: &str = "#trust/";

/// The trust policies of an estate.
#[derive(Debug, Default)]
pub(super) struct Trusts<'a> {
    edges: Vec<Edge<'a>>,
    /// By the role, all edges.
    of_role: BTreeMap<&'a str, Vec<usize>>,
    /// By the lookup key of who is trusted by name.
    of_named: BTreeMap<String, Vec<usize>>,
    /// By the role, the services that it trusts.
    services: BTreeMap<&'a str, Vec<Edge<'a>>>,
    /// By the role, what its trust policy denies: to whom, and the id of the policy that says so.
    denied: BTreeMap<&'a str, Vec<(&'a str, &'a str)>>,
}

/// One principal that one role trusts.
#[derive(Debug)]
struct Edge<'a> {
    role: &'a str,
    grant: &'a Grant,
    condition: Condition,
}

/// That a role trusts somebody.
#[derive(Clone, Debug)]
pub(super) struct Trust<'a> {
    /// By name, in the same account: its own policies need not allow the assumption.
    pub(super) by_name: bool,
    /// Whether the conditions hold.
    pub(super) holds: Truth,
    /// Where it stands.
    pub(super) evidence: &'a Evidence,
}

impl<'a> Trusts<'a> {
    /// Reads the trust grants and what trust policies deny.
    pub(super) fn new(grants: &'a [Grant]) -> Self {
        let mut trusts = Self::default();
        for grant in grants.iter().filter(|grant| &*grant.system == "aws") {
            match &grant.object {
                GrantObject::AssumeRole(role) => trusts.add(role, grant),
                GrantObject::Cap(policy) => {
                    if let Some((role, _)) = policy.split_once(DENIED) {
                        trusts.denied.entry(role).or_default().push((&grant.holder, policy));
                    }
                }
                _ => {}
            }
        }
        trusts
    }

    /// The services and providers that a role trusts, in lower case.
    pub(super) fn services(&self, role: &str) -> impl Iterator<Item = String> {
        self.services.get(role).into_iter().flatten().map(|edge| edge.grant.holder.to_ascii_lowercase())
    }

    /// Whether a role trusts a service that acts in its account.
    pub(super) fn trusts_service(&self, role: &str, service: &str, as_of: Timestamp) -> Option<Trust<'a>> {
        let account = arn::account(role).unwrap_or_default();
        let context = Context { as_of, id: service, principal: None, fixed: &[("aws:sourceaccount", account)] };
        let edges = self.services.get(role).into_iter().flatten();
        let of_service = edges.filter(|edge| edge.grant.holder.eq_ignore_ascii_case(service));
        let trust = |edge: &Edge<'a>| Trust {
            by_name: true,
            holds: edge.condition.holds(&context),
            evidence: &edge.grant.evidence,
        };
        let might = of_service.map(trust).filter(|trust| trust.holds != Truth::No);
        might.min_by_key(|trust| trust.holds != Truth::Yes)
    }

    /// The roles that name an identity.
    pub(super) fn naming(&self, id: &str) -> impl Iterator<Item = &'a str> {
        let edges = self.of_named.get(&arn::key(id)).into_iter().flatten();
        edges.filter_map(|&edge| self.edges.get(edge)).map(|edge| edge.role)
    }

    /// The accounts that a role trusts as a whole, or `*`.
    pub(super) fn accounts(&self, role: &str) -> impl Iterator<Item = &'a str> {
        let edges = self.of_role.get(role).into_iter().flatten();
        let holders = edges.filter_map(|&edge| self.edges.get(edge)).map(|edge| &*edge.grant.holder);
        holders.filter_map(|holder| if holder == "*" { Some(holder) } else { arn::root_account(holder) })
    }

    /// Whether a role trusts who makes a request, the surest statement first.
    pub(super) fn trusts(&self, role: &str, context: &Context<'_>, policies: &Policies<'_>) -> Option<Trust<'a>> {
        let mut best: Option<Trust<'a>> = None;
        for edge in self.of_role.get(role).into_iter().flatten().filter_map(|&edge| self.edges.get(edge)) {
            let Some(by_name) = names(&edge.grant.holder, context.id) else { continue };
            let holds = edge.condition.holds(context);
            let by_name = by_name && arn::account(role) == arn::account(context.id);
            let better = best
                .as_ref()
                .is_none_or(|best| (holds == Truth::Yes, by_name) > (best.holds == Truth::Yes, best.by_name));
            if holds != Truth::No && better {
                best = Some(Trust { by_name, holds, evidence: &edge.grant.evidence });
            }
        }
        let mut best = best?;
        for (holder, id) in self.denied.get(role).into_iter().flatten() {
            if names(holder, context.id).is_some() {
                best.holds = best.holds.and(denied(policies, id, context).not());
            }
        }
        (best.holds != Truth::No).then_some(best)
    }

    fn add(&mut self, role: &'a str, grant: &'a Grant) {
        let place = self.edges.len();
        let kind = grant.facts.iter().find(|fact| &*fact.name == "principal-kind").map(|fact| &*fact.value);
        let holder = &*grant.holder;
        if matches!(kind, Some("Service" | "Federated")) || (kind.is_none() && holder.ends_with(".amazonaws.com")) {
            self.services.entry(role).or_default().push(Edge::new(role, grant));
            return;
        }
        self.edges.push(Edge::new(role, grant));
        self.of_role.entry(role).or_default().push(place);
        if holder != "*" && arn::root_account(holder).is_none() {
            self.of_named.entry(arn::key(holder)).or_default().push(place);
        }
    }
}

impl<'a> Edge<'a> {
    fn new(role: &'a str, grant: &'a Grant) -> Self {
        Self { role, grant, condition: Condition::parse(&grant.condition) }
    }
}

/// Whether a principal of a trust policy means an identity; and if it does, whether it grants by itself, as a name and
/// `*` do, or leaves it to the policies of the account.
fn names(holder: &str, id: &str) -> Option<bool> {
    if holder == "*" {
        return Some(true);
    }
    if let Some(account) = arn::root_account(holder) {
        return (arn::account(id) == Some(account)).then_some(false);
    }
    (arn::key(holder) == arn::key(id)).then_some(true)
}

/// Whether a statement of this policy denies the assumption.
fn denied(policies: &Policies<'_>, id: &str, context: &Context<'_>) -> Truth {
    let Some(policy) = policies.get(id) else { return Truth::open("what the trust policy denies") };
    let denies = policy.rules.iter().filter(|rule| rule.statement.effect == Effect::Deny);
    denies.fold(Truth::No, |truth, rule| truth.or(rule.condition.holds(context)))
}
