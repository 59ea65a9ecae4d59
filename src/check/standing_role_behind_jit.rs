//! D09: just-in-time issuing that decides nothing, because the requester was let in long ago.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::basis::card::{records, short};
use super::basis::issued::subject as scope_subject;
use super::basis::words::{between, count, day, span};
use super::issued_without_request::handed_out;
use super::{Answers, Check, Context, severity};
use crate::ledger::{Request, Timeline, identity_key};
use crate::model::{FindingBuilder, Grant, GrantObject, Standing, StandingClass};

/// See `rules/checks/standing_role_behind_jit.yaml`.
pub(super) struct StandingRoleBehindJit;

/// Standing permissions to obtain a role, by requester and role.
type Doors<'a> = BTreeMap<(String, String), &'a Grant>;

impl Check for StandingRoleBehindJit {
    fn id(&self) -> &'static str {
        "standing-role-behind-jit"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        let doors = doors(ctx);
        for ((requester, scope), issued) in undecided(ctx) {
            let Some(door) = doors.get(&(identity_key(requester), identity_key(scope))) else { continue };
            answers.examine();
            let Some((first, _)) = issued.first() else { continue };
            match opened(ctx, door) {
                Some(opened) if between(*first, opened) >= ctx.span("days") => {
                    report(ctx, (requester, scope), door, opened, &issued, answers);
                }
                Some(_) => {}
                None => answers.inconclusive(scope, "no export tells since when the requester may obtain it"),
            }
        }
    }
}

fn doors<'a>(ctx: &Context<'a>) -> Doors<'a> {
    let doors = ctx.ledger.grants.iter().filter_map(|grant| match &grant.object {
        GrantObject::AssumeRole(role) | GrantObject::Role(role) if grant.standing == Standing::Standing => {
            Some(((identity_key(&grant.holder), identity_key(role)), grant))
        }
        _ => None,
    });
    doors.collect()
}

/// When the door was opened: the grant's own date, or that of the role it leads to.
fn opened(ctx: &Context<'_>, door: &Grant) -> Option<Timestamp> {
    let role = || ctx.ledger.identities.get(door.object.id()).and_then(|role| role.created);
    door.created.or_else(role)
}

/// Issuances of what the broker hands out, without a decision, by requester and scope.
fn undecided<'a>(ctx: &Context<'a>) -> BTreeMap<(&'a str, &'a str), Vec<(Timestamp, &'a Timeline)>> {
    let mut groups: BTreeMap<_, Vec<(Timestamp, &'a Timeline)>> = BTreeMap::new();
    for ((_, scope), session) in handed_out(ctx) {
        let timeline = session.life;
        let Some(at) = timeline.issued.as_ref().map(|issued| issued.time) else { continue };
        let request = timeline.request.as_deref().and_then(|id| ctx.ledger.requests.get(id));
        let decided = |request: &Request| request.decisions.iter().any(|decision| decision.time <= at);
        if let Some(requester) = timeline.requester.as_deref().filter(|_| !request.is_some_and(decided)) {
            groups.entry((requester, scope)).or_default().push((at, timeline));
        }
    }
    for issued in groups.values_mut() {
        issued.sort_by_key(|(at, _)| *at);
    }
    groups
}

fn report(
    ctx: &Context<'_>,
    (requester, scope): (&str, &str),
    door: &Grant,
    opened: Timestamp,
    issued: &[(Timestamp, &Timeline)],
    answers: &mut Answers,
) {
    let rating = severity::default(ctx);
    let times = count(issued.len() as u64, "time");
    let message = format!(
        "{} obtained {} {times} on a permission of {}, without a decision at the time.",
        short(requester),
        short(scope),
        day(opened)
    );
    let age = issued.first().map(|(first, _)| span(between(*first, opened))).unwrap_or_default();
    let subject = scope_subject(scope, requester);
    let finding = FindingBuilder::new(&ctx.rule.id, ctx.id(scope, requester), subject, rating.severity, &rating.reason)
        .message(message)
        .standing(StandingClass::Standing)
        .fact("Permission", format!("since {}, {age} before the first issuance in the log", day(opened)))
        .fact("Limit", ctx.limit("days"))
        .evidence([door.evidence.clone()])
        .evidence(records(issued.iter().filter_map(|(_, timeline)| timeline.issued.as_ref())));
    answers.found(scope, finding);
}
