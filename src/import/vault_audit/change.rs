//! Revocations, and audit devices that are switched off or on.

use super::Facts;
use super::entry::{token, value};
use crate::import::Out;
use crate::model::{CredentialId, EventKind, Sink};

/// Pushes what the request revoked; false if it revoked nothing that can be named.
pub(super) fn revoked(facts: &Facts<'_>, out: &mut Out<'_>) -> bool {
    if !facts.succeeded() {
        return false;
    }
    let body = facts.request.data.get();
    let below = |prefixes: &[&str]| prefixes.iter().find_map(|prefix| facts.path.strip_prefix(prefix));
    match facts.path {
        "auth/token/revoke-self" => {
            tell(facts, token(facts.request.client_token_accessor.get()), "vault-token", out.sink)
        }
        "auth/token/revoke-accessor" => {
            tell(facts, token(body.and_then(|body| body.accessor.get())), "vault-token", out.sink)
        }
        "auth/token/revoke" => {
            let token = value(body.and_then(|body| body.token.get()));
            out.note("revocations by a token of which the entry holds no digest", u64::from(token.is_none()));
            tell(facts, token, "vault-token", out.sink)
        }
        "auth/token/revoke-orphan" => {
            out.note("revocations that leave the children of the token alive, which are not followed", 1);
            false
        }
        "sys/leases/revoke" | "sys/revoke" => {
            let lease = body.and_then(|body| body.lease_id.get()).filter(|lease| !lease.starts_with("hmac-"));
            out.note("revocations by hashed lease id, which cannot be joined", u64::from(lease.is_none()));
            tell(facts, lease.map(|lease| CredentialId::issued("vault", lease)), "vault-lease", out.sink)
        }
        _ => {
            let prefixes =
                ["revoke-prefix/", "revoke-force/"].map(|end| [format!("sys/leases/{end}"), format!("sys/{end}")]);
            let is_deletion = facts.request.operation.get() == Some("delete");
            if let Some(mount) = below(&["sys/mounts/"]).filter(|_| is_deletion) {
                return all_below(facts, mount.trim_end_matches('/'), out.sink);
            }
            if below(&["sys/auth/"]).is_some_and(|_| is_deletion) {
                out.note("auth methods switched off: which tokens they gave, and ended so, is not known", 1);
                return false;
            }
            if let Some(prefix) = prefixes.iter().flatten().find_map(|start| facts.path.strip_prefix(start.as_str())) {
                return all_below(facts, prefix.trim_end_matches('/'), out.sink);
            }
            let lease = below(&["sys/leases/revoke/", "sys/revoke/"]);
            tell(facts, lease.map(|lease| CredentialId::issued("vault", lease)), "vault-lease", out.sink)
        }
    }
}

/// Pushes a change of the audit devices.
pub(super) fn recording(facts: &Facts<'_>, sink: &mut dyn Sink) -> bool {
    if !facts.succeeded() || !facts.path.starts_with("sys/audit/") {
        return false;
    }
    let kind = match facts.request.operation.or_empty() {
        "delete" => EventKind::LogStopped,
        "update" | "create" => EventKind::LogStarted,
        _ => return false,
    };
    sink.event(&facts.event(kind));
    true
}

fn tell(facts: &Facts<'_>, credential: Option<CredentialId>, kind: &str, sink: &mut dyn Sink) -> bool {
    let Some(credential) = credential else { return false };
    let mut event = facts.event(EventKind::Revoked);
    event.credential = Some(credential);
    event.credential_kind = kind;
    sink.event(&event);
    true
}

/// All leases below a path end at once.
fn all_below(facts: &Facts<'_>, prefix: &str, sink: &mut dyn Sink) -> bool {
    let mut event = facts.event(EventKind::SessionsRevoked);
    event.scope = Some(prefix);
    event.before = Some(facts.time);
    sink.event(&event);
    true
}
