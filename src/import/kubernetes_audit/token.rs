//! Tokens of service accounts: issued by the API, kept in secrets, presented with requests.

use jiff::SignedDuration;

use super::{Facts, SYSTEM};
use crate::import::aws::access_key;
use crate::import::time::instant;
use crate::model::{CredentialId, Event, EventKind, Expiry, IdentityKind, Proof, Sink};

pub(super) const TOKEN: &str = "kubernetes-service-account-token";
pub(super) const CERTIFICATE: &str = "kubernetes-client-certificate";

/// The credential that the request carried, and what type it is of.
pub(super) fn presented(facts: &Facts<'_>) -> Option<(CredentialId, &'static str)> {
    let extra = facts.entry.user.get().and_then(|user| user.extra.get());
    if let Some(id) = extra.and_then(super::entry::Extra::credential_id) {
        return Some(named(&id));
    }
    if let Some(key) = extra.and_then(super::entry::Extra::access_key_id) {
        return access_key(&key);
    }
    let user = facts.user?;
    let notes = facts.entry.annotations.get()?;
    if let (Some(secret), Some(namespace)) = (notes.token_secret.get(), namespace_of(user)) {
        return Some((secret_id(namespace, secret), TOKEN));
    }
    // Which of the account's secrets it was, versions before 1.29 do not tell.
    notes.legacy_token.get()?;
    Some((CredentialId::derived(SYSTEM, &format!("token from a secret of {user}")), TOKEN))
}

/// The id that an annotation gives: the JTI of a token, or the digest of a certificate, which is public.
fn named(id: &str) -> (CredentialId, &'static str) {
    match id.strip_prefix("JTI=") {
        Some(jti) => (CredentialId::issued(SYSTEM, jti), TOKEN),
        None => (CredentialId::issued(SYSTEM, id), if id.starts_with("X509SHA256=") { CERTIFICATE } else { TOKEN }),
    }
}

/// A token that a secret holds, as exports name it.
pub(super) fn secret_id(namespace: &str, name: &str) -> CredentialId {
    CredentialId::issued(SYSTEM, &format!("secret/{namespace}/{name}"))
}

/// The pod that a token is bound to; with its UID, since names are used again.
pub(super) fn pod(namespace: &str, name: &str, uid: &str) -> String {
    format!("Pod/{namespace}/{name}/{uid}")
}

/// The use of the credential that the request carried.
pub(super) fn used(facts: &Facts<'_>, sink: &mut dyn Sink) -> bool {
    let Some((credential, kind)) = presented(facts) else { return false };
    let extra = facts.entry.user.get().and_then(|user| user.extra.get());
    let session = extra.and_then(super::entry::Extra::session_name);
    let bound = extra.and_then(super::entry::Extra::pod);
    let bound = bound.zip(facts.user.and_then(namespace_of)).map(|((name, uid), of)| pod(of, &name, &uid));
    let mut event = facts.event(EventKind::Used);
    event.requester = None;
    event.requester_kind = IdentityKind::Unknown;
    event.credential = Some(credential);
    event.credential_kind = kind;
    // What AWS knows the key as is told by its own log.
    event.principal = facts.user.filter(|_| kind == TOKEN || kind == CERTIFICATE);
    event.session = session.as_deref();
    event.task = bound.as_deref();
    event.scope = bound.as_deref();
    sink.event(&event);
    true
}

/// A token that the API issued for a service account. Older versions name no JTI: the id is made from account and time.
pub(super) fn issued(facts: &Facts<'_>, sink: &mut dyn Sink) -> bool {
    let (Some(namespace), Some(name)) = (facts.object.namespace.get(), facts.object.name.get()) else { return false };
    let account = format!("system:serviceaccount:{namespace}:{name}");
    let note = facts.entry.annotations.get().and_then(|notes| notes.issued_credential_id.get());
    let bodies = facts.bodies();
    let (bound, audience) = (bodies.first("spec.boundObjectRef"), bodies.first("spec.audiences").texts().join(" "));
    let kind_of_bound = bound.key("kind").or_empty();
    let bound = match (&*kind_of_bound, bound.key("name").text(), bound.key("uid").text()) {
        ("Pod", Some(name), Some(uid)) => Some(pod(namespace, &name, &uid)),
        (kind, Some(name), _) if !kind.is_empty() => Some(format!("{kind}/{namespace}/{name}")),
        _ => None,
    };
    let mut event = facts.event(EventKind::Issued);
    event.credential = Some(match note {
        Some(id) => named(id).0,
        None => CredentialId::derived(SYSTEM, &format!("{account}@{}", facts.time)),
    });
    event.credential_kind = TOKEN;
    event.parent = presented(facts).map(|(id, _)| id);
    event.proof = proof(facts);
    event.principal = Some(&account);
    event.task = bound.as_deref().filter(|bound| bound.starts_with("Pod/"));
    event.scope = bound.as_deref();
    event.audience = Some(audience.as_str()).filter(|audience| !audience.is_empty());
    event.issued_at = Some(facts.time);
    event.ttl_s = bodies.first("spec.expirationSeconds").number();
    event.expiry = match bodies.text("status.expirationTimestamp").and_then(|end| instant(&end)) {
        Some(end) => Expiry::At(end),
        None => after(&event),
    };
    sink.event(&event);
    true
}

/// The end by the time to live that was asked for.
pub(super) fn after(event: &Event<'_>) -> Expiry {
    let end = event.ttl_s.and_then(|ttl| event.time.checked_add(SignedDuration::from_secs(ttl)).ok());
    end.map_or(Expiry::Unknown, Expiry::At)
}

/// A secret that the cluster fills with a token that has no end.
pub(super) fn kept_in_secret(facts: &Facts<'_>, sink: &mut dyn Sink) -> bool {
    let bodies = facts.bodies();
    if bodies.text("type").as_deref() != Some("kubernetes.io/service-account-token") {
        return false;
    }
    let name = bodies.text("metadata.name").or_else(|| facts.object.name.get().map(Into::into));
    let Some(name) = name.filter(|_| !facts.namespace().is_empty()) else { return false };
    let account = bodies.first("metadata.annotations").key("kubernetes.io/service-account.name").text();
    let account = account.map(|account| format!("system:serviceaccount:{}:{account}", facts.namespace()));
    let mut event = facts.event(EventKind::Issued);
    event.credential = Some(secret_id(facts.namespace(), &name));
    event.credential_kind = TOKEN;
    event.parent = presented(facts).map(|(id, _)| id);
    event.proof = proof(facts);
    event.principal = account.as_deref();
    event.issued_at = Some(facts.time);
    event.expiry = Expiry::Never;
    sink.event(&event);
    true
}

/// What was shown to obtain it: the credential of the request.
pub(super) fn proof(facts: &Facts<'_>) -> Proof {
    match presented(facts) {
        Some((_, TOKEN)) => Proof::Token,
        Some((_, CERTIFICATE)) => Proof::Mtls,
        Some((_, "aws-access-key-id")) => Proof::StaticKey,
        Some(_) => Proof::Session,
        None => Proof::Unknown,
    }
}

fn namespace_of(user: &str) -> Option<&str> {
    user.strip_prefix("system:serviceaccount:")?.split_once(':').map(|(namespace, _)| namespace)
}
