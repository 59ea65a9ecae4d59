//! Calls that end or suspend credentials: keys, passwords, whole identities, and all older sessions of a role.

use serde::Deserialize;

use super::Facts;
use crate::import::aws::{ACCESS_KEY, PASSWORD, access_key, password};
use crate::import::aws_policy::encoded;
use crate::import::lenient::Text;
use crate::model::{CredentialId, Effect, EventKind, Sink};

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Request<'a> {
    #[serde(borrow)]
    user_name: Text<'a>,
    role_name: Text<'a>,
    access_key_id: Text<'a>,
    status: Text<'a>,
    policy_document: Text<'a>,
    service_specific_credential_id: Text<'a>,
    #[serde(rename = "sSHPublicKeyId")]
    ssh_public_key_id: Text<'a>,
    certificate_id: Text<'a>,
}

/// Pushes what the call ended, and the call that should have ended a credential and failed; false if it is neither.
pub(super) fn revoked(source: &str, name: &str, facts: &Facts<'_>, sink: &mut dyn Sink) -> bool {
    if source != "iam" || facts.call.error_code.get().is_some_and(|code| code.starts_with("NoSuchEntity")) {
        return false;
    }
    let request = || facts.call.request_parameters.json().unwrap_or_default();
    match name {
        "DeleteAccessKey"
        | "UpdateAccessKey"
        | "DeleteLoginProfile"
        | "DeleteServiceSpecificCredential"
        | "UpdateServiceSpecificCredential"
        | "DeleteSSHPublicKey"
        | "UpdateSSHPublicKey"
        | "DeleteSigningCertificate"
        | "UpdateSigningCertificate" => one(name, facts, &serde_json::from_str(&request()).unwrap_or_default(), sink),
        _ if !facts.succeeded() => false,
        "DeleteUser" | "DeleteRole" => {
            identity(name, facts, &serde_json::from_str(&request()).unwrap_or_default(), sink)
        }
        "PutRolePolicy" | "PutUserPolicy" => {
            sessions(name, facts, &serde_json::from_str(&request()).unwrap_or_default(), sink)
        }
        _ => false,
    }
}

fn one(name: &str, facts: &Facts<'_>, request: &Request<'_>, sink: &mut dyn Sink) -> bool {
    let kind = match (name.starts_with("Delete"), request.status.or_empty()) {
        (true, _) => EventKind::Revoked,
        (false, "Inactive") => EventKind::Disabled,
        (false, "Active") => EventKind::Enabled,
        _ => return false,
    };
    let holder = facts.arn("user", request.user_name.get());
    let issued = |id: &Text<'_>| id.get().map(|id| CredentialId::issued("aws", id));
    let (credential, of_kind) = match name {
        "DeleteAccessKey" | "UpdateAccessKey" => {
            (request.access_key_id.get().and_then(access_key).map(|(id, _)| id), ACCESS_KEY)
        }
        "DeleteLoginProfile" => (holder.as_deref().map(password), PASSWORD),
        "DeleteSSHPublicKey" | "UpdateSSHPublicKey" => (issued(&request.ssh_public_key_id), "aws-ssh-public-key"),
        "DeleteSigningCertificate" | "UpdateSigningCertificate" => {
            (issued(&request.certificate_id), "aws-signing-certificate")
        }
        _ => (issued(&request.service_specific_credential_id), "aws-service-specific-credential"),
    };
    let Some(credential) = credential else { return false };
    let mut event = facts.event(kind);
    event.credential = Some(credential);
    event.credential_kind = of_kind;
    event.principal = holder.as_deref();
    sink.event(&event);
    true
}

fn identity(name: &str, facts: &Facts<'_>, request: &Request<'_>, sink: &mut dyn Sink) -> bool {
    let (kind, named) = match name {
        "DeleteUser" => ("user", request.user_name.get()),
        _ => ("role", request.role_name.get()),
    };
    let Some(arn) = facts.arn(kind, named) else { return false };
    let mut event = facts.event(EventKind::IdentityDeleted);
    event.principal = Some(&arn);
    sink.event(&event);
    true
}

/// A policy that denies everything to sessions issued before an instant (`AWSRevokeOlderSessions` is the console's name
/// for it) ends them all.
fn sessions(name: &str, facts: &Facts<'_>, request: &Request<'_>, sink: &mut dyn Sink) -> bool {
    let (kind, named) = match name {
        "PutUserPolicy" => ("user", request.user_name.get()),
        _ => ("role", request.role_name.get()),
    };
    let statements = request.policy_document.get().and_then(|text| encoded(text).ok()).unwrap_or_default();
    let denies_all = |read: &&crate::import::aws_policy::Read| {
        let statement = &read.statement;
        let all = |patterns: &[Box<str>]| patterns.iter().any(|pattern| &**pattern == "*" || &**pattern == "*:*");
        statement.effect == Effect::Deny
            && !statement.not_actions
            && all(&statement.actions)
            && all(&statement.resources)
    };
    let Some(before) = statements.iter().filter(denies_all).filter_map(|read| read.issued_before).max() else {
        return false;
    };
    let Some(arn) = facts.arn(kind, named) else { return false };
    let mut event = facts.event(EventKind::SessionsRevoked);
    event.scope = Some(&arn);
    event.principal = Some(&arn);
    event.before = Some(before);
    sink.event(&event);
    true
}
