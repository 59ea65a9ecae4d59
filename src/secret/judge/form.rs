//! Values whose own form says that they are something else.

use super::vocabulary::{begins, holds};
use super::{Candidate, shape};

/// How values begin or what they hold that are encrypted: what opens them lies elsewhere.
const ENCRYPTED: &str = "\
    enc[ encrypted: enc: $ansible_vault {cipher} vault:v1: vault:v2: vault:v3: enc( {aes} {rsa} !vault age-encryption.org \
    {encrypted} !!encrypted {aes-gcm}";
/// How hashes of passwords begin.
const PASSWORD_HASHES: &str = "$1$ $5$ $6$ $y$ pbkdf2_ pbkdf2: scram-sha-256$ {ssha {sha {md5} {crypt} {bcrypt} sha1: sha256: sha512: argon2: bcrypt";
/// Marks of hashes that no other value holds.
const CRYPT: &str = "$2a$ $2b$ $2y$ $apr1$ $argon2 $pbkdf2 $scrypt$";
/// Base 64 of what is public or is no text: certificates, public keys, images, fonts, archives.
const PUBLIC: &str = "\
    ssh-rsa ssh-ed25519 ecdsa-sha2 AAAAB3NzaC1 AAAAC3NzaC1 AAAAE2VjZHNh MIIBIjAN MIICIjAN MFkwEwYH MCowBQYD \
    LS0tLS1CRUdJTiBDRVJU LS0tLS1CRUdJTiBQVUJM age1";
const PICTURES: &[&str] = &["iVBORw0KGgo", "R0lGOD", "/9j/4", "d09GR", "AAEAAAA", "PHN2Zy", "UklGR", "T1RUTw", "Qk0"];

/// An encrypted value: SOPS, Ansible Vault, Vault transit, sealed secrets, Jasypt, Travis.
pub(super) fn is_encrypted(candidate: &Candidate<'_>) -> bool {
    let sealed = candidate.secret.starts_with("Ag") && candidate.secret.len() > 300;
    holds(ENCRYPTED, &candidate.folded)
        || sealed
        || candidate.name.ends_with("encrypteddata")
        || ["secure", "ciphertext"].contains(&candidate.name.as_str())
        || candidate.name.contains("encrypted_")
}

/// The hash of a password: nobody logs in with it.
pub(super) fn is_password_hash(candidate: &Candidate<'_>) -> bool {
    begins(PASSWORD_HASHES, &candidate.folded)
        || holds(CRYPT, &candidate.folded)
        || (candidate.folded.strip_prefix("md5").is_some_and(|rest| rest.len() == 32 && shape::is_hex(rest)))
}

/// A public key or a certificate.
pub(super) fn is_public_material(candidate: &Candidate<'_>) -> bool {
    begins(PUBLIC, candidate.secret)
        || ["public", "pubkey", "certificate", "site_key", "sitekey", "cert_"]
            .iter()
            .any(|word| candidate.name.contains(word))
}

/// A picture or a font in base 64, or anything in a `data:` URL.
pub(super) fn is_embedded_file(candidate: &Candidate<'_>) -> bool {
    PICTURES.iter().any(|mark| candidate.secret.starts_with(mark)) || candidate.before.contains(";base64,")
}

/// A UUID, which identifies things, where the name does not say plainly that it opens something.
pub(super) fn is_uuid(candidate: &Candidate<'_>) -> bool {
    shape::is_uuid(&candidate.folded) && !opens(candidate)
}

/// Whether the name ends in what opens something.
pub(super) fn opens(candidate: &Candidate<'_>) -> bool {
    let name = candidate.plain_name();
    ["token", "secret", "password", "apikey", "secretkey", "accesskey", "authkey"]
        .iter()
        .any(|word| name.ends_with(word))
}

/// `2026-08-03T15:28:07Z`.
pub(super) fn is_date(candidate: &Candidate<'_>) -> bool {
    let bytes = candidate.secret.as_bytes();
    matches!(bytes, [b'1' | b'2', _, _, _, b'-', _, _, b'-', _, _, b'T' | b' ', ..]) && bytes.len() >= 16
}

/// A path, an address of the web, of a mailbox or of a host.
pub(super) fn is_path(candidate: &Candidate<'_>) -> bool {
    let text = candidate.folded.as_str();
    let rooted = ["/", "./", "../", "~/", "c:\\", "d:\\", "%temp%", "file:", "classpath:", "mailto:"];
    // Base 64 may begin with a slash; a path has short parts of words.
    let base64 = text.len() >= 32 && shape::classes(candidate.secret) >= 3 && !text.contains(['.', '-', '_']);
    let parts: Vec<&str> = text.split('/').collect();
    let words = parts.iter().filter(|part| super::language::wordiness(part) > 0.6).count();
    (rooted.iter().any(|root| text.starts_with(root)) && !base64)
        || text.contains("://")
        || (parts.len() >= 3 && words * 2 > parts.len())
        || is_host(text)
}

/// `host.name.example`, `user@host.example`, with a port or not: only names, and an ending that domains have.
fn is_host(text: &str) -> bool {
    let host = text.split_once('@').map_or(text, |(_, host)| host);
    let host = host.split_once(':').map_or(host, |(host, _)| host);
    let mut labels = host.rsplit('.');
    let top = labels.next().unwrap_or_default();
    let known = ["com", "org", "net", "io", "dev", "local", "internal", "svc", "app", "cloud", "test", "example"];
    known.contains(&top)
        && labels.all(|label| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
        && host.contains('.')
}
