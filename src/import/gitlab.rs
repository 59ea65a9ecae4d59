//! What the API of GitLab lists about access: personal, project and group access tokens, deploy tokens and keys, and
//! CI/CD variables, whose values are never read.

use super::Shape;
use super::listing::{Element, Ends, Holder, Listed, Listing, Works};
use crate::model::{Expiry, IdentityKind, LastUse};

const SYSTEM: &str = "gitlab";

/// Reads lists of GitLab.
pub(super) static FORMAT: Listed = Listed {
    id: "gitlab",
    title: "GitLab tokens, deploy keys and CI/CD variables",
    how_to_export: "glab api --paginate 'personal_access_tokens?state=active' > tokens.json; likewise \
        projects/ID/access_tokens, groups/ID/access_tokens, projects/ID/deploy_tokens, projects/ID/deploy_keys; \
        glab api projects/ID/variables | jq 'del(.[].value)' > variables.json",
    lists: &[],
    openings: &[],
    shapes: &[
        Shape { list: None, keys: &["id", "name", "revoked", "scopes", "user_id", "active", "expires_at"] },
        Shape { list: None, keys: &["id", "name", "username", "revoked", "expired", "scopes", "expires_at"] },
        Shape { list: None, keys: &["id", "title", "key", "created_at", "can_push"] },
        Shape { list: None, keys: &["key", "variable_type", "protected", "masked"] },
        Shape { list: None, keys: &["id", "title", "key", "created_at", "deploy_keys_projects"] },
        Shape {
            list: None,
            keys: &["id", "title", "key", "created_at", "fingerprint_sha256", "projects_with_write_access"],
        },
    ],
    elements: &[
        Element::CredentialWith(TOKEN, scopes),
        Element::Credential(DEPLOY_TOKEN),
        Element::Credential(DEPLOY_KEY),
        Element::Other(variable),
        Element::Credential(DEPLOY_KEY),
        Element::Credential(DEPLOY_KEY),
    ],
};

const TOKEN: Listing = Listing {
    system: SYSTEM,
    kind: "gitlab-personal-access-token",
    title: "GitLab access token",
    id: ("token/", &["id"]),
    owner: ("gitlab/user/", &["user_id"]),
    created: &["created_at"],
    ends: Ends::Or(&["expires_at"], Expiry::Never),
    used: (&["last_used_at"], LastUse::Never),
    works: &[Works::If("active"), Works::Unless("revoked")],
    facts: &[("name", &["name"]), ("scopes", &["scopes"]), ("access-level", &["access_level"])],
};

const DEPLOY_TOKEN: Listing = Listing {
    system: SYSTEM,
    kind: "gitlab-deploy-token",
    title: "GitLab deploy token",
    id: ("deploy-token/", &["id"]),
    owner: ("gitlab/", &["username"]),
    created: &["created_at"],
    ends: Ends::Or(&["expires_at"], Expiry::Never),
    used: (&["last_used_at"], LastUse::Unknown),
    works: &[Works::Unless("expired"), Works::Unless("revoked")],
    facts: &[("name", &["name"]), ("scopes", &["scopes"])],
};

const DEPLOY_KEY: Listing = Listing {
    system: SYSTEM,
    kind: "gitlab-deploy-key",
    title: "GitLab deploy key",
    id: ("deploy-key/", &["id"]),
    owner: ("", &[]),
    created: &["created_at"],
    ends: Ends::Or(&["expires_at"], Expiry::Never),
    used: (&["last_used_at"], LastUse::Unknown),
    works: &[],
    facts: &[("title", &["title"]), ("can-push", &["can_push"]), ("fingerprint", &["fingerprint_sha256"])],
};

const VARIABLE: Listing = Listing {
    system: SYSTEM,
    kind: "gitlab-ci-variable",
    title: "GitLab CI/CD variable",
    id: ("#", &["key", "environment_scope"]),
    owner: ("", &[]),
    created: &[],
    ends: Ends::Always(Expiry::Unknown),
    used: (&[], LastUse::Unknown),
    works: &[],
    facts: &[("protected", &["protected"]), ("masked", &["masked"]), ("environment", &["environment_scope"])],
};

/// The scopes of a token, and its level in the project or group.
fn scopes(holder: &mut Holder<'_, '_, '_>) {
    let Some(user) = holder.node.key("user_id").text() else { return };
    let user = format!("gitlab/user/{user}");
    holder.identity(SYSTEM, &user, IdentityKind::User, |_| {});
    for scope in holder.node.key("scopes").texts() {
        holder.gives(SYSTEM, &user, &format!("scope/{scope}"), "");
    }
    if let Some(level) = holder.node.key("access_level").text() {
        let file = holder.named.to_owned();
        holder.gives(SYSTEM, &user, &format!("access-level/{level}"), &file);
    }
}

/// A variable that somebody marked as one to be kept: masked or protected.
fn variable(holder: &mut Holder<'_, '_, '_>) {
    let is = |key: &str| holder.node.key(key).truth() == Some(true);
    if is("masked") || is("protected") || is("hidden") {
        VARIABLE.read(holder);
    } else {
        holder.out.ignore("variables that are neither masked nor protected");
    }
}
