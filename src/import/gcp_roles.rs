//! Roles of Google Cloud with their permissions: `gcloud iam roles list` and `describe`.
//!
//! Lists leave permissions out unless the full view is asked for; roles without them are counted, and what they allow
//! stays unknown. A deleted or disabled role allows nothing.

use super::Shape;
use super::format::{Facts, Format};
use super::gcp::GCP;
use super::part::Part;
use crate::model::{Policy, Statement};

/// Reads roles, one by one or as lists.
pub(super) static FORMAT: Format = Format {
    id: "gcp-roles",
    title: "Google Cloud IAM roles with their permissions",
    how_to_export: "for each custom role R of project P: gcloud iam roles describe R --project=P --format=json > R.json; \
                    for predefined ones: gcloud iam roles describe roles/NAME --format=json",
    lists: &["roles"],
    shapes: &[
        Shape { list: None, keys: &["name", "includedPermissions"] },
        Shape { list: None, keys: &["name", "title", "stage", "etag"] },
    ],
    read,
};

fn read(part: Part<'_>, facts: &mut Facts<'_, '_, '_>) -> bool {
    if !part.text("name").is_some_and(|name| name.contains("roles/")) {
        return false;
    }
    role(part, None, "", facts);
    true
}

/// Tells one role, which stands `inside` the record. Assets name it outside of its data.
pub(super) fn role(part: Part<'_>, name: Option<&str>, inside: &str, facts: &mut Facts<'_, '_, '_>) {
    let Some(id) = part.text("name").or(name) else { return facts.damaged(inside, "a role has no name") };
    let is_gone = part.flag("deleted") == Some(true) || part.text("stage") == Some("DISABLED");
    if !is_gone && !part.at("includedPermissions").is_list() {
        return facts.out.note("roles listed without permissions: describe has them", 1);
    }
    if is_gone {
        facts.out.note("roles that are deleted or disabled and allow nothing", 1);
    }
    let permissions = part.texts("includedPermissions").into_iter().filter(|_| !is_gone).map(Into::into);
    let statements = if is_gone { Vec::new() } else { vec![Statement::allow(permissions)] };
    let evidence = facts.evidence("role", inside);
    facts.out.sink.policy(Policy { id: id.into(), system: GCP.into(), statements, created: None, evidence });
}
