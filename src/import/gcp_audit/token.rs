//! Tokens and signatures that a caller obtained for a service account, and tokens of federated identities.

use jiff::SignedDuration;

use super::entry::value;
use super::{Facts, GCP, account_in};
use crate::import::part::Part;
use crate::model::{CredentialId, EventKind, Expiry, IdentityKind, Proof, Sink};

/// How long access and identity tokens live where the call does not say.
const DEFAULT_TTL_S: i64 = 3600;

/// A token for a service account, or a signature with its key. None has an id: it is named by account and time.
pub(super) fn issued(facts: &Facts<'_>, sink: &mut dyn Sink) -> bool {
    let body = value(facts.log.request);
    let part = Part::of(&body);
    let names = [part.text("name"), facts.log.resource_name.get()];
    let addressed = names.into_iter().flatten().filter_map(account_in).find(|account| account.contains('@'));
    let Some(account) = addressed.or(facts.entry.resource.labels.email_id.get()) else { return false };
    let (kind, what, lives) = match facts.call() {
        "GenerateAccessToken" => ("gcp-access-token", "access token", true),
        "GenerateIdToken" => ("gcp-id-token", "identity token", true),
        "SignJwt" => ("gcp-signed-jwt", "signed JWT", false),
        _ => ("gcp-signature", "signature", false),
    };
    let scopes = part.texts("scope").join(" ");
    let mut event = facts.event(EventKind::Issued);
    event.credential = Some(CredentialId::derived(GCP, &format!("{what} of {account}@{}", facts.time)));
    event.credential_kind = kind;
    event.parent = facts.actor.key();
    event.proof = facts.actor.proof();
    event.principal = Some(account);
    event.scope = Some(scopes.as_str()).filter(|scopes| !scopes.is_empty());
    event.audience = part.text("audience");
    event.issued_at = Some(facts.time);
    event.ttl_s = part.text("lifetime").and_then(seconds).or(lives.then_some(DEFAULT_TTL_S));
    event.expiry = after(facts, event.ttl_s);
    let chain = chain(facts, part);
    event.session = chain.as_deref();
    sink.event(&event);
    true
}

/// Through whom the caller reached the account: delegates that it named, or on whose behalf it called.
fn chain(facts: &Facts<'_>, part: Part<'_>) -> Option<String> {
    let delegates = part.texts("delegates").into_iter().filter_map(account_in).map(str::to_owned);
    let chain: Vec<String> = facts.actor.delegators().into_iter().chain(delegates).collect();
    (!chain.is_empty()).then(|| chain.join(" > "))
}

/// A token of another provider that was exchanged for one of Google.
pub(super) fn exchanged(facts: &Facts<'_>, sink: &mut dyn Sink) -> bool {
    let (body, more) = (value(facts.log.request), value(facts.log.metadata));
    let part = Part::of(&body);
    let Some(principal) = Part::of(&more).text("mappedPrincipal") else { return false };
    let mut event = facts.event(EventKind::Issued);
    event.credential = Some(CredentialId::derived(GCP, &format!("federated token of {principal}@{}", facts.time)));
    event.credential_kind = "gcp-federated-token";
    event.principal = Some(principal);
    event.requester_kind = IdentityKind::Unknown;
    event.proof = match part.text("subjectTokenType").unwrap_or_default() {
        kind if kind.ends_with(":id_token") || kind.ends_with(":jwt") => Proof::Oidc,
        kind if kind.ends_with(":saml2") => Proof::Saml,
        kind if kind.ends_with(":mtls") => Proof::Mtls,
        kind if kind.contains("aws4_request") => Proof::Attested,
        _ => Proof::Unknown,
    };
    event.audience = part.text("audience");
    event.scope = part.text("scope");
    event.issued_at = Some(facts.time);
    sink.event(&event);
    true
}

fn after(facts: &Facts<'_>, ttl: Option<i64>) -> Expiry {
    let end = ttl.and_then(|ttl| facts.time.checked_add(SignedDuration::from_secs(ttl)).ok());
    end.map_or(Expiry::Unknown, Expiry::At)
}

/// `3600s` in seconds; fractions are dropped.
pub(super) fn seconds(text: &str) -> Option<i64> {
    text.strip_suffix('s')?.split('.').next()?.parse().ok()
}
