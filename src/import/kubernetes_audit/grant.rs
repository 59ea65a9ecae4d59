//! Bindings of roles: made, changed, deleted.

use super::{Facts, SYSTEM};
use crate::import::Out;
use crate::import::kubernetes::{bound_role, holder, object_id};
use crate::import::lookup::Node;
use crate::model::{EventKind, Expiry, GapReason, GrantChange, GrantObject, Sink, Standing};

/// A binding that was made or changed: one grant for each subject that it has now. A change ends all that is known under
/// its id and is not made again.
pub(super) fn bound(facts: &Facts<'_>, out: &mut Out<'_>) -> bool {
    let bodies = facts.bodies();
    let (reference, subjects) = (bodies.first("roleRef"), bodies.first("subjects"));
    let Some(role) = bound_role(reference, facts.namespace()) else {
        out.note("role bindings whose record does not say what they bind", 1);
        return false;
    };
    let id = id(facts, bodies.text("metadata.name").as_deref());
    let mut any = !is_new(facts);
    if any {
        tell(facts, EventKind::Ungranted, change(facts, "", "", &id), out.sink);
    }
    for (index, subject) in subjects.list().enumerate() {
        let Ok((holder, _)) = holder(subject) else {
            let inside = format!("requestObject/subjects/{index}");
            out.problem(facts.record, &inside, GapReason::Damaged, "names no holder of the role");
            continue;
        };
        tell(facts, EventKind::Granted, change(facts, &holder, &role, &id), out.sink);
        any = true;
    }
    any
}

fn is_new(facts: &Facts<'_>) -> bool {
    facts.entry.verb.get() == Some("create")
}

/// A binding that was deleted. Most records name it alone: then the grants that are known under its id end.
pub(super) fn unbound(facts: &Facts<'_>, sink: &mut dyn Sink) -> bool {
    let bodies = facts.bodies();
    let object = Node::of(&bodies.response);
    let id = id(facts, None);
    let role = bound_role(object.key("roleRef"), facts.namespace());
    let holders: Vec<String> =
        object.key("subjects").list().filter_map(|subject| holder(subject).ok()).map(|(holder, _)| holder).collect();
    match role {
        Some(role) if !holders.is_empty() => {
            for holder in holders {
                tell(facts, EventKind::Ungranted, change(facts, &holder, &role, &id), sink);
            }
        }
        _ => tell(facts, EventKind::Ungranted, change(facts, "", "", &id), sink),
    }
    true
}

fn tell(facts: &Facts<'_>, kind: EventKind, change: GrantChange, sink: &mut dyn Sink) {
    let holder = change.holder.clone();
    let mut event = facts.event(kind);
    event.principal = Some(&*holder).filter(|holder| !holder.is_empty());
    event.expiry = Expiry::Never;
    event.grant = Some(change);
    sink.event(&event);
}

fn change(facts: &Facts<'_>, holder: &str, role: &str, id: &str) -> GrantChange {
    GrantChange {
        system: SYSTEM.into(),
        holder: holder.into(),
        object: GrantObject::Role(role.into()),
        scope: facts.namespace().into(),
        id: id.into(),
        standing: Standing::Standing,
    }
}

/// The id of the binding, as exports have it.
fn id(facts: &Facts<'_>, named: Option<&str>) -> String {
    let kind = if facts.object.resource.get() == Some("rolebindings") { "RoleBinding" } else { "ClusterRoleBinding" };
    object_id(kind, facts.namespace(), facts.object.name.get().or(named).unwrap_or_default())
}
