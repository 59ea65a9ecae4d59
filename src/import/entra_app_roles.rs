//! App role assignments of Entra: which service principal, user or group holds which permission of which application.
//!
//! The role is named by its GUID; those of Microsoft Graph are the same in every tenant.

use super::Shape;
use super::azure::{AZURE, guid, principal};
use super::format::{Facts, Format, readouts};
use super::part::Part;
use crate::model::{Expiry, Grant, GrantObject, Standing};

/// Reads app role assignments.
pub(super) static FORMAT: Format = Format {
    id: "entra-app-roles",
    title: "Entra app role assignments (permissions of applications)",
    how_to_export: "for each service principal P: az rest --url \
                    'https://graph.microsoft.com/v1.0/servicePrincipals/P/appRoleAssignments' > app-roles-P.json; or for \
                    Microsoft Graph as the resource: appRoleAssignedTo",
    lists: &["value"],
    shapes: &[Shape { list: None, keys: &["appRoleId", "principalId", "resourceId"] }],
    read,
};

/// The id that stands for access without any role.
const DEFAULT_ACCESS: &str = "00000000-0000-0000-0000-000000000000";

fn read(part: Part<'_>, facts: &mut Facts<'_, '_, '_>) -> bool {
    let (Some(holder), Some(role), Some(resource)) =
        (part.text("principalId"), part.text("appRoleId"), part.text("resourceId"))
    else {
        return false;
    };
    if role == DEFAULT_ACCESS {
        facts.out.ignore("assignments to an application without a role");
        return true;
    }
    let holder = holder.to_ascii_lowercase();
    let of = ("holder of an app role", "");
    principal(&holder, part.text("principalType"), part.text("principalDisplayName"), of, facts);
    let evidence = facts.evidence("app role assignment", "");
    let seen = Grant::observed(AZURE, &holder, GrantObject::Role(guid(role).into()), evidence);
    facts.out.sink.grant(Grant {
        scope: resource.to_ascii_lowercase().into(),
        standing: Standing::Standing,
        expiry: Expiry::Never,
        created: part.time("createdDateTime"),
        id: part.text("id").unwrap_or_default().into(),
        facts: readouts(&[("resource-name", part.text("resourceDisplayName")), ("source", Some("app-role"))]),
        ..seen
    });
    true
}
