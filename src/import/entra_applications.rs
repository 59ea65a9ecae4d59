//! App registrations and service principals of Entra with their secrets, certificates and federated credentials.
//!
//! Credentials are named by their `keyId`. Values are never read, and neither is the `hint`, which is the beginning of a
//! secret. `2299-12-31` is "never". Microsoft's own service principals without credentials are set aside and counted.

use super::Shape;
use super::azure::{AZURE, end, is_guid, named, owners, status};
use super::format::{Facts, Format, readouts};
use super::part::Part;
use crate::model::{Credential, CredentialId, GapReason, Identity, IdentityKind, StandingClass, Status};

/// Reads applications, service principals and federated credentials.
pub(super) static FORMAT: Format = Format {
    id: "entra-applications",
    title: "Entra app registrations and service principals with their credentials",
    how_to_export: "az ad app list --all -o json > apps.json; az ad sp list --all -o json > service-principals.json; with \
                    owners: az rest --url 'https://graph.microsoft.com/v1.0/applications?$expand=owners'; for each app \
                    with object id A: az ad app federated-credential list --id A -o json > federated-A.json",
    lists: &["value"],
    shapes: &[
        Shape { list: None, keys: &["appId", "passwordCredentials"] },
        Shape { list: None, keys: &["appId", "keyCredentials"] },
        Shape { list: None, keys: &["issuer", "subject", "audiences", "name"] },
    ],
    read,
};

/// The tenants to which Microsoft's own applications belong.
const MICROSOFT: [&str; 2] = ["f8cdef31-a31e-4b4a-93e4-5f571e91255a", "72f988bf-86f1-41af-91ab-2d7cd011db47"];

fn read(part: Part<'_>, facts: &mut Facts<'_, '_, '_>) -> bool {
    if part.has("issuer") && !part.has("appId") {
        federated_of_file(part, facts);
        return true;
    }
    let Some(id) = part.first(&["id", "objectId", "appId"]).map(str::to_ascii_lowercase) else { return false };
    let is_principal = part.has("servicePrincipalType") || part.has("servicePrincipalNames");
    let credentials = part.each("passwordCredentials").count() + part.each("keyCredentials").count();
    let by_microsoft = part.text("appOwnerOrganizationId").is_some_and(|tenant| MICROSOFT.contains(&tenant));
    if is_principal && by_microsoft && credentials == 0 {
        facts.out.sink.set_aside("microsoft-service-principal", 1);
        return true;
    }
    identity(part, &id, is_principal, facts);
    owners(part, &id, facts);
    let of = if is_principal { "service principal" } else { "application" };
    for (index, secret) in part.each("passwordCredentials") {
        credential(secret, (&id, of), part.text("appId"), &format!("passwordCredentials/{index}"), facts);
    }
    for (index, key) in part.each("keyCredentials") {
        credential(key, (&id, of), part.text("appId"), &format!("keyCredentials/{index}"), facts);
    }
    true
}

fn identity(part: Part<'_>, id: &str, is_principal: bool, facts: &mut Facts<'_, '_, '_>) {
    let kind = if is_principal { IdentityKind::Workload } else { IdentityKind::Application };
    let shows = if is_principal { "service principal" } else { "app registration" };
    let seen = Identity::observed(AZURE, id, kind, facts.evidence(shows, ""));
    let identity = Identity {
        name: part.text("displayName").unwrap_or(id).into(),
        status: status(part),
        created: part.time("createdDateTime"),
        ..seen
    };
    let mut notes = readouts(&[
        ("app-id", part.text("appId")),
        ("type", part.text("servicePrincipalType")),
        ("owner-tenant", part.text("appOwnerOrganizationId")),
    ]);
    for (_, federated) in part.each("federatedIdentityCredentials") {
        notes.extend(readouts(&[("federated-credential", Some(&trust(federated)))]));
    }
    facts.out.sink.identity(Identity { facts: notes, ..identity });
}

/// Whose tokens are accepted.
fn trust(part: Part<'_>) -> String {
    let subject = part.first(&["subject", "claimsMatchingExpression/value"]).unwrap_or("any subject");
    format!("{} {subject}", part.text("issuer").unwrap_or("unknown issuer"))
}

/// A federated credential in a file of its own, whose name tells the application.
fn federated_of_file(part: Part<'_>, facts: &mut Facts<'_, '_, '_>) {
    let Some(id) = named(facts.stem()) else {
        return facts.absent("", "the file does not say of which application: put its object id into the name");
    };
    let seen = Identity::observed(AZURE, &id, IdentityKind::Application, facts.evidence("federated credential", ""));
    facts.identity(seen, &[("federated-credential", Some(&trust(part)))]);
}

fn credential(
    part: Part<'_>,
    (holder, of): (&str, &str),
    app: Option<&str>,
    inside: &str,
    facts: &mut Facts<'_, '_, '_>,
) {
    let Some(key) = part.text("keyId").map(str::to_ascii_lowercase).filter(|key| is_guid(key)) else {
        return facts.damaged(inside, "a credential has no keyId");
    };
    if part.has("secretText") {
        let detail = "the value of a client secret lies in this export in clear; it was not read";
        facts.out.problem(facts.record, inside, GapReason::Skipped, detail);
    }
    let is_secret = inside.starts_with("password");
    let (kind, title) = if is_secret {
        ("azure-entra-client-secret", "Microsoft Entra client secret")
    } else {
        ("azure-entra-certificate", "Microsoft Entra application certificate")
    };
    let seen = Credential::observed(CredentialId::issued(AZURE, &key), kind, title, facts.evidence(title, inside));
    facts.out.sink.credential(Credential {
        standing: StandingClass::Standing,
        principal: Some(holder.into()),
        created: part.time("startDateTime").or_else(|| part.time("startDate")),
        expiry: if part.has("endDate") { end(part, "endDate") } else { end(part, "endDateTime") },
        status: Status::Active,
        readouts: readouts(&[
            ("display-name", part.text("displayName")),
            ("app-id", app),
            ("credential-of", Some(of)),
            ("usage", part.text("usage")),
        ]),
        ..seen
    });
}
