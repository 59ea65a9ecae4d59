//! What the types of credentials are that only logs and exports name. Types found in text bring their title along.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use crate::model::{Expiry, StandingClass};

/// Type, title, and whether credentials of the type end by themselves; in order of types.
const KINDS: [(&str, &str, StandingClass); 56] = [
    ("anthropic-api-key", "Anthropic API key", StandingClass::Standing),
    ("auth0-access-token", "Auth0 access token", StandingClass::Ephemeral),
    ("auth0-client-secret", "Auth0 client secret", StandingClass::Standing),
    ("aws-access-key-id", "AWS access key", StandingClass::Standing),
    ("aws-console-password", "AWS console password", StandingClass::Standing),
    ("aws-service-specific-credential", "AWS service-specific credential", StandingClass::Standing),
    ("aws-signing-certificate", "AWS signing certificate", StandingClass::Standing),
    ("aws-ssh-public-key", "AWS CodeCommit SSH key", StandingClass::Standing),
    ("aws-temporary-access-key-id", "AWS temporary access key", StandingClass::Ephemeral),
    ("azure-entra-certificate", "Microsoft Entra application certificate", StandingClass::Standing),
    ("azure-entra-client-secret", "Microsoft Entra client secret", StandingClass::Standing),
    ("azure-entra-federated-credential", "Microsoft Entra federated credential", StandingClass::Depends),
    ("azure-managed-identity-credential", "credential of an Azure managed identity", StandingClass::Ephemeral),
    ("azure-resource-key", "keys of an Azure resource", StandingClass::Standing),
    ("boundary-auth-token", "Boundary auth token", StandingClass::Ephemeral),
    ("boundary-session", "Boundary session", StandingClass::Ephemeral),
    ("cyberark-account", "CyberArk account", StandingClass::Depends),
    ("cyberark-session", "CyberArk session", StandingClass::Ephemeral),
    ("databricks-token", "Databricks token", StandingClass::Depends),
    ("delinea-secret", "Delinea secret", StandingClass::Depends),
    ("gcp-access-token", "Google Cloud access token", StandingClass::Ephemeral),
    ("gcp-api-key", "Google Cloud API key", StandingClass::Standing),
    ("gcp-federated-token", "Google Cloud federated token", StandingClass::Ephemeral),
    ("gcp-id-token", "Google Cloud identity token", StandingClass::Ephemeral),
    ("gcp-service-account-key", "Google Cloud service account key", StandingClass::Standing),
    ("gcp-signature", "signature by a Google Cloud service account", StandingClass::Depends),
    ("gcp-signed-jwt", "JWT signed by a Google Cloud service account", StandingClass::Depends),
    ("github-deploy-key", "GitHub deploy key", StandingClass::Standing),
    ("github-fine-grained-token", "GitHub fine-grained token", StandingClass::Depends),
    ("gitlab-deploy-key", "GitLab deploy key", StandingClass::Standing),
    ("gitlab-deploy-token", "GitLab deploy token", StandingClass::Depends),
    ("gitlab-personal-access-token", "GitLab access token", StandingClass::Depends),
    ("kubernetes-client-certificate", "Kubernetes client certificate", StandingClass::Depends),
    ("kubernetes-service-account-token", "Kubernetes service account token", StandingClass::Depends),
    ("mongodb-atlas-database-user", "MongoDB Atlas database user", StandingClass::Depends),
    ("mongodb-atlas-key", "MongoDB Atlas API key", StandingClass::Standing),
    ("ocsf-session", "session", StandingClass::Ephemeral),
    ("okta-access-token", "Okta access token", StandingClass::Ephemeral),
    ("okta-api-token", "Okta API token", StandingClass::Standing),
    ("okta-session", "Okta session", StandingClass::Ephemeral),
    ("onepassword-item", "1Password item", StandingClass::Depends),
    ("onepassword-session", "1Password session", StandingClass::Ephemeral),
    ("openai-api-key", "OpenAI API key", StandingClass::Depends),
    ("slack-app-token", "Slack app token", StandingClass::Standing),
    ("slack-session", "Slack session", StandingClass::Depends),
    ("snowflake-key-pair", "Snowflake key pair", StandingClass::Standing),
    ("snowflake-password", "Snowflake password", StandingClass::Standing),
    ("snowflake-session", "Snowflake session", StandingClass::Ephemeral),
    ("spire-agent-svid", "SPIRE agent SVID", StandingClass::Ephemeral),
    ("spire-jwt-svid", "SPIRE JWT-SVID", StandingClass::Ephemeral),
    ("spire-x509-svid", "SPIRE X.509-SVID", StandingClass::Ephemeral),
    ("tailscale-key", "Tailscale key", StandingClass::Depends),
    ("teleport-certificate", "Teleport certificate", StandingClass::Depends),
    ("teleport-session", "Teleport session", StandingClass::Ephemeral),
    ("vault-lease", "Vault lease", StandingClass::Ephemeral),
    ("vault-token", "Vault token", StandingClass::Depends),
];

/// The longest life in seconds that still counts as "ends soon after issue" where the type leaves it open: one week.
const SHORT_S: i64 = 7 * 24 * 3600;

fn find(kind: &str) -> Option<&'static (&'static str, &'static str, StandingClass)> {
    KINDS.binary_search_by(|(id, ..)| (*id).cmp(kind)).ok().and_then(|at| KINDS.get(at))
}

/// The human name of a type, for credentials that only logs name.
pub(in crate::ledger) fn title(kind: &str) -> Arc<str> {
    static TITLES: LazyLock<BTreeMap<&str, Arc<str>>> =
        LazyLock::new(|| KINDS.iter().map(|(id, title, _)| (*id, Arc::from(*title))).collect());
    TITLES.get(kind).map_or_else(|| kind.replace('-', " ").into(), Arc::clone)
}

/// Whether a credential ends by itself: its type decides, and where that depends, its end and its time to live in
/// seconds.
pub(in crate::ledger) fn standing(
    kind: &str,
    said: StandingClass,
    expiry: Expiry,
    ttl_s: Option<i64>,
) -> StandingClass {
    let known = find(kind).map(|(.., standing)| *standing);
    let of_type = if said == StandingClass::Depends { known.unwrap_or(said) } else { said };
    match (of_type, expiry, ttl_s) {
        (StandingClass::Depends, Expiry::Never, _) => StandingClass::Standing,
        (StandingClass::Depends, Expiry::At(_), Some(ttl)) if ttl <= SHORT_S => StandingClass::Ephemeral,
        (of_type, ..) => of_type,
    }
}

/// Whether all credentials of a type end by themselves soon after issue.
pub(in crate::ledger) fn is_ephemeral(kind: &str) -> bool {
    find(kind).is_some_and(|(.., standing)| *standing == StandingClass::Ephemeral)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_without_an_end_is_standing_and_one_that_ends_within_a_week_is_not() {
        let end = Expiry::At(jiff::Timestamp::UNIX_EPOCH);
        let of = |expiry, ttl| standing("vault-token", StandingClass::Depends, expiry, ttl);
        assert_eq!(of(Expiry::Never, None), StandingClass::Standing);
        assert_eq!(of(end, Some(3600)), StandingClass::Ephemeral);
        assert_eq!(of(end, Some(32 * 24 * 3600)), StandingClass::Depends);
        assert_eq!(of(Expiry::Unknown, None), StandingClass::Depends);
    }

    #[test]
    fn every_type_is_found() {
        assert!(KINDS.iter().all(|(id, ..)| find(id).is_some()), "the table is in order");
    }

    #[test]
    fn what_a_rule_says_about_the_type_wins() {
        let said = StandingClass::Standing;
        assert_eq!(standing("vault-token", said, Expiry::At(jiff::Timestamp::UNIX_EPOCH), Some(60)), said);
        assert_eq!(&*title("example-token"), "example token");
    }
}
