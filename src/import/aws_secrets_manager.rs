//! AWS Secrets Manager: which secrets exist, whether they rotate, and when they were last changed and read. No values.
//!
//! `LastChangedDate` also moves when only a description changes, so the value is at least as old as it says. A secret
//! without `LastAccessedDate` was never retrieved in its region, as the documentation of the service says.

use super::Shape;
use super::aws::Arn;
use super::format::{Facts, Format, readouts};
use super::part::Part;
use crate::model::{Credential, CredentialId, Expiry, LastUse, StandingClass, Status};

/// Reads `aws secretsmanager list-secrets` and `describe-secret`.
pub(super) static FORMAT: Format = Format {
    id: "aws-secrets-manager",
    title: "AWS Secrets Manager secrets, without values (list-secrets, describe-secret)",
    how_to_export: "aws secretsmanager list-secrets --include-planned-deletion > secrets.json",
    lists: &["SecretList"],
    shapes: &[
        Shape { list: Some("SecretList"), keys: &["ARN", "Name"] },
        Shape { list: None, keys: &["SecretList"] },
        Shape { list: None, keys: &["ARN", "Name", "VersionIdsToStages"] },
        Shape { list: None, keys: &["ARN", "Name", "SecretVersionsToStages"] },
    ],
    read,
};

fn read(secret: Part<'_>, facts: &mut Facts<'_, '_, '_>) -> bool {
    let Some((text, arn)) = secret.text("ARN").and_then(|text| Some((text, Arn::parse(text)?))) else {
        return false;
    };
    if secret.has("OwningService") {
        facts.out.sink.set_aside("aws-managed-secret", 1);
        return true;
    }
    let evidence = facts.evidence("secret in Secrets Manager", "");
    let id = CredentialId::issued("aws", text);
    let seen = Credential::observed(id, "aws-secrets-manager-secret", "AWS Secrets Manager secret", evidence);
    let rotates = secret.flag("RotationEnabled").unwrap_or_default();
    let last_use = match secret.time("LastAccessedDate") {
        Some(time) => LastUse::At(time),
        None if secret.has("LastAccessedDate") => LastUse::Unknown,
        None => LastUse::Never,
    };
    let days = secret.word("RotationRules/AutomaticallyAfterDays");
    facts.out.sink.credential(Credential {
        standing: if rotates { StandingClass::Depends } else { StandingClass::Standing },
        created: ["LastChangedDate", "LastRotatedDate", "CreatedDate"].iter().find_map(|name| secret.time(name)),
        expiry: Expiry::Unknown,
        last_use,
        status: if secret.has("DeletedDate") { Status::Inactive } else { Status::Active },
        readouts: readouts(&[
            ("secret-name", secret.text("Name")),
            ("aws-account", Some(arn.account)),
            ("rotation", Some(if rotates { "enabled" } else { "not enabled" })),
            ("rotation-days", days.as_deref()),
            ("last-rotated", secret.text("LastRotatedDate")),
            ("deletion-planned", secret.text("DeletedDate")),
        ]),
        ..seen
    });
    true
}
