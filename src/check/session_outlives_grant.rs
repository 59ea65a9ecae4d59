//! C05: a session that goes on after the grant or request it rests on ended.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::basis::card;
use super::basis::words::{after, between, minute, span};
use super::{Answers, Check, Context, severity};
use crate::ledger::{CredentialRow, GrantLife, GrantName, Timeline, identity_key};
use crate::model::{Evidence, GrantObject};

/// See `rules/checks/session_outlives_grant.yaml`.
pub(super) struct SessionOutlivesGrant;

/// The end of what a session rests on.
struct End {
    time: Timestamp,
    /// In words: `the grant of admin`.
    what: String,
    evidence: Vec<Evidence>,
}

/// Grants by who holds them.
type Held<'a> = BTreeMap<String, Vec<(&'a GrantName, &'a GrantLife)>>;

impl Check for SessionOutlivesGrant {
    fn id(&self) -> &'static str {
        "session-outlives-grant"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        let mut held: Held<'_> = BTreeMap::new();
        for (name, life) in ctx.ledger.grant_lives.iter().filter(|(name, _)| !name.eligible) {
            held.entry(identity_key(&name.holder)).or_default().push((name, life));
        }
        for row in &ctx.ledger.credentials {
            let Some(timeline) = &row.timeline else { continue };
            let (Some(issued), Some(last)) = (timeline.issued_at, &timeline.last_accepted) else { continue };
            let Some(end) = of_request(ctx, timeline).or_else(|| of_grant(&held, timeline, issued)) else { continue };
            if end.time < issued {
                continue;
            }
            answers.examine();
            if last.time > after(end.time, ctx.span("skew-seconds")) {
                report(ctx, row, &end, last.time, answers);
            }
        }
    }
}

/// The end of the request under which the session was issued: ended, or its time is over.
fn of_request(ctx: &Context<'_>, timeline: &Timeline) -> Option<End> {
    let (id, request) = ctx.ledger.requests.get_key_value(timeline.request.as_deref()?)?;
    let ended = request.ended.as_ref().map(|ended| (ended.time, ended.evidence.clone()));
    let asked = request.requested.as_ref().map(|asked| asked.evidence.clone());
    let over = request.expiry.at().map(|time| (time, asked.clone()));
    let (time, evidence) = match (ended, over) {
        (Some((ended, evidence)), Some((over, _))) if ended <= over => (ended, Some(evidence)),
        (Some((ended, evidence)), None) => (ended, Some(evidence)),
        (_, over) => over?,
    };
    Some(End { time, what: format!("request {id} ended"), evidence: evidence.into_iter().collect() })
}

/// The end of the grant that let the requester obtain the session: a role over a scope whose sessions these are.
fn of_grant(held: &Held<'_>, timeline: &Timeline, issued: Timestamp) -> Option<End> {
    let requester = identity_key(timeline.requester.as_deref()?);
    let scope = timeline.scope.as_deref()?;
    let fits = |(name, _): &&(&GrantName, &GrantLife)| match &name.object {
        GrantObject::Role(role) | GrantObject::AssumeRole(role) => {
            let set = role.rsplit('/').next().unwrap_or_default();
            identity_key(role) == identity_key(scope) || serves_permission_set(scope, &name.scope, set)
        }
        _ => false,
    };
    let mut last: Option<End> = None;
    for (name, life) in held.get(&requester)?.iter().filter(fits) {
        let Some(made) = life.made.iter().rev().find(|made| made.time <= issued) else { continue };
        // Another grant of the same that still holds is enough.
        let time = life.end_of(made)?;
        if time < issued || last.as_ref().is_some_and(|known| known.time >= time) {
            continue;
        }
        let taken = life.ended.iter().find(|ended| ended.time == time).map(|ended| ended.evidence.clone());
        let evidence = [Some(made.evidence.clone()), taken].into_iter().flatten().collect();
        let what = format!("the grant of {} was taken away", card::short(name.object.id()));
        last = Some(End { time, what, evidence });
    }
    last
}

/// A session of IAM Identity Center runs in a role named after its permission set, in the account of the assignment.
fn serves_permission_set(scope: &str, account: &str, set: &str) -> bool {
    let role = scope.rsplit('/').next().unwrap_or_default();
    let named = role
        .strip_prefix("AWSReservedSSO_")
        .is_some_and(|rest| rest.rsplit_once('_').is_some_and(|(name, _)| name == set));
    named && !account.is_empty() && scope.contains(&format!(":{account}:"))
}

fn report(ctx: &Context<'_>, row: &CredentialRow, end: &End, last: Timestamp, answers: &mut Answers) {
    let rating = severity::for_privilege(ctx, severity::default(ctx), &row.privilege);
    let late = span(between(last, end.time));
    let finding = card::about(ctx, row, &rating, "")
        .message(format!("{} was accepted {late} after {}.", card::name(row), end.what))
        .fact("Ended", format!("{}: {}", minute(end.time), end.what))
        .fact("Late use", format!("{}; clocks may differ by {}", minute(last), ctx.limit("skew-seconds")))
        .evidence(end.evidence.clone())
        .evidence(card::evidence(row));
    answers.found(&row.id.to_string(), card::complete(ctx, row, finding));
}
