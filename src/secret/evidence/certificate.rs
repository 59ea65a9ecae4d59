//! X.509 certificates that lie next to a private key: how long the pair is good for, and for whom.

use jiff::Timestamp;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey;

use super::{Reading, Surroundings, private_key};
use crate::model::Expiry;

const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";
const END: &[u8] = b"-----END CERTIFICATE-----";
/// At most so many certificates (a chain) are looked at on each side.
const MOST: usize = 8;
/// A kubeconfig's user entry fits into so many bytes.
const ENTRY: usize = 32 * 1024;

/// Looks for the certificate of `key` (DER) in the texts before and after it. Only a certificate that holds the key's
/// own public half tells when the key ends; another one is only mentioned.
pub(super) fn beside(key: &[u8], texts: [&[u8]; 2], reading: &mut Reading) {
    let blocks =
        texts.into_iter().flat_map(|text| memchr::memmem::find_iter(text, BEGIN).take(MOST).map(|at| &text[at..]));
    let certificates = blocks.filter_map(|from| {
        let end = memchr::memmem::find(from, END)? + END.len();
        Some(private_key::body(&String::from_utf8_lossy(&from[..end])))
    });
    tell_first(key, certificates, reading);
}

/// The `client-certificate-data` beside a kubeconfig's `client-key-data`.
pub(super) fn kubeconfig(secret: &str, around: &Surroundings<'_>) -> Reading {
    let mut reading = Reading::default();
    let pem = |text: &str| private_key::decode(text).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let Some(key) = pem(secret).map(|block| private_key::body(&block)) else {
        reading.doubted("it does not decode to a key");
        return reading;
    };
    reading.tell("passphrase", "none");
    let (before, after) = around.beside(ENTRY);
    let name = b"client-certificate-data:".as_slice();
    let nearest_before = memchr::memmem::rfind(before, name).map(|at| &before[at + name.len()..]);
    let nearest_after = memchr::memmem::find(after, name).map(|at| &after[at + name.len()..]);
    let certificates = [nearest_before, nearest_after].into_iter().flatten().filter_map(|from| {
        let text: String = String::from_utf8_lossy(from)
            .trim_start_matches([' ', '\t', '"', '\''])
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '='))
            .collect();
        Some(private_key::body(&pem(&text)?))
    });
    tell_first(&key, certificates, &mut reading);
    reading
}

fn tell_first(key: &[u8], certificates: impl Iterator<Item = Vec<u8>>, reading: &mut Reading) {
    let mut stranger = None;
    for der in certificates {
        let Ok((_, certificate)) = X509Certificate::from_der(&der) else { continue };
        if belongs_to(&certificate, key) {
            return tell(&certificate, reading);
        }
        stranger.get_or_insert_with(|| certificate.subject().to_string());
    }
    if let Some(subject) = stranger {
        reading.tell("certificate-beside", &format!("{subject} (not shown to be of this key)"));
    }
}

fn tell(certificate: &X509Certificate<'_>, reading: &mut Reading) {
    reading.tell("certificate-subject", &certificate.subject().to_string());
    let time = |seconds: i64| Timestamp::from_second(seconds).ok();
    if let Some(from) = time(certificate.validity().not_before.timestamp()) {
        reading.created = Some(from);
        reading.tell("certificate-not-before", &from.to_string());
    }
    // RFC 5280: 99991231235959Z means that there is no well-defined end.
    match time(certificate.validity().not_after.timestamp()) {
        Some(end) if end.to_string().starts_with("9999-12-31") => {
            reading.expiry = Some(Expiry::Never);
            reading.tell("expires", "never");
        }
        Some(end) => reading.expires(end),
        None => reading.tell("expires", "not readable"),
    }
}

/// Whether the private key structure holds the public half of the certificate: an RSA modulus or a curve point.
fn belongs_to(certificate: &X509Certificate<'_>, key: &[u8]) -> bool {
    let public = match certificate.public_key().parsed() {
        Ok(PublicKey::RSA(rsa)) => rsa.modulus.to_vec(),
        Ok(PublicKey::EC(point)) => point.data().to_vec(),
        _ => return false,
    };
    public.len() >= 32 && memchr::memmem::find(key, &public).is_some()
}

#[cfg(test)]
mod tests;
