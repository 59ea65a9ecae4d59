//! When the secrets and certificates of applications last signed in (`appCredentialSignInActivities` of Graph, beta).
//!
//! The report looks back over the sign-ins that Entra still has: no date is "not in the window", and not "never".

use super::Shape;
use super::azure::{AZURE, end, is_guid};
use super::format::{Facts, Format, readouts};
use super::part::Part;
use crate::model::{Credential, CredentialId, LastUse, StandingClass};

/// Reads the activity of application credentials.
pub(super) static FORMAT: Format = Format {
    id: "entra-credential-activity",
    title: "Entra sign-in activity of application credentials",
    how_to_export: "az rest --url 'https://graph.microsoft.com/beta/reports/appCredentialSignInActivities' > \
                    credential-activity.json",
    lists: &["value"],
    shapes: &[
        Shape { list: None, keys: &["keyId", "signInActivity", "appId"] },
        Shape { list: None, keys: &["keyId", "credentialOrigin", "appId"] },
    ],
    read,
};

fn read(part: Part<'_>, facts: &mut Facts<'_, '_, '_>) -> bool {
    let Some(key) = part.text("keyId").map(str::to_ascii_lowercase).filter(|key| is_guid(key)) else { return false };
    let (kind, title) = if part.text("keyType").is_some_and(|text| text.eq_ignore_ascii_case("certificate")) {
        ("azure-entra-certificate", "Microsoft Entra application certificate")
    } else {
        ("azure-entra-client-secret", "Microsoft Entra client secret")
    };
    let of_principal = part.text("credentialOrigin").is_some_and(|text| text.eq_ignore_ascii_case("servicePrincipal"));
    let holder = if of_principal { part.text("servicePrincipalObjectId") } else { part.text("appObjectId") };
    let evidence = facts.evidence("last sign-in", "");
    let seen = Credential::observed(CredentialId::issued(AZURE, &key), kind, title, evidence);
    let last = part.time("signInActivity/lastSignInDateTime");
    facts.out.sink.credential(Credential {
        standing: StandingClass::Standing,
        principal: holder.map(|holder| holder.to_ascii_lowercase().into()),
        expiry: end(part, "expirationDateTime"),
        last_use: last.map_or(LastUse::NotInWindow, LastUse::At),
        readouts: readouts(&[("app-id", part.text("appId"))]),
        ..seen
    });
    true
}
