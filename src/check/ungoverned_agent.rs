//! H05: an agent that nobody owns, or for whose access nobody decides.

use std::collections::{BTreeMap, BTreeSet};

use super::basis::actor::{Actor, Actors};
use super::basis::issued::{self, Session};
use super::basis::words::{count, list};
use super::basis::{card, holder};
use super::{Answers, Check, Context, severity};
use crate::ledger::{IdentityRow, Privilege, identity_key};
use crate::model::{FindingBuilder, IdentityKind, Status};

/// See `rules/checks/ungoverned_agent.yaml`.
pub(super) struct UngovernedAgent;

/// One agent: its identity in exports, and what it obtained.
#[derive(Default)]
struct Agent<'a> {
    id: &'a str,
    identity: Option<&'a IdentityRow>,
    sessions: Vec<Session<'a>>,
}

/// Whether something is there that governs an agent.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Known {
    There,
    Missing,
    /// No input would show it.
    Unsaid,
}

impl Check for UngovernedAgent {
    fn id(&self) -> &'static str {
        "ungoverned-agent"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        let places = systems_with_owners(ctx);
        for agent in agents(ctx).into_values() {
            answers.examine();
            let (owner, approval) = (agent.owner(&places), agent.approval(ctx));
            let missing: Vec<&str> = [(owner, "owner"), (approval, "approval path")]
                .into_iter()
                .filter(|(known, _)| *known == Known::Missing)
                .map(|(_, what)| what)
                .collect();
            if !missing.is_empty() {
                report(ctx, &agent, &missing, answers);
                continue;
            }
            let unsaid = match (owner, approval) {
                (Known::Unsaid, Known::Unsaid) => {
                    "no export names owners, and neither overstay.yaml nor a log says who approves"
                }
                (Known::Unsaid, _) => "no export of its system names owners",
                (_, Known::Unsaid) => "neither overstay.yaml nor a log of requests says who approves its access",
                _ => continue,
            };
            answers.inconclusive(agent.id, unsaid);
        }
    }
}

/// All agents that any input names, by their identity.
fn agents<'a>(ctx: &Context<'a>) -> BTreeMap<String, Agent<'a>> {
    let actors = Actors::of(ctx);
    let mut all: BTreeMap<String, Agent<'a>> = BTreeMap::new();
    for row in ctx.ledger.identities.values().filter(|row| row.status != Status::Inactive) {
        if actors.what(&row.id, row.kind) == Actor::Agent {
            let agent = all.entry(identity_key(&row.id)).or_default();
            (agent.id, agent.identity) = (&row.id, Some(row));
        }
    }
    for session in ctx.shared.sessions.iter().copied() {
        let (requester, scope) = session.group();
        let asks = (requester, session.life.requester_kind);
        let named = [(scope, IdentityKind::Unknown), asks].into_iter().filter(|(id, _)| !id.is_empty());
        let agent = named.into_iter().find(|(id, said)| actors.what(id, *said) == Actor::Agent);
        if let Some((id, _)) = agent {
            let agent = all.entry(identity_key(id)).or_default();
            agent.sessions.push(session);
            if agent.id.is_empty() {
                agent.id = id;
            }
        }
    }
    all
}

/// Systems and accounts in which some identity has an owner, so that one without has none.
fn systems_with_owners<'a>(ctx: &Context<'a>) -> BTreeSet<(&'a str, &'a str)> {
    let owned = ctx.ledger.identities.values().filter(|row| row.fact("owner").is_some());
    owned.map(place).collect()
}

fn place(row: &IdentityRow) -> (&str, &str) {
    (&row.system, row.account.as_deref().unwrap_or_default())
}

impl Agent<'_> {
    fn owner(&self, owned: &BTreeSet<(&str, &str)>) -> Known {
        match self.identity {
            Some(row) if row.fact("owner").is_some() => Known::There,
            Some(row) if owned.contains(&place(row)) => Known::Missing,
            _ => Known::Unsaid,
        }
    }

    /// Somebody decides: the policy says that what it obtains takes an approval, or a request of it was decided.
    fn approval(&self, ctx: &Context<'_>) -> Known {
        let jit = &ctx.policy.jit;
        let scopes = self.sessions.iter().map(|session| session.group().1).chain([self.id]);
        let key = identity_key(self.id);
        let own = |requester: Option<&str>| requester.is_some_and(|requester| identity_key(requester) == key);
        let mut requests = ctx.ledger.requests.values().filter(|request| own(request.requester.as_deref()));
        let under_request = self.sessions.iter().any(|session| session.life.request.is_some());
        if under_request || scopes.into_iter().any(|scope| jit.takes_approval(scope)) {
            return Known::There;
        }
        if requests.any(|request| !request.decisions.is_empty()) {
            return Known::There;
        }
        let described = !jit.approved.is_empty() || !jit.roles.is_empty() || !jit.mounts.is_empty();
        let logged = ctx.ledger.requests.values().any(|request| !request.decisions.is_empty());
        if described || logged { Known::Missing } else { Known::Unsaid }
    }

    /// Whether any of its credentials was ever ended before its time.
    fn ended_early(&self) -> usize {
        self.sessions.iter().filter(|session| !session.life.switches.is_empty()).count()
    }
}

fn report(ctx: &Context<'_>, agent: &Agent<'_>, missing: &[&str], answers: &mut Answers) {
    let privilege = agent.identity.map_or(&Privilege::NotExamined, |row| &row.privilege);
    let rating = severity::for_privilege(ctx, severity::default(ctx), privilege);
    let (finding, name) = if let Some(row) = agent.identity {
        (holder::about(ctx, row, &rating, ""), holder::name(row))
    } else {
        let subject = issued::subject(agent.id, "");
        let id = ctx.id(agent.id, "");
        let finding = FindingBuilder::new(&ctx.rule.id, id, subject, rating.severity, &rating.reason);
        (finding, format!("Agent {}", card::short(agent.id)))
    };
    let revoked = agent.ended_early();
    let revocation = match (agent.sessions.len(), revoked) {
        (0, _) => "nothing that was issued to it is in the logs".to_owned(),
        (_, 0) => "none of its credentials was revoked in the logs: nothing shows what would end its access".to_owned(),
        (all, some) => format!("{some} of {} were revoked before their end", count(all as u64, "credential")),
    };
    let finding = finding
        .message(format!("{name} is an agent and has no {}.", missing.join(" and no ")))
        .fact("Missing", list(missing.iter().map(|what| (*what).to_owned()), 2))
        .fact("Revocation", revocation)
        .evidence(issued::records(&agent.sessions));
    match agent.identity {
        Some(row) => answers.found(&row.id, holder::complete(ctx, row, finding.evidence(holder::evidence(row)))),
        None => answers.found(agent.id, finding),
    }
}
