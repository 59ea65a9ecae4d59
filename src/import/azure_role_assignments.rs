//! Role assignments of Azure: `az role assignment list` (flat), the answers of Resource Manager (nested under
//! `properties`), `Get-AzRoleAssignment`, and the schedule instances of Privileged Identity Management.
//!
//! A role is named by the GUID of its definition, a grant by the id of its assignment, also where a schedule instance
//! tells it: the instance knows more. When a role was last used no list says.

use super::Shape;
use super::azure::{assign, guid, in_force, principal};
use super::format::{Facts, Format};
use super::part::Part;

/// Reads lists of role assignments and of schedule instances.
pub(super) static FORMAT: Format = Format {
    id: "azure-role-assignments",
    title: "Azure role assignments and their schedules (Privileged Identity Management)",
    how_to_export: "az role assignment list --all --include-inherited -o json > role-assignments.json; az rest --url \
                    'https://management.azure.com/subscriptions/S/providers/Microsoft.Authorization/\
                    roleAssignmentScheduleInstances?api-version=2020-10-01' > pim-active.json; likewise \
                    roleEligibilityScheduleInstances",
    lists: &["value"],
    shapes: &[
        Shape { list: None, keys: &["principalId", "roleDefinitionId", "scope"] },
        Shape { list: None, keys: &["principal_id", "role_definition_id", "scope"] },
        Shape { list: None, keys: &["properties.principalId", "properties.roleDefinitionId"] },
        Shape { list: None, keys: &["ObjectId", "RoleDefinitionId", "Scope", "ObjectType"] },
    ],
    read,
};

fn read(outer: Part<'_>, facts: &mut Facts<'_, '_, '_>) -> bool {
    let part = if outer.at("properties").is_object() { outer.at("properties") } else { outer };
    let (Some(holder), Some(role)) = (part.first(&["principalId", "ObjectId"]), part.text("roleDefinitionId")) else {
        return false;
    };
    if !in_force(part) {
        facts.out.ignore("schedules that are not in force");
        return true;
    }
    let expanded = part.at("expandedProperties");
    let type_name = part.first(&["principalType", "ObjectType"]).or_else(|| expanded.text("principal/type"));
    let name = part.first(&["principalName", "SignInName", "DisplayName"]);
    let name = name.or_else(|| expanded.text("principal/displayName"));
    let holder = holder.to_ascii_lowercase();
    principal(&holder, type_name, name, ("holder of a role", ""), facts);
    let role_name = part.text("roleDefinitionName").or_else(|| expanded.text("roleDefinition/displayName"));
    let id =
        part.first(&["originRoleAssignmentId", "RoleAssignmentId"]).or_else(|| outer.text("id")).unwrap_or_default();
    let scope = part.text("scope").or_else(|| expanded.text("scope/id"));
    let Some(scope) = scope else {
        facts.damaged("scope", "an assignment has no scope");
        return true;
    };
    let gone =
        type_name == Some("Unknown") || part.at("principalName").as_text().is_none() && outer.has("principalName");
    assign(
        part,
        (&holder, &guid(role), scope),
        &id.to_ascii_lowercase(),
        &[
            ("role-name", role_name),
            ("created-by", part.text("createdBy")),
            ("holder", gone.then_some("without a name: deleted, or not readable for who exported")),
        ],
        facts,
    );
    true
}
