//! Google Cloud: roles over projects, folders, organisations and single resources, inherited downwards.
//!
//! Conditions on time are judged as of the run, all others are open. Deny policies and access boundaries are in no
//! export that is read here.

use std::sync::OnceLock;

use jiff::Timestamp;

use super::pattern::covers;
use super::roles::{Holds, Method, RoleJudge, Rules, Table, methods, table};
use super::{Estate, Judge, Principal, System};

/// Google Cloud.
pub(super) struct Gcp;

impl System for Gcp {
    fn id(&self) -> &'static str {
        "gcp"
    }

    fn judge<'a>(&self, estate: &'a Estate<'a>) -> Box<dyn Judge + Sync + 'a> {
        Box::new(RoleJudge::new(&Gcp, estate))
    }
}

impl Rules for Gcp {
    fn id(&self) -> &'static str {
        "gcp"
    }

    fn table(&self) -> &'static Table {
        static TABLE: OnceLock<Table> = OnceLock::new();
        TABLE.get_or_init(|| table("gcp"))
    }

    fn methods(&self) -> &'static [Method] {
        static METHODS: OnceLock<Vec<Method>> = OnceLock::new();
        METHODS.get_or_init(|| methods("gcp"))
    }

    fn giving(&self) -> &'static [&'static str] {
        &[
            "resourcemanager.projects.setIamPolicy",
            "resourcemanager.folders.setIamPolicy",
            "resourcemanager.organizations.setIamPolicy",
        ]
    }

    /// A policy whose resource the export does not name is taken for that of a project: `roles/owner` has no other.
    fn is_wide(&self, scope: &str) -> bool {
        let short = scope.split_once('/').filter(|(_, id)| !id.contains('/')).map(|(kind, _)| kind);
        scope.is_empty() || matches!(short, Some("projects" | "folders" | "organizations"))
    }

    /// `projects/corp-prod` for `//iam.googleapis.com/projects/corp-prod/serviceAccounts/x`.
    fn parent(&self, scope: &str) -> Option<String> {
        let path = match scope.strip_prefix("//") {
            Some(full) => full.split_once('/')?.1,
            None => scope,
        };
        let (kind, rest) = path.split_once('/')?;
        let id = rest.split('/').next().filter(|id| id.len() < rest.len() || scope.starts_with("//"))?;
        (kind == "projects" && id != "_").then(|| format!("projects/{id}"))
    }

    fn may_lie_in(&self, inner: &str, outer: &str) -> bool {
        let is_parent = |scope: &str| scope.starts_with("folders/") || scope.starts_with("organizations/");
        outer.is_empty() || is_parent(outer) && !is_parent(inner)
    }

    fn condition(&self, condition: &str, as_of: Timestamp) -> Holds {
        holds(condition, as_of)
    }

    fn implied(&self, id: &str) -> Vec<&'static str> {
        if id.starts_with("all") { Vec::new() } else { vec!["allUsers", "allAuthenticatedUsers"] }
    }

    fn place(&self, id: &str, principal: &Principal<'_>) -> Option<String> {
        let number = id.strip_suffix("-compute@developer.gserviceaccount.com");
        let default = || id.strip_suffix("@appspot.gserviceaccount.com");
        let own = || id.split_once('@')?.1.strip_suffix(".iam.gserviceaccount.com");
        let project = number.or_else(default).or_else(own).or(principal.account)?;
        Some(format!("//iam.googleapis.com/projects/{project}/serviceAccounts/{id}"))
    }

    fn has_members(&self, id: &str, _principal: &Principal<'_>) -> bool {
        id.starts_with("group:")
    }

    fn is_custom(&self, role: &str, _scope: &str) -> bool {
        !role.starts_with("roles/")
    }

    /// Names differ in case in no two permissions, and one published list writes `serviceaccounts`.
    fn covers(&self, pattern: &str, action: &str) -> bool {
        covers(pattern, action)
    }
}

/// Judges a condition part by part: comparisons of `request.time` are known, all else is open.
fn holds(condition: &str, as_of: Timestamp) -> Holds {
    if condition.is_empty() {
        return Holds::Yes;
    }
    if condition == "(hidden)" {
        return Holds::Open("a condition holds that the version of the export hides".to_owned());
    }
    let open = || Holds::Open(format!("this holds: {condition}"));
    if condition.contains("||") || condition.contains('!') || condition.contains('?') {
        return open();
    }
    let parts = condition.trim().trim_matches(['(', ')']).split("&&");
    let times: Vec<Option<bool>> = parts.map(|part| time(part, as_of)).collect();
    if times.contains(&Some(false)) {
        return Holds::No;
    }
    if times.contains(&None) { open() } else { Holds::Yes }
}

/// `request.time < timestamp("2024-05-01T00:00:00Z")` and its like.
fn time(part: &str, as_of: Timestamp) -> Option<bool> {
    let rest = part.trim().trim_start_matches('(').trim_start().strip_prefix("request.time")?.trim_start();
    let (sign, rest) = rest.split_at_checked(1)?;
    let (equal, rest) = rest.strip_prefix('=').map_or((false, rest), |rest| (true, rest));
    let text = rest.trim_start().strip_prefix("timestamp")?.trim_start().strip_prefix('(')?;
    let mut quoted = text.trim().trim_end_matches(')').trim().split(['"', '\'']);
    let (before, text, after) = (quoted.next()?, quoted.next()?, quoted.next()?);
    let limit: Timestamp = text.parse().ok().filter(|_| before.is_empty() && after.is_empty())?;
    match sign {
        "<" => Some(as_of < limit || equal && as_of == limit),
        ">" => Some(as_of > limit || equal && as_of == limit),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
