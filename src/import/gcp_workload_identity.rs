//! Workload identity federation: pools, and the providers whose tokens they accept. No keys are involved.
//!
//! A provider without an attribute condition lets every token of its issuer into the pool: of a public issuer anybody's.

use super::Shape;
use super::format::{Facts, Format, readouts};
use super::gcp::{GCP, inside_of};
use super::part::Part;
use crate::model::{Grant, GrantObject, Identity, IdentityKind, Status};

/// Reads pools and providers.
pub(super) static FORMAT: Format = Format {
    id: "gcp-workload-identity",
    title: "Google Cloud workload identity pools and providers",
    how_to_export: "gcloud iam workload-identity-pools list --location=global --project=P --format=json | \
                    jq '{workloadIdentityPools: .}' > pools.json; for each pool W: gcloud iam workload-identity-pools \
                    providers list --workload-identity-pool=W --location=global --project=P --format=json > providers-W.json",
    lists: &["workloadIdentityPools", "workloadIdentityPoolProviders"],
    shapes: &[
        Shape { list: Some("workloadIdentityPools"), keys: &["name", "state"] },
        Shape { list: None, keys: &["name", "state", "sessionDuration"] },
        Shape { list: None, keys: &["name", "state", "oidc.issuerUri"] },
        Shape { list: None, keys: &["name", "state", "aws.accountId"] },
        Shape { list: None, keys: &["name", "state", "saml.idpMetadataXml"] },
    ],
    read,
};

fn read(part: Part<'_>, facts: &mut Facts<'_, '_, '_>) -> bool {
    let Some(name) = part.text("name").filter(|name| name.contains("/workloadIdentityPools/")) else { return false };
    let is_active = part.flag("disabled") != Some(true) && matches!(part.text("state"), None | Some("ACTIVE"));
    let status = if is_active { Status::Active } else { Status::Inactive };
    if let Some((pool, _)) = name.split_once("/providers/") {
        provider(part, name, pool, status, facts);
        return true;
    }
    let seen = Identity::observed(GCP, name, IdentityKind::Group, facts.evidence("workload identity pool", ""));
    let session = part.text("sessionDuration").and_then(|text| text.strip_suffix('s'));
    let notes = [("type", Some("workload-identity-pool")), ("max-session-seconds", session)];
    facts.identity(Identity { status, ..seen }, &notes);
    let project: Vec<&str> = name.splitn(3, '/').take(2).collect();
    inside_of(name, &project.join("/"), "", facts);
    true
}

fn provider(part: Part<'_>, name: &str, pool: &str, status: Status, facts: &mut Facts<'_, '_, '_>) {
    let seen = Identity::observed(GCP, name, IdentityKind::Unknown, facts.evidence("workload identity provider", ""));
    let account = part.word("aws/accountId").map(|account| format!("AWS account {account}"));
    let saml = part.has("saml").then_some("SAML");
    let audiences = part.texts("oidc/allowedAudiences").join(", ");
    let condition = part.text("attributeCondition");
    facts.identity(
        Identity { status, ..seen },
        &[
            ("type", Some("workload-identity-provider")),
            ("issuer", part.text("oidc/issuerUri").or(account.as_deref()).or(saml)),
            ("audiences", Some(audiences.as_str()).filter(|text| !text.is_empty())),
            ("attribute-condition", condition.or(Some("none"))),
        ],
    );
    let evidence = facts.evidence("lets tokens into the pool", "");
    let grant = Grant::observed(GCP, name, GrantObject::Group(pool.into()), evidence);
    let notes = readouts(&[("source", Some("workload-identity"))]);
    facts.out.sink.grant(Grant { condition: condition.unwrap_or_default().into(), facts: notes, ..grant });
}
