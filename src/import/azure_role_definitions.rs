//! Role definitions of Azure and of the Entra directory: what each role allows, named by its GUID.
//!
//! `notActions` take away from `actions` of the same permission and deny nothing. Actions on data (`dataActions`) are
//! others than those on resources: they are written with `data:` before them.

use super::Shape;
use super::azure::{AZURE, guid};
use super::format::{Facts, Format};
use super::part::Part;
use crate::model::{Policy, Statement};

/// Reads role definitions.
pub(super) static FORMAT: Format = Format {
    id: "azure-role-definitions",
    title: "Azure and Entra role definitions",
    how_to_export: "az role definition list -o json > role-definitions.json; az rest --url \
                    'https://graph.microsoft.com/v1.0/roleManagement/directory/roleDefinitions' > directory-roles.json",
    lists: &["value"],
    shapes: &[
        Shape { list: None, keys: &["roleName", "permissions", "assignableScopes"] },
        Shape { list: None, keys: &["role_name", "permissions.not_actions"] },
        Shape { list: None, keys: &["properties.roleName", "properties.permissions"] },
        Shape { list: None, keys: &["IsCustom", "Actions", "AssignableScopes"] },
        Shape { list: None, keys: &["templateId", "rolePermissions", "displayName"] },
    ],
    read,
};

fn read(outer: Part<'_>, facts: &mut Facts<'_, '_, '_>) -> bool {
    let part = if outer.at("properties").is_object() { outer.at("properties") } else { outer };
    let directory = outer.at("rolePermissions").is_list();
    let id = if directory { outer.text("templateId").or_else(|| outer.text("id")) } else { outer.text("id") };
    let Some(id) = id.map(guid) else { return false };
    let mut statements = Vec::new();
    if directory {
        for (_, permission) in outer.each("rolePermissions") {
            statements.extend(allow(permission, ("allowedResourceActions", "excludedResourceActions"), ""));
        }
    } else if part.at("permissions").is_list() {
        for (_, permission) in part.each("permissions") {
            statements.extend(planes(permission));
        }
    } else if part.has("actions") {
        statements.extend(planes(part));
    } else {
        facts.damaged("", "a role definition has no list of permissions");
        return true;
    }
    let evidence = facts.evidence("role definition", "");
    facts.out.sink.policy(Policy { id: id.into(), system: AZURE.into(), statements, created: None, evidence });
    true
}

/// The statements of one permission, for resources and for data.
fn planes(part: Part<'_>) -> impl Iterator<Item = Statement> {
    let resources = allow(part, ("actions", "notActions"), "");
    resources.into_iter().chain(allow(part, ("dataActions", "notDataActions"), "data:"))
}

fn allow(part: Part<'_>, (names, except): (&str, &str), before: &str) -> Option<Statement> {
    let written = |path| part.texts(path).into_iter().map(|action| format!("{before}{action}").into_boxed_str());
    let actions: Vec<Box<str>> = written(names).collect();
    let statement = Statement { except: written(except).collect(), ..Statement::allow(Vec::new()) };
    (!actions.is_empty()).then_some(Statement { actions, ..statement })
}
