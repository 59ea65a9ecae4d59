//! Users and groups of Entra, with the members and owners of groups where they were asked for.
//!
//! `az ad group member list` does not name the group: its object id is taken from the name of the file.

use super::Shape;
use super::azure::{AZURE, kind, named, owners, principal, status};
use super::format::{Facts, Format};
use super::part::Part;
use crate::model::{Expiry, Grant, GrantObject, Identity, IdentityKind, Standing};

/// Reads users, groups and members of groups.
pub(super) static FORMAT: Format = Format {
    id: "entra-directory",
    title: "Entra users and groups with members and owners",
    how_to_export: "az rest --url 'https://graph.microsoft.com/v1.0/groups?$expand=members' > groups.json; az ad user list \
                    -o json > users.json; for each group G: az ad group member list --group G -o json > members-G.json",
    lists: &["value"],
    shapes: &[
        Shape { list: None, keys: &["id", "displayName", "securityEnabled", "groupTypes"] },
        Shape { list: None, keys: &["id", "displayName", "userPrincipalName"] },
    ],
    read,
};

fn read(part: Part<'_>, facts: &mut Facts<'_, '_, '_>) -> bool {
    let Some(id) = part.text("id").map(str::to_ascii_lowercase) else { return false };
    let is_group = part.has("groupTypes") || part.has("securityEnabled");
    let type_name = part.text("@odata.type").map_or(IdentityKind::Unknown, |name| kind(Some(name)));
    let of = match type_name {
        IdentityKind::Unknown if is_group => IdentityKind::Group,
        IdentityKind::Unknown => IdentityKind::User,
        known => known,
    };
    let seen = Identity::observed(AZURE, &id, of, facts.evidence("in the directory", ""));
    let identity = Identity {
        name: part.first(&["userPrincipalName", "displayName"]).unwrap_or(&id).into(),
        status: status(part),
        created: part.time("createdDateTime"),
        ..seen
    };
    let listed = is_group && part.at("members").is_list();
    facts.identity(
        identity,
        &[
            ("role-assignable", part.flag("isAssignableToRole").map(|flag| if flag { "yes" } else { "no" })),
            ("members", listed.then_some("listed")),
            ("membership-rule", part.text("membershipRule")),
        ],
    );
    owners(part, &id, facts);
    for (index, member) in part.each("members") {
        let inside = format!("members/{index}");
        let Some(member_id) = member.text("id").map(str::to_ascii_lowercase) else {
            facts.damaged(&inside, "a member has no id");
            continue;
        };
        let name = member.first(&["userPrincipalName", "displayName"]);
        principal(&member_id, member.text("@odata.type"), name, ("member of a group", &inside), facts);
        member_of(&member_id, &id, &inside, facts);
    }
    if let Some(group) = named(facts.stem()).filter(|group| *group != id) {
        let seen = Identity::observed(AZURE, &group, IdentityKind::Group, facts.evidence("group with members", ""));
        facts.identity(seen, &[("members", Some("listed"))]);
        member_of(&id, &group, "", facts);
    }
    true
}

fn member_of(member: &str, group: &str, inside: &str, facts: &mut Facts<'_, '_, '_>) {
    let evidence = facts.evidence("member of the group", inside);
    let seen = Grant::observed(AZURE, member, GrantObject::Group(group.into()), evidence);
    facts.out.sink.grant(Grant { standing: Standing::Standing, expiry: Expiry::Never, ..seen });
}
