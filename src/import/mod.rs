//! Exports of identity systems and issuance logs, turned into facts. Formats are recognised by content, never by name.
//!
//! Nothing here fails a run: what cannot be read is one [`crate::model::Gap`] that says what, where, why and the effect.

mod anthropic;
mod aws;
mod aws_access_analyzer;
mod aws_access_keys;
mod aws_account_authorization;
mod aws_cloudtrail;
mod aws_credential_report;
mod aws_federation;
mod aws_identity_center;
mod aws_last_accessed;
mod aws_organizations;
mod aws_policy;
mod aws_policy_document;
mod aws_secrets_manager;
mod aws_service_credentials;
mod azure;
mod azure_activity;
mod azure_logs;
mod azure_role_assignments;
mod azure_role_definitions;
mod cef;
mod circleci;
mod cloudformation;
mod columns;
mod convert;
mod databricks;
mod ends;
mod entra_app_roles;
mod entra_applications;
mod entra_audit;
mod entra_credential_activity;
mod entra_directory;
mod entra_directory_roles;
mod entra_sign_ins;
mod format;
mod formats;
mod frame;
mod gcp;
mod gcp_assets;
mod gcp_audit;
mod gcp_group_members;
mod gcp_hierarchy;
mod gcp_iam_policy;
mod gcp_keys;
mod gcp_pam;
mod gcp_recommender;
mod gcp_roles;
mod gcp_service_accounts;
mod gcp_workload_identity;
mod github;
mod gitlab;
mod kubernetes;
mod kubernetes_audit;
mod lenient;
mod listing;
mod lookup;
mod mapping;
mod mysql;
mod okta;
mod outline;
mod parquet;
mod part;
mod postgres;
mod quote;
mod read;
mod recognise;
mod record;
mod snowflake;
mod snowflake_query_history;
mod spire;
mod stream;
mod table;
mod tally;
mod teleport;
mod terraform;
mod time;
mod vault;
mod vault_audit;
mod vault_policy;
mod vault_server_log;

use std::fs::File;
use std::path::Path;

use crate::model::{Gap, GapReason, InputSummary, Shard};
use crate::rules::check::Needs;

use aws_access_keys::AwsAccessKeys;
use aws_account_authorization::AwsAccountAuthorization;
use aws_cloudtrail::AwsCloudtrail;
use aws_credential_report::AwsCredentialReport;
use azure_activity::AzureActivity;
use cloudformation::Cloudformation;
use entra_audit::EntraAudit;
use entra_sign_ins::EntraSignIns;
pub use formats::{Formats, FormatsError, on_trial};
use gcp_audit::GcpAudit;
use kubernetes::Kubernetes;
use kubernetes_audit::KubernetesAudit;
use mysql::Mysql;
use postgres::Postgres;
pub use read::read;
pub use recognise::Recognised;
pub use record::{Out, Record};
use snowflake_query_history::SnowflakeQueryHistory;
use terraform::Terraform;
use vault::Vault;
use vault_audit::VaultAudit;
use vault_policy::VaultPolicy;
use vault_server_log::VaultServerLog;

/// One format: how it is recognised and how its records become facts.
pub trait Importer: Sync {
    /// The id, in kebab case: `aws-cloudtrail`.
    fn id(&self) -> &'static str;
    /// The human name of the format.
    fn title(&self) -> &'static str;
    /// The command or setting that produces a file of this format.
    fn how_to_export(&self) -> &'static str;
    /// How its files are laid out.
    fn layout(&self) -> Layout;
    /// The objects by which its files are recognised: one that has all keys of one shape is enough.
    fn shapes(&self) -> &'static [Shape];
    /// How a line among the first ones begins in files that are no JSON: `apiVersion:`, `CREATE ROLE`. Without one of
    /// these no such file is looked at.
    fn openings(&self) -> &'static [&'static str] {
        &[]
    }
    /// Whether a text that is no JSON, no YAML and no table is of this format, judged by its first part.
    fn is_text(&self, _head: &str) -> bool {
        false
    }
    /// Whether values of secrets may stand in its files. No importer keeps any; such a file is read as text as well.
    fn may_hold_secrets(&self) -> bool {
        false
    }
    /// What its files can tell beside credentials and their use; `overstay doctor` names them where it is missing.
    fn gives(&self) -> Vec<Needs> {
        Vec::new()
    }
    /// A reader for the records of one file, or for a share of them: workers do not see each other's records.
    /// `name` is the file's name as the user would write it.
    fn worker(&self, name: &str) -> Box<dyn Worker>;
}

/// Reads the records of one file, or a share of them in order.
pub trait Worker: Send {
    /// Takes one record.
    fn record(&mut self, record: &Record<'_>, out: &mut Out<'_>);
    /// Takes what the last object of the file holds besides the lists whose elements were records.
    fn page(&mut self, _page: &Record<'_>, _out: &mut Out<'_>) {}
    /// Takes the end of its share.
    fn finish(&mut self, _out: &mut Out<'_>) {}
}

/// How the files of a format are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// JSON objects: one a line, in an array, one after the other, or as the elements of lists under these keys.
    Records(&'static [&'static str]),
    /// The same objects as JSON records, as a stream of YAML documents, or as the rows of a CSV table with a header.
    Documents(&'static [&'static str]),
    /// A document that is read as a whole.
    Whole,
}

/// An object by which a format is recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// The key of the list it must stand in; anywhere if absent.
    pub list: Option<&'static str>,
    /// Keys it must have; `request.path` is a key of the object under `request`, `kind=Role` a key with this text (of
    /// `kind` and `type` only). For CSV the columns.
    pub keys: &'static [&'static str],
}

/// The formats that are written in Rust, in order of their ids; [`Formats`] has all.
pub static IMPORTERS: &[&dyn Importer] = &[
    &anthropic::FORMAT,
    &aws_access_analyzer::FORMAT,
    &AwsAccessKeys,
    &AwsAccountAuthorization,
    &AwsCloudtrail,
    &AwsCredentialReport,
    &aws_federation::FORMAT,
    &aws_identity_center::FORMAT,
    &aws_last_accessed::FORMAT,
    &aws_organizations::FORMAT,
    &aws_policy_document::FORMAT,
    &aws_secrets_manager::FORMAT,
    &aws_service_credentials::FORMAT,
    &AzureActivity,
    &azure_role_assignments::FORMAT,
    &azure_role_definitions::FORMAT,
    &circleci::FORMAT,
    &Cloudformation,
    &databricks::FORMAT,
    &entra_app_roles::FORMAT,
    &entra_applications::FORMAT,
    &EntraAudit,
    &entra_credential_activity::FORMAT,
    &entra_directory::FORMAT,
    &entra_directory_roles::FORMAT,
    &EntraSignIns,
    &gcp_assets::FORMAT,
    &GcpAudit,
    &gcp_group_members::FORMAT,
    &gcp_hierarchy::FORMAT,
    &gcp_iam_policy::FORMAT,
    &gcp_keys::FORMAT,
    &gcp_pam::FORMAT,
    &gcp_recommender::FORMAT,
    &gcp_roles::FORMAT,
    &gcp_service_accounts::FORMAT,
    &gcp_workload_identity::FORMAT,
    &github::FORMAT,
    &gitlab::FORMAT,
    &Kubernetes,
    &KubernetesAudit,
    &Mysql,
    &okta::FORMAT,
    &Postgres,
    &snowflake::FORMAT,
    &SnowflakeQueryHistory,
    &spire::FORMAT,
    &teleport::FORMAT,
    &Terraform,
    &Vault,
    &VaultAudit,
    &VaultPolicy,
    &VaultServerLog,
];

/// Limits that keep hostile or broken files from taking the memory or the time of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The largest single record, in bytes; a larger one is left out and said.
    pub max_record_bytes: usize,
    /// The largest file that must be held as a whole (CSV reports, Parquet), in bytes after decompression.
    pub max_document_bytes: usize,
    /// The largest YAML or CSV file that is turned into records, in bytes after decompression.
    pub max_converted_bytes: usize,
    /// How many times its size a gzip, Zstandard or Parquet file may expand, beyond the first 64 MiB.
    pub max_expansion: u64,
    /// Of how many names, by which records that did not matter are counted, the count is told.
    pub max_told_names: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_record_bytes: 16 << 20,
            max_document_bytes: 512 << 20,
            max_converted_bytes: 128 << 20,
            max_expansion: 500,
            max_told_names: 12,
        }
    }
}

/// Reads one file of a known format into `sink`. It never fails: what cannot be read is a gap.
///
/// `name` is the path as the user would write it. `sink.examined` is called once, also for a file that cannot be read.
pub fn import<S: Shard>(importer: &'static dyn Importer, path: &Path, name: &str, limits: &Limits, sink: &mut S) {
    let opened = match std::fs::metadata(path) {
        Ok(facts) if facts.is_file() => File::open(path).map_err(|error| error.kind().to_string()),
        Ok(_) => Err("it is not a regular file".to_owned()),
        Err(error) => Err(error.kind().to_string()),
    };
    match opened {
        Ok(file) => read(importer, file, name, limits, sink),
        Err(detail) => unreadable(importer, name, &detail, sink),
    }
}

fn unreadable<S: Shard>(importer: &dyn Importer, name: &str, detail: &str, sink: &mut S) {
    sink.gap(Gap {
        what: name.into(),
        reason: GapReason::Unreadable,
        detail: detail.into(),
        effect: "nothing of it was examined".into(),
        count: 1,
    });
    sink.examined(InputSummary {
        name: name.into(),
        format: importer.id().into(),
        sha256: None,
        bytes: 0,
        items: 0,
        ignored: 0,
        notes: Vec::new(),
    });
}
