//! E06: a broker that hands out short-lived access and is itself easy to take over.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::basis::issued::{self, Session};
use super::basis::words::{count, list};
use super::basis::{card, life, origins};
use super::{Answers, Check, Context, severity};
use crate::ledger::{CredentialRow, IdentityRow, Moment, Privilege, identity_key};
use crate::model::{Evidence, FindingBuilder, Subject};

/// See `rules/checks/weak_broker_credential.yaml`.
pub(super) struct WeakBrokerCredential;

/// One broker: its identity, its credentials, and those that it was seen to ask with.
#[derive(Default)]
struct Broker<'a> {
    id: &'a str,
    identity: Option<&'a IdentityRow>,
    credentials: Vec<&'a CredentialRow>,
}

/// What makes it weak, in words, with the records.
#[derive(Default)]
struct Signs {
    said: Vec<String>,
    facts: Vec<(&'static str, String)>,
    evidence: Vec<Evidence>,
    /// All that is known against it are networks.
    only_networks: bool,
}

impl Check for WeakBrokerCredential {
    fn id(&self) -> &'static str {
        "weak-broker-credential"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        for broker in brokers(ctx).into_values() {
            answers.examine();
            let signs = signs(ctx, &broker);
            if !signs.said.is_empty() {
                report(ctx, &broker, signs, answers);
            } else if broker.identity.is_none() && !broker.credentials.iter().any(|row| row.timeline.is_some()) {
                let why =
                    "neither an export nor a log says with what it works: export its identity and its credentials";
                answers.inconclusive(broker.id, why);
            }
        }
    }
}

/// The identities that the policy calls brokers, as far as any input names them.
fn brokers<'a>(ctx: &Context<'a>) -> BTreeMap<String, Broker<'a>> {
    let globs = &ctx.policy.jit.brokers;
    let mut all: BTreeMap<String, Broker<'a>> = BTreeMap::new();
    if globs.is_empty() {
        return all;
    }
    for identity in ctx.ledger.identities.values().filter(|row| globs.matches(&row.id)) {
        let broker = all.entry(identity_key(&identity.id)).or_default();
        (broker.id, broker.identity) = (&identity.id, Some(identity));
    }
    for row in &ctx.ledger.credentials {
        let Some(principal) = row.principal.as_deref().filter(|principal| globs.matches(principal)) else { continue };
        let broker = all.entry(identity_key(principal)).or_default();
        broker.credentials.push(row);
        if broker.id.is_empty() {
            broker.id = principal;
        }
    }
    let requesters = ctx.shared.groups.keys().map(|(requester, _)| *requester);
    for requester in requesters.filter(|requester| globs.matches(requester)) {
        let broker = all.entry(identity_key(requester)).or_default();
        if broker.id.is_empty() {
            broker.id = requester;
        }
    }
    all
}

fn signs(ctx: &Context<'_>, broker: &Broker<'_>) -> Signs {
    let mut signs = Signs::default();
    let works = |row: &&&CredentialRow| life::is_static(row) && !life::is_over(row, ctx.ledger.as_of);
    let fixed: Vec<&CredentialRow> = broker.credentials.iter().filter(works).copied().collect();
    if !fixed.is_empty() {
        signs.said.push(format!("works with {}", count(fixed.len() as u64, "static credential")));
        signs.facts.push(("Static", list(fixed.iter().map(|row| row.id.to_string()), 6)));
        signs.evidence.extend(fixed.iter().flat_map(|row| card::evidence(row)));
    }
    if let Some(Privilege::Admin { how, evidence }) = broker.identity.map(|identity| &identity.privilege) {
        signs.said.push("is an administrator".to_owned());
        signs.facts.push(("Privilege", format!("administrator: {how}")));
        signs.evidence.extend(evidence.iter().take(4).cloned());
    }
    signs.only_networks = signs.said.is_empty();
    let networks = networks(ctx, broker);
    if networks.len() as u64 >= ctx.parameter("networks") {
        signs.said.push(format!("was used from {}", count(networks.len() as u64, "network")));
        signs.facts.push(("Networks", list(networks.keys().map(|address| origins::network_name(*address)), 8)));
        signs.evidence.extend(card::records(networks.values().copied()));
    }
    signs
}

fn networks<'a>(ctx: &Context<'_>, broker: &Broker<'a>) -> BTreeMap<IpAddr, &'a Moment> {
    let lives = broker.credentials.iter().filter_map(|row| row.timeline.as_deref());
    let mut all: BTreeMap<IpAddr, &Moment> = BTreeMap::new();
    for (address, moment) in lives.flat_map(|life| origins::networks(ctx, life)) {
        let first = all.entry(address).or_insert(moment);
        *first = (*first).min(moment);
    }
    all
}

fn report(ctx: &Context<'_>, broker: &Broker<'_>, signs: Signs, answers: &mut Answers) {
    let default = severity::default(ctx);
    let rating = if signs.only_networks {
        let reason = format!("{}; one step down: its credentials end by themselves", default.reason);
        severity::by_threshold(default.severity.lowered(), reason)
    } else {
        default
    };
    let subject = Subject { title: "broker".to_owned(), ..issued::subject(broker.id, "") };
    let served: BTreeSet<&str> = ctx
        .shared
        .sessions
        .iter()
        .map(Session::group)
        .filter(|(requester, _)| identity_key(requester) == identity_key(broker.id))
        .map(|(_, scope)| scope)
        .collect();
    let finding = FindingBuilder::new(&ctx.rule.id, ctx.id(broker.id, ""), subject, rating.severity, &rating.reason)
        .message(format!("Broker {} {}.", card::short(broker.id), signs.said.join(", ")));
    let finding = signs.facts.into_iter().fold(finding, |finding, (label, value)| finding.fact(label, value));
    let hands_out =
        list(served.into_iter().filter(|scope| !scope.is_empty()).map(|scope| card::short(scope).to_owned()), 6);
    let finding = if hands_out.is_empty() { finding } else { finding.fact("Hands out", hands_out) };
    let finding = finding.fact("Limit", format!("{} networks", ctx.limit("networks")));
    let own = broker.identity.iter().flat_map(|identity| identity.evidence.iter().take(1).cloned());
    answers.found(broker.id, finding.evidence(signs.evidence).evidence(own));
}
