//! E05: access on request for somebody who has it anyway.

use std::collections::{BTreeMap, BTreeSet};

use super::basis::issued::{self, Session};
use super::basis::words::{count, list, minute};
use super::basis::{card, holder};
use super::{Answers, Check, Context, severity};
use crate::ledger::{IdentityRow, Moment, Privilege, identity_key};
use crate::model::{Evidence, FindingBuilder, Grant, GrantObject, Standing, Status};

/// How many groups of one requester are followed.
const MOST_GROUPS: usize = 1000;

/// See `rules/checks/requester_already_privileged.yaml`.
pub(super) struct RequesterAlreadyPrivileged;

/// One thing that somebody asked for, with the records.
struct Asked<'a> {
    requester: &'a str,
    scope: &'a str,
    targets: BTreeSet<&'a str>,
    requests: BTreeSet<&'a str>,
    moments: Vec<&'a Moment>,
}

/// Why the requester has it anyway.
struct Held {
    how: String,
    evidence: Vec<Evidence>,
}

impl Check for RequesterAlreadyPrivileged {
    fn id(&self) -> &'static str {
        "requester-already-privileged"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        let world = World::of(ctx);
        let mut unknown: BTreeSet<&str> = BTreeSet::new();
        for asked in asked(ctx).into_values() {
            answers.examine();
            let known = world.persons(asked.requester);
            if known.is_empty() {
                unknown.insert(asked.requester);
            } else if let Some(held) = known.iter().find_map(|identity| world.holds(identity, &asked)) {
                report(ctx, &asked, held, answers);
            }
        }
        for requester in unknown {
            let why = "no export says what it holds anyway: export the users and grants of its system";
            answers.inconclusive(requester, why);
        }
    }
}

/// What was asked for in requests, and what the just-in-time roles and mounts of the policy issued.
fn asked<'a>(ctx: &Context<'a>) -> BTreeMap<(&'a str, &'a str), Asked<'a>> {
    let mut all: BTreeMap<(&str, &str), Asked<'a>> = BTreeMap::new();
    for (id, request) in &ctx.ledger.requests {
        let Some(requester) = request.requester.as_deref() else { continue };
        for scope in &request.scopes {
            let asked = all.entry((requester, scope)).or_insert_with(|| Asked::of(requester, scope));
            asked.requests.insert(id);
            asked.targets.extend(request.targets.iter().map(|target| &**target));
            asked.moments.extend(&request.requested);
        }
    }
    for (&(requester, scope), sessions) in
        ctx.shared.handed_out.iter().filter(|((requester, _), _)| !requester.is_empty())
    {
        let asked = all.entry((requester, scope)).or_insert_with(|| Asked::of(requester, scope));
        asked.moments.extend(sessions.iter().filter_map(Session::issued));
    }
    all
}

impl<'a> Asked<'a> {
    fn of(requester: &'a str, scope: &'a str) -> Self {
        Self { requester, scope, targets: BTreeSet::new(), requests: BTreeSet::new(), moments: Vec::new() }
    }

    /// Whether a grant over `place` is over what was asked for.
    fn covers(&self, place: &str) -> bool {
        let below = |target: &&str| *target == place || target.starts_with(&format!("{place}/"));
        place.is_empty() || self.targets.is_empty() || self.targets.iter().all(below)
    }
}

/// What exports say about who holds what.
struct World<'a> {
    ctx: Context<'a>,
    identities: BTreeMap<String, &'a IdentityRow>,
    grants: BTreeMap<String, Vec<&'a Grant>>,
    /// What is granted in which system.
    given: BTreeSet<(&'a str, &'a str)>,
}

impl<'a> World<'a> {
    fn of(ctx: &Context<'a>) -> Self {
        let mut grants: BTreeMap<String, Vec<&Grant>> = BTreeMap::new();
        for grant in ctx.ledger.grants.iter().filter(|grant| grant.standing == Standing::Standing) {
            grants.entry(identity_key(&grant.holder)).or_default().push(grant);
        }
        let identities = ctx.ledger.identities.values().map(|row| (identity_key(&row.id), row)).collect();
        let given = grants.values().flatten().map(|grant| (&*grant.system, grant.object.id())).collect();
        Self { ctx: *ctx, identities, grants, given }
    }

    /// The identities of the requester: its own, and those of the same person.
    fn persons(&self, requester: &str) -> Vec<&'a IdentityRow> {
        let same = self.ctx.policy.people.values().filter(|ids| ids.contains(requester)).flatten();
        let ids: BTreeSet<String> = same.map(|id| identity_key(id)).chain([identity_key(requester)]).collect();
        let rows = ids.iter().filter_map(|id| self.identities.get(id).copied());
        rows.filter(|row| row.status != Status::Inactive).collect()
    }

    /// Why the identity has it anyway: it is an administrator there, it holds the role or policy itself, or all of what
    /// the role gives.
    fn holds(&self, identity: &'a IdentityRow, asked: &Asked<'_>) -> Option<Held> {
        if let Privilege::Admin { how, evidence } = &identity.privilege
            && self.is_of_its_system(identity, asked.scope)
        {
            return Some(Held { how: format!("it is an administrator ({how})"), evidence: evidence.clone() });
        }
        let own = self.held(&identity.id);
        let given = own.iter().find(|grant| {
            let same = matches!(grant.object, GrantObject::Role(_) | GrantObject::Policy(_))
                && identity_key(grant.object.id()) == identity_key(asked.scope);
            same && grant.condition.is_empty() && asked.covers(&grant.scope)
        });
        if let Some(grant) = given {
            let how = format!("it holds {} without an end", holder::gives(grant));
            return Some(Held { how, evidence: vec![grant.evidence.clone()] });
        }
        let role = self.identities.get(&identity_key(asked.scope))?;
        let all = !role.policies.is_empty() && role.policies.iter().all(|policy| identity.policies.contains(policy));
        all.then(|| Held {
            how: format!("it holds all policies of {}", card::short(&role.id)),
            evidence: role.evidence.iter().chain(&identity.evidence).take(4).cloned().collect(),
        })
    }

    /// Whether what is asked for lies where the identity is.
    fn is_of_its_system(&self, identity: &IdentityRow, scope: &str) -> bool {
        let role = self.identities.get(&identity_key(scope));
        role.is_some_and(|role| role.system == identity.system && role.account == identity.account)
            || self.given.contains(&(&*identity.system, scope))
    }

    /// The grants without an end of an identity and of the groups that it is in.
    fn held(&self, identity: &str) -> Vec<&'a Grant> {
        let mut seen: BTreeSet<String> = BTreeSet::new();
        let mut next = vec![identity_key(identity)];
        let mut found = Vec::new();
        while let Some(holder) = next.pop().filter(|_| seen.len() < MOST_GROUPS) {
            if !seen.insert(holder.clone()) {
                continue;
            }
            for grant in self.grants.get(&holder).into_iter().flatten() {
                match &grant.object {
                    GrantObject::Group(group) => next.push(identity_key(group)),
                    _ => found.push(*grant),
                }
            }
        }
        found
    }
}

fn report(ctx: &Context<'_>, asked: &Asked<'_>, held: Held, answers: &mut Answers) {
    let mut moments = asked.moments.clone();
    moments.sort();
    let rating = severity::default(ctx);
    let id = ctx.id(asked.scope, asked.requester);
    let subject = issued::subject(asked.scope, asked.requester);
    let times = moments.first().map(|moment| minute(moment.time)).unwrap_or_default();
    let finding = FindingBuilder::new(&ctx.rule.id, id, subject, rating.severity, &rating.reason)
        .message(format!(
            "{} asks for {}, although {}.",
            card::short(asked.requester),
            card::short(asked.scope),
            held.how
        ))
        .fact("Held anyway", held.how.clone())
        .fact("Asked", format!("{}, first {times}", count(moments.len() as u64, "time")))
        .fact("Requester", asked.requester);
    let requests = list(asked.requests.iter().map(|id| (*id).to_owned()), 6);
    let finding = if requests.is_empty() { finding } else { finding.fact("Requests", requests) };
    let finding = finding.evidence(card::records(moments)).evidence(held.evidence.into_iter().take(8));
    answers.found(asked.scope, finding);
}
