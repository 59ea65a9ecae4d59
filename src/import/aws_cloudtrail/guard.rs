//! Calls that relax what guards access: second factors, boundaries, password rules, whom a role or a function trusts. And
//! records from which AWS left out what they would have to say.

use serde::Deserialize;

use super::Facts;
use super::grant::is_cut;
use crate::import::aws::Arn;
use crate::import::aws_account_authorization::trusted;
use crate::import::aws_policy::{Read, encoded};
use crate::import::lenient::Text;
use crate::model::{Effect, EventKind, Sink};

/// Services whose calls give credentials and access.
const ISSUING: &[&str] = &["iam", "sts", "sso", "sso-directory", "identitystore", "rolesanywhere", "organizations"];

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Request<'a> {
    #[serde(borrow)]
    user_name: Text<'a>,
    role_name: Text<'a>,
    policy_document: Text<'a>,
    function_name: Text<'a>,
    principal: Text<'a>,
    source_arn: Text<'a>,
    source_account: Text<'a>,
    #[serde(rename = "principalOrgID")]
    principal_org_id: Text<'a>,
}

/// Pushes a safeguard that the call relaxed; false if it relaxed none.
pub(super) fn weakened(source: &str, name: &str, facts: &Facts<'_>, sink: &mut dyn Sink) -> bool {
    let is_candidate = match source {
        "iam" => matches!(
            name,
            "DeleteAccountPasswordPolicy"
                | "DeactivateMFADevice"
                | "DeleteUserPermissionsBoundary"
                | "DeleteRolePermissionsBoundary"
                | "UpdateAssumeRolePolicy"
        ),
        "lambda" => name.starts_with("AddPermission"),
        _ => false,
    };
    if !is_candidate || !facts.succeeded() {
        return false;
    }
    let request = facts.call.request_parameters.json().unwrap_or_default();
    let request: Request<'_> = serde_json::from_str(&request).unwrap_or_default();
    let target = match name {
        "DeleteAccountPasswordPolicy" => Some(facts.account().to_owned()),
        "DeactivateMFADevice" | "DeleteUserPermissionsBoundary" => facts.arn("user", request.user_name.get()),
        "DeleteRolePermissionsBoundary" => request.role_name.get().and_then(|name| facts.arn("role", Some(name))),
        "UpdateAssumeRolePolicy" if trusts_strangers(&request, facts) => {
            request.role_name.get().and_then(|name| facts.arn("role", Some(name)))
        }
        _ if source == "lambda" && is_open(&request, facts) => request.function_name.get().map(str::to_owned),
        _ => None,
    };
    let Some(target) = target else { return false };
    let mut event = facts.event(EventKind::Weakened);
    event.target = Some(&target);
    event.principal = target.starts_with("arn:").then_some(target.as_str());
    sink.event(&event);
    true
}

/// Whether the new trust policy lets in everybody or another account. Whom the old one let in is not in the record.
fn trusts_strangers(request: &Request<'_>, facts: &Facts<'_>) -> bool {
    let statements = request.policy_document.get().and_then(|text| encoded(text).ok()).unwrap_or_default();
    let allows = |read: &&Read| read.statement.effect == Effect::Allow;
    statements
        .iter()
        .filter(allows)
        .flat_map(trusted)
        .any(|principal| &*principal.kind == "AWS" && is_stranger(&principal.id, facts.account()))
}

fn is_stranger(principal: &str, account: &str) -> bool {
    match Arn::parse(principal) {
        Some(arn) => arn.account != account,
        None => principal == "*" || (is_account(principal) && principal != account),
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a function may be called by everybody or from another account; a source or an organisation narrows it.
fn is_open(request: &Request<'_>, facts: &Facts<'_>) -> bool {
    let narrowed = [&request.source_arn, &request.source_account, &request.principal_org_id];
    let Some(principal) = request.principal.get() else { return false };
    is_stranger(principal, facts.account()) && narrowed.iter().all(|part| part.get().is_none())
}

/// Pushes that AWS left out what an issuance or a change of access was about; false if it left out nothing.
pub(super) fn truncated(source: &str, facts: &Facts<'_>, sink: &mut dyn Sink) -> bool {
    let parts = [facts.call.request_parameters, facts.call.response_elements];
    if !ISSUING.contains(&source) || !parts.into_iter().any(is_cut) {
        return false;
    }
    let mut event = facts.event(EventKind::Truncated);
    event.target = Some(facts.account());
    sink.event(&event);
    true
}
