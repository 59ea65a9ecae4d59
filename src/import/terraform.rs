//! State of Terraform and OpenTofu: the file of version 4, and `terraform show -json`. It tells which credentials were
//! made and until when they live, by their ids.
//!
//! A state holds secrets in clear. None is read here; the file is read as text as well, and how many attributes hold one
//! is counted. In a repository a state is text only, as every export there.

use serde_json::Value;

use super::aws::{ACCESS_KEY_TITLE, access_key};
use super::ends::end;
use super::lookup::{Node, parse};
use super::{Importer, Layout, Out, Record, Shape, Worker};
use crate::model::{Credential, CredentialId, Expiry, GapReason, Readout, StandingClass, Status};

/// How deep modules may nest.
const MAX_DEPTH: usize = 32;
/// Attributes that hold a secret, of resources of any type.
const SECRETS: &[&str] = &[
    "secret",
    "password",
    "master_password",
    "admin_password",
    "administrator_login_password",
    "private_key",
    "private_key_pem",
    "secret_string",
    "secret_access_key",
    "client_secret",
    "client_token",
    "token",
    "token_value",
    "plaintext_value",
    "primary_access_key",
    "ses_smtp_password_v4",
    "result",
    "value",
];

/// Reads state of Terraform and OpenTofu.
pub(super) struct Terraform;

impl Importer for Terraform {
    fn id(&self) -> &'static str {
        "terraform"
    }

    fn title(&self) -> &'static str {
        "Terraform or OpenTofu state"
    }

    fn how_to_export(&self) -> &'static str {
        "terraform show -json > state.json, or the state file itself: terraform state pull > terraform.tfstate"
    }

    fn layout(&self) -> Layout {
        Layout::Records(&["resources"])
    }

    fn shapes(&self) -> &'static [Shape] {
        &[
            Shape { list: Some("resources"), keys: &["mode", "type", "name", "provider", "instances"] },
            Shape { list: None, keys: &["version", "terraform_version", "serial", "lineage"] },
            Shape { list: None, keys: &["format_version", "terraform_version", "values", "values.root_module"] },
        ]
    }

    fn may_hold_secrets(&self) -> bool {
        true
    }

    fn worker(&self, _name: &str) -> Box<dyn Worker> {
        Box::new(State)
    }
}

struct State;

impl Worker for State {
    fn record(&mut self, record: &Record<'_>, out: &mut Out<'_>) {
        let Some(value) = parse(record, out) else { return };
        let node = Node::of(&value);
        let mut reader = Reader { record, out, known: 0 };
        if record.list.is_some() || node.key("instances").exists() {
            for (index, instance) in node.key("instances").list().enumerate() {
                let inside = format!("instances/{index}/attributes");
                reader.resource(&node.key("type").or_empty(), instance.key("attributes"), &inside);
            }
        } else if node.at("values.root_module").exists() {
            reader.module(node.at("values.root_module"), "values/root_module", 0);
        } else if !node.key("terraform_version").exists() {
            return out.problem(record, "", GapReason::Damaged, "is no resource of a state");
        }
        if reader.known == 0 {
            out.ignore("resources that are no credentials");
        }
    }
}

struct Reader<'e, 'r, 'o> {
    record: &'e Record<'r>,
    out: &'e mut Out<'o>,
    /// Credentials found.
    known: usize,
}

impl Reader<'_, '_, '_> {
    fn module(&mut self, module: Node<'_>, inside: &str, depth: usize) {
        if depth > MAX_DEPTH {
            return self.out.problem(self.record, inside, GapReason::TooDeep, "modules nest too deeply");
        }
        for (index, resource) in module.key("resources").list().enumerate() {
            let inside = format!("{inside}/resources/{index}/values");
            self.resource(&resource.key("type").or_empty(), resource.key("values"), &inside);
        }
        for (index, child) in module.key("child_modules").list().enumerate() {
            self.module(child, &format!("{inside}/child_modules/{index}"), depth + 1);
        }
    }

    fn resource(&mut self, kind: &str, values: Node<'_>, inside: &str) {
        let is_secret = |name: &&&str| {
            let is_text = matches!(values.key(name).0, Some(Value::String(text)) if !text.is_empty());
            is_text
                && match **name {
                    "result" => kind == "random_password",
                    "value" => kind.starts_with("azuread_"),
                    _ => true,
                }
        };
        let secrets = SECRETS.iter().filter(is_secret).count() as u64;
        self.out.note("attributes that hold a secret in clear", secrets);
        let Some(mut credential) = self.credential(kind, values, inside) else { return };
        if secrets > 0 {
            credential.readouts.push(Readout::new("secret-in-state", "true"));
        }
        self.known += 1;
        self.out.sink.credential(credential);
    }

    fn credential(&mut self, kind: &str, values: Node<'_>, inside: &str) -> Option<Credential> {
        let made = match kind {
            "aws_iam_access_key" => {
                let (id, kind) = access_key(&values.key("id").text()?)?;
                let status = match &*values.key("status").or_empty() {
                    "Active" => Status::Active,
                    "Inactive" => Status::Inactive,
                    _ => Status::Unknown,
                };
                let key = self.made(id, kind, ACCESS_KEY_TITLE, inside);
                Made { status, owner: values.key("user"), created: values.key("create_date"), ends: Expiry::Never, key }
            }
            "google_service_account_key" => {
                let name = values.key("name").text()?;
                let id = CredentialId::issued("gcp", name.split_once("/keys/")?.1);
                let mut key = self.made(id, "gcp-service-account-key", "GCP service account key", inside);
                let owner = name.split('/').skip_while(|part| *part != "serviceAccounts").nth(1);
                key.principal = owner.map(Into::into);
                let ends = end(values.key("valid_before"), Expiry::Unknown);
                Made { owner: Node::default(), created: values.key("valid_after"), ends, ..Made::of(key) }
            }
            "google_storage_hmac_key" => {
                let id = CredentialId::issued("gcp-hmac", &values.key("access_id").text()?);
                let key = self.made(id, "gcp-hmac-key", "GCP storage HMAC key", inside);
                let (owner, created) = (values.key("service_account_email"), values.key("time_created"));
                Made { owner, created, ends: Expiry::Never, ..Made::of(key) }
            }
            "azuread_application_password" | "azuread_service_principal_password" => {
                let id = CredentialId::issued("azure", &values.key("key_id").text()?);
                let key = self.made(id, "azure-entra-client-secret", "Entra client secret", inside);
                let ends = end(values.key("end_date"), Expiry::Unknown);
                let owner = values.first(&["application_id", "service_principal_id", "application_object_id"]);
                Made { owner, created: values.key("start_date"), ends, ..Made::of(key) }
            }
            "tls_private_key" => {
                let id = values.first(&["public_key_fingerprint_sha256", "public_key_fingerprint_md5", "id"]).text()?;
                let key =
                    self.made(CredentialId::issued("tls", &id), "private-key", "private key made by Terraform", inside);
                Made { ends: Expiry::Never, ..Made::of(key) }
            }
            "databricks_token" => {
                let id = CredentialId::issued("databricks", &values.first(&["token_id", "id"]).text()?);
                let key = self.made(id, "databricks-token", "Databricks access token", inside);
                let ends = end(values.key("expiry_time"), Expiry::Never);
                Made { created: values.key("creation_time"), ends, ..Made::of(key) }
            }
            "gitlab_personal_access_token" | "gitlab_project_access_token" | "gitlab_group_access_token" => {
                let id = values.key("id").text()?;
                let number = id.rsplit(':').next()?.to_owned();
                let id = CredentialId::issued("gitlab", &format!("token/{number}"));
                let key = self.made(id, "gitlab-personal-access-token", "GitLab access token", inside);
                Made {
                    created: values.key("created_at"),
                    ends: end(values.key("expires_at"), Expiry::Never),
                    ..Made::of(key)
                }
            }
            _ => return None,
        };
        Some(made.credential())
    }

    fn made(&self, id: CredentialId, kind: &str, title: &str, inside: &str) -> Credential {
        Credential::observed(id, kind, title, self.record.evidence("resource of the state", inside))
    }
}

/// A credential with what its attributes say.
struct Made<'v> {
    key: Credential,
    status: Status,
    owner: Node<'v>,
    created: Node<'v>,
    ends: Expiry,
}

impl Made<'_> {
    fn of(key: Credential) -> Self {
        Self { key, status: Status::Unknown, owner: Node::default(), created: Node::default(), ends: Expiry::Unknown }
    }

    fn credential(self) -> Credential {
        let owner = self.owner.text().map(|owner| (*owner.trim_start_matches("/applications/")).into());
        let standing = if self.ends == Expiry::Never { StandingClass::Standing } else { StandingClass::Depends };
        Credential {
            standing,
            status: self.status,
            principal: owner.or(self.key.principal.clone()),
            created: self.created.time(),
            expiry: self.ends,
            ..self.key
        }
    }
}
