//! Sign-ins to Entra: of people, of service principals with the secret or certificate that they used, of managed
//! identities.
//!
//! A sign-in of a service principal names its credential by the `keyId` that applications list, or the federated
//! credential; one of a person names none and is counted.

use super::azure::{AZURE, is_guid};
use super::azure_logs::{Actor, Entry, LISTS, Reader, address};
use super::{Importer, Layout, Out, Shape, Worker};
use crate::model::{CredentialId, EventKind, IdentityKind, Outcome};

pub(super) const ID: &str = "entra-sign-ins";

/// Reads sign-in logs of Entra.
pub(super) struct EntraSignIns;

impl Importer for EntraSignIns {
    fn id(&self) -> &'static str {
        ID
    }

    fn title(&self) -> &'static str {
        "Entra sign-in logs (people, service principals, managed identities), also mixed with other logs of Azure"
    }

    fn how_to_export(&self) -> &'static str {
        "the storage account or workspace of the diagnostic setting for ServicePrincipalSignInLogs, SignInLogs and \
         ManagedIdentitySignInLogs; or az rest --url \"https://graph.microsoft.com/beta/auditLogs/signIns?\\$filter=\
         signInEventTypes/any(t:t eq 'servicePrincipal')\" > sign-ins.json"
    }

    fn layout(&self) -> Layout {
        Layout::Records(LISTS)
    }

    fn shapes(&self) -> &'static [Shape] {
        &[
            Shape { list: None, keys: &["appId", "createdDateTime", "isInteractive"] },
            Shape { list: None, keys: &["appId", "createdDateTime", "servicePrincipalCredentialKeyId"] },
            Shape { list: None, keys: &["appId", "createdDateTime", "conditionalAccessStatus"] },
            Shape { list: None, keys: &["category", "properties.appId", "properties.isInteractive"] },
            Shape { list: None, keys: &["category", "properties.appId", "properties.status"] },
            Shape { list: None, keys: &["category", "properties.appId", "properties.servicePrincipalId"] },
            Shape { list: None, keys: &["AppId", "ServicePrincipalCredentialKeyId", "ResultType"] },
            Shape { list: None, keys: &["AppId", "UserPrincipalName", "ConditionalAccessStatus", "ResultType"] },
            // Files that mix all three logs.
            Shape { list: None, keys: &["category", "operationName", "properties.activityDisplayName"] },
            Shape { list: None, keys: &["category", "operationName", "properties.initiatedBy"] },
            Shape { list: None, keys: &["operationName", "resourceId", "identity.claims"] },
            Shape { list: None, keys: &["operationName", "resourceId", "identity.authorization"] },
        ]
    }

    fn worker(&self, _name: &str) -> Box<dyn Worker> {
        Box::new(Reader::default())
    }
}

/// Reads one record; false if it names no credential.
pub(super) fn read(entry: &Entry<'_>, out: &mut Out<'_>) -> bool {
    let code = entry.part.word("status/errorCode").or_else(|| entry.first(&["resultType"]).map(str::to_owned));
    let outcome = outcome(code.as_deref());
    let Some((credential, kind)) = credential(entry) else {
        out.note("sign-ins without a credential of their own", 1);
        return false;
    };
    let holder = entry.first(&["servicePrincipalId"]).map(str::to_ascii_lowercase);
    let target = entry.first(&["resourceDisplayName", "resourceId"]);
    let actor = Actor {
        id: holder,
        kind: IdentityKind::Workload,
        by_service: false,
        address: address(entry.first(&["ipAddress", "callerIpAddress"])),
    };
    let mut event = entry.event(EventKind::Used, outcome, &actor);
    event.requester = None;
    event.requester_kind = IdentityKind::Unknown;
    event.principal = actor.id.as_deref();
    event.credential = Some(credential);
    event.credential_kind = kind;
    event.error = code.as_deref().filter(|_| outcome != Outcome::Ok);
    event.session = entry.first(&["uniqueTokenIdentifier"]);
    event.target = target;
    event.action = Some("sign-in");
    out.sink.event(&event);
    true
}

/// What was presented: a secret or certificate by its id, or a federated credential by its own.
fn credential(entry: &Entry<'_>) -> Option<(CredentialId, &'static str)> {
    let id = |name: &str| entry.first(&[name]).map(str::to_ascii_lowercase).filter(|id| is_guid(id) && !is_empty(id));
    if let Some(key) = id("servicePrincipalCredentialKeyId") {
        let thumb = entry.first(&["servicePrincipalCredentialThumbprint"]);
        let said = entry.first(&["clientCredentialType"]).unwrap_or_default().to_ascii_lowercase();
        let is_certificate = thumb.is_some() || said.contains("certificate") || said.contains("assertion");
        let category = entry.outer.first(&["category", "Type"]).unwrap_or_default().to_ascii_lowercase();
        let kind = if category.contains("managedidentity") {
            "azure-managed-identity-credential"
        } else if is_certificate {
            "azure-entra-certificate"
        } else {
            "azure-entra-client-secret"
        };
        return Some((CredentialId::issued(AZURE, &key), kind));
    }
    let federated = id("federatedCredentialId")?;
    Some((CredentialId::issued(AZURE, &federated), "azure-entra-federated-credential"))
}

/// The id that stands for none.
fn is_empty(id: &str) -> bool {
    id.bytes().all(|byte| matches!(byte, b'0' | b'-'))
}

/// How a sign-in ended, by its code: what is wrong with the credential itself is a refusal.
fn outcome(code: Option<&str>) -> Outcome {
    match code {
        None | Some("0") => Outcome::Ok,
        // Wrong, missing or expired secrets and certificates; assertions that are not accepted.
        Some(
            "7000215" | "7000222" | "7000218" | "700027" | "700024" | "700021" | "70021" | "700211" | "700212"
            | "700213" | "700016" | "50126" | "50034" | "50057" | "50173" | "70043" | "70008" | "700082" | "50055",
        ) => Outcome::Refused,
        // Accepted, but not let through: conditional access, no assignment, consent or second factor missing.
        Some("53003" | "53000" | "53001" | "50105" | "65001" | "50074" | "50076" | "50079" | "500011" | "7000112") => {
            Outcome::Denied
        }
        Some(_) => Outcome::Error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expired_secret_is_a_refusal_and_conditional_access_a_denial() {
        assert_eq!(outcome(Some("7000222")), Outcome::Refused);
        assert_eq!(outcome(Some("53003")), Outcome::Denied);
        assert_eq!(outcome(Some("90000")), Outcome::Error);
        assert_eq!((outcome(Some("0")), outcome(None)), (Outcome::Ok, Outcome::Ok));
    }
}
