//! How sure a match is that nothing sets aside, where its form alone does not say.

use super::language::wordiness;
use super::{Candidate, form, placeholder, shape};
use crate::model::Confidence;
use crate::rules::secret::Breadth;

/// Shorter values are not told from words and ids.
const SHORTEST_RANDOM: usize = 16;
/// A password that people made up has at least so many characters.
const SHORTEST_PASSWORD: usize = 8;
/// Hosts that stand in documentation and tests (RFC 2606, RFC 6761) or are this machine.
const RESERVED: &[&str] = &["example", "test", "invalid", "localhost", "local", "localdomain"];
const PLACES: &[&str] =
    &["host", "hostname", "server", "domain", "foo", "bar", "proxy", "db", "url", "address", "proxyhost"];

/// How sure, and what speaks against it; nothing where the rule's own answer stands.
pub(super) fn grade(candidate: &Candidate<'_>) -> Option<(Confidence, &'static str)> {
    match candidate.rule.breadth {
        Breadth::Narrow => None,
        Breadth::Format => in_url(candidate),
        Breadth::Named => names(candidate),
        Breadth::Generic => Some(names(candidate).unwrap_or_else(|| assigned(candidate))),
    }
}

/// What speaks against a value that only its name makes a secret.
pub(super) fn names(candidate: &Candidate<'_>) -> Option<(Confidence, &'static str)> {
    if placeholder::names_its_kind(candidate) {
        Some((Confidence::Low, "its text says what it is, as in examples"))
    } else if shape::is_doubled(candidate.body()) {
        Some((Confidence::Low, "its characters follow a pattern"))
    } else {
        None
    }
}

fn assigned(candidate: &Candidate<'_>) -> (Confidence, &'static str) {
    let (secret, words) = (candidate.secret, wordiness(candidate.secret));
    let classes = shape::classes(secret);
    let looks_chosen = candidate.is_password() && secret.len() >= SHORTEST_PASSWORD && classes >= 3 && words < 0.8;
    if shape::is_uuid(&candidate.folded) && form::opens(candidate) {
        (Confidence::Medium, "a UUID, told by its name alone")
    } else if shape::is_uuid(&candidate.folded) {
        (Confidence::Low, "a UUID, which mostly identifies and opens nothing")
    } else if looks_random(secret) || looks_chosen {
        (Confidence::Medium, "told by the name it is assigned to, not by its form")
    } else if words >= 0.5 {
        (Confidence::Low, "it reads like words, and only its name says that it is secret")
    } else {
        (Confidence::Low, "it is short, and only its name says that it is secret")
    }
}

/// Whether a generator made the value: long, no words, and more than one kind of character.
fn looks_random(secret: &str) -> bool {
    let kinds = shape::classes(secret) - usize::from(!secret.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    secret.len() >= SHORTEST_RANDOM && kinds >= 2 && wordiness(secret) < 0.5
}

/// A password in a URL: the host tells whether anything real is meant.
fn in_url(candidate: &Candidate<'_>) -> Option<(Confidence, &'static str)> {
    let host = candidate.after.strip_prefix('@')?;
    let end = host.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '.' | '_'));
    let host = host.get(..end.unwrap_or(host.len())).unwrap_or_default().to_ascii_lowercase();
    let mut labels = host.rsplit('.');
    let reserved = labels.any(|label| RESERVED.contains(&label)) || host.starts_with("127.");
    let stand_in = PLACES.contains(&host.as_str()) && !looks_random(candidate.secret);
    if reserved || stand_in {
        Some((Confidence::Low, "its host is one of examples or this machine"))
    } else if placeholder::names_its_kind(candidate) || wordiness(candidate.secret) > 0.6 {
        Some((Confidence::Low, "it reads like words"))
    } else if candidate.secret.len() < SHORTEST_PASSWORD {
        Some((Confidence::Low, "it is short"))
    } else {
        None
    }
}
