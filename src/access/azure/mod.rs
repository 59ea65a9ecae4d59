//! Azure and Entra: roles over subscriptions and what lies in them, directory roles, and the permissions of applications.
//!
//! Scopes of Resource Manager lie in each other by their names; which subscriptions a management group holds no export
//! tells, so a role on one counts as one over a subscription. Every condition is open. Deny assignments are not seen.

use std::sync::OnceLock;

use jiff::Timestamp;

use super::pattern::covers;
use super::roles::{Holds, Method, RoleJudge, Rules, Table, methods, table};
use super::{Estate, Judge, Principal, System};
use crate::model::IdentityKind;

/// Azure Resource Manager and Entra.
pub(super) struct Azure;

impl System for Azure {
    fn id(&self) -> &'static str {
        "azure"
    }

    fn judge<'a>(&self, estate: &'a Estate<'a>) -> Box<dyn Judge + Sync + 'a> {
        Box::new(RoleJudge::new(&Azure, estate))
    }
}

impl Rules for Azure {
    fn id(&self) -> &'static str {
        "azure"
    }

    fn table(&self) -> &'static Table {
        static TABLE: OnceLock<Table> = OnceLock::new();
        TABLE.get_or_init(|| table("azure"))
    }

    fn methods(&self) -> &'static [Method] {
        static METHODS: OnceLock<Vec<Method>> = OnceLock::new();
        METHODS.get_or_init(|| methods("azure"))
    }

    fn giving(&self) -> &'static [&'static str] {
        &["Microsoft.Authorization/roleAssignments/write"]
    }

    /// The root, a management group, a subscription, the whole directory, or an application as such (a GUID).
    fn is_wide(&self, scope: &str) -> bool {
        let scope = scope.to_ascii_lowercase();
        let subscription =
            scope.strip_prefix("/subscriptions/").is_some_and(|id| !id.trim_end_matches('/').contains('/'));
        subscription
            || scope == "/"
            || scope == "directory:/"
            || scope.starts_with("/providers/microsoft.management/managementgroups/")
            || !scope.is_empty() && !scope.contains('/')
    }

    fn parent(&self, scope: &str) -> Option<String> {
        let start = if scope.starts_with("directory:") { "directory:/" } else { "/" };
        let (parent, _) = scope.strip_prefix(start)?.trim_end_matches('/').rsplit_once('/').unwrap_or_default();
        (scope != start).then(|| format!("{start}{parent}"))
    }

    fn may_lie_in(&self, inner: &str, outer: &str) -> bool {
        let group = "/providers/microsoft.management/managementgroups/";
        outer.to_ascii_lowercase().starts_with(group) && inner.to_ascii_lowercase().starts_with("/subscriptions/")
    }

    fn condition(&self, condition: &str, _as_of: Timestamp) -> Holds {
        if condition.is_empty() { Holds::Yes } else { Holds::Open(format!("this holds: {condition}")) }
    }

    fn implied(&self, _id: &str) -> Vec<&'static str> {
        Vec::new()
    }

    /// Where the resource of a managed identity lies no export tells.
    fn place(&self, _id: &str, _principal: &Principal<'_>) -> Option<String> {
        None
    }

    fn has_members(&self, _id: &str, principal: &Principal<'_>) -> bool {
        principal.kind == IdentityKind::Group
    }

    /// A GUID that the table does not know: a custom role, or a built-in one that is not listed. App roles, whose scope
    /// is an application, are never custom ones of the directory.
    fn is_custom(&self, role: &str, scope: &str) -> bool {
        scope.contains('/') && self.table().get(role).is_none()
    }

    /// Actions on resources, on data and on the directory are apart: `*` of one covers none of another.
    fn covers(&self, pattern: &str, action: &str) -> bool {
        plane(pattern) == plane(action) && covers(pattern, action)
    }
}

fn plane(action: &str) -> &'static str {
    const PLANES: [&str; 2] = ["data:", "microsoft.directory/"];
    let begins = |plane: &&&str| action.get(..plane.len()).is_some_and(|start| start.eq_ignore_ascii_case(plane));
    PLANES.iter().find(begins).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests;
