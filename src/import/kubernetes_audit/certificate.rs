//! Client certificates: asked for, approved or denied, issued.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use x509_parser::pem::parse_x509_pem;

use super::token::{self, CERTIFICATE};
use super::{Bodies, Facts, SYSTEM, is_own, kind_of};
use crate::import::Out;
use crate::import::lookup::Node;
use crate::model::{CredentialId, EventKind, Expiry, Proof, Sha256Digest};

/// How much of a certificate is read.
const MAX_PEM: usize = 64 << 10;

/// A step in the life of a request for a certificate, by the part of the object that was written.
pub(super) fn step(facts: &Facts<'_>, part: &str, out: &mut Out<'_>) -> bool {
    let bodies = facts.bodies();
    let name = facts.object.name.get().map(str::to_owned);
    let Some(name) = name.or_else(|| bodies.text("metadata.name").map(std::borrow::Cow::into_owned)) else {
        return false;
    };
    let request = format!("CertificateSigningRequest/{name}");
    let created = facts.entry.verb.get() == Some("create");
    match part {
        "" if created => requested(facts, &bodies, &request, out),
        "approval" => decided(facts, &bodies, &request, out),
        "status" => issued(facts, &bodies, &request, out),
        _ => false,
    }
}

fn requested(facts: &Facts<'_>, bodies: &Bodies, request: &str, out: &mut Out<'_>) -> bool {
    let signer = bodies.text("spec.signerName");
    let mut event = facts.event(EventKind::Requested);
    event.request = Some(request);
    event.scope = signer.as_deref();
    event.ttl_s = bodies.first("spec.expirationSeconds").number();
    event.expiry = token::after(&event);
    out.sink.event(&event);
    true
}

/// Approved or denied: what the written conditions say, in an object or in a patch.
fn decided(facts: &Facts<'_>, bodies: &Bodies, request: &str, out: &mut Out<'_>) -> bool {
    let mut conditions = Vec::new();
    for body in [&bodies.request, &bodies.response] {
        conditions.extend(Node::of(body).at("status.conditions").list());
        let patch = Node::of(body).list().map(|change| change.key("value"));
        conditions.extend(patch.flat_map(|value| if value.is_list() { value.list().collect() } else { vec![value] }));
    }
    let said = |word: &str| conditions.iter().find(|condition| condition.key("type").or_empty() == word);
    let (kind, condition) = match (said("Denied"), said("Approved")) {
        (Some(condition), _) => (EventKind::Declined, condition),
        (None, Some(condition)) => (EventKind::Approved, condition),
        (None, None) => {
            out.note("decisions about certificates whose record does not say what was decided", 1);
            return false;
        }
    };
    let reason = condition.key("message").text();
    let mut event = facts.event(kind);
    event.request = Some(request);
    event.reason = reason.as_deref();
    out.sink.event(&event);
    true
}

/// The signer wrote the certificate. Where the log holds it, its id is the digest by which later requests name it.
fn issued(facts: &Facts<'_>, bodies: &Bodies, request: &str, out: &mut Out<'_>) -> bool {
    let Some(text) = bodies.text("status.certificate") else { return false };
    let read = Certificate::read(&text);
    let asker = bodies.text("spec.username");
    let mut event = facts.event(EventKind::Issued);
    event.request = Some(request);
    if let Some(asker) = asker.as_deref() {
        event.requester = Some(asker);
        event.requester_kind = kind_of(asker);
        event.by_service = is_own(asker);
    }
    event.credential_kind = CERTIFICATE;
    event.issued_at = Some(facts.time);
    event.ttl_s = bodies.first("spec.expirationSeconds").number();
    event.proof = Proof::Unknown;
    if let Some(certificate) = &read {
        event.credential = Some(CredentialId::issued(SYSTEM, &certificate.id));
        event.principal = certificate.name.as_deref();
        event.expiry = certificate.end.map_or(Expiry::Unknown, Expiry::At);
    } else {
        event.credential = Some(CredentialId::derived(SYSTEM, &format!("certificate of {request}")));
        event.expiry = token::after(&event);
    }
    out.sink.event(&event);
    true
}

struct Certificate {
    id: String,
    name: Option<String>,
    end: Option<Timestamp>,
}

impl Certificate {
    /// Reads the first certificate of a PEM text in base64. A certificate is public, and so is its digest.
    fn read(text: &str) -> Option<Self> {
        let pem = STANDARD.decode(text.as_bytes().get(..text.len().min(MAX_PEM))?).ok()?;
        let (_, pem) = parse_x509_pem(&pem).ok()?;
        let certificate = pem.parse_x509().ok()?;
        let name = certificate.subject().iter_common_name().next().and_then(|name| name.as_str().ok());
        let end = Timestamp::from_second(certificate.validity().not_after.timestamp()).ok();
        Some(Self { id: format!("X509SHA256={}", Sha256Digest::of(&pem.contents)), name: name.map(str::to_owned), end })
    }
}
