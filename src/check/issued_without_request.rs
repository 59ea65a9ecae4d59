//! D01: just-in-time access that nobody asked for.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::basis::issued::Session;
use super::basis::issued::subject as scope_subject;
use super::basis::words::{before, count, minute};
use super::basis::{card, request};
use super::{Answers, Check, Context, severity};
use crate::ledger::Timeline;
use crate::model::{FindingBuilder, StandingClass};

/// See `rules/checks/issued_without_request.yaml`.
pub(super) struct IssuedWithoutRequest;

/// Issuances for one scope and one requester that have no request.
#[derive(Default)]
struct Unasked<'a> {
    all: u64,
    without: Vec<(Timestamp, &'a Timeline)>,
    unknown: Option<String>,
    named: Option<&'a str>,
}

impl Check for IssuedWithoutRequest {
    fn id(&self) -> &'static str {
        "issued-without-request"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        for ((scope, requester), group) in groups(ctx) {
            answers.examine();
            match group.unknown.as_ref().filter(|_| group.without.is_empty()) {
                Some(why) => answers.inconclusive(scope, why.clone()),
                None if group.without.is_empty() => {}
                None => report(ctx, scope, requester, group, answers),
            }
        }
    }
}

fn groups<'a>(ctx: &Context<'a>) -> BTreeMap<(&'a str, &'a str), Unasked<'a>> {
    let mut groups: BTreeMap<_, Unasked<'a>> = BTreeMap::new();
    for ((requester, scope), session) in handed_out(ctx) {
        let timeline = session.life;
        let Some(at) = timeline.issued.as_ref().map(|issued| issued.time) else { continue };
        let group = groups.entry((scope, requester)).or_default();
        group.all += 1;
        let asked = timeline.request.as_deref().and_then(|id| ctx.ledger.requests.get(id));
        if asked.is_some_and(|request| request.requested.is_some()) {
            continue;
        }
        match request::covered(ctx, before(at, ctx.span("lead-hours")), at) {
            Ok(_) => {
                group.named = group.named.or(timeline.request.as_deref());
                group.without.push((at, timeline));
            }
            Err(why) => group.unknown = Some(why),
        }
    }
    groups
}

/// Credentials that the log shows being issued for something that the broker hands out, by requester and scope.
pub(super) fn handed_out<'a>(ctx: &Context<'a>) -> impl Iterator<Item = ((&'a str, &'a str), Session<'a>)> {
    let each = ctx.shared.handed_out.iter().flat_map(|(key, sessions)| sessions.iter().map(|session| (*key, *session)));
    each.filter(|(_, session)| session.life.issued.is_some())
}

fn report(ctx: &Context<'_>, scope: &str, requester: &str, mut group: Unasked<'_>, answers: &mut Answers) {
    group.without.sort_by_key(|(at, _)| *at);
    let rating = severity::default(ctx);
    let times = count(group.without.len() as u64, "time");
    let names = (card::short(scope), if requester.is_empty() { "somebody unknown" } else { card::short(requester) });
    let mut finding = FindingBuilder::new(
        &ctx.rule.id,
        ctx.id(scope, requester),
        scope_subject(scope, requester),
        rating.severity,
        &rating.reason,
    )
    .message(format!("{} was issued to {} {times} without a request.", names.0, names.1))
    .standing(StandingClass::Ephemeral)
    .fact("Issued", format!("{} of {} without a request", group.without.len(), count(group.all, "credential")));
    if let (Some((first, _)), Some((last, _))) = (group.without.first(), group.without.last()) {
        finding = finding.fact("When", format!("{} to {}", minute(*first), minute(*last)));
    }
    if let Some(named) = group.named {
        finding = finding.fact("Named request", format!("{named}, which no log that was read holds"));
    }
    let records = group.without.iter().filter_map(|(_, timeline)| timeline.issued.as_ref());
    answers.found(scope, finding.evidence(card::records(records)));
}
