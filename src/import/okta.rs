//! What the API of Okta lists about access: API tokens, administrator roles, applications.
//!
//! The end of a token moves with each use, so a token is standing though it has an end. Its rights are those of its user.

use super::Shape;
use super::listing::{Element, Ends, Holder, Listed, Listing, Works, status};
use crate::model::{IdentityKind, LastUse};

const SYSTEM: &str = "okta";

/// Reads lists of Okta.
pub(super) static FORMAT: Listed = Listed {
    id: "okta",
    title: "Okta API tokens, administrator roles and applications",
    how_to_export: "GET /api/v1/api-tokens, /api/v1/users/USER/roles, /api/v1/groups/GROUP/roles and /api/v1/apps, \
        each saved as JSON",
    lists: &[],
    openings: &[],
    shapes: &[
        Shape { list: None, keys: &["id", "userId", "tokenWindow", "expiresAt"] },
        Shape { list: None, keys: &["id", "label", "type", "assignmentType", "status"] },
        Shape { list: None, keys: &["id", "label", "name", "signOnMode", "status", "created"] },
    ],
    elements: &[Element::Credential(TOKEN), Element::Other(role), Element::Other(application)],
};

const TOKEN: Listing = Listing {
    system: SYSTEM,
    kind: "okta-api-token",
    title: "Okta API token",
    id: ("", &["id"]),
    owner: ("okta/", &["userId"]),
    created: &["created"],
    ends: Ends::Slides(&["expiresAt"]),
    used: (&[], LastUse::Unknown),
    works: &[],
    facts: &[
        ("name", &["name"]),
        ("end-slides-by", &["tokenWindow"]),
        ("network", &["network.connection"]),
        ("last-updated", &["lastUpdated"]),
    ],
};

/// An administrator role of a user or group.
fn role(holder: &mut Holder<'_, '_, '_>) {
    let node = holder.node;
    if node.key("status").text().is_some_and(|status| !status.eq_ignore_ascii_case("ACTIVE")) {
        return holder.out.ignore("roles that are not active");
    }
    let href = node.at("_links.assignee.href").or_empty();
    let Some(assignee) = href.rsplit('/').next().filter(|id| !id.is_empty()) else {
        return holder.damaged("_links/assignee", "does not say whose role it is");
    };
    let (id, is_group) = (format!("okta/{assignee}"), href.contains("/groups/"));
    let kind = if is_group { IdentityKind::Group } else { IdentityKind::User };
    holder.identity(SYSTEM, &id, kind, |_| {});
    let role = node.first(&["type", "label"]).or_empty();
    holder.gives(SYSTEM, &id, &role, "");
}

/// An application.
fn application(holder: &mut Holder<'_, '_, '_>) {
    let node = holder.node;
    let Some(id) = node.key("id").text() else { return holder.damaged("id", "has no id") };
    let mut facts = holder.facts(&[("sign-on", &["signOnMode"]), ("type", &["name"])]);
    holder.identity(SYSTEM, &format!("okta/{id}"), IdentityKind::Application, |identity| {
        identity.name = (*node.key("label").or_empty()).into();
        identity.created = node.key("created").time();
        identity.status = status(&[Works::Word("status", "ACTIVE")], node);
        identity.facts.append(&mut facts);
    });
}
