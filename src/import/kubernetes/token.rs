//! Long-lived tokens of service accounts: secrets of the type `kubernetes.io/service-account-token`.

use super::subject::service_account_id;
use super::{Object, SYSTEM};
use crate::import::Out;
use crate::import::time::instant;
use crate::model::{Credential, CredentialId, Expiry, GapReason, LastUse, Readout, StandingClass, Status};

/// A token that a secret holds. It has no end; from Kubernetes 1.28 on a label tells the day of its last use. Without the
/// label nobody knows: it was not used since the cluster tracks use, or the cluster does not.
pub(super) fn secret(object: &Object<'_, '_>, out: &mut Out<'_>) {
    if object.node.key("type").text().as_deref() != Some("kubernetes.io/service-account-token") {
        return out.ignore("secrets that are no tokens of service accounts");
    }
    let account = object.annotation("kubernetes.io/service-account.name").text();
    let (Some(account), false, false) = (account, object.name.is_empty(), object.namespace.is_empty()) else {
        return out.problem(
            object.record,
            "metadata",
            GapReason::Damaged,
            "does not name itself or its service account",
        );
    };
    let id = CredentialId::issued(SYSTEM, &format!("secret/{}/{}", object.namespace, object.name));
    let title = "Kubernetes service account token kept in a secret";
    let evidence = object.record.evidence("token secret", "");
    let mut token = Credential::observed(id, "kubernetes-service-account-token", title, evidence);
    token.standing = StandingClass::Standing;
    token.expiry = Expiry::Never;
    token.principal = Some(service_account_id(object.namespace, &account).into());
    token.created = object.created();
    let last_use = object.label("kubernetes.io/legacy-token-last-used").text();
    token.last_use = last_use.and_then(|day| instant(&day)).map_or(LastUse::Unknown, LastUse::At);
    token.status = Status::Active;
    if let Some(since) = object.label("kubernetes.io/legacy-token-invalid-since").text() {
        token.status = Status::Inactive;
        token.readouts.push(Readout::new("invalid-since", &since));
    }
    out.sink.credential(token);
}
