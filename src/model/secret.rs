//! Secret values and the only things about them that may leave: a keyed fingerprint and a public id.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::Zeroizing;

/// A secret value. It has no `Display`, no `Serialize` and a redacted `Debug`, and is wiped when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes a value into custody.
    pub fn new(value: impl Into<String>) -> Self {
        Self(Zeroizing::new(value.into()))
    }

    /// The value itself, for matching and checksums. It must not be stored or printed.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(redacted)")
    }
}

/// The organisation's key under which fingerprints are made. Without it a fingerprint says nothing about its secret.
#[derive(Clone)]
pub struct FingerprintKey(Zeroizing<Vec<u8>>);

impl FingerprintKey {
    /// A key from its bytes (any length; 32 random bytes are usual).
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    #[expect(clippy::missing_panics_doc, reason = "HMAC accepts keys of any length, so this cannot fail")]
    /// HMAC-SHA-256 of `value` under this key, domain-separated by `domain`, cut to 128 bits.
    pub fn fingerprint(&self, domain: &str, value: &[u8]) -> Fingerprint {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC accepts any key length");
        mac.update(domain.as_bytes());
        mac.update(&[0]);
        mac.update(value);
        let bytes = mac.finalize().into_bytes();
        let mut out = [0; 16];
        out.copy_from_slice(&bytes[..16]);
        Fingerprint(out)
    }

    /// A short public name of the key, so that a reader can tell whether two reports share one.
    pub fn id(&self) -> String {
        self.fingerprint("overstay key id", b"").to_string()[..8].to_owned()
    }
}

impl fmt::Debug for FingerprintKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FingerprintKey(redacted)")
    }
}

/// 128 bits of HMAC-SHA-256 under the organisation's key, shown as 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 16]);

impl Fingerprint {
    /// The first 12 hexadecimal digits, for people to tell findings apart.
    pub fn short(self) -> String {
        self.to_string()[..12].to_owned()
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bad = || serde::de::Error::custom("a fingerprint is 32 hexadecimal digits");
        if text.len() != 32 || !text.is_ascii() {
            return Err(bad());
        }
        let mut out = [0; 16];
        for (byte, pair) in out.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| bad())?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| bad())?;
        }
        Ok(Self(out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_never_shows_its_value_in_debug_output() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "Secret(redacted)");
        assert_eq!(format!("{:?}", FingerprintKey::new(b"hunter2".to_vec())), "FingerprintKey(redacted)");
    }

    #[test]
    fn the_same_secret_under_another_key_has_another_fingerprint() {
        let (a, b) = (FingerprintKey::new(vec![1; 32]), FingerprintKey::new(vec![2; 32]));
        assert_eq!(a.fingerprint("secret", b"x"), a.fingerprint("secret", b"x"));
        assert_ne!(a.fingerprint("secret", b"x"), b.fingerprint("secret", b"x"));
        assert_ne!(a.fingerprint("secret", b"x"), a.fingerprint("finding", b"x"));
    }
}
