//! I01: a static credential on a scope that is managed just in time.

use std::collections::{BTreeMap, HashSet};

use super::basis::words::list;
use super::basis::{actions, card, life};
use super::{Answers, Check, Context, severity};
use crate::ledger::texts::place;
use crate::ledger::{CredentialRow, Moment, identity_key};
use crate::model::{Evidence, Policy};
use crate::rules::policy::Serves;

/// See `rules/checks/static_credential_on_jit_scope.yaml`.
pub(super) struct StaticCredentialOnJitScope;

/// A just-in-time role or mount, and what it is there for.
struct Broker<'a> {
    name: &'a str,
    serves: Vec<&'a Serves>,
    policies: Vec<&'a Policy>,
    evidence: &'a [Evidence],
}

impl Check for StaticCredentialOnJitScope {
    fn id(&self) -> &'static str {
        "static-credential-on-jit-scope"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        let brokers = brokers(ctx);
        if brokers.is_empty() {
            return;
        }
        for row in ctx.shared.lasting.iter().copied().filter(|row| life::is_static(row)) {
            if row.timeline.as_deref().is_some_and(|timeline| timeline.accepted > 0) {
                answers.examine();
                ask(ctx, row, &brokers, answers);
            }
        }
    }
}

/// All just-in-time roles and mounts that any input names.
fn brokers<'a>(ctx: &Context<'a>) -> Vec<Broker<'a>> {
    let jit = &ctx.policy.jit;
    let mut seen = HashSet::new();
    let scopes = ctx.ledger.credentials.iter().filter_map(|row| row.timeline.as_deref()?.scope.as_deref());
    let scopes = scopes.filter(|scope| seen.insert(place(scope)));
    let names = ctx.ledger.identities.keys().map(|id| &**id).chain(scopes);
    let managed = names.filter(|name| jit.roles.matches(name) || jit.mounts.matches(name));
    let mut known: BTreeMap<String, &str> = BTreeMap::new();
    for name in managed {
        known.entry(identity_key(name)).or_insert(name);
    }
    let broker = |name: &'a str| {
        let identity = ctx.ledger.identities.get(name);
        Broker {
            name,
            serves: jit.serves.iter().filter(|serves| serves.speaks_of(name)).collect(),
            policies: identity
                .into_iter()
                .flat_map(|identity| &identity.policies)
                .filter_map(|id| ctx.ledger.policies.get(id))
                .collect(),
            evidence: identity.map_or(&[], |identity| identity.evidence.as_slice()),
        }
    };
    known.into_values().map(broker).filter(|broker| !broker.is_silent_mount()).collect()
}

fn ask(ctx: &Context<'_>, row: &CredentialRow, brokers: &[Broker<'_>], answers: &mut Answers) {
    let Some(timeline) = &row.timeline else { return };
    let near: Vec<&Broker<'_>> = brokers.iter().filter(|broker| broker.is_near(row)).collect();
    for broker in &near {
        let used: Vec<(&str, &Moment)> = timeline
            .actions
            .iter()
            .map(|(action, moment)| (&**action, moment))
            .filter(|(action, _)| !actions::is_fetching(action) && broker.is_there_for(row, action))
            .collect();
        if !used.is_empty() {
            return report(ctx, row, broker, &used, answers);
        }
    }
    let unknown = near.iter().find(|broker| broker.serves.is_empty() && broker.policies.is_empty());
    if let Some(broker) = unknown {
        let why = format!(
            "what {} serves is not known: no `jit.serves` names it and no export holds its policies",
            broker.name
        );
        answers.inconclusive(&row.id.to_string(), why);
    } else if timeline.more_actions {
        answers.inconclusive(&row.id.to_string(), "it was used for more actions than are kept");
    }
}

impl Broker<'_> {
    /// What a Vault path is there for can only come from the policy.
    fn is_silent_mount(&self) -> bool {
        self.serves.is_empty() && !self.name.starts_with("arn:")
    }

    /// Roles serve their own account. A Vault path may serve any.
    fn is_near(&self, row: &CredentialRow) -> bool {
        let account = |arn: &str| arn.strip_prefix("arn:").and_then(|rest| rest.split(':').nth(3)).map(str::to_owned);
        match (account(self.name), row.principal.as_deref().and_then(account)) {
            (Some(own), Some(other)) => own == other,
            _ => true,
        }
    }

    /// What the policy says it serves; else what the role's own policies name. That a role may do everything says
    /// something only about an identity that can take it.
    fn is_there_for(&self, row: &CredentialRow, action: &str) -> bool {
        if !self.serves.is_empty() {
            let mut patterns = self.serves.iter().flat_map(|serves| serves.actions.texts());
            return patterns.any(|pattern| actions::covers(pattern, action));
        }
        let reachable = row.jit_paths.iter().any(|path| identity_key(&path.role) == identity_key(self.name));
        actions::is_named_by(&self.policies, action) || (reachable && actions::allows_all(&self.policies))
    }
}

fn report(
    ctx: &Context<'_>,
    row: &CredentialRow,
    broker: &Broker<'_>,
    used: &[(&str, &Moment)],
    answers: &mut Answers,
) {
    let rating = severity::for_privilege(ctx, severity::default(ctx), &row.privilege);
    let what = list(used.iter().map(|(action, _)| (*action).to_owned()), 3);
    let finding = card::about(ctx, row, &rating, broker.name)
        .message(format!("{} was used for {what}, which {} is there for.", card::name(row), card::short(broker.name)))
        .fact("Just-in-time path", broker.name)
        .fact("Actions", list(used.iter().map(|(action, _)| (*action).to_owned()), 10))
        .evidence(card::records(used.iter().map(|(_, moment)| *moment)))
        .evidence(broker.evidence.iter().take(1).cloned())
        .evidence(card::evidence(row));
    answers.found(&row.id.to_string(), card::complete(ctx, row, finding));
}
