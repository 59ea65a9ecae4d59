//! How rights grow: the shortest way from each identity to an administrator.
//!
//! The search goes backwards from the administrators: first the identities that one step makes one of them, then those
//! that one step makes one of these, and so on. Of ways of the same length one that is certain is told before one that
//! depends on something. A role of a service that is passed, or already in place, must trust that service in the same
//! export; what no export of accounts shows (functions, instances) is told as what the path depends on.

mod ground;
pub(super) mod marks;
pub(super) mod method;
mod moves;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::AwsJudge;
use super::words::{clip, short};
use crate::model::{Path, Step};
use ground::{Goals, Ground, Node};
use method::methods;
use moves::{Move, Moves};

/// The shortest ways to an administrator, of every identity that has one and is none, in order of the identities.
pub(super) fn paths(judge: &AwsJudge<'_>) -> Vec<Path> {
    let ground = Ground::new(judge);
    let mut found: BTreeMap<&str, Path> = BTreeMap::new();
    let mut goals = Goals::new(judge, ground.administrators.iter().copied());
    let mut first = true;
    let mut left: Vec<&Node<'_>> = ground.nodes.iter().collect();
    while first || !goals.is_empty() {
        let mut reached = Vec::new();
        left.retain(|node| {
            let Some(step) = Moves::new(&ground, node).best(&goals, first) else { return true };
            reached.push((node.id, path(node, step, &found)));
            false
        });
        goals = Goals::new(judge, reached.iter().map(|(id, _)| *id));
        found.extend(reached);
        first = false;
    }
    found.into_values().collect()
}

/// A step, and the path of the identity that it leads to.
fn path(node: &Node<'_>, step: Move<'_>, known: &BTreeMap<&str, Path>) -> Path {
    let onward = step.to.and_then(|to| known.get(to));
    let administrator = format!("administrator of account {}", node.account);
    let won = step.to.map_or_else(|| administrator.clone(), str::to_owned);
    let to = onward.map_or_else(|| won.clone().into(), |path| path.to.clone());
    let mut steps = vec![Step {
        method: method_id(&step).into(),
        from: node.id.into(),
        to: won.into(),
        how: how(&step).into(),
        evidence: step.proof.evidence.into_iter().collect(),
    }];
    steps.extend(onward.into_iter().flat_map(|path| path.steps.iter().cloned()));
    let mut unless: Vec<String> = step.proof.unless.into_iter().collect();
    unless.extend(onward.map(|path| path.unless.to_string()).filter(|unless| !unless.is_empty()));
    Path { system: "aws".into(), from: node.id.into(), to, steps, unless: unless.join("; ").into() }
}

fn method_id(step: &Move<'_>) -> &'static str {
    let method = step.method.and_then(|method| methods().all.get(method));
    method.map_or("assume-role", |method| &method.id)
}

/// A step for people: `iam:CreatePolicyVersion on policy/deploy`.
fn how(step: &Move<'_>) -> String {
    let method = step.method.and_then(|method| methods().all.get(method));
    let actions = method.map_or_else(|| "sts:AssumeRole".to_owned(), |method| method.actions.join(" and "));
    let title = method.map(|method| format!("{}: ", method.title)).unwrap_or_default();
    let on = if step.on.is_empty() { String::new() } else { format!(" on {}", clip(short_arn(&step.on))) };
    format!("{title}{actions}{on}")
}

/// An ARN without what everybody knows: `role/deploy`.
fn short_arn(id: &str) -> &str {
    id.splitn(6, ':').nth(5).unwrap_or_else(|| short(id))
}
