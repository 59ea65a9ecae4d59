//! Calls that give out a credential: sessions of STS and Roles Anywhere, keys and passwords of IAM users.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::Facts;
use super::actor::named;
use crate::import::aws::{ACCESS_KEY, PASSWORD, access_key, password};
use crate::import::lenient::{Maybe, Text, elements};
use crate::import::time::instant;
use crate::model::{CredentialId, EventKind, Expiry, IdentityKind, Proof, Sink};

/// Calls of STS that answer with a session.
const STS: &[&str] = &[
    "AssumeRole",
    "AssumeRoleWithSAML",
    "AssumeRoleWithWebIdentity",
    "AssumeRoot",
    "GetFederationToken",
    "GetSessionToken",
];
/// Calls of IAM that give a user a credential.
const IAM: &[&str] = &[
    "CreateAccessKey",
    "CreateLoginProfile",
    "CreateServiceSpecificCredential",
    "UploadSSHPublicKey",
    "UploadSigningCertificate",
];

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Request<'a> {
    #[serde(borrow)]
    role_arn: Text<'a>,
    role_session_name: Text<'a>,
    source_identity: Text<'a>,
    name: Text<'a>,
    token_code: Text<'a>,
    duration_seconds: Text<'a>,
    serial_number: Text<'a>,
    target_principal: Text<'a>,
    user_name: Text<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Response<'a> {
    #[serde(borrow)]
    credentials: Maybe<Credentials<'a>>,
    credential_set: Option<&'a RawValue>,
    subject_from_web_identity_token: Text<'a>,
    subject: Text<'a>,
    access_key: Maybe<Made<'a>>,
    service_specific_credential: Maybe<Made<'a>>,
    #[serde(rename = "sSHPublicKey")]
    ssh_public_key: Maybe<Made<'a>>,
    certificate: Maybe<Made<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Credentials<'a> {
    #[serde(borrow)]
    access_key_id: Text<'a>,
    expiration: Text<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Session<'a> {
    #[serde(borrow)]
    credentials: Maybe<Credentials<'a>>,
    role_arn: Text<'a>,
}

/// A credential that IAM made for a user.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Made<'a> {
    #[serde(borrow)]
    user_name: Text<'a>,
    access_key_id: Text<'a>,
    service_specific_credential_id: Text<'a>,
    #[serde(rename = "sSHPublicKeyId")]
    ssh_public_key_id: Text<'a>,
    certificate_id: Text<'a>,
    expiration_date: Text<'a>,
}

/// Pushes what the call gave out; false if it gave out nothing.
pub(super) fn issued(source: &str, name: &str, facts: &Facts<'_>, sink: &mut dyn Sink) -> bool {
    let gives = match source {
        "sts" => STS.contains(&name),
        "iam" => IAM.contains(&name),
        "rolesanywhere" => name == "CreateSession",
        _ => false,
    };
    if !gives || !facts.succeeded() {
        return false;
    }
    let request = facts.call.request_parameters.json().unwrap_or_default();
    let request: Request<'_> = serde_json::from_str(&request).unwrap_or_default();
    let response = facts.call.response_elements.json().unwrap_or_default();
    let response: Response<'_> = serde_json::from_str(&response).unwrap_or_default();
    match source {
        "sts" => session(name, facts, &request, &response, sink),
        "iam" => standing(name, facts, &request, &response, sink),
        _ => anywhere(facts, &request, &response, sink),
    }
}

/// A session of STS. It ends when the answer says; the requested duration is only a hint.
fn session(name: &str, facts: &Facts<'_>, request: &Request<'_>, response: &Response<'_>, sink: &mut dyn Sink) -> bool {
    let Some(given) = response.credentials.get() else { return false };
    let root = request.target_principal.get().map(|target| root_arn(facts, target));
    let caller = facts.actor.id.as_deref();
    let principal = match name {
        "AssumeRoot" => root.as_deref(),
        "GetSessionToken" | "GetFederationToken" => caller,
        _ => request.role_arn.get(),
    };
    let proof = match name {
        "AssumeRoleWithWebIdentity" => Proof::Oidc,
        "AssumeRoleWithSAML" => Proof::Saml,
        _ if request.serial_number.get().is_some() => Proof::Mfa,
        _ => facts.actor.shows,
    };
    let subject = response.subject_from_web_identity_token.get().or_else(|| response.subject.get());
    push(facts, given, request, &About { principal, proof, requester: subject.or(caller) }, sink)
}

/// Sessions of IAM Roles Anywhere, obtained with a certificate.
fn anywhere(facts: &Facts<'_>, request: &Request<'_>, response: &Response<'_>, sink: &mut dyn Sink) -> bool {
    let mut any = false;
    for raw in elements(response.credential_set).unwrap_or_default() {
        let session: Session<'_> = serde_json::from_str(raw.get()).unwrap_or_default();
        let principal = session.role_arn.get().or_else(|| request.role_arn.get());
        let Some(given) = session.credentials.get() else { continue };
        let about = About { principal, proof: Proof::Mtls, requester: facts.actor.id.as_deref() };
        any |= push(facts, given, request, &about, sink);
    }
    any
}

/// Who a session is for and how it was obtained.
struct About<'a> {
    principal: Option<&'a str>,
    proof: Proof,
    requester: Option<&'a str>,
}

fn push(
    facts: &Facts<'_>,
    given: &Credentials<'_>,
    request: &Request<'_>,
    about: &About<'_>,
    sink: &mut dyn Sink,
) -> bool {
    let Some((credential, kind)) = given.access_key_id.get().and_then(access_key) else { return false };
    let ends = given.expiration.get().and_then(instant);
    let asked = request.duration_seconds.get().and_then(|text| text.parse().ok());
    let mut event = facts.event(EventKind::Issued);
    event.credential = Some(credential);
    event.credential_kind = kind;
    event.parent = facts.actor.key.clone().map(|(id, _)| id);
    event.principal = about.principal;
    event.requester = about.requester;
    event.by_service = facts.actor.by_service;
    event.proof = about.proof;
    event.scope = about.principal;
    event.expiry = ends.map_or(Expiry::Unknown, Expiry::At);
    event.issued_at = Some(facts.time);
    event.ttl_s = ends.map(|ends| seconds(facts.time, ends)).or(asked);
    let session = request.role_session_name.get().or_else(|| request.name.get());
    let session = session.map(|name| named(name, request.source_identity.get()));
    event.session = session.as_deref();
    let with_code = request.serial_number.get().is_some() || request.token_code.get().is_some();
    event.mfa = if with_code { Some(true) } else { facts.actor.mfa };
    if about.requester != facts.actor.id.as_deref() {
        event.requester_kind = IdentityKind::Unknown;
    }
    sink.event(&event);
    true
}

fn seconds(from: Timestamp, to: Timestamp) -> i64 {
    to.as_second().saturating_sub(from.as_second())
}

/// The root user that `AssumeRoot` names by account number or by ARN.
fn root_arn(facts: &Facts<'_>, target: &str) -> String {
    if target.starts_with("arn:") {
        return target.to_owned();
    }
    format!("arn:{}:iam::{target}:root", facts.partition())
}

/// A key, password or certificate of a user: it works until somebody revokes it.
fn standing(
    name: &str,
    facts: &Facts<'_>,
    request: &Request<'_>,
    response: &Response<'_>,
    sink: &mut dyn Sink,
) -> bool {
    let made = match name {
        "CreateAccessKey" => response.access_key.get(),
        "CreateServiceSpecificCredential" => response.service_specific_credential.get(),
        "UploadSSHPublicKey" => response.ssh_public_key.get(),
        "UploadSigningCertificate" => response.certificate.get(),
        _ => None,
    };
    let user = made.and_then(|made| made.user_name.get()).or_else(|| request.user_name.get());
    let Some(holder) = facts.arn("user", user) else { return false };
    let issued = |id: Option<&str>| id.map(|id| CredentialId::issued("aws", id));
    let (credential, kind) = match name {
        "CreateAccessKey" => {
            let key = made.and_then(|made| made.access_key_id.get()).and_then(access_key);
            (key.map(|(id, _)| id), ACCESS_KEY)
        }
        "CreateServiceSpecificCredential" => {
            (issued(made.and_then(|made| made.service_specific_credential_id.get())), "aws-service-specific-credential")
        }
        "UploadSSHPublicKey" => (issued(made.and_then(|made| made.ssh_public_key_id.get())), "aws-ssh-public-key"),
        "UploadSigningCertificate" => {
            (issued(made.and_then(|made| made.certificate_id.get())), "aws-signing-certificate")
        }
        _ => (Some(password(&holder)), PASSWORD),
    };
    let Some(credential) = credential else { return false };
    let ends = made.and_then(|made| made.expiration_date.get()).and_then(instant);
    let mut event = facts.event(EventKind::Issued);
    event.credential = Some(credential);
    event.credential_kind = kind;
    event.parent = facts.actor.key.clone().map(|(id, _)| id);
    event.principal = Some(&holder);
    event.proof = facts.actor.shows;
    event.issued_at = Some(facts.time);
    event.mfa = facts.actor.mfa;
    event.expiry = match (ends, kind) {
        (Some(ends), _) => Expiry::At(ends),
        (None, ACCESS_KEY) => Expiry::Never,
        _ => Expiry::Unknown,
    };
    event.by_service = facts.actor.by_service;
    sink.event(&event);
    true
}
