//! Ways into AWS without a key: OIDC and SAML providers, and the trust anchors, profiles and subjects of Roles Anywhere.

use super::Shape;
use super::aws::Arn;
use super::format::{Facts, Format, readouts};
use super::part::Part;
use crate::model::{Grant, GrantObject, Identity, IdentityKind, LastUse, Status};

/// Reads lists of providers, trust anchors, profiles and subjects.
pub(super) static FORMAT: Format = Format {
    id: "aws-federation",
    title: "AWS identity providers (OIDC, SAML) and IAM Roles Anywhere",
    how_to_export: "aws iam list-open-id-connect-providers > oidc-providers.json; aws iam list-saml-providers > \
                    saml-providers.json; aws rolesanywhere list-trust-anchors > trust-anchors.json; likewise \
                    list-profiles and list-subjects",
    lists: &[],
    shapes: &[
        Shape { list: None, keys: &["OpenIDConnectProviderList"] },
        Shape { list: None, keys: &["SAMLProviderList"] },
        Shape { list: None, keys: &["trustAnchors"] },
        Shape { list: None, keys: &["profiles.profileArn", "profiles.roleArns"] },
        Shape { list: None, keys: &["subjects.subjectArn", "subjects.x509Subject"] },
    ],
    read,
};

/// The lists, with the key of the ARN in their elements and what those are.
const LISTS: [(&str, &str, &str); 5] = [
    ("OpenIDConnectProviderList", "Arn", "oidc-provider"),
    ("SAMLProviderList", "Arn", "saml-provider"),
    ("trustAnchors", "trustAnchorArn", "roles-anywhere-trust-anchor"),
    ("profiles", "profileArn", "roles-anywhere-profile"),
    ("subjects", "subjectArn", "roles-anywhere-subject"),
];

fn read(answer: Part<'_>, facts: &mut Facts<'_, '_, '_>) -> bool {
    let mut found = false;
    for (list, key, what) in LISTS {
        found |= answer.at(list).is_list();
        for (index, element) in answer.each(list) {
            let inside = format!("{list}/{index}");
            match element.text(key).and_then(|text| Some((text, Arn::parse(text)?))) {
                Some((text, arn)) => entry(element, (text, arn), what, &inside, facts),
                None => facts.damaged(&inside, "has no ARN"),
            }
        }
    }
    found
}

fn entry(part: Part<'_>, (text, arn): (&str, Arn<'_>), what: &str, inside: &str, facts: &mut Facts<'_, '_, '_>) {
    let is_subject = what == "roles-anywhere-subject";
    let kind = if is_subject { IdentityKind::Workload } else { IdentityKind::Unknown };
    let seen = Identity::observed("aws", text, kind, facts.evidence(what, inside));
    let status = match part.flag("enabled") {
        Some(true) => Status::Active,
        Some(false) => Status::Inactive,
        None => Status::Unknown,
    };
    let name = part.first(&["name", "x509Subject"]).unwrap_or_else(|| name(&arn));
    let created = part.time("CreateDate").or_else(|| part.time("createdAt"));
    let last_use = part.time("lastSeenAt").filter(|_| is_subject).map_or(LastUse::Unknown, LastUse::At);
    let identity = Identity { account: Some(arn.account.into()), name: name.into(), status, created, last_use, ..seen };
    let session = part.word("durationSeconds");
    facts.identity(
        identity,
        &[
            ("type", Some(what)),
            ("valid-until", part.text("ValidUntil")),
            ("source", part.text("source/sourceType")),
            ("max-session-seconds", session.as_deref()),
        ],
    );
    for role in part.texts("roleArns") {
        let evidence = facts.evidence("role of the profile", inside);
        let grant = Grant::observed("aws", text, GrantObject::AssumeRole(role.into()), evidence);
        facts.out.sink.grant(Grant { facts: readouts(&[("source", Some("roles-anywhere"))]), ..grant });
    }
}

/// The issuer of an OIDC provider may have a path; for all others the last part is the name.
fn name<'a>(arn: &Arn<'a>) -> &'a str {
    arn.resource.strip_prefix("oidc-provider/").unwrap_or_else(|| arn.name())
}
