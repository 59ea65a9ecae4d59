//! Deleted secrets, service accounts and pods: tokens end with each of them.

use super::token::{TOKEN, pod, secret_id};
use super::{Bodies, Facts};
use crate::import::Out;
use crate::model::EventKind;

const TOKEN_SECRET: &str = "kubernetes.io/service-account-token";

/// Pushes what ended; false if the record does not say what it was.
pub(super) fn deleted(facts: &Facts<'_>, out: &mut Out<'_>) -> bool {
    let (Some(namespace), Some(name)) = (facts.object.namespace.get(), facts.object.name.get()) else { return false };
    match facts.object.resource.or_empty() {
        "serviceaccounts" => {
            let account = format!("system:serviceaccount:{namespace}:{name}");
            let mut event = facts.event(EventKind::IdentityDeleted);
            event.principal = Some(&account);
            out.sink.event(&event);
            true
        }
        "pods" => pod_ended(facts, namespace, name, out),
        _ => secret(facts, namespace, name, out),
    }
}

/// A secret of unknown type is told: if exports or other records know its token, that has ended.
fn secret(facts: &Facts<'_>, namespace: &str, name: &str, out: &mut Out<'_>) -> bool {
    let kind = facts.bodies().text("type").map(std::borrow::Cow::into_owned);
    if kind.as_deref().is_some_and(|kind| kind != TOKEN_SECRET) {
        return false;
    }
    out.note("deleted secrets of which the record does not say the type", u64::from(kind.is_none()));
    let mut event = facts.event(EventKind::Revoked);
    event.credential = Some(secret_id(namespace, name));
    event.credential_kind = if kind.is_some() { TOKEN } else { "kubernetes-secret" };
    out.sink.event(&event);
    true
}

/// A pod is gone with the last of its deletions, the one that names its UID or waits no longer.
fn pod_ended(facts: &Facts<'_>, namespace: &str, name: &str, out: &mut Out<'_>) -> bool {
    let bodies = facts.bodies();
    if bodies.request.get("gracePeriodSeconds").and_then(serde_json::Value::as_i64).is_some_and(|wait| wait > 0) {
        return false;
    }
    let Some(uid) = uid(facts, &bodies) else {
        out.note("deleted pods of which the record does not say the UID", 1);
        return false;
    };
    let scope = pod(namespace, name, &uid);
    let mut event = facts.event(EventKind::SessionsRevoked);
    event.scope = Some(&scope);
    event.before = Some(facts.time);
    out.sink.event(&event);
    event.kind = EventKind::TaskEnded;
    event.task = Some(&scope);
    out.sink.event(&event);
    true
}

fn uid(facts: &Facts<'_>, bodies: &Bodies) -> Option<String> {
    let said = bodies.first("metadata.uid");
    let said = if said.exists() { said } else { bodies.first("preconditions.uid") };
    said.text().map(std::borrow::Cow::into_owned).or_else(|| facts.object.uid.get().map(str::to_owned))
}
