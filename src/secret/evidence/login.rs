//! Logins with a password: the user name beside it, and the scheme of its hash.

use super::{Reading, private_key};

/// `user:password` in base 64. The name is told where it cannot be the secret: tokens are given as user names, too.
pub(super) fn basic(secret: &str) -> Reading {
    let mut reading = Reading::default();
    let text = private_key::decode(secret).and_then(|bytes| String::from_utf8(bytes).ok());
    match text.as_deref().and_then(|text| text.split_once(':')) {
        Some((user, password)) if !user.is_empty() && !password.is_empty() => {
            reading.tell("form", "user and password");
            if is_plain_name(user) {
                reading.tell("user", user);
            }
        }
        _ => reading.doubted("it holds no user and password"),
    }
    reading
}

/// Whether a user name is short and made of letters, so that it is no token.
pub(super) fn is_plain_name(user: &str) -> bool {
    user.len() <= 24 && user.bytes().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'_' | b'-' | b'.'))
}

/// The hash of a password is no password: how soon it is guessed depends on the scheme.
pub(super) fn hash(secret: &str) -> Reading {
    let mut reading = Reading::default();
    let scheme = match secret.split(['$', '}']).nth(1).unwrap_or_default() {
        "apr1" => "MD5 (apr1), guessed fast",
        "2a" | "2b" | "2y" => "bcrypt",
        _ => "SHA-1 without salt, guessed fast",
    };
    reading.tell("hash", scheme);
    reading.doubted("a hash: it opens nothing until its password is guessed");
    reading
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    fn told(reading: &Reading, name: &str) -> Option<String> {
        reading.readouts.iter().find(|fact| &*fact.name == name).map(|fact| fact.value.to_string())
    }

    #[test]
    fn a_login_tells_its_user_and_never_one_that_looks_like_a_token() {
        assert_eq!(told(&basic(&STANDARD.encode("deploy:pa55")), "user").as_deref(), Some("deploy"));
        assert_eq!(told(&basic(&STANDARD.encode("9f86d081884c7d65:x-oauth-basic")), "user"), None);
        assert!(basic(&STANDARD.encode("no colon here")).confidence.is_some());
    }
}
