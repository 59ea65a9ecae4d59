//! H01: a credential at the end of a long chain of credentials.

use std::collections::{BTreeMap, BTreeSet};

use super::basis::card;
use super::basis::issued::{self, Session};
use super::basis::lineage::Lineage;
use super::basis::words::count;
use super::{Answers, Check, Context, severity};
use crate::ledger::CredentialRow;
use crate::model::{CredentialId, Evidence};

/// See `rules/checks/long_delegation_chain.yaml`.
pub(super) struct LongDelegationChain;

/// A credential and those that it was obtained with, the nearest first.
struct Chain<'a> {
    last: Session<'a>,
    before: Vec<&'a CredentialRow>,
    /// The first of them was obtained with one that no input describes.
    goes_on: Option<&'a CredentialId>,
}

impl Check for LongDelegationChain {
    fn id(&self) -> &'static str {
        "long-delegation-chain"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        let lineage = &ctx.shared.lineage;
        let mut links: BTreeSet<&CredentialId> = BTreeSet::new();
        let mut chains: Vec<Chain<'_>> = Vec::new();
        for session in ctx.shared.sessions.iter().copied().filter(|session| session.life.parent.is_some()) {
            answers.examine();
            let chain = Chain::of(lineage, session);
            if chain.hops() >= ctx.parameter("hops") {
                links.extend(chain.before.iter().map(|row| &row.id));
                chains.push(chain);
            }
        }
        let mut alike: BTreeMap<Vec<&str>, Vec<Chain<'_>>> = BTreeMap::new();
        for chain in chains.into_iter().filter(|chain| !links.contains(&chain.last.row.id)) {
            alike.entry(chain.names()).or_default().push(chain);
        }
        for (names, chains) in alike {
            report(ctx, &names, &chains, answers);
        }
    }
}

impl<'a> Chain<'a> {
    fn of(lineage: &Lineage<'a>, last: Session<'a>) -> Self {
        let before = lineage.ancestors(last.row);
        let first = before.last().copied().unwrap_or(last.row);
        let parent = first.timeline.as_ref().and_then(|life| life.parent.as_ref());
        let goes_on = parent.filter(|id| !before.iter().any(|row| row.id == **id) && last.row.id != **id);
        Self { last, before, goes_on }
    }

    fn hops(&self) -> u64 {
        self.before.len() as u64 + u64::from(self.goes_on.is_some())
    }

    /// What the credentials are good for, or whose they are, from the first to the last.
    fn names(&self) -> Vec<&'a str> {
        let rows = self.before.iter().rev().copied().chain([self.last.row]);
        let scope = |row: &'a CredentialRow| row.timeline.as_ref().and_then(|life| life.scope.as_deref());
        rows.map(|row| scope(row).or(row.principal.as_deref()).unwrap_or_default()).collect()
    }

    /// The records of issuance, from the last to the first.
    fn evidence(&self) -> Vec<Evidence> {
        let before = self.before.iter().filter_map(|row| Session::of(row)?.issued());
        card::records(self.last.issued().into_iter().chain(before))
    }
}

fn report(ctx: &Context<'_>, names: &[&str], chains: &[Chain<'_>], answers: &mut Answers) {
    let Some(chain) = chains.first() else { return };
    let rating = severity::for_privilege(ctx, severity::default(ctx), &chain.last.row.privilege);
    let ids = chain.before.iter().rev().map(|row| row.id.to_string()).chain([chain.last.row.id.to_string()]);
    let ids: Vec<String> = chain.goes_on.map(ToString::to_string).into_iter().chain(ids).collect();
    let whose: Vec<&str> = names.iter().map(|name| if name.is_empty() { "?" } else { card::short(name) }).collect();
    let finding = issued::about(ctx, &chain.last, &names.join("\0"), &rating)
        .message(format!(
            "{} was obtained over {} of credentials.",
            card::name(chain.last.row),
            count(chain.hops(), "link")
        ))
        .fact("Chain", ids.join(" -> "))
        .fact("Identities", whose.join(" -> "))
        .fact("Limit", format!("{} links", ctx.limit("hops")))
        .evidence(chain.evidence());
    let sessions: Vec<Session<'_>> = chains.iter().map(|chain| chain.last).collect();
    answers.found(&chain.last.name(), issued::tell(finding, &sessions));
}
