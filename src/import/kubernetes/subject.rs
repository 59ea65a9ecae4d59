//! Who holds bindings: service accounts, users and groups.

use super::{Object, SYSTEM};
use crate::import::Out;
use crate::import::lookup::Node;
use crate::model::{GapReason, Identity, IdentityKind, Readout};

/// Annotations that let a service account act as an identity of a cloud, with the names of their facts.
const BRIDGES: &[(&str, &str)] = &[
    ("eks.amazonaws.com/role-arn", "aws-role"),
    ("iam.gke.io/gcp-service-account", "gcp-service-account"),
    ("azure.workload.identity/client-id", "azure-client-id"),
];

/// What is said of a subject that no cluster would take: it stands in a manifest.
pub(super) const NO_NAMESPACE: &str = "service accounts without a namespace among subjects";

/// A service account.
pub(super) fn service_account(object: &Object<'_, '_>, out: &mut Out<'_>) {
    if object.name.is_empty() || object.namespace.is_empty() {
        return out.problem(object.record, "metadata", GapReason::Damaged, "has no name or no namespace");
    }
    let id = service_account_id(object.namespace, object.name);
    let mut identity = identity(&id, IdentityKind::Workload, object, "service account");
    identity.created = object.created();
    for (annotation, fact) in BRIDGES {
        let value = object.annotation(annotation).text();
        identity.facts.extend(value.map(|value| Readout::new(fact, value.trim())));
    }
    if object.node.key("automountServiceAccountToken").truth() == Some(false) {
        identity.facts.push(Readout::new("token-mounted", "false"));
    }
    out.sink.identity(identity);
}

/// The identity of a service account as logs and tokens write it.
pub(super) fn service_account_id(namespace: &str, name: &str) -> String {
    format!("system:serviceaccount:{namespace}:{name}")
}

/// An identity that an object speaks about.
pub(super) fn identity(id: &str, kind: IdentityKind, object: &Object<'_, '_>, shows: &str) -> Identity {
    let mut identity = Identity::observed(SYSTEM, id, kind, object.record.evidence(shows, ""));
    if let Some((namespace, name)) = id.strip_prefix("system:serviceaccount:").and_then(|rest| rest.split_once(':')) {
        identity.name = name.into();
        identity.facts.push(Readout::new("namespace", namespace));
    } else {
        identity.name = id.strip_prefix("group:").unwrap_or(id).into();
    }
    identity
}

/// The holder of a binding. A service account without a namespace is none: the API refuses it.
pub(in crate::import) fn holder(subject: Node<'_>) -> Result<(String, IdentityKind), &'static str> {
    let name = subject.key("name").text().ok_or("a subject has no name")?;
    let is_account = name.starts_with("system:serviceaccount:");
    match &*subject.key("kind").or_empty() {
        "ServiceAccount" => {
            let namespace = subject.key("namespace").text().ok_or(NO_NAMESPACE)?;
            Ok((service_account_id(&namespace, &name), IdentityKind::Workload))
        }
        "User" if is_account => Ok((name.into_owned(), IdentityKind::Workload)),
        "User" => Ok((name.into_owned(), IdentityKind::User)),
        "Group" => Ok((format!("group:{name}"), IdentityKind::Group)),
        _ => Err("a subject is neither user, group nor service account"),
    }
}
