//! What Vault and OpenBao answer about tokens, secret ids, leases, roles, entities, groups and policies, as JSON.
//!
//! An answer does not repeat what was asked: the name of a role is taken from a `path` beside the answer, which the
//! export command puts there, else from the file's name. Tokens, secret ids and passwords are never read.

mod access;
mod credential;
mod role;

use serde_json::Value;

use super::lookup::{Node, parse};
use super::{Importer, Layout, Out, Record, Shape, Worker};

/// The system of all facts.
const SYSTEM: &str = "vault";

/// Reads answers of Vault and OpenBao.
pub(super) struct Vault;

impl Importer for Vault {
    fn id(&self) -> &'static str {
        "vault"
    }

    fn title(&self) -> &'static str {
        "Vault or OpenBao tokens, leases, roles and policies"
    }

    fn how_to_export(&self) -> &'static str {
        "vault list -format=json auth/token/accessors | jq -r '.[]' | \
         xargs -I{} vault token lookup -format=json -accessor {} > tokens.json; for each role or policy P: \
         vault read -format=json P | jq -c '.path = \"P\"' >> roles.json"
    }

    fn layout(&self) -> Layout {
        Layout::Records(&[])
    }

    fn shapes(&self) -> &'static [Shape] {
        &[
            Shape { list: None, keys: &["data.accessor", "data.creation_ttl", "data.policies"] },
            Shape { list: None, keys: &["data.secret_id_accessor", "data.secret_id_ttl", "data.creation_time"] },
            Shape { list: None, keys: &["data.expire_time", "data.id", "data.issue_time", "data.ttl"] },
            Shape { list: None, keys: &["data.bind_secret_id", "data.secret_id_ttl"] },
            Shape { list: None, keys: &["data.bound_service_account_names", "data.bound_service_account_namespaces"] },
            Shape { list: None, keys: &["data.user_claim", "data.bound_audiences"] },
            Shape { list: None, keys: &["data.bound_iam_principal_arn"] },
            Shape { list: None, keys: &["data.db_name", "data.creation_statements", "data.default_ttl"] },
            Shape { list: None, keys: &["data.db_name", "data.rotation_period", "data.username"] },
            Shape { list: None, keys: &["data.aliases", "data.creation_time", "data.id", "data.policies"] },
            Shape { list: None, keys: &["data.member_entity_ids", "data.id", "data.policies"] },
            Shape { list: None, keys: &["data.token/", "data", "request_id"] },
            Shape { list: None, keys: &["token/", "token/.accessor", "token/.type"] },
            Shape { list: None, keys: &["data.name", "data.policy"] },
            Shape { list: None, keys: &["data.name", "data.rules"] },
            Shape { list: None, keys: &["name", "policy", "modified", "version", "cas_required"] },
            Shape { list: None, keys: &["path", "data.policy"] },
        ]
    }

    fn may_hold_secrets(&self) -> bool {
        true
    }

    fn worker(&self, name: &str) -> Box<dyn Worker> {
        Box::new(Answers { named: stem(name).to_owned() })
    }
}

struct Answers {
    named: String,
}

impl Worker for Answers {
    fn record(&mut self, record: &Record<'_>, out: &mut Out<'_>) {
        let Some(value) = parse(record, out) else { return };
        let answer = Answer::of(&value, &self.named, record);
        let has = |key: &str| answer.data.key(key).exists();
        if has("secret_id_accessor") {
            credential::secret_id(&answer, out);
        } else if has("accessor") && has("creation_ttl") {
            credential::token(&answer, out);
        } else if has("issue_time") && has("id") {
            credential::lease(&answer, out);
        } else if has("rotation_period") && has("username") {
            credential::static_role(&answer, out);
        } else if has("creation_statements") {
            role::dynamic(&answer, out);
        } else if has("token/") {
            access::mounts(&answer, out);
        } else if has("member_entity_ids") {
            access::group(&answer, out);
        } else if has("aliases") && has("id") {
            access::entity(&answer, out);
        } else if has("policy") || has("rules") {
            access::policy(&answer, out);
        } else if ["bind_secret_id", "bound_service_account_names", "user_claim", "bound_iam_principal_arn"]
            .into_iter()
            .any(has)
        {
            role::login(&answer, out);
        } else {
            out.ignore("answers of other kinds");
        }
    }
}

/// One answer.
struct Answer<'a, 'r> {
    data: Node<'a>,
    /// What was asked for: `auth/approle/role/ci`.
    path: Option<&'a str>,
    named: &'a str,
    record: &'a Record<'r>,
}

impl<'a, 'r> Answer<'a, 'r> {
    fn of(value: &'a Value, named: &'a str, record: &'a Record<'r>) -> Self {
        let whole = Node::of(value);
        let data = Some(whole.key("data")).filter(|data| data.entries().next().is_some()).unwrap_or(whole);
        let path = whole.key("path").0.and_then(Value::as_str).map(|path| path.trim_start_matches("v1/"));
        Self { data, path, named, record }
    }

    /// The path asked for, or `under` with the file's name.
    fn path_or(&self, under: &str) -> String {
        self.path.map_or_else(|| format!("{under}/{}", self.named), ToOwned::to_owned)
    }
}

/// The file's name without folders and endings.
fn stem(name: &str) -> &str {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    file.split('.').find(|part| !part.is_empty()).unwrap_or(file)
}

/// The id of a policy: its path in the API.
pub(super) fn policy_id(name: &str) -> String {
    format!("sys/policies/acl/{name}")
}
