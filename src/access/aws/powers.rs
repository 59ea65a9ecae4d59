//! All policies that bear on one identity: its own, those of its groups, its boundary, and the caps of its organisation.

use std::collections::BTreeMap;

use super::context::Context;
use super::policies::{Policies, Policy, Rule};
use super::words::short;
use crate::access::Estate;
use crate::model::{Evidence, Grant, GrantObject};

/// How a policy came to an identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Via<'s> {
    /// Attached to it, or inside it.
    Attached,
    /// By this group.
    Group(&'s str),
    /// As its permissions boundary.
    Boundary,
    /// As a service control policy of this account, unit or root.
    Service(&'s str),
    /// As a resource control policy of this account, unit or root.
    Resource(&'s str),
}

impl Via<'_> {
    /// For people.
    pub(super) fn words(self) -> String {
        match self {
            Self::Attached => "attached".to_owned(),
            Self::Group(group) => format!("via group {}", short(group)),
            Self::Boundary => "boundary".to_owned(),
            Self::Service(holder) | Self::Resource(holder) => format!("cap of {holder}"),
        }
    }
}

/// A policy in force.
#[derive(Clone, Copy, Debug)]
pub(super) struct Held<'s> {
    /// The policy's id.
    pub(super) id: &'s str,
    /// How it came to the identity.
    pub(super) via: Via<'s>,
    /// The grants that say so: a membership, an attachment.
    pub(super) evidence: [Option<&'s Evidence>; 2],
    /// The policy, where its content is known.
    pub(super) policy: Option<&'s Policy<'s>>,
}

impl<'s> Held<'s> {
    /// How, for people: `AdministratorAccess via group deployers`.
    pub(super) fn how(&self) -> String {
        match self.via {
            Via::Attached => short(self.id).to_owned(),
            via => format!("{} {}", short(self.id), via.words()),
        }
    }

    /// Its statements, where they are known.
    pub(super) fn rules(&self) -> &'s [Rule<'s>] {
        self.policy.map_or(&[], |policy| &policy.rules)
    }

    /// The records that show that the policy is in force, and what it says.
    pub(super) fn records(&self) -> impl Iterator<Item = Evidence> + use<'s> {
        let policy = self.policy.and_then(|policy| policy.evidence);
        self.evidence.into_iter().flatten().chain(policy).cloned()
    }
}

/// Policies of which one must allow what is to be allowed.
#[derive(Clone, Debug)]
pub(super) struct Layer<'s> {
    /// What they are.
    pub(super) via: Via<'s>,
    /// The policies.
    pub(super) held: Vec<Held<'s>>,
}

impl<'s> Layer<'s> {
    /// The first policy whose content nothing tells.
    pub(super) fn missing(&self) -> Option<&'s str> {
        self.held.iter().find(|held| held.policy.is_none()).map(|held| held.id)
    }

    /// Whether it is a level of an organisation whose known policies only deny. AWS would allow nothing at all below it:
    /// the policy that allows is rather not in the export.
    pub(super) fn allows_nothing(&self) -> bool {
        matches!(self.via, Via::Service(_)) && self.rules().all(|(_, rule)| rule.denies())
    }

    /// What such a level makes an answer depend on.
    pub(super) fn without_allow(&self) -> String {
        let holder = if let Via::Service(holder) = self.via { holder } else { "" };
        format!("if another service control policy of {holder}, which is not in the export, allows it")
    }

    /// All statements, each with its policy.
    pub(super) fn rules(&self) -> impl Iterator<Item = (&Held<'s>, &'s Rule<'s>)> {
        self.held.iter().flat_map(|held| held.rules().iter().map(move |rule| (held, rule)))
    }
}

/// All that decides about one identity.
#[derive(Clone, Debug)]
pub(super) struct Powers<'s> {
    /// Who asks.
    pub(super) context: Context<'s>,
    /// Its own policies, direct ones first, then those of its groups.
    pub(super) own: Layer<'s>,
    /// Boundary and service control policies: each must allow as well.
    pub(super) caps: Vec<Layer<'s>>,
    /// Resource control policies over the resource that is asked for.
    pub(super) resource_caps: Vec<Layer<'s>>,
    /// Groups it is in that no export describes.
    pub(super) unknown_groups: Vec<&'s str>,
    /// It has more policies than are looked at.
    pub(super) cut: bool,
}

/// How many policies of one identity are looked at: twice what AWS allows.
pub(super) const MAX_HELD: usize = 500;

/// The grants by their holders.
#[derive(Debug)]
pub(super) struct Holders<'a> {
    grants: BTreeMap<&'a str, &'a [Grant]>,
    estate: &'a Estate<'a>,
}

impl<'a> Holders<'a> {
    /// Grants come in order of holders.
    pub(super) fn new(estate: &'a Estate<'a>) -> Self {
        let runs = estate.grants.chunk_by(|one, other| one.holder == other.holder);
        let grants = runs.filter_map(|run| Some((&*run.first()?.holder, run))).collect();
        Self { grants, estate }
    }

    /// The grants of one holder, in order.
    pub(super) fn of(&self, holder: &str) -> &'a [Grant] {
        self.grants.get(holder).copied().unwrap_or_default()
    }

    /// Whether an export describes this identity.
    fn describes(&self, id: &str) -> bool {
        self.estate.principals.contains_key(id)
    }
}

impl Policies<'_> {
    /// A policy in force.
    pub(super) fn held<'s>(&'s self, id: &'s str, via: Via<'s>, evidence: [Option<&'s Evidence>; 2]) -> Held<'s> {
        Held { id, via, evidence, policy: self.get(id) }
    }
}

impl<'s> Powers<'s> {
    /// The powers of an identity but for the caps of its organisation.
    pub(super) fn new(context: Context<'s>, holders: &'s Holders<'s>, policies: &'s Policies<'s>) -> Self {
        let own = Layer { via: Via::Attached, held: Vec::new() };
        let (caps, resource_caps) = (Vec::new(), Vec::new());
        let mut powers = Self { context, own, caps, resource_caps, unknown_groups: Vec::new(), cut: false };
        for grant in holders.of(context.id) {
            if powers.own.held.len() > MAX_HELD {
                break;
            }
            match &grant.object {
                GrantObject::Policy(policy) => {
                    powers.own.held.push(policies.held(policy, Via::Attached, [Some(&grant.evidence), None]));
                }
                GrantObject::Group(group) => powers.add_group(group, &grant.evidence, holders, policies),
                GrantObject::AssumeRole(_) | GrantObject::Role(_) | GrantObject::Cap(_) => {}
            }
        }
        powers.cut = powers.own.held.len() > MAX_HELD;
        powers.own.held.truncate(MAX_HELD);
        powers.own.held.sort_by_key(|held| held.via != Via::Attached);
        if let Some(boundary) = context.principal.and_then(|principal| principal.boundary) {
            let evidence = context.principal.and_then(|principal| principal.evidence.first());
            let held = vec![policies.held(boundary, Via::Boundary, [evidence, None])];
            powers.caps.push(Layer { via: Via::Boundary, held });
        }
        powers
    }

    fn add_group(
        &mut self,
        group: &'s str,
        membership: &'s Evidence,
        holders: &'s Holders<'s>,
        policies: &'s Policies<'s>,
    ) {
        let grants = holders.of(group);
        if grants.is_empty() && !holders.describes(group) {
            self.unknown_groups.push(group);
        }
        for grant in grants.iter().take(MAX_HELD + 1) {
            if let GrantObject::Policy(policy) = &grant.object {
                let evidence = [Some(membership), Some(&grant.evidence)];
                self.own.held.push(policies.held(policy, Via::Group(group), evidence));
            }
        }
    }
}
