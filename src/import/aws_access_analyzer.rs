//! IAM Access Analyzer: findings of unused roles, keys, passwords and permissions, and of roles that outsiders may assume.
//!
//! `list-findings-v2` names the kind of each finding; when something was last used stands in `get-finding-v2` only. What
//! is resolved or archived, and what is about other resources than identities, is counted and left out.

use super::Shape;
use super::aws::{ACCESS_KEY_TITLE, Arn, PASSWORD, access_key, password};
use super::format::{Facts, Format};
use super::part::Part;
use crate::model::{Credential, Identity, IdentityKind, LastUse, Readout, StandingClass, Status};

/// Reads answers of `aws accessanalyzer`.
pub(super) static FORMAT: Format = Format {
    id: "aws-access-analyzer",
    title: "AWS IAM Access Analyzer findings",
    how_to_export: "aws accessanalyzer list-findings-v2 --analyzer-arn A > findings.json; for each finding F: aws \
                    accessanalyzer get-finding-v2 --analyzer-arn A --id F >> finding-details.json",
    lists: &["findings"],
    shapes: &[
        Shape { list: None, keys: &["resourceType", "resourceOwnerAccount", "analyzedAt"] },
        Shape { list: None, keys: &["findingDetails", "findingType"] },
    ],
    read,
};

fn read(finding: Part<'_>, facts: &mut Facts<'_, '_, '_>) -> bool {
    let (Some(resource), Some(kind)) = (finding.text("resource"), finding.text("resourceType")) else {
        return false;
    };
    match finding.text("status") {
        Some("ACTIVE") => {}
        Some("ARCHIVED") => {
            facts.out.ignore("findings that somebody archived");
            return true;
        }
        _ => {
            facts.out.ignore("resolved findings");
            return true;
        }
    }
    let kind = match kind {
        "AWS::IAM::Role" => IdentityKind::Role,
        "AWS::IAM::User" => IdentityKind::User,
        _ => {
            facts.out.ignore("findings about other resources than identities");
            return true;
        }
    };
    let Some(arn) = Arn::parse(resource) else {
        facts.damaged("resource", "is no ARN");
        return true;
    };
    if let Some(time) = finding.time("analyzedAt") {
        facts.out.sink.exported(time);
    }
    let (last_use, notes) = said(finding, resource, facts);
    let seen = Identity::observed("aws", resource, kind, facts.evidence("Access Analyzer finding", ""));
    facts.out.sink.identity(Identity { account: Some(arn.account.into()), last_use, facts: notes, ..seen });
    true
}

/// What a finding says about its identity: when it was last used, and further facts.
fn said(finding: Part<'_>, holder: &str, facts: &mut Facts<'_, '_, '_>) -> (LastUse, Vec<Readout>) {
    let since = finding.text("createdAt").unwrap_or("unknown");
    let mut last_use = LastUse::Unknown;
    let mut notes = Vec::new();
    match finding.text("findingType") {
        Some("UnusedIAMRole") => last_use = LastUse::NotInWindow,
        Some(kind @ ("UnusedIAMUserAccessKey" | "UnusedIAMUserPassword" | "UnusedPermission")) => {
            notes.push(Readout::new(&format!("access-analyzer/{kind}/since"), since));
        }
        _ => external(finding, &mut notes),
    }
    for (index, detail) in finding.each("findingDetails") {
        let inside = format!("findingDetails/{index}");
        if detail.has("unusedIamRoleDetails") {
            last_use = used(detail.at("unusedIamRoleDetails"));
        } else if detail.has("unusedPermissionDetails") {
            permissions(detail.at("unusedPermissionDetails"), &mut notes);
        } else if detail.has("externalAccessDetails") {
            external(detail.at("externalAccessDetails"), &mut notes);
        } else if let Some(credential) = credential(detail, holder, &inside, facts) {
            facts.out.sink.credential(credential);
        }
    }
    (last_use, notes)
}

/// The date of a last use; without one there was none in the window that the analyzer looks at.
fn used(details: Part<'_>) -> LastUse {
    details.time("lastAccessed").map_or(LastUse::NotInWindow, LastUse::At)
}

fn permissions(details: Part<'_>, notes: &mut Vec<Readout>) {
    let Some(service) = details.text("serviceNamespace") else { return };
    let when = |part: Part<'_>| part.text("lastAccessed").unwrap_or("not-in-window").to_owned();
    if !details.at("actions").is_list() {
        notes.push(Readout::new(&format!("last-used/{service}"), &when(details)));
    }
    for (_, action) in details.each("actions") {
        if let Some(name) = action.text("action") {
            notes.push(Readout::new(&format!("last-used/{service}:{name}"), &when(action)));
        }
    }
}

/// Who from outside is let in.
fn external(details: Part<'_>, notes: &mut Vec<Readout>) {
    for (kind, principal) in details.members("principal") {
        if let Some(principal) = principal.as_text() {
            notes.push(Readout::new("external-access", &format!("{kind} {principal}")));
        }
    }
    if details.flag("isPublic") == Some(true) {
        notes.push(Readout::new("external-access", "public"));
    }
}

fn credential(detail: Part<'_>, holder: &str, inside: &str, facts: &Facts<'_, '_, '_>) -> Option<Credential> {
    let key = detail.at("unusedIamUserAccessKeyDetails");
    let evidence = facts.evidence("Access Analyzer finding", inside);
    let seen = if let Some((id, kind)) = key.text("accessKeyId").and_then(access_key) {
        let seen = Credential::observed(id, kind, ACCESS_KEY_TITLE, evidence);
        Credential { last_use: used(key), ..seen }
    } else if detail.has("unusedIamUserPasswordDetails") {
        let seen = Credential::observed(password(holder), PASSWORD, "AWS console password", evidence);
        Credential { last_use: used(detail.at("unusedIamUserPasswordDetails")), ..seen }
    } else {
        return None;
    };
    let (principal, standing) = (Some(holder.into()), StandingClass::Standing);
    Some(Credential { principal, standing, status: Status::Active, ..seen })
}
