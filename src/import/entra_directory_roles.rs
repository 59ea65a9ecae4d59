//! Directory roles of Entra: assignments, the schedules and instances of Privileged Identity Management (Graph), and
//! activated roles with their members.
//!
//! A role is named by the GUID of its definition, which for built-in roles is their template. The scope is written as
//! `directory:/` (the whole directory) or `directory:/administrativeUnits/ID`. `startDateTime` null means made outside
//! of Privileged Identity Management, `endDateTime` null permanent.

use super::Shape;
use super::azure::{AZURE, assign, guid, in_force, principal};
use super::format::{Facts, Format, readouts};
use super::part::Part;
use crate::model::{Grant, GrantObject};

/// Reads assignments of directory roles.
pub(super) static FORMAT: Format = Format {
    id: "entra-directory-roles",
    title: "Entra directory role assignments and their schedules (Privileged Identity Management)",
    how_to_export: "az rest --url 'https://graph.microsoft.com/v1.0/roleManagement/directory/\
                    roleAssignmentScheduleInstances?$expand=principal,roleDefinition' > directory-active.json; likewise \
                    roleEligibilityScheduleInstances and, without Privileged Identity Management, roleAssignments; or \
                    'https://graph.microsoft.com/v1.0/directoryRoles?$expand=members'",
    lists: &["value"],
    shapes: &[
        Shape { list: None, keys: &["principalId", "roleDefinitionId", "directoryScopeId"] },
        Shape { list: None, keys: &["principal_id", "role_definition_id", "directory_scope_id"] },
        Shape { list: None, keys: &["roleTemplateId", "displayName"] },
    ],
    read,
};

fn read(part: Part<'_>, facts: &mut Facts<'_, '_, '_>) -> bool {
    if let Some(role) = part.text("roleTemplateId") {
        members(part, &guid(role), facts);
        return true;
    }
    let (Some(holder), Some(role)) = (part.text("principalId"), part.text("roleDefinitionId")) else { return false };
    if !in_force(part) {
        facts.out.ignore("schedules that are not in force");
        return true;
    }
    let holder = holder.to_ascii_lowercase();
    let expanded = part.at("principal");
    let name = expanded.first(&["userPrincipalName", "displayName"]);
    principal(&holder, expanded.text("@odata.type"), name, ("holder of a directory role", ""), facts);
    let template = part.text("roleDefinition/templateId").unwrap_or(role);
    let scope = part.first(&["directoryScopeId", "appScopeId"]).unwrap_or("/");
    let id = part.first(&["roleAssignmentOriginId", "id"]).unwrap_or_default();
    assign(
        part,
        (&holder, &guid(template), &format!("directory:{scope}")),
        id,
        &[("role-name", part.text("roleDefinition/displayName"))],
        facts,
    );
    true
}

/// The members of an activated role. Whether they are members for good or for now, a list of members does not say.
fn members(part: Part<'_>, role: &str, facts: &mut Facts<'_, '_, '_>) {
    if !part.at("members").is_list() {
        return facts.out.note("directory roles listed without members: $expand=members has them", 1);
    }
    for (index, member) in part.each("members") {
        let inside = format!("members/{index}");
        let Some(id) = member.text("id").map(str::to_ascii_lowercase) else {
            facts.damaged(&inside, "a member has no id");
            continue;
        };
        let name = member.first(&["userPrincipalName", "displayName"]);
        principal(&id, member.text("@odata.type"), name, ("member of a directory role", &inside), facts);
        let evidence = facts.evidence("member of a directory role", &inside);
        let seen = Grant::observed(AZURE, &id, GrantObject::Role(role.into()), evidence);
        let notes = readouts(&[("role-name", part.text("displayName"))]);
        facts.out.sink.grant(Grant { scope: "directory:/".into(), facts: notes, ..seen });
    }
}
