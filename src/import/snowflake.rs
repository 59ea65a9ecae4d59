//! Users, grants, credentials and programmatic access tokens of Snowflake, from `SHOW` commands and the views of
//! `ACCOUNT_USAGE`; JSON or CSV, names in small or capital letters, times as text or as seconds.

use super::Shape;
use super::ends::end;
use super::listing::{Element, Ends, Holder, Listed, Listing, Works, status};
use crate::model::{Expiry, IdentityKind, LastUse, Readout};

const SYSTEM: &str = "snowflake";

/// Reads exports of Snowflake.
pub(super) static FORMAT: Listed = Listed {
    id: "snowflake",
    title: "Snowflake users, grants, credentials and tokens",
    how_to_export: "snow sql -q 'SHOW USERS' --format json > users.json; likewise SELECT * FROM \
        SNOWFLAKE.ACCOUNT_USAGE.GRANTS_TO_USERS, .GRANTS_TO_ROLES and .CREDENTIALS, SHOW GRANTS ON ACCOUNT, SHOW USER \
        PROGRAMMATIC ACCESS TOKENS FOR USER U",
    lists: &[],
    openings: &[],
    shapes: &[
        Shape { list: None, keys: &["name", "login_name", "disabled", "default_role"] },
        Shape { list: None, keys: &["credential_id", "user_name", "type", "status"] },
        Shape { list: None, keys: &["name", "user_name", "role_restriction", "expires_at", "status"] },
        Shape { list: None, keys: &["privilege", "granted_on", "name", "granted_to", "grantee_name"] },
        Shape { list: None, keys: &["role", "granted_to", "grantee_name", "granted_by"] },
        Shape { list: None, keys: &["NAME", "LOGIN_NAME", "DISABLED", "DEFAULT_ROLE"] },
        Shape { list: None, keys: &["CREDENTIAL_ID", "USER_NAME", "TYPE", "STATUS"] },
        Shape { list: None, keys: &["PRIVILEGE", "GRANTED_ON", "NAME", "GRANTED_TO", "GRANTEE_NAME"] },
        Shape { list: None, keys: &["ROLE", "GRANTED_TO", "GRANTEE_NAME", "GRANTED_BY"] },
    ],
    elements: &[
        Element::Other(user),
        Element::Credential(CREDENTIAL),
        Element::Credential(TOKEN),
        Element::Other(privilege),
        Element::Other(role),
    ],
};

const CREDENTIAL: Listing = Listing {
    system: SYSTEM,
    kind: "snowflake-credential",
    title: "Snowflake credential",
    id: ("credential/", &["credential_id"]),
    owner: ("snowflake/user/", &["user_name"]),
    created: &["created_on"],
    ends: Ends::Or(&["expiration_date"], Expiry::Never),
    used: (&["last_used_on"], LastUse::Unknown),
    works: &[Works::Word("status", "ACTIVE")],
    facts: &[("type", &["type"]), ("name", &["name"])],
};

const TOKEN: Listing = Listing {
    system: SYSTEM,
    kind: "snowflake-programmatic-token",
    title: "Snowflake programmatic access token",
    id: ("token/", &["user_name", "name"]),
    owner: ("snowflake/user/", &["user_name"]),
    created: &["created_on"],
    ends: Ends::Or(&["expires_at"], Expiry::Unknown),
    used: (&[], LastUse::Unknown),
    works: &[Works::Word("status", "ACTIVE")],
    facts: &[("role", &["role_restriction"]), ("rotated-to", &["rotated_to"])],
};

/// A user. Whether it has a second factor, a password or a key is told where the export says.
fn user(holder: &mut Holder<'_, '_, '_>) {
    let node = holder.node;
    let Some(name) = node.key("name").text() else { return holder.damaged("name", "has no name") };
    let mut facts = holder.facts(&[
        ("type", &["type"]),
        ("default-role", &["default_role"]),
        ("mfa", &["has_mfa", "ext_authn_duo"]),
        ("password", &["has_password"]),
        ("key", &["has_rsa_public_key"]),
        ("owner", &["owner"]),
    ]);
    if let Expiry::At(time) = end(node.first(&["expires_at", "expires_at_time"]), Expiry::Unknown) {
        facts.push(Readout::new("ends", &time.to_string()));
    }
    holder.identity(SYSTEM, &format!("snowflake/user/{name}"), IdentityKind::User, |identity| {
        identity.created = node.key("created_on").time();
        let login = node.first(&["last_success_login", "last_successful_login"]).time();
        identity.last_use = login.map_or(LastUse::Unknown, LastUse::At);
        identity.status = status(&[Works::Unless("disabled")], node);
        identity.facts.append(&mut facts);
    });
}

/// `SHOW GRANTS`: a privilege on the account, or the use of a role by another one. Those on single objects are counted.
fn privilege(holder: &mut Holder<'_, '_, '_>) {
    let node = holder.node;
    if node.key("deleted_on").exists_and_is_not_empty() {
        return holder.out.ignore("grants that were taken back");
    }
    let (privilege, on, name) =
        (node.key("privilege").or_empty(), node.key("granted_on").or_empty(), node.key("name").or_empty());
    let Some(grantee) = grantee(holder) else { return };
    match &*on {
        "ROLE" if &*privilege == "USAGE" => member(holder, &grantee, &name),
        "ACCOUNT" => holder.gives(SYSTEM, &grantee, &privilege, &format!("account {name}")),
        _ => holder.out.ignore("privileges on single objects"),
    }
}

/// `GRANTS_TO_USERS`, `SHOW GRANTS OF ROLE`: a role of a user or of another role.
fn role(holder: &mut Holder<'_, '_, '_>) {
    if holder.node.key("deleted_on").exists_and_is_not_empty() {
        return holder.out.ignore("grants that were taken back");
    }
    let role = holder.node.key("role").or_empty();
    let Some(grantee) = grantee(holder) else { return };
    member(holder, &grantee, &role);
}

fn member(holder: &mut Holder<'_, '_, '_>, grantee: &str, role: &str) {
    holder.identity(SYSTEM, &format!("snowflake/role/{role}"), IdentityKind::Group, |_| {});
    holder.gives(SYSTEM, grantee, role, "");
}

fn grantee(holder: &mut Holder<'_, '_, '_>) -> Option<String> {
    let (to, name) = (holder.node.key("granted_to").or_empty(), holder.node.key("grantee_name").text());
    let Some(name) = name else {
        holder.damaged("grantee_name", "names no grantee");
        return None;
    };
    let is_user = to.eq_ignore_ascii_case("USER");
    let id = format!("snowflake/{}/{name}", if is_user { "user" } else { "role" });
    holder.identity(SYSTEM, &id, if is_user { IdentityKind::User } else { IdentityKind::Group }, |_| {});
    Some(id)
}
