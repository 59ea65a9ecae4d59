//! `aws iam list-service-specific-credentials`: passwords of CodeCommit and Keyspaces, API keys of Bedrock.
//!
//! Only those of Bedrock can have an end (`ExpirationDate`); the others work until somebody deletes them. The export
//! names the user without account or path, and does not say when a credential was last used.

use super::Shape;
use super::format::{Facts, Format, readouts};
use super::part::Part;
use crate::model::{Credential, CredentialId, Expiry, StandingClass, Status};

/// Reads `aws iam list-service-specific-credentials`.
pub(super) static FORMAT: Format = Format {
    id: "aws-service-credentials",
    title: "AWS service-specific credentials of IAM users",
    how_to_export: "aws iam list-service-specific-credentials --all-users > service-credentials.json",
    lists: &["ServiceSpecificCredentials"],
    shapes: &[
        Shape { list: None, keys: &["ServiceSpecificCredentialId", "ServiceName", "Status"] },
        Shape { list: None, keys: &["ServiceSpecificCredentials"] },
    ],
    read,
};

fn read(part: Part<'_>, facts: &mut Facts<'_, '_, '_>) -> bool {
    let Some(id) = part.text("ServiceSpecificCredentialId") else { return false };
    let evidence = facts.evidence("service-specific credential", "");
    let id = CredentialId::issued("aws", id);
    let seen = Credential::observed(id, "aws-service-specific-credential", "AWS service-specific credential", evidence);
    let expiry = match (part.time("ExpirationDate"), part.has("ExpirationDate")) {
        (Some(end), _) => Expiry::At(end),
        (None, true) => Expiry::Unknown,
        (None, false) => Expiry::Never,
    };
    facts.out.sink.credential(Credential {
        standing: StandingClass::Standing,
        principal: part.text("UserName").map(Into::into),
        created: part.time("CreateDate"),
        expiry,
        status: match part.text("Status") {
            Some("Active") => Status::Active,
            Some(_) => Status::Inactive,
            None => Status::Unknown,
        },
        readouts: readouts(&[("user-name", part.text("UserName")), ("service", part.text("ServiceName"))]),
        ..seen
    });
    true
}
