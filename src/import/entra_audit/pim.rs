//! Roles and memberships: asked for, decided, activated, assigned, ended. With Privileged Identity Management and without.

use super::{Audit, grant};
use crate::import::Out;
use crate::import::azure::guid;
use crate::import::time::instant;
use crate::model::{Event, EventKind, Expiry, GrantChange, GrantObject, Standing};

/// The types of targets that hold a role.
const HOLDERS: &[&str] = &["User", "ServicePrincipal"];
/// Who may see and change all subscriptions, and take any role in them.
const USER_ACCESS_ADMINISTRATOR: &str = "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9";

/// Pushes a step in the life of an assignment; false if the record is about something else.
pub(super) fn step(audit: &Audit<'_>, out: &mut Out<'_>) -> bool {
    let name = audit.activity.as_str();
    if name.starts_with("user has elevated their access to user access administrator") {
        return elevated(audit, out);
    }
    if !(name.contains("member to role") || name.contains("member from role")) {
        return false;
    }
    if name.contains("outside of pim") {
        out.note("assignments outside of Privileged Identity Management, which the directory logs too", 1);
        return false;
    }
    let Some(kind) = kind(name) else { return false };
    let Some(change) = change(audit, name) else {
        out.note("changes of roles of which the record does not say whose or which", 1);
        return false;
    };
    let request = audit.detail("RequestId").map(str::to_owned).or_else(|| audit.target(&["Request"]));
    let request = request.or_else(|| audit.entry.first(&["correlationId"]).map(str::to_owned));
    let managed = name.contains("pim");
    let reason = reason(audit);
    let (holder, role, scope) = (change.holder.clone(), change.object.id().to_owned(), change.scope.clone());
    let mut event = audit.event(kind);
    event.request = request.as_deref().filter(|_| managed);
    event.reason = reason.as_deref();
    event.scope = Some(&role);
    event.target = Some(&*scope).filter(|scope| !scope.is_empty());
    event.expiry = expiry(audit, &change);
    if matches!(kind, EventKind::Granted | EventKind::Ungranted) {
        event.principal = Some(&holder);
        event.grant = Some(change);
    }
    out.sink.event(&event);
    true
}

/// What a name of an activity means; nothing for steps in between.
fn kind(name: &str) -> Option<EventKind> {
    let adds = name.starts_with("add ") || name.starts_with("restore ");
    match () {
        () if name.contains("request approved") => Some(EventKind::Approved),
        () if name.contains("request denied") => Some(EventKind::Declined),
        () if name.contains("cancel") || name.contains("failed") => None,
        () if name.contains("requested") => adds.then_some(EventKind::Requested),
        () if adds => Some(EventKind::Granted),
        () if name.starts_with("remove ") => Some(EventKind::Ungranted),
        () => None,
    }
}

fn change(audit: &Audit<'_>, name: &str) -> Option<GrantChange> {
    let standing = match () {
        () if name.contains("eligible") => Standing::Eligible,
        () if name.contains("pim activation") || name.contains("pim deactivat") => Standing::JitActive,
        () if name.contains("timebound") => Standing::TimeBound,
        () => Standing::Standing,
    };
    let on_group = audit.targets(&["Role"]).next().is_none_or(|role| role.text("id").is_none());
    let group = audit.target(&["Group"]);
    let own = || audit.actor.id.clone().filter(|_| name.contains("activ"));
    if let Some(group) = group.clone().filter(|_| on_group) {
        let holder = audit.target(HOLDERS).or_else(own)?;
        return Some(grant(&holder, GrantObject::Group(group.into()), "", standing));
    }
    let holder = audit.target(HOLDERS).or(group).or_else(own)?;
    let template = audit.detail("TemplateId").map(str::to_owned);
    let template = template.or_else(|| audit.value(&["Role.TemplateId", "TemplateId", "RoleDefinitionOriginId"]));
    let role = template.filter(|role| !role.is_empty()).or_else(|| audit.target(&["Role"]))?;
    let of_azure = audit.entry.first(&["category"]) == Some("ResourceManagement");
    let resource = audit.target(&["Subscription", "ResourceGroup", "ManagementGroup", "Resource", "Other"]);
    let scope = if of_azure { resource.unwrap_or_default() } else { "directory:/".to_owned() };
    Some(grant(&holder, GrantObject::Role(guid(&role).into()), &scope, standing))
}

fn reason(audit: &Audit<'_>) -> Option<String> {
    let why = audit.detail("Justification").or_else(|| audit.entry.part.text("resultReason"));
    match (why, audit.detail("TicketNumber")) {
        (Some(why), Some(ticket)) => Some(format!("{why} ({ticket})")),
        (one, other) => one.or(other).map(str::to_owned),
    }
}

/// When it ends: as the record says, or never where it was made for good.
fn expiry(audit: &Audit<'_>, change: &GrantChange) -> Expiry {
    match audit.detail("ExpirationTime").map(instant) {
        Some(Some(end)) => Expiry::At(end),
        None if change.standing == Standing::Standing || audit.activity.contains("permanent") => Expiry::Never,
        Some(None) | None => Expiry::Unknown,
    }
}

fn elevated(audit: &Audit<'_>, out: &mut Out<'_>) -> bool {
    let Some(holder) = audit.actor.id.clone() else { return false };
    let role = GrantObject::Role(USER_ACCESS_ADMINISTRATOR.into());
    let change = grant(&holder, role, "/", Standing::Standing);
    let mut event: Event<'_> = audit.event(EventKind::Granted);
    event.principal = Some(&holder);
    event.expiry = Expiry::Never;
    event.grant = Some(change);
    out.sink.event(&event);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_an_activity_says_which_step_it_is() {
        for (name, expected) in [
            ("add member to role requested (pim activation)", Some(EventKind::Requested)),
            ("add member to role approval requested (pim activation)", Some(EventKind::Requested)),
            ("add member to role request approved (pim activation)", Some(EventKind::Approved)),
            ("add member to role request denied (pim activation)", Some(EventKind::Declined)),
            ("add member to role completed (pim activation)", Some(EventKind::Granted)),
            ("add eligible member to role in pim completed (timebound)", Some(EventKind::Granted)),
            ("remove member from role (pim activation expired)", Some(EventKind::Ungranted)),
            ("remove member from role completed (pim deactivate)", Some(EventKind::Ungranted)),
            ("remove member from role requested (pim deactivate)", None),
            ("add member to role canceled (pim activation)", None),
        ] {
            assert_eq!(kind(name), expected, "{name}");
        }
    }
}
