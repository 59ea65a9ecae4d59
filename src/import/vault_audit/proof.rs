//! What an authentication method asks for.

use crate::model::Proof;

/// The proof that an auth mount of this type asks for. AppRole's secret id is a long-lived key unless it is wrapped and
/// bound to one use, which the log does not show.
pub(super) fn of_mount(mount_type: &str) -> Proof {
    match mount_type.strip_prefix("ns_").unwrap_or(mount_type) {
        "userpass" | "ldap" | "radius" | "okta" => Proof::Password,
        "approle" | "app-id" => Proof::StaticKey,
        "token" | "ns_token" | "github" => Proof::Token,
        "jwt" | "oidc" => Proof::Oidc,
        "saml" => Proof::Saml,
        "kubernetes" | "aws" | "gcp" | "azure" | "oci" | "alicloud" | "cf" | "spiffe" => Proof::Attested,
        "cert" => Proof::Mtls,
        _ => Proof::Unknown,
    }
}

/// The mount type, or the first part of the path below `auth/` where old versions do not log the type.
pub(super) fn mount_type<'a>(logged: Option<&'a str>, path: &'a str) -> &'a str {
    let from_path = || path.strip_prefix("auth/").and_then(|rest| rest.split('/').next()).unwrap_or_default();
    logged.unwrap_or_else(from_path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mount_decides_what_was_shown() {
        assert_eq!(of_mount(mount_type(Some("ldap"), "auth/corp/login/ann")), Proof::Password);
        assert_eq!(of_mount(mount_type(None, "auth/kubernetes/login")), Proof::Attested);
        assert_eq!(of_mount(mount_type(None, "auth/homemade/login")), Proof::Unknown);
    }
}
