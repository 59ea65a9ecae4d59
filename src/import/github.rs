//! What the API of GitHub lists about access: fine-grained tokens, credentials authorised by SAML, installations of
//! apps, deploy keys and secrets of Actions.
//!
//! Classic tokens of organisations without SAML are in no list. The last characters of a token are not told.

use super::Shape;
use super::listing::{Element, Ends, Holder, Listed, Listing, Works, status};
use crate::model::{Expiry, IdentityKind, LastUse};

const SYSTEM: &str = "github";

/// Reads lists of GitHub.
pub(super) static FORMAT: Listed = Listed {
    id: "github",
    title: "GitHub tokens, keys, installations and secrets",
    how_to_export: "gh api --paginate /orgs/ORG/personal-access-tokens > pats.json; likewise \
        /orgs/ORG/credential-authorizations, /orgs/ORG/installations, /orgs/ORG/actions/secrets, /repos/ORG/REPO/keys",
    lists: &["installations", "secrets"],
    openings: &[],
    shapes: &[
        Shape { list: None, keys: &["token_id", "token_name", "token_expires_at", "permissions"] },
        Shape { list: None, keys: &["credential_id", "credential_type", "credential_authorized_at"] },
        Shape { list: None, keys: &["app_id", "app_slug", "permissions", "target_type"] },
        Shape { list: None, keys: &["key", "read_only", "verified", "created_at"] },
        Shape { list: Some("secrets"), keys: &["name", "created_at", "updated_at"] },
    ],
    elements: &[
        Element::CredentialWith(FINE_GRAINED, token_permissions),
        Element::CredentialWith(AUTHORISED, scopes),
        Element::Other(installation),
        Element::Credential(DEPLOY_KEY),
        Element::Credential(SECRET),
    ],
};

const FINE_GRAINED: Listing = Listing {
    system: SYSTEM,
    kind: "github-fine-grained-token",
    title: "GitHub fine-grained personal access token",
    id: ("token/", &["token_id"]),
    owner: ("github/", &["owner.login"]),
    created: &["access_granted_at"],
    ends: Ends::Or(&["token_expires_at"], Expiry::Never),
    used: (&["token_last_used_at"], LastUse::Never),
    works: &[Works::Unless("token_expired")],
    facts: &[("name", &["token_name"]), ("repositories", &["repository_selection"])],
};

const AUTHORISED: Listing = Listing {
    system: SYSTEM,
    kind: "github-authorised-credential",
    title: "GitHub credential authorised by SAML",
    id: ("credential/", &["credential_id"]),
    owner: ("github/", &["login"]),
    created: &["credential_authorized_at"],
    ends: Ends::Or(&["authorized_credential_expires_at"], Expiry::Never),
    used: (&["credential_accessed_at"], LastUse::Unknown),
    works: &[],
    facts: &[("type", &["credential_type"]), ("scopes", &["scopes"]), ("title", &["authorized_credential_title"])],
};

const DEPLOY_KEY: Listing = Listing {
    system: SYSTEM,
    kind: "github-deploy-key",
    title: "GitHub deploy key",
    id: ("deploy-key/", &["id"]),
    owner: ("github/", &["added_by"]),
    created: &["created_at"],
    ends: Ends::Always(Expiry::Never),
    used: (&["last_used"], LastUse::Unknown),
    works: &[Works::If("enabled")],
    facts: &[("title", &["title"]), ("read-only", &["read_only"]), ("repository", &["url"])],
};

const SECRET: Listing = Listing {
    system: SYSTEM,
    kind: "github-actions-secret",
    title: "secret of GitHub Actions",
    id: ("#", &["name"]),
    owner: ("", &[]),
    created: &["updated_at"],
    ends: Ends::Always(Expiry::Unknown),
    used: (&[], LastUse::Unknown),
    works: &[],
    facts: &[("visibility", &["visibility"])],
};

/// The permissions of a token that let it change something.
fn token_permissions(holder: &mut Holder<'_, '_, '_>) {
    let Some(owner) = holder.node.at("owner.login").text() else { return };
    let owner = format!("github/{owner}");
    holder.identity(SYSTEM, &owner, IdentityKind::User, |_| {});
    let selection = holder.node.key("repository_selection").or_empty();
    for (area, permissions) in holder.node.key("permissions").entries() {
        let scope = if area == "repository" { format!("{selection} repositories") } else { area.to_owned() };
        for (name, level) in permissions.entries() {
            let level = level.or_empty();
            if matches!(&*level, "write" | "admin") {
                holder.gives(SYSTEM, &owner, &format!("{name}:{level}"), &scope);
            }
        }
    }
}

/// The scopes of a classic token.
fn scopes(holder: &mut Holder<'_, '_, '_>) {
    let Some(login) = holder.node.key("login").text() else { return };
    let owner = format!("github/{login}");
    holder.identity(SYSTEM, &owner, IdentityKind::User, |_| {});
    for scope in holder.node.key("scopes").texts() {
        holder.gives(SYSTEM, &owner, &format!("scope/{scope}"), "");
    }
}

/// An app with its permissions on an account.
fn installation(holder: &mut Holder<'_, '_, '_>) {
    let node = holder.node;
    let Some(slug) = node.key("app_slug").text() else { return holder.damaged("app_slug", "names no app") };
    let account = node.at("account.login").or_empty();
    let id = format!("github/{account}/app/{slug}");
    let suspended = node.key("suspended_at").exists();
    let mut facts = holder.facts(&[("repositories", &["repository_selection"]), ("target", &["target_type"])]);
    holder.identity(SYSTEM, &id, IdentityKind::Workload, |identity| {
        identity.account = (!account.is_empty()).then(|| (*account).into());
        identity.created = node.key("created_at").time();
        identity.status =
            if suspended { crate::model::Status::Inactive } else { status(&[Works::If("enabled")], node) };
        identity.facts.append(&mut facts);
    });
    for (name, level) in node.key("permissions").entries() {
        let level = level.or_empty();
        if matches!(&*level, "write" | "admin") {
            holder.gives(SYSTEM, &id, &format!("{name}:{level}"), &account);
        }
    }
}
