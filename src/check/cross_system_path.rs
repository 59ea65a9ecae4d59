//! A way from one system into an administrator of another.

use std::collections::BTreeMap;

use super::basis::{card, holder};
use super::privilege_escalation_path::tell;
use super::{Answers, Check, Context, severity};
use crate::ledger::{CredentialRow, IdentityRow, Privilege, identity_key};
use crate::model::{Confidence, Path, Step};

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
        for row in ctx.ledger.credentials.iter().filter(|row| !row.exposures.is_empty()) {
            if let Some(principal) = &row.principal {
                in_code.entry(identity_key(principal)).or_default().push(row);
            }
        }
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
    let (to, unless) = if let Privilege::Admin { how, evidence } = &there.privilege {
        if let Some(last) = steps.last_mut() {
            last.evidence.extend(evidence.iter().take(4).cloned());
        }
        (format!("{} ({how})", card::short(&there.id)), "".into())
    } else if let Some(path) = holder::shortest(&there.paths) {
        steps.extend(path.steps.iter().cloned());
        (path.to.to_string(), path.unless.clone())
    } else {
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
