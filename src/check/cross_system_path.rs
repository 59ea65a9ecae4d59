//! A way from one system into an administrator of another.

use std::collections::BTreeMap;

use super::basis::{card, holder, life, pipeline};
use super::privilege_escalation_path::tell;
use super::{Answers, Check, Context, severity};
use crate::ledger::{CredentialRow, IdentityRow, Privilege, identity_key};
use crate::model::{Confidence, Evidence, Path, Step};

/// See `rules/checks/cross_system_path.yaml`.
pub(super) struct CrossSystemPath;

/// The facts of an identity that name one of another system which it may act as.
const BRIDGES: [&str; 3] = ["aws-role", "gcp-service-account", "azure-client-id"];

impl Check for CrossSystemPath {
    fn id(&self) -> &'static str {
        "cross-system-path"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        let by_key: BTreeMap<String, &IdentityRow> =
            ctx.ledger.identities.values().map(|row| (identity_key(&row.id), row)).collect();
        let mut in_code: BTreeMap<String, Vec<&CredentialRow>> = BTreeMap::new();
        for row in &ctx.shared.in_code {
            if let Some(principal) = &row.principal {
                in_code.entry(identity_key(principal)).or_default().push(row);
            }
        }
        deploy_keys(ctx, &by_key, answers);
        for row in ctx.ledger.identities.values() {
            for (bridge, target) in BRIDGES.iter().filter_map(|name| Some((*name, row.fact(name)?))) {
                answers.examine();
                let Some(there) = by_key.get(&identity_key(target)) else {
                    let why = format!("no export describes {target}, which it may act as");
                    answers.inconclusive(&row.id, why);
                    continue;
                };
                ask(ctx, row, (bridge, there), in_code.get(&identity_key(&row.id)), answers);
            }
        }
    }
}

/// Deploy keys with which somebody can write a workflow that takes a role of AWS.
fn deploy_keys(ctx: &Context<'_>, by_key: &BTreeMap<String, &IdentityRow>, answers: &mut Answers) {
    for row in ctx.ledger.credentials.iter().filter(|row| !life::is_over(row, ctx.ledger.as_of)) {
        let Some(repository) = pipeline::writable_repository(row) else { continue };
        for grant in &ctx.ledger.grants {
            let Some(there) =
                pipeline::taken_by_a_push(grant, repository).and_then(|role| by_key.get(&identity_key(role)))
            else {
                continue;
            };
            answers.examine();
            let step = |method: &str, from: &str, to: &str, how: String, evidence: Vec<Evidence>| Step {
                method: method.into(),
                from: from.into(),
                to: to.into(),
                how: how.into(),
                evidence,
            };
            let branch = format!("repo:{repository}");
            let push = format!("the deploy key may push a workflow to {repository}");
            let take = format!("{} trusts the workflows of {repository}", card::short(&there.id));
            let mut steps = vec![
                step("deploy-key", &row.id.to_string(), &branch, push, row.exports.iter().take(1).cloned().collect()),
                step("workflow", &branch, &there.id, take, vec![grant.evidence.clone()]),
            ];
            if let Some((to, unless)) = onwards(there, &mut steps) {
                let from = row.id.to_string().into();
                let path = Path { system: "github".into(), from, to: to.as_str().into(), steps, unless };
                let rating = severity::default(ctx);
                let finding = card::about(ctx, row, &rating, &there.id).message(format!(
                    "{} leads to an administrator of another system: {to}, in {}.",
                    card::name(row),
                    holder::steps(path.steps.len())
                ));
                answers.found(&row.id.to_string(), card::complete(ctx, row, tell(finding, &path)));
            }
        }
    }
}

/// What the identity on the other side is or can become: an administrator, with the steps that are left.
fn onwards(there: &IdentityRow, steps: &mut Vec<Step>) -> Option<(String, Box<str>)> {
    if let Privilege::Admin { how, evidence } = &there.privilege {
        if let Some(last) = steps.last_mut() {
            last.evidence.extend(evidence.iter().take(4).cloned());
        }
        return Some((format!("{} ({how})", card::short(&there.id)), "".into()));
    }
    let path = holder::shortest(&there.paths)?;
    steps.extend(path.steps.iter().cloned());
    Some((path.to.to_string(), path.unless.clone()))
}

/// Whether the identity on the other side is an administrator or can become one.
fn ask(
    ctx: &Context<'_>,
    row: &IdentityRow,
    (bridge, there): (&str, &IdentityRow),
    leaked: Option<&Vec<&CredentialRow>>,
    answers: &mut Answers,
) {
    let mut steps: Vec<Step> = leaked.into_iter().flatten().take(1).map(|key| from_code(key, row)).collect();
    steps.push(Step {
        method: bridge.into(),
        from: row.id.clone(),
        to: there.id.clone(),
        how: format!("it carries the annotation that names {}", card::short(&there.id)).into(),
        evidence: row.evidence.iter().take(1).chain(there.evidence.iter().take(1)).cloned().collect(),
    });
    let Some((to, unless)) = onwards(there, &mut steps) else {
        if let Privilege::Unknown(why) = &there.privilege {
            answers.inconclusive(&row.id, format!("what {} may do is not known: {why}", card::short(&there.id)));
        }
        return;
    };
    let path = Path { system: row.system.clone(), from: row.id.clone(), to: to.as_str().into(), steps, unless };
    report(ctx, row, &path, leaked.is_some(), answers);
}

fn from_code(key: &CredentialRow, row: &IdentityRow) -> Step {
    Step {
        method: "credential-in-code".into(),
        from: key.id.to_string().into(),
        to: row.id.clone(),
        how: format!("{} lies in code", card::name(key)).into(),
        evidence: key.exposures.iter().take(1).map(|place| place.evidence.clone()).collect(),
    }
}

fn report(ctx: &Context<'_>, row: &IdentityRow, path: &Path, leaked: bool, answers: &mut Answers) {
    let default = severity::default(ctx);
    let rating = if leaked {
        let reason = format!("{}; one step up: its credential lies in code", default.reason);
        severity::by_threshold(default.severity.raised(), reason)
    } else {
        default
    };
    let confidence = if path.unless.is_empty() { Confidence::High } else { Confidence::Medium };
    let finding = holder::about(ctx, row, &rating, &path.to).confidence(confidence).message(format!(
        "{} leads to an administrator of another system: {}, in {}.",
        holder::name(row),
        path.to,
        holder::steps(path.steps.len())
    ));
    answers.found(&row.id, holder::complete(ctx, row, tell(finding, path)));
}
