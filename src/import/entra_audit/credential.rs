//! Secrets and certificates of applications: what is in the list after a change and was not before, and the other way.

use std::collections::BTreeMap;

use super::Audit;
use crate::import::Out;
use crate::import::azure::{AZURE, is_guid};
use crate::model::{CredentialId, EventKind};

/// Pushes every credential that was added or taken away; false if none was.
pub(super) fn changed(audit: &Audit<'_>, out: &mut Out<'_>) -> bool {
    let Some(holder) = audit.target(&["Application", "ServicePrincipal"]) else { return false };
    let mut any = false;
    for (_, old, new) in audit.modified().filter(|(name, ..)| *name == "KeyDescription") {
        let (old, new) = (keys(&old), keys(&new));
        out.note("changes of credentials that name none", u64::from(old.is_empty() && new.is_empty()));
        let issued = new.iter().filter(|(key, _)| !old.contains_key(*key)).map(|key| (EventKind::Issued, key));
        let revoked = old.iter().filter(|(key, _)| !new.contains_key(*key)).map(|key| (EventKind::Revoked, key));
        for (kind, (key, of)) in issued.chain(revoked) {
            let mut event = audit.event(kind);
            event.credential = Some(CredentialId::issued(AZURE, key));
            event.credential_kind = of;
            event.principal = Some(&holder);
            event.issued_at = (kind == EventKind::Issued).then_some(audit.entry.time);
            out.sink.event(&event);
            any = true;
        }
    }
    any
}

/// The ids in `[KeyIdentifier=...,KeyType=Password,...]`, each with the type of credential.
fn keys(text: &str) -> BTreeMap<String, &'static str> {
    let one = |rest: &str| {
        let key = rest.get(..36).filter(|key| is_guid(key))?.to_ascii_lowercase();
        let kind = rest.split("KeyType=").nth(1).unwrap_or_default();
        let is_secret = kind.starts_with("Password") || kind.starts_with("Symmetric");
        Some((key, if is_secret { "azure-entra-client-secret" } else { "azure-entra-certificate" }))
    };
    text.split("KeyIdentifier=").skip(1).filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::keys;

    #[test]
    fn each_key_has_its_own_type() {
        let (one, other) = ("59EAEEBC-8a6b-44a6-9f24-7d55e64420c9", "59eaeebc-8a6b-44a6-9f24-7d55e64420ca");
        let text = format!(
            r#"["[KeyIdentifier={one},KeyType=Password,KeyUsage=Verify,DisplayName=x]","[KeyIdentifier={other},KeyType=AsymmetricX509Cert]","[KeyIdentifier=short]"]"#
        );
        let found: Vec<(String, &str)> = keys(&text).into_iter().collect();
        let expected =
            [(one.to_ascii_lowercase(), "azure-entra-client-secret"), (other.to_owned(), "azure-entra-certificate")];
        assert_eq!(found, expected);
    }
}
