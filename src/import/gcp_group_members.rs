//! `gcloud identity groups memberships list`: who is in a group, and until when.
//!
//! The answer does not name the group by its address: it is taken from the name of the file, `admins@corp.example.json`.

use super::Shape;
use super::format::{Facts, Format, readouts};
use super::gcp::{GCP, Member};
use super::part::Part;
use crate::model::{Expiry, Grant, GrantObject, Identity, IdentityKind, Standing};

/// Reads the memberships of one group.
pub(super) static FORMAT: Format = Format {
    id: "gcp-group-members",
    title: "Members of a Google group (Cloud Identity memberships)",
    how_to_export: "gcloud identity groups memberships list --group-email=G --view=full --format=json > G.json",
    lists: &["memberships"],
    shapes: &[Shape { list: None, keys: &["name", "preferredMemberKey.id"] }],
    read,
};

fn read(part: Part<'_>, facts: &mut Facts<'_, '_, '_>) -> bool {
    let Some(address) = part.text("preferredMemberKey/id") else { return false };
    let stem = facts.stem().to_owned();
    let Some(group) = stem.split(['_', ' ', '+']).find(|word| word.contains('@')) else {
        facts.absent("", "the file does not say whose members these are: name it after the address of the group");
        return true;
    };
    let member = match part.text("type") {
        Some("GROUP") => format!("group:{address}"),
        _ if address.ends_with(".gserviceaccount.com") => format!("serviceAccount:{address}"),
        Some(_) => format!("user:{address}"),
        None => {
            facts.out.note("members without type, taken for users: list them with --view=full", 1);
            format!("user:{address}")
        }
    };
    let member = Member::read(&member);
    member.tell("", facts);
    let group = format!("group:{group}");
    let seen = Identity::observed(GCP, &group, IdentityKind::Group, facts.evidence("group with members", ""));
    let name = group.trim_start_matches("group:").into();
    facts.identity(Identity { name, ..seen }, &[("members", Some("listed"))]);
    let ends = part.each("roles").filter_map(|(_, role)| role.time("expiryDetail/expireTime")).max();
    let expiry = ends.map_or(Expiry::Never, Expiry::At);
    let standing = if ends.is_none() { Standing::Standing } else { Standing::Unknown };
    let roles: Vec<&str> = part.each("roles").filter_map(|(_, role)| role.text("name")).collect();
    let roles = roles.join(", ");
    let evidence = facts.evidence("member of the group", "");
    let grant = Grant::observed(GCP, member.id, GrantObject::Group(group.as_str().into()), evidence);
    facts.out.sink.grant(Grant {
        standing,
        expiry,
        created: part.time("createTime"),
        id: part.text("name").unwrap_or_default().into(),
        facts: readouts(&[("membership", Some(roles.as_str()).filter(|text| !text.is_empty()))]),
        ..grant
    });
    true
}
