//! Keys of Google Cloud: of service accounts, HMAC keys of Cloud Storage, API keys. Ids, times and restrictions, no values.
//!
//! `9999-12-31` and other far years are "never". Keys that Google makes and rotates itself (`SYSTEM_MANAGED`) are set
//! aside and counted. When a key was last used no list says; the activity of the Policy Analyzer does.

use super::Shape;
use super::format::{Facts, Format, readouts};
use super::gcp::{GCP, end, start};
use super::part::Part;
use crate::model::{Credential, CredentialId, Expiry, StandingClass, Status};

/// Reads lists of keys, of gcloud (bare) and of the API (`keys`, `items`).
pub(super) static FORMAT: Format = Format {
    id: "gcp-keys",
    title: "Google Cloud keys: service account keys, HMAC keys, API keys",
    how_to_export: "gcloud iam service-accounts keys list --iam-account=SA --format=json > keys-SA.json; gcloud storage \
                    hmac list --format=json > hmac.json; gcloud services api-keys list --format=json > api-keys.json",
    lists: &["keys", "items"],
    shapes: &[
        Shape { list: None, keys: &["name", "keyType", "validAfterTime"] },
        Shape { list: None, keys: &["name", "keyAlgorithm", "validAfterTime"] },
        Shape { list: None, keys: &["accessId", "serviceAccountEmail"] },
        Shape { list: None, keys: &["access_id", "service_account"] },
        Shape { list: None, keys: &["name", "uid", "createTime", "etag"] },
    ],
    read,
};

fn read(key: Part<'_>, facts: &mut Facts<'_, '_, '_>) -> bool {
    if key.has("validAfterTime") {
        let name = key.text("name").unwrap_or_default();
        service_account_key(key, name, "", facts);
    } else if let Some(id) = key.text("accessId") {
        hmac_key(key, id, facts);
    } else if key.text("name").is_some_and(|name| name.contains("/keys/")) {
        api_key(key, facts);
    } else {
        return false;
    }
    true
}

/// Tells a key of a service account. `name` is `projects/P/serviceAccounts/ADDRESS/keys/ID`.
pub(super) fn service_account_key(key: Part<'_>, name: &str, inside: &str, facts: &mut Facts<'_, '_, '_>) {
    if key.text("keyType") == Some("SYSTEM_MANAGED") {
        return facts.out.sink.set_aside("gcp-system-managed-key", 1);
    }
    let Some((account, id)) = name.split_once("/keys/").filter(|(_, id)| !id.is_empty()) else {
        return facts.damaged(inside, "a key has no name that ends in /keys/ID");
    };
    let account = account.rsplit('/').next().filter(|account| account.contains('@'));
    let seen = Credential::observed(
        CredentialId::issued(GCP, id),
        "gcp-service-account-key",
        "Google Cloud service account key",
        facts.evidence("service account key", inside),
    );
    facts.out.sink.credential(Credential {
        standing: StandingClass::Standing,
        principal: account.map(Into::into),
        created: start(key, "validAfterTime"),
        expiry: end(key, "validBeforeTime"),
        status: if key.flag("disabled") == Some(true) { Status::Inactive } else { Status::Active },
        readouts: readouts(&[("email", account), ("key-origin", key.text("keyOrigin"))]),
        ..seen
    });
}

fn hmac_key(key: Part<'_>, id: &str, facts: &mut Facts<'_, '_, '_>) {
    let account = key.first(&["serviceAccountEmail", "serviceAccount"]);
    let seen = Credential::observed(
        CredentialId::issued("gcp-hmac", id),
        "gcp-hmac-key",
        "Google Cloud Storage HMAC key",
        facts.evidence("HMAC key", ""),
    );
    facts.out.sink.credential(Credential {
        standing: StandingClass::Standing,
        principal: account.map(Into::into),
        created: key.time("timeCreated").or_else(|| key.time("creationTime")),
        expiry: Expiry::Never,
        status: match key.text("state") {
            Some("ACTIVE") => Status::Active,
            Some(_) => Status::Inactive,
            None => Status::Unknown,
        },
        readouts: readouts(&[("email", account)]),
        ..seen
    });
}

/// An API key has no end. Without restrictions it opens every API that its project has switched on.
fn api_key(key: Part<'_>, facts: &mut Facts<'_, '_, '_>) {
    let Some(id) = key.text("uid").or_else(|| key.text("name")) else { return };
    let seen = Credential::observed(
        CredentialId::issued(GCP, id),
        "gcp-api-key",
        "Google Cloud API key",
        facts.evidence("API key", ""),
    );
    let targets: Vec<&str> =
        key.each("restrictions/apiTargets").filter_map(|(_, target)| target.text("service")).collect();
    let apis = if targets.is_empty() { "all of the project".to_owned() } else { targets.join(", ") };
    let clients: Vec<&str> =
        key.members("restrictions").map(|(name, _)| name).filter(|name| *name != "apiTargets").collect();
    let clients = if clients.is_empty() { "any".to_owned() } else { clients.join(", ") };
    let account = key.text("serviceAccountEmail");
    facts.out.sink.credential(Credential {
        standing: StandingClass::Standing,
        principal: account.map(Into::into),
        created: key.time("createTime"),
        expiry: Expiry::Never,
        status: if key.has("deleteTime") { Status::Inactive } else { Status::Active },
        readouts: readouts(&[
            ("display-name", key.text("displayName")),
            ("resource", key.text("name")),
            ("apis", Some(&apis)),
            ("clients", Some(&clients)),
        ]),
        ..seen
    });
}
