//! Objects of Kubernetes as `kubectl get` and the API write them: roles, bindings, service accounts, pods and the
//! long-lived tokens of service accounts; JSON or YAML, lists or single objects.
//!
//! A binding has no end in Kubernetes, and no object says when it was used but a token's label. Values of secrets and of
//! environment variables are not read here; the file is read as text as well.

mod pod;
mod role;
mod subject;
mod token;

use serde_json::Value;

use super::lookup::{Node, more_follows, parse};
use super::{Importer, Layout, Out, Record, Shape, Worker};

pub(super) use role::bound_role;
pub(super) use subject::holder;

/// The system of all facts.
const SYSTEM: &str = "kubernetes";

/// Reads objects of Kubernetes.
pub(super) struct Kubernetes;

impl Importer for Kubernetes {
    fn id(&self) -> &'static str {
        "kubernetes"
    }

    fn title(&self) -> &'static str {
        "Kubernetes roles, bindings, service accounts and their tokens"
    }

    fn how_to_export(&self) -> &'static str {
        "kubectl get clusterroles,clusterrolebindings,roles,rolebindings,serviceaccounts,pods -A -o json > rbac.json; \
         kubectl get secrets -A --field-selector type=kubernetes.io/service-account-token -o json | \
         jq 'del(.items[].data)' > token-secrets.json"
    }

    fn layout(&self) -> Layout {
        Layout::Documents(&["items"])
    }

    fn shapes(&self) -> &'static [Shape] {
        &[
            Shape { list: None, keys: &["apiVersion", "kind=ClusterRole", "metadata"] },
            Shape { list: None, keys: &["apiVersion", "kind=ClusterRoleBinding", "metadata", "roleRef"] },
            Shape { list: None, keys: &["apiVersion", "kind=Role", "metadata.name", "rules"] },
            Shape { list: None, keys: &["apiVersion", "kind=RoleBinding", "metadata", "roleRef"] },
            Shape { list: None, keys: &["apiVersion", "kind=ServiceAccount", "metadata"] },
            Shape { list: None, keys: &["apiVersion", "kind=Secret", "type=kubernetes.io/service-account-token"] },
            Shape { list: Some("items"), keys: &["apiVersion", "kind=Pod", "metadata.uid", "spec"] },
            Shape { list: None, keys: &["apiVersion", "kind=Pod", "metadata.uid", "spec", "status"] },
            Shape { list: None, keys: &["apiVersion", "kind=ClusterRoleList"] },
            Shape { list: None, keys: &["apiVersion", "kind=ClusterRoleBindingList"] },
            Shape { list: None, keys: &["apiVersion", "kind=RoleList", "metadata.resourceVersion"] },
            Shape { list: None, keys: &["apiVersion", "kind=RoleBindingList"] },
            Shape { list: None, keys: &["apiVersion", "kind=ServiceAccountList"] },
        ]
    }

    fn openings(&self) -> &'static [&'static str] {
        &["apiVersion:", "kind:"]
    }

    fn may_hold_secrets(&self) -> bool {
        true
    }

    fn worker(&self, _name: &str) -> Box<dyn Worker> {
        Box::new(Objects)
    }
}

struct Objects;

impl Worker for Objects {
    fn record(&mut self, record: &Record<'_>, out: &mut Out<'_>) {
        let Some(value) = parse(record, out) else { return };
        let object = Object::of(&value, record);
        let is_of_a_namespace = ["Role", "RoleBinding", "ServiceAccount", "Pod", "Secret"].contains(&object.kind);
        if is_of_a_namespace && object.namespace.is_empty() {
            // A cluster knows the namespace of each; where it is missing, nothing was exported yet.
            return out.ignore("manifests that name no namespace");
        }
        match object.kind {
            "ClusterRole" | "Role" => role::role(&object, out),
            "ClusterRoleBinding" | "RoleBinding" => role::binding(&object, out),
            "ServiceAccount" => subject::service_account(&object, out),
            "Pod" => pod::pod(&object, out),
            "Secret" => token::secret(&object, out),
            _ => out.ignore("objects of other kinds"),
        }
    }

    fn page(&mut self, page: &Record<'_>, out: &mut Out<'_>) {
        more_follows(page, &["metadata.continue", "metadata.remainingItemCount"], out);
    }
}

/// One object with what all kinds have.
struct Object<'a, 'r> {
    node: Node<'a>,
    kind: &'a str,
    name: &'a str,
    /// Empty for objects of the cluster.
    namespace: &'a str,
    record: &'a Record<'r>,
}

impl<'a, 'r> Object<'a, 'r> {
    fn of(value: &'a Value, record: &'a Record<'r>) -> Self {
        let node = Node::of(value);
        let text = |path: &str| node.at(path).0.and_then(Value::as_str).unwrap_or_default();
        let namespace = text("metadata.namespace");
        let kind = match text("kind") {
            "" => kind_by_form(node, namespace),
            kind => kind,
        };
        Self { node, kind, name: text("metadata.name"), namespace, record }
    }

    fn label(&self, key: &str) -> Node<'a> {
        self.node.at("metadata.labels").key(key)
    }

    fn annotation(&self, key: &str) -> Node<'a> {
        self.node.at("metadata.annotations").key(key)
    }

    fn created(&self) -> Option<jiff::Timestamp> {
        self.node.at("metadata.creationTimestamp").time()
    }

    /// `Role/ci/deployer`, `ClusterRole/admin`.
    fn id(&self) -> String {
        object_id(self.kind, self.namespace, self.name)
    }
}

/// The id of a role or binding: `Role/ci/deployer`, `ClusterRole/admin`.
pub(super) fn object_id(kind: &str, namespace: &str, name: &str) -> String {
    if namespace.is_empty() { format!("{kind}/{name}") } else { format!("{kind}/{namespace}/{name}") }
}

/// Elements of typed lists of the API do not say their kind.
fn kind_by_form(node: Node<'_>, namespace: &str) -> &'static str {
    let has = |key: &str| node.0.and_then(|value| value.get(key)).is_some();
    let at = |of_cluster, of_namespace| if namespace.is_empty() { of_cluster } else { of_namespace };
    if has("roleRef") {
        at("ClusterRoleBinding", "RoleBinding")
    } else if has("rules") || has("aggregationRule") {
        at("ClusterRole", "Role")
    } else if node.at("spec.containers").exists() {
        "Pod"
    } else if has("type") {
        "Secret"
    } else if has("metadata") && !namespace.is_empty() && !["spec", "data", "status"].into_iter().any(has) {
        "ServiceAccount"
    } else {
        ""
    }
}
