//! Ways that lead from a source repository through its pipeline into a cloud role.

use serde_json::Value;

use crate::ledger::CredentialRow;
use crate::model::{Grant, GrantObject};

use super::actions::covers;

/// The issuer of the tokens that GitHub gives to workflows.
const GITHUB: &str = ":oidc-provider/token.actions.githubusercontent.com";

/// The repository (`owner/name`) that a deploy key lets its holder push to.
pub(in crate::check) fn writable_repository(row: &CredentialRow) -> Option<&str> {
    let fact = |name: &str| row.readouts.iter().find(|fact| &*fact.name == name).map(|fact| &*fact.value);
    if &*row.kind != "github-deploy-key" || fact("read-only") != Some("false") {
        return None;
    }
    let url = fact("repository")?.split_once("/repos/")?.1;
    url.split_once("/keys/").map(|(repository, _)| repository)
}

/// The role that a workflow of this repository may take when somebody pushes to a branch.
pub(in crate::check) fn taken_by_a_push<'a>(grant: &'a Grant, repository: &str) -> Option<&'a str> {
    let GrantObject::AssumeRole(role) = &grant.object else { return None };
    if !grant.holder.ends_with(GITHUB) {
        return None;
    }
    let subject = format!("repo:{repository}:ref:refs/heads/main");
    let claims = claims(&grant.condition)?;
    let subjects: Vec<&String> =
        claims.iter().filter(|(name, _)| name == "sub").flat_map(|(_, values)| values).collect();
    let open = subjects.is_empty() || subjects.iter().any(|pattern| covers(pattern, &subject));
    open.then_some(role)
}

/// The claims that a condition asks for, with the values of each; an operator that negates asks for nothing. Nothing
/// where the condition cannot be read.
pub(in crate::check) fn claims(condition: &str) -> Option<Vec<(String, Vec<String>)>> {
    if condition.is_empty() {
        return Some(Vec::new());
    }
    let by_operator: Value = serde_json::from_str(condition).ok()?;
    let mut claims = Vec::new();
    for (operator, by_key) in by_operator.as_object()? {
        let operator = operator.to_ascii_lowercase();
        if !operator.contains("string") || operator.contains("not") || operator.ends_with("ifexists") {
            continue;
        }
        for (key, value) in by_key.as_object()? {
            let name = key.rsplit(':').next().unwrap_or(key).to_ascii_lowercase();
            let values = match value {
                Value::Array(list) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
                one => one.as_str().map(str::to_owned).into_iter().collect(),
            };
            claims.push((name, values));
        }
    }
    Some(claims)
}
