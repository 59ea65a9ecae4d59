//! Fingerprints of tokens that a log names by a digest of their value, so that a token found in code and the events that
//! it caused are one subject.
//!
//! Such a digest is not keyed: who has it can prove a guess. It is therefore made and read here only, and what leaves is
//! its HMAC under the organisation's key.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::secret::{Fingerprint, FingerprintKey, Secret};

/// Keeps these fingerprints apart from those of other things.
const GITHUB: &str = "github hashed_token";

impl FingerprintKey {
    /// The fingerprint of a GitHub token: equal to that of the `hashed_token` of its events.
    pub fn github_token(&self, token: &Secret) -> Fingerprint {
        let digest = Zeroizing::new(STANDARD.encode(Sha256::digest(token.expose().as_bytes())));
        self.github_hashed_token(&digest)
    }

    /// The fingerprint of a `hashed_token` as GitHub's audit log writes it: base 64 of the SHA-256 of the token
    /// (<https://docs.github.com/en/enterprise-cloud@latest/admin/monitoring-activity-in-your-enterprise/reviewing-audit-logs-for-your-enterprise/identifying-audit-log-events-performed-by-an-access-token>).
    pub fn github_hashed_token(&self, logged: &str) -> Fingerprint {
        self.fingerprint(GITHUB, logged.trim_end_matches('=').as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `printf abc | openssl dgst -sha256 -binary | base64`
    const OF_ABC: &str = "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=";

    #[test]
    fn a_token_and_what_the_log_writes_of_it_have_one_fingerprint() {
        let key = FingerprintKey::new(vec![1; 32]);
        let token = key.github_token(&Secret::new("abc"));
        assert_eq!(token, key.github_hashed_token(OF_ABC));
        assert_eq!(token, key.github_hashed_token(OF_ABC.trim_end_matches('=')));
        assert_ne!(token, key.github_token(&Secret::new("abd")));
    }

    #[test]
    fn the_fingerprint_depends_on_the_key_and_is_apart_from_other_fingerprints() {
        let (a, b) = (FingerprintKey::new(vec![1; 32]), FingerprintKey::new(vec![2; 32]));
        let token = Secret::new("abc");
        assert_ne!(a.github_token(&token), b.github_token(&token));
        assert_ne!(a.github_token(&token), a.fingerprint("secret", b"abc"));
    }
}
