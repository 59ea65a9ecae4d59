//! `gcloud projects list` and `gcloud resource-manager folders list`: what lies in what, and which number a project has.

use super::Shape;
use super::format::{Facts, Format};
use super::gcp::{GCP, inside_of};
use super::part::Part;
use crate::model::{Identity, IdentityKind, Status};

/// Reads projects and folders.
pub(super) static FORMAT: Format = Format {
    id: "gcp-hierarchy",
    title: "Google Cloud projects and folders",
    how_to_export: "gcloud projects list --format=json > projects.json; gcloud resource-manager folders list \
                    --organization=O --format=json > folders.json",
    lists: &["projects", "folders"],
    shapes: &[
        Shape { list: None, keys: &["projectId", "projectNumber", "lifecycleState"] },
        Shape { list: None, keys: &["name", "parent", "displayName", "lifecycleState"] },
        Shape { list: None, keys: &["name", "parent", "projectId", "state"] },
        Shape { list: Some("folders"), keys: &["name", "parent", "state"] },
    ],
    read,
};

fn read(part: Part<'_>, facts: &mut Facts<'_, '_, '_>) -> bool {
    let project = part.text("projectId").map(|id| format!("projects/{id}"));
    let name = part.text("name").filter(|name| name.contains('/')).map(str::to_owned);
    let Some(id) = project.clone().or_else(|| name.clone()) else { return false };
    let is_active = matches!(part.first(&["lifecycleState", "state"]), None | Some("ACTIVE"));
    let seen = Identity::observed(GCP, &id, IdentityKind::Scope, facts.evidence("place in the hierarchy", ""));
    let number = part.word("projectNumber").map(|number| format!("projects/{number}"));
    let number = number.or_else(|| name.filter(|_| project.is_some()));
    let status = if is_active { Status::Active } else { Status::Inactive };
    let shown = part.first(&["displayName", "name"]).unwrap_or(&id).into();
    let identity = Identity { name: shown, status, created: part.time("createTime"), ..seen };
    facts.identity(identity, &[("number", number.as_deref())]);
    let parent = match (part.text("parent"), part.text("parent/type"), part.word("parent/id")) {
        (Some(parent), ..) => Some(parent.to_owned()),
        (None, Some(kind), Some(id)) => Some(format!("{kind}s/{id}")),
        _ => None,
    };
    if let Some(number) = &number {
        inside_of(&id, number, "", facts);
        inside_of(number, &id, "", facts);
    }
    if let Some(parent) = parent {
        inside_of(&id, &parent, "", facts);
    }
    true
}
