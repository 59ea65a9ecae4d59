//! Calls to the API server of a GKE cluster, which Cloud Logging keeps in its own form.

use super::Facts;
use crate::import::Out;
use crate::import::kubernetes_audit::{Call, change};

/// Reads the call as the audit log of a cluster tells it. The entry names no credential: what it changed is all it tells.
pub(super) fn call(facts: &Facts<'_>, out: &mut Out<'_>) {
    let Some((path, verb)) = facts.method.rsplit_once('.') else {
        return out.ignore("calls that name no credential and no grant");
    };
    // io.k8s.core.v1.pods.exec: what follows the version is the resource, and a part of it.
    let parts: Vec<&str> = path.split('.').collect();
    let version = parts.iter().rposition(|part| is_version(part)).unwrap_or_default();
    let (resource, part) = (parts.get(version + 1).copied(), parts.get(version + 2).copied());
    let name = facts.log.resource_name.or_empty();
    let place = place(name);
    let call = Call {
        verb,
        resource: resource.unwrap_or_default(),
        subresource: part.unwrap_or_default(),
        namespace: place.0,
        name: place.1,
        user: facts.log.authentication_info.principal_email.get(),
        agent: facts.log.request_metadata.user_agent.get(),
        address: facts.log.request_metadata.address(),
        id: facts.entry.insert_id.get(),
        labels: facts.entry.labels,
        request: facts.log.request,
        response: facts.log.response,
    };
    let mattered = facts.succeeded() && change(&call, facts.record, facts.stream, facts.time, out);
    if !mattered {
        out.ignore("calls that name no credential and no grant");
    }
}

fn is_version(part: &str) -> bool {
    part.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// The namespace and the name in `core/v1/namespaces/shop/serviceaccounts/web/token`.
fn place(name: &str) -> (&str, &str) {
    let parts: Vec<&str> = name.split('/').collect();
    match parts.as_slice() {
        [_, _, "namespaces", namespace, _, name, ..] => (namespace, name),
        [_, _, "namespaces", namespace, ..] => (namespace, ""),
        [_, _, _, name, ..] => ("", name),
        _ => ("", ""),
    }
}
