//! Roles and the bindings that give them.

use super::subject::{NO_NAMESPACE, holder, identity};
use super::{Object, SYSTEM, object_id};
use crate::import::Out;
use crate::import::lookup::Node;
use crate::model::{Effect, Expiry, GapReason, Grant, GrantObject, Policy, Standing, Statement};

/// How many permissions one rule may spell out.
const MAX_ACTIONS: usize = 20_000;
/// How the names of what Kubernetes and its vendors ship begin.
const VENDORS: &[&str] = &["system:", "eks:", "gce:", "gke:"];

/// A role: what it allows. One that a controller fills from others, and that is exported without rules, is unknown.
pub(super) fn role(object: &Object<'_, '_>, out: &mut Out<'_>) {
    if object.name.is_empty() {
        return out.problem(object.record, "metadata/name", GapReason::Damaged, "has no name");
    }
    let rules = object.node.key("rules");
    if rules.exists() && !rules.is_list() {
        return out.problem(
            object.record,
            "rules",
            GapReason::Damaged,
            "its rules are no list: what it allows is unknown",
        );
    }
    if object.node.key("aggregationRule").exists() && rules.list().next().is_none() {
        let detail = "has no rules of its own: a controller fills them from other roles, and this export lacks them";
        return out.problem(object.record, "aggregationRule", GapReason::Absent, detail);
    }
    let mut statements = Vec::new();
    for (index, rule) in rules.list().enumerate() {
        match statement(rule) {
            Ok(some) => statements.extend(some),
            Err(detail) => {
                return out.problem(object.record, &format!("rules/{index}"), GapReason::Damaged, detail);
            }
        }
    }
    out.note("roles that Kubernetes or a vendor ships", u64::from(is_shipped(object)));
    out.sink.policy(Policy {
        id: object.id().into(),
        system: SYSTEM.into(),
        statements,
        created: object.created(),
        evidence: object.record.evidence("role", "rules"),
    });
}

/// A binding: one grant for each subject. Those that Kubernetes ships for its own parts are set aside; a subject that
/// somebody added to one of them is not.
pub(super) fn binding(object: &Object<'_, '_>, out: &mut Out<'_>) {
    let Some(role) = bound_role(object.node.key("roleRef"), object.namespace) else {
        return out.problem(object.record, "roleRef", GapReason::Damaged, "names no role");
    };
    let mut aside = 0;
    for (index, subject) in object.node.key("subjects").list().enumerate() {
        let inside = format!("subjects/{index}");
        let (holder, kind) = match holder(subject) {
            Ok(holder) => holder,
            Err(NO_NAMESPACE) => {
                out.note(NO_NAMESPACE, 1);
                continue;
            }
            Err(detail) => {
                out.problem(object.record, &inside, GapReason::Damaged, detail);
                continue;
            }
        };
        if is_shipped(object) && is_own(&holder) {
            aside += 1;
            continue;
        }
        out.sink.identity(identity(&holder, kind, object, "subject of a binding"));
        let evidence = object.record.evidence("binding", &inside);
        out.sink.grant(Grant {
            scope: object.namespace.into(),
            standing: Standing::Standing,
            created: object.created(),
            expiry: Expiry::Never,
            id: object.id().into(),
            ..Grant::observed(SYSTEM, &holder, GrantObject::Role(role.as_str().into()), evidence)
        });
    }
    if aside > 0 {
        out.sink.set_aside("kubernetes-default-binding", aside);
    }
}

/// The role that a binding in `namespace` (empty for the cluster) refers to.
pub(in crate::import) fn bound_role(reference: Node<'_>, namespace: &str) -> Option<String> {
    let name = reference.key("name").text()?;
    match &*reference.key("kind").or_empty() {
        "ClusterRole" => Some(object_id("ClusterRole", "", &name)),
        "Role" if !namespace.is_empty() => Some(object_id("Role", namespace, &name)),
        _ => None,
    }
}

/// What a rule allows, as `verb group/resource` and `verb /url`; the core group is not written.
fn statement(rule: Node<'_>) -> Result<Vec<Statement>, &'static str> {
    let (verbs, groups, resources) =
        (rule.key("verbs").texts(), rule.key("apiGroups").list(), rule.key("resources").texts());
    let groups: Vec<String> = groups.filter_map(|group| Some(group.0?.as_str()?.to_owned())).collect();
    let urls = rule.key("nonResourceURLs").texts();
    let count = verbs.len().saturating_mul(groups.len().saturating_mul(resources.len()).saturating_add(urls.len()));
    if count > MAX_ACTIONS {
        return Err("a rule has too many combinations: what the role allows is unknown");
    }
    let mut actions: Vec<Box<str>> = Vec::with_capacity(count);
    let mut on_urls: Vec<Box<str>> = Vec::new();
    for verb in &verbs {
        for group in &groups {
            let slash = if group.is_empty() { "" } else { "/" };
            actions.extend(resources.iter().map(|resource| format!("{verb} {group}{slash}{resource}").into()));
        }
        on_urls.extend(urls.iter().map(|url| format!("{verb} {}", if url == "*" { "/*" } else { url }).into()));
    }
    let names: Vec<Box<str>> = rule.key("resourceNames").texts().iter().map(|name| (**name).into()).collect();
    let resources = if names.is_empty() { vec!["*".into()] } else { names };
    let of =
        |actions: Vec<Box<str>>, resources| Statement { effect: Effect::Allow, resources, ..Statement::allow(actions) };
    let mut statements = vec![of(actions, resources), of(on_urls, vec!["*".into()])];
    statements.retain(|statement| !statement.actions.is_empty());
    Ok(statements)
}

fn is_shipped(object: &Object<'_, '_>) -> bool {
    VENDORS.iter().any(|prefix| object.name.starts_with(prefix))
        || object.label("kubernetes.io/bootstrapping").text().as_deref() == Some("rbac-defaults")
}

/// A part of the cluster itself: not a person, not a workload of its users.
fn is_own(holder: &str) -> bool {
    if let Some(account) = holder.strip_prefix("system:serviceaccount:") {
        return account.starts_with("kube-system:") || account.starts_with("kube-public:");
    }
    let name = holder.strip_prefix("group:").unwrap_or(holder);
    VENDORS.iter().any(|prefix| name.starts_with(prefix))
}
