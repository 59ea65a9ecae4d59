//! Pods: which workloads run as a service account.

use super::Object;
use super::subject::{identity, service_account_id};
use crate::import::Out;
use crate::model::{GapReason, IdentityKind, Readout};

/// A pod names the service account that it runs as; what owns the pod is what people know it by.
pub(super) fn pod(object: &Object<'_, '_>, out: &mut Out<'_>) {
    let spec = object.node.key("spec");
    if object.namespace.is_empty() || !spec.exists() {
        return out.problem(object.record, "", GapReason::Damaged, "has no namespace or no spec");
    }
    let account = spec.first(&["serviceAccountName", "serviceAccount"]).text().unwrap_or("default".into());
    let id = service_account_id(object.namespace, &account);
    let owner = object.node.at("metadata.ownerReferences").list().next();
    let workload = owner.and_then(|owner| Some(format!("{}/{}", owner.key("kind").text()?, owner.key("name").text()?)));
    let workload = workload.unwrap_or_else(|| format!("Pod/{}", object.name));
    let mut identity = identity(&id, IdentityKind::Workload, object, "runs as the service account");
    identity.facts.push(Readout::new("runs", &workload));
    out.sink.identity(identity);
}
