//! Permissions of applications, groups and owners; identities that were deleted or disabled, and ended sessions.

use std::collections::BTreeSet;

use super::{Audit, grant};
use crate::import::azure::guid;
use crate::model::{EventKind, GrantObject, Sink, Standing};

/// Pushes what somebody was given or lost; false if the record is about something else.
pub(super) fn changed(audit: &Audit<'_>, sink: &mut dyn Sink) -> bool {
    let kind = if audit.activity.starts_with("remove") { EventKind::Ungranted } else { EventKind::Granted };
    match audit.activity.as_str() {
        name if name.contains("app role assignment") => app_role(audit, kind, sink).unwrap_or_default(),
        name if name.contains("delegated permission grant") => delegated(audit, sink).unwrap_or_default(),
        "add member to group" | "remove member from group" => member(audit, kind, sink).unwrap_or_default(),
        name if name.starts_with("add owner to") || name.starts_with("remove owner from") => {
            owner(audit, kind, sink).unwrap_or_default()
        }
        _ => false,
    }
}

/// A permission of an application itself. The resource is the target; who got it stands among the properties.
fn app_role(audit: &Audit<'_>, kind: EventKind, sink: &mut dyn Sink) -> Option<bool> {
    let holder = audit.value(&["ServicePrincipal.ObjectID", "User.ObjectID", "Group.ObjectID"]);
    let holder = holder.or_else(|| audit.target(&["User", "Group"]))?;
    let role = audit.value(&["AppRole.Id"])?;
    let scope = audit.target(&["ServicePrincipal"])?;
    let change = grant(&holder, GrantObject::Role(guid(&role).into()), &scope, Standing::Standing);
    Some(audit.changed(kind, change, sink))
}

/// Permissions that an application has for its users: those that the change added or took.
fn delegated(audit: &Audit<'_>, sink: &mut dyn Sink) -> Option<bool> {
    let holder = audit.value(&["ServicePrincipal.ObjectID"])?;
    let scope = audit.target(&["ServicePrincipal"])?;
    let (_, old, new) = audit.modified().find(|(name, ..)| *name == "DelegatedPermissionGrant.Scope")?;
    let (old, new) = (words(&old), words(&new));
    let mut any = false;
    for (kind, list) in [(EventKind::Granted, new.difference(&old)), (EventKind::Ungranted, old.difference(&new))] {
        for permission in list {
            let object = GrantObject::Role((*permission).into());
            any |= audit.changed(kind, grant(&holder, object, &scope, Standing::Standing), sink);
        }
    }
    Some(any)
}

fn words(text: &str) -> BTreeSet<&str> {
    text.split_whitespace().collect()
}

fn member(audit: &Audit<'_>, kind: EventKind, sink: &mut dyn Sink) -> Option<bool> {
    let group = audit.value(&["Group.ObjectID"]).or_else(|| audit.target(&["Group"]))?.to_ascii_lowercase();
    let holder = audit.target(&["User", "ServicePrincipal", "Device"]);
    let holder = holder.or_else(|| audit.target(&["Group"]).filter(|nested| *nested != group))?;
    let change = grant(&holder, GrantObject::Group(group.into()), "", Standing::Standing);
    Some(audit.changed(kind, change, sink))
}

fn owner(audit: &Audit<'_>, kind: EventKind, sink: &mut dyn Sink) -> Option<bool> {
    let owned = audit.value(&["Application.ObjectID", "ServicePrincipal.ObjectID", "Group.ObjectID"]);
    let owned = owned.or_else(|| audit.target(&["Application", "Group"]))?.to_ascii_lowercase();
    let holder = audit.target(&["User"]).or_else(|| audit.target(&["ServicePrincipal"]).filter(|id| *id != owned))?;
    let change = grant(&holder, GrantObject::Role("owner".into()), &owned, Standing::Standing);
    Some(audit.changed(kind, change, sink))
}

/// Pushes deletions, and the end of all sessions of somebody.
pub(super) fn deleted(audit: &Audit<'_>, sink: &mut dyn Sink) -> bool {
    let of: &[&str] = match audit.activity.as_str() {
        "delete user" | "hard delete user" | "update stsrefreshtokenvalidfrom timestamp" => &["User"],
        "delete application" | "hard delete application" => &["Application"],
        "remove service principal" | "hard delete service principal" => &["ServicePrincipal"],
        _ => return false,
    };
    let Some(id) = audit.target(of) else { return false };
    if audit.activity.starts_with("update") {
        let mut event = audit.event(EventKind::SessionsRevoked);
        event.scope = Some(&id);
        event.before = Some(audit.entry.time);
        sink.event(&event);
    } else {
        let mut event = audit.event(EventKind::IdentityDeleted);
        event.principal = Some(&id);
        sink.event(&event);
    }
    true
}

/// Pushes that an account or a service principal was disabled or enabled again. What it holds works as little or as much:
/// <https://learn.microsoft.com/en-us/entra/identity/monitoring-health/reference-audit-activities>.
pub(super) fn switched(audit: &Audit<'_>, sink: &mut dyn Sink) -> bool {
    let (of, kind): (&[&str], _) = match audit.activity.as_str() {
        "disable account" => (&["User"], Some(EventKind::IdentityDisabled)),
        "enable account" => (&["User"], Some(EventKind::IdentityEnabled)),
        "update user" => (&["User"], enabled(audit)),
        "update service principal" => (&["ServicePrincipal"], enabled(audit)),
        _ => return false,
    };
    let (Some(kind), Some(id)) = (kind, audit.target(of)) else { return false };
    let mut event = audit.event(kind);
    event.principal = Some(&id);
    sink.event(&event);
    true
}

/// What became of `AccountEnabled`, whose values are a truth value in a list: `[false]`.
fn enabled(audit: &Audit<'_>) -> Option<EventKind> {
    let (_, old, new) = audit.modified().find(|(name, ..)| *name == "AccountEnabled")?;
    let value = |text: &str| text.trim_matches(['[', ']', '"', ' ']).to_ascii_lowercase();
    match (value(&old).as_str(), value(&new).as_str()) {
        (old, "false") if old != "false" => Some(EventKind::IdentityDisabled),
        ("false", "true") => Some(EventKind::IdentityEnabled),
        _ => None,
    }
}
