//! Tokens used, issued and renewed, and dynamic secrets leased and renewed.

use jiff::{SignedDuration, Timestamp};

use super::Facts;
use super::entry::{Auth, token, value};
use super::path;
use super::proof;
use crate::import::Out;
use crate::import::time::instant;
use crate::model::{CredentialId, EventKind, Expiry, Proof, Sink};

const TOKEN: &str = "vault-token";
const LEASE: &str = "vault-lease";

/// The use of the token that the request carried. Its issue time and time to live ride on every entry; when it ends is
/// not said, since it may have been renewed.
pub(super) fn used(facts: &Facts<'_>, sink: &mut dyn Sink) -> bool {
    let Some(credential) = token(facts.request.client_token_accessor.get()) else { return false };
    let mut event = facts.event(EventKind::Used);
    event.requester = None;
    event.credential = Some(credential);
    event.credential_kind = TOKEN;
    let scope = facts.auth.map(Auth::scope).unwrap_or_default();
    if let Some(auth) = facts.auth {
        if auth.accessor.get() == facts.request.client_token_accessor.get() {
            event.also = value(auth.client_token.get());
        }
        event.principal = auth.holder();
        event.session = auth.display_name.get();
        event.issued_at = auth.token_issue_time.get().and_then(instant);
        event.ttl_s = auth.ttl();
        event.expiry = if is_endless(auth, &scope) { Expiry::Never } else { Expiry::Unknown };
        event.scope = Some(scope.as_str()).filter(|scope| !scope.is_empty());
    }
    sink.event(&event);
    true
}

/// A new or renewed token.
pub(super) fn issued(facts: &Facts<'_>, out: &mut Out<'_>) -> bool {
    let Some(auth) = facts.response.and_then(|response| response.auth.get()) else { return false };
    if !facts.succeeded() || !facts.path.starts_with("auth/") {
        return false;
    }
    let Some(credential) = token(auth.accessor.get()) else {
        out.note("batch tokens, which have no accessor", u64::from(auth.token_type.get() == Some("batch")));
        return false;
    };
    let renews = facts.path.starts_with("auth/token/renew");
    let scope = auth.scope();
    let mount =
        facts.request.mount_type.get().or_else(|| facts.response.and_then(|response| response.mount_type.get()));
    let mut event = facts.event(if renews { EventKind::Renewed } else { EventKind::Issued });
    event.parent = token(facts.request.client_token_accessor.get()).filter(|parent| *parent != credential);
    event.ends_with_parent = !renews && is_child(facts, out);
    event.credential = Some(credential);
    event.also = value(auth.client_token.get());
    event.credential_kind = TOKEN;
    event.principal = auth.holder();
    event.requester = facts.caller().or_else(|| auth.display_name.get());
    event.session = auth.display_name.get();
    event.scope = Some(scope.as_str()).filter(|scope| !scope.is_empty());
    event.issued_at = auth.token_issue_time.get().and_then(instant).or((!renews).then_some(facts.time));
    event.ttl_s = ttl(facts, auth);
    event.max_uses = auth.num_uses.get().and_then(|text| text.parse().ok()).filter(|uses| *uses > 0);
    event.period_s = facts.request.data.get().and_then(|body| body.period.get()).and_then(|text| text.parse().ok());
    event.expiry = match event.ttl_s.and_then(|ttl| after(facts.time, ttl)) {
        Some(end) => Expiry::At(end),
        None if is_endless(auth, &scope) => Expiry::Never,
        None => Expiry::Unknown,
    };
    if !renews {
        event.proof = proof::of_mount(proof::mount_type(mount, facts.path));
    }
    out.sink.event(&event);
    true
}

/// A token for one use, behind which the answer lies, and the token in the answer, of which nothing more is known.
pub(super) fn wrapped(facts: &Facts<'_>, out: &mut Out<'_>) -> bool {
    let Some(wrapping) = facts.response.and_then(|response| response.wrap_info.get()) else { return false };
    let Some(credential) = token(wrapping.accessor.get()).filter(|_| facts.succeeded()) else { return false };
    let mut event = facts.event(EventKind::Issued);
    event.parent = token(facts.request.client_token_accessor.get());
    event.credential_kind = TOKEN;
    event.issued_at = Some(facts.time);
    event.proof = Proof::Session;
    if let Some(inside) = token(wrapping.wrapped_accessor.get()) {
        event.credential = Some(inside);
        event.ends_with_parent = is_child(facts, out);
        out.sink.event(&event);
        event.ends_with_parent = false;
    }
    event.credential = Some(credential);
    let path = wrapping.creation_path.get().map(path::shown);
    event.scope = path.as_deref();
    event.max_uses = Some(1);
    event.ttl_s = wrapping.ttl.get().and_then(|text| text.parse().ok());
    event.expiry = event.ttl_s.and_then(|ttl| after(facts.time, ttl)).map_or(Expiry::Unknown, Expiry::At);
    out.sink.event(&event);
    true
}

/// A dynamic secret, issued or renewed. How long it lives is not in the entry.
pub(super) fn leased(facts: &Facts<'_>, sink: &mut dyn Sink) -> bool {
    let lease = facts.response.and_then(|response| response.secret.get()).and_then(|lease| lease.lease_id.get());
    let Some(lease) = lease.filter(|_| facts.succeeded()) else { return false };
    let renews = facts.path.starts_with("sys/leases/renew") || facts.path.starts_with("sys/renew");
    let mut event = facts.event(if renews { EventKind::Renewed } else { EventKind::Issued });
    event.credential = Some(CredentialId::issued("vault", lease));
    event.credential_kind = LEASE;
    event.scope = lease.rsplit_once('/').map(|(path, _)| path);
    if !renews {
        event.parent = token(facts.request.client_token_accessor.get());
        event.ends_with_parent = true;
        event.issued_at = Some(facts.time);
        event.proof = Proof::Session;
    }
    sink.event(&event);
    true
}

/// Whether a new token is revoked together with the one that it was asked for with. Logins give orphans, and so may a
/// token role, of which the log does not hold the settings: <https://developer.hashicorp.com/vault/docs/concepts/tokens>.
fn is_child(facts: &Facts<'_>, out: &mut Out<'_>) -> bool {
    let of_role = facts.path.strip_prefix("auth/token/create/").is_some_and(|role| !role.is_empty());
    out.note(
        "tokens of token roles, which may be orphans: whether they end with their parent is not known",
        u64::from(of_role),
    );
    let orphan = facts.request.data.get().is_some_and(|body| body.no_parent.is_true());
    facts.path.trim_end_matches('/') == "auth/token/create" && !orphan
}

/// The time to live of the new token: from its own description, or from the entry's where that is the same token.
fn ttl(facts: &Facts<'_>, auth: &Auth<'_>) -> Option<i64> {
    let same = || facts.auth.filter(|other| other.accessor == auth.accessor);
    auth.ttl().or_else(|| same().and_then(Auth::ttl))
}

/// Root tokens without a time to live have no end. Older versions log neither issue time nor time to live; there
/// nothing is known.
fn is_endless(auth: &Auth<'_>, scope: &str) -> bool {
    auth.ttl().is_none() && auth.token_issue_time.get().is_some() && scope.split(',').any(|policy| policy == "root")
}

fn after(time: Timestamp, seconds: i64) -> Option<Timestamp> {
    time.checked_add(SignedDuration::from_secs(seconds)).ok()
}
