//! B02: a time to live above the ceiling of its class.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::basis::card;
use super::basis::issued::subject as scope_subject;
use super::basis::words::{count, span};
use super::{Answers, Check, Context, severity};
use crate::ledger::{CredentialRow, Timeline};
use crate::model::{FindingBuilder, Proof, StandingClass};
use crate::rules::policy::Class;

/// See `rules/checks/ttl_over_ceiling.yaml`.
pub(super) struct TtlOverCeiling;

/// What was issued for one scope to one requester in one class.
struct Issues<'a> {
    class: &'a Class,
    why: String,
    seen: u64,
    over: Vec<(SignedDuration, &'a CredentialRow, &'a Timeline)>,
}

impl Check for TtlOverCeiling {
    fn id(&self) -> &'static str {
        "ttl-over-ceiling"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        for ((scope, requester), issues) in groups(ctx) {
            answers.examine();
            if !issues.over.is_empty() {
                report(ctx, scope, requester, issues, answers);
            }
        }
    }
}

fn groups<'a>(ctx: &Context<'a>) -> BTreeMap<(&'a str, &'a str), Issues<'a>> {
    let mut groups: BTreeMap<_, Issues<'a>> = BTreeMap::new();
    for (&(requester, scope), sessions) in &ctx.shared.groups {
        let mut claims: BTreeMap<Proof, Option<(&'a Class, String)>> = BTreeMap::new();
        for session in sessions {
            let Some(ttl) = ttl(session.life) else { continue };
            let claim = claims.entry(session.life.proof).or_insert_with(|| claim(ctx, session.life));
            let Some((class, why)) = claim else { continue };
            let new = || Issues { class, why: why.clone(), seen: 0, over: Vec::new() };
            let group = groups.entry((scope, requester)).or_insert_with(new);
            group.seen += 1;
            if ttl > group.class.ceiling {
                group.over.push((ttl, session.row, session.life));
            }
        }
    }
    groups
}

/// The first class that claims a credential, and why.
fn claim<'a>(ctx: &Context<'a>, life: &Timeline) -> Option<(&'a Class, String)> {
    let claim =
        |class: &'a Class| Some((class, class.claims(life.scope.as_deref(), life.requester.as_deref(), life.proof)?));
    ctx.policy.classes.iter().find_map(claim)
}

fn ttl(timeline: &Timeline) -> Option<SignedDuration> {
    let logged = timeline.ttl_s.map(SignedDuration::from_secs);
    logged.or_else(|| Some(timeline.expiry.at()?.duration_since(timeline.issued_at?)))
}

fn report(ctx: &Context<'_>, scope: &str, requester: &str, mut issues: Issues<'_>, answers: &mut Answers) {
    issues.over.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.id.cmp(&b.1.id)));
    let Some((longest, ..)) = issues.over.first() else { return };
    let rating = severity::default(ctx);
    let name = if scope.is_empty() { requester } else { scope };
    let ceiling = span(issues.class.ceiling);
    let message = format!(
        "Credentials for {} live for up to {}; the ceiling of class {} is {ceiling}.",
        card::short(name),
        span(*longest),
        issues.class.name
    );
    let records = issues.over.iter().filter_map(|(_, _, timeline)| timeline.issued.as_ref().or(timeline.seen.as_ref()));
    let finding = FindingBuilder::new(
        &ctx.rule.id,
        ctx.id(scope, requester),
        scope_subject(name, requester),
        rating.severity,
        &rating.reason,
    )
    .message(message)
    .standing(StandingClass::Ephemeral)
    .fact("Class", format!("{}: {}", issues.class.name, issues.why))
    .fact("Time to live", format!("{}; the ceiling is {ceiling}", span(*longest)))
    .fact("Issued", format!("{} of {} above the ceiling", issues.over.len(), count(issues.seen, "credential")))
    .fact("Requester", requester)
    .evidence(card::records(records));
    answers.found(name, finding);
}
