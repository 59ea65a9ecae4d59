//! Who acts: a person, a workload, or an agent that chooses its own tools.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

use crate::ledger::identity_key;
use crate::ledger::texts::place;
use crate::model::{IdentityKind, Proof};

use super::Context;
use super::issued::Session;

/// What is known about who acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::check) enum Actor {
    /// A person.
    Person,
    /// A service account, a pipeline, a job.
    Workload,
    /// Software that decides by itself which tools it uses.
    Agent,
    /// Not said by any input. A user of AWS is either.
    Unknown,
}

/// What records, exports and the policy say about identities.
pub(in crate::check) struct Actors<'a> {
    ctx: Context<'a>,
    kinds: BTreeMap<String, IdentityKind>,
    /// What was worked out already, by where the id lies: many credentials have few owners.
    known: RefCell<HashMap<(usize, usize), Known>>,
}

/// What an identity is, whatever a record says about it.
#[derive(Clone, Copy)]
struct Known {
    actor: Actor,
    /// The policy names it among people, which no record overrules.
    is_listed: bool,
}

impl<'a> Actors<'a> {
    /// The actors of a ledger.
    pub(in crate::check) fn of(ctx: &Context<'a>) -> Self {
        let kinds = ctx.ledger.identities.values().map(|row| (identity_key(&row.id), row.kind)).collect();
        Self { ctx: *ctx, kinds, known: RefCell::default() }
    }

    /// What an identity is: as the policy names people, as a record says, as an export says, as a class claims it.
    pub(in crate::check) fn what(&self, id: &'a str, said: IdentityKind) -> Actor {
        let known = *self.known.borrow_mut().entry(place(id)).or_insert_with(|| self.know(id));
        match of_kind(said) {
            _ if known.is_listed => Actor::Person,
            Actor::Unknown => known.actor,
            actor => actor,
        }
    }

    fn know(&self, id: &str) -> Known {
        let is_listed = self.ctx.policy.people.values().any(|ids| ids.contains(id));
        let exported = of_kind(self.kinds.get(&identity_key(id)).copied().unwrap_or_default());
        let actor = if exported == Actor::Unknown { self.claimed(id) } else { exported };
        Known { actor, is_listed }
    }

    /// Whether a credential is an agent's: who asked for it, whose it is, or what it is good for is one.
    pub(in crate::check) fn is_agent(&self, session: &Session<'a>) -> bool {
        let (requester, scope) = session.group();
        let principal = session.row.principal.as_deref().unwrap_or_default();
        let asks = (requester, session.life.requester_kind);
        let named = [asks, (principal, IdentityKind::Unknown), (scope, IdentityKind::Unknown)];
        named.into_iter().any(|(id, said)| !id.is_empty() && self.what(id, said) == Actor::Agent)
    }

    /// What the class is that claims the identity, as a role or as who asks.
    fn claimed(&self, id: &str) -> Actor {
        let claims = |class: &&crate::rules::policy::Class| class.claims(Some(id), Some(id), Proof::Unknown).is_some();
        match self.ctx.policy.classes.iter().find(claims).map(|class| class.name.as_str()) {
            Some("human") => Actor::Person,
            Some("agent") => Actor::Agent,
            Some("ci" | "batch" | "svid") => Actor::Workload,
            _ => Actor::Unknown,
        }
    }
}

fn of_kind(kind: IdentityKind) -> Actor {
    match kind {
        IdentityKind::Person | IdentityKind::Root => Actor::Person,
        IdentityKind::Agent => Actor::Agent,
        IdentityKind::Workload | IdentityKind::Application => Actor::Workload,
        _ => Actor::Unknown,
    }
}
