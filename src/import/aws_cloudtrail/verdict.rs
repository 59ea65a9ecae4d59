//! What an error code says: the permission was missing, the credential was refused, or neither.

use crate::model::Outcome;

/// Codes with which AWS refuses the credential itself: expired, deleted, disabled, signed with a wrong secret.
const REFUSED: &[&str] = &[
    "AuthFailure",
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidIdentityToken",
    "InvalidSignatureException",
    "InvalidToken",
    "MissingAuthenticationToken",
    "RequestExpired",
    "SignatureDoesNotMatch",
    "TokenRefreshRequired",
    "UnrecognizedClientException",
];

/// Parts of the codes with which AWS accepts the credential and denies the action.
const DENIED: &[&str] = &["AccessDenied", "UnauthorizedOperation", "UnauthorizedAccess", "NotAuthorized", "Forbidden"];

/// The outcome of a call with this `errorCode`.
pub(super) fn outcome(code: Option<&str>) -> Outcome {
    let Some(code) = code else { return Outcome::Ok };
    let code = code.strip_prefix("Client.").unwrap_or(code);
    if REFUSED.contains(&code) {
        Outcome::Refused
    } else if DENIED.iter().any(|part| code.contains(part)) || code == "AuthorizationError" {
        Outcome::Denied
    } else {
        Outcome::Error
    }
}

#[cfg(test)]
mod tests {
    use super::outcome;
    use crate::model::Outcome;

    #[test]
    fn a_refused_credential_is_told_from_a_denied_action() {
        assert_eq!(outcome(None), Outcome::Ok);
        assert_eq!(outcome(Some("ExpiredTokenException")), Outcome::Refused);
        assert_eq!(outcome(Some("Client.AuthFailure")), Outcome::Refused);
        assert_eq!(outcome(Some("AccessDeniedException")), Outcome::Denied);
        assert_eq!(outcome(Some("Client.UnauthorizedOperation")), Outcome::Denied);
        assert_eq!(outcome(Some("NoSuchBucket")), Outcome::Error);
    }
}
