//! I02: just-in-time access that was handed out by somebody other than the broker.

use std::collections::BTreeMap;

use super::basis::issued::subject as scope_subject;
use super::basis::words::{count, minute};
use super::basis::{card, grant};
use super::issued_without_request::handed_out;
use super::{Answers, Check, Context, severity};
use crate::ledger::Moment;
use crate::model::{FindingBuilder, StandingClass};

/// See `rules/checks/broker_bypass.yaml`.
pub(super) struct BrokerBypass;

impl Check for BrokerBypass {
    fn id(&self) -> &'static str {
        "broker-bypass"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        let brokers = &ctx.policy.jit.brokers;
        if brokers.is_empty() {
            return;
        }
        for ((scope, requester), issued) in issued(ctx) {
            answers.examine();
            if !brokers.matches(requester) {
                report(ctx, scope, requester, &issued, answers);
            }
        }
        for (name, life) in &ctx.ledger.grant_lives {
            let Some(made) = life.made.last().filter(|_| ctx.policy.jit.hands_out(name.object.id())) else { continue };
            answers.examine();
            if let Some(by) = made.by.as_deref().filter(|by| !brokers.matches(by)) {
                let finding = grant::about(ctx, (name, life), made, &severity::default(ctx))
                    .message(format!(
                        "{} was granted by {}, which is not the broker.",
                        grant::sentence(name),
                        card::short(by)
                    ))
                    .evidence(grant::evidence(made));
                answers.found(&grant::id(name), finding);
            }
        }
    }
}

/// Issuances of what the broker hands out, by scope and requester. Who asked is not always known.
fn issued<'a>(ctx: &Context<'a>) -> BTreeMap<(&'a str, &'a str), Vec<&'a Moment>> {
    let mut groups: BTreeMap<_, Vec<&Moment>> = BTreeMap::new();
    for ((requester, scope), session) in handed_out(ctx) {
        if let (Some(_), Some(issued)) = (&session.life.requester, &session.life.issued) {
            groups.entry((scope, requester)).or_default().push(issued);
        }
    }
    for issued in groups.values_mut() {
        issued.sort();
    }
    groups
}

fn report(ctx: &Context<'_>, scope: &str, requester: &str, issued: &[&Moment], answers: &mut Answers) {
    let rating = severity::default(ctx);
    let times = count(issued.len() as u64, "time");
    let mut finding = FindingBuilder::new(
        &ctx.rule.id,
        ctx.id(scope, requester),
        scope_subject(scope, requester),
        rating.severity,
        &rating.reason,
    )
    .message(format!("{} obtained {} {times} without the broker.", card::short(requester), card::short(scope)))
    .standing(StandingClass::Ephemeral);
    if let (Some(first), Some(last)) = (issued.first(), issued.last()) {
        finding = finding.fact("When", format!("{} to {}", minute(first.time), minute(last.time)));
    }
    let finding = finding
        .fact("Brokers", ctx.policy.jit.brokers.texts().join(", "))
        .evidence(card::records(issued.iter().copied()));
    answers.found(scope, finding);
}
