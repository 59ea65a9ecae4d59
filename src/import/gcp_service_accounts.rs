//! `gcloud iam service-accounts list`: the service accounts of a project. When one was last used it does not say.
//!
//! As a resource an account is named by its address or by its number: a policy on one holds for the other.

use super::Shape;
use super::format::{Facts, Format};
use super::gcp::{GCP, inside_of};
use super::part::Part;
use crate::model::{Identity, IdentityKind, Status};

/// Reads lists of service accounts, of gcloud (bare) and of the API (`accounts`).
pub(super) static FORMAT: Format = Format {
    id: "gcp-service-accounts",
    title: "Google Cloud service accounts",
    how_to_export: "gcloud iam service-accounts list --project=P --format=json > service-accounts.json",
    lists: &["accounts"],
    shapes: &[Shape { list: None, keys: &["name", "projectId", "email"] }],
    read,
};

fn read(part: Part<'_>, facts: &mut Facts<'_, '_, '_>) -> bool {
    if part.text("email").is_none() {
        return false;
    }
    account(part, "", facts);
    true
}

/// Tells one service account, which stands `inside` the record.
pub(super) fn account(part: Part<'_>, inside: &str, facts: &mut Facts<'_, '_, '_>) {
    let Some(email) = part.text("email") else { return facts.damaged(inside, "a service account has no email") };
    let evidence = facts.evidence("service account", inside);
    let seen = Identity::observed(GCP, email, IdentityKind::Workload, evidence);
    let status = if part.flag("disabled") == Some(true) { Status::Inactive } else { Status::Active };
    let project = part.text("projectId");
    let identity = Identity { name: email.into(), account: project.map(Into::into), status, ..seen };
    facts.identity(
        identity,
        &[("display-name", part.text("displayName")), ("unique-id", part.first(&["uniqueId", "oauth2ClientId"]))],
    );
    if let Some(project) = project {
        let resource = format!("//iam.googleapis.com/projects/{project}/serviceAccounts/{email}");
        inside_of(&resource, &format!("projects/{project}"), inside, facts);
        if let Some(id) = part.text("uniqueId") {
            let by_number = format!("//iam.googleapis.com/projects/{project}/serviceAccounts/{id}");
            inside_of(&resource, &by_number, inside, facts);
        }
    }
}
