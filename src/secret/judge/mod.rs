//! Judges a match as a person would: is it a live secret, or something that only looks like one?
//!
//! What looks like one and is none is set aside by a filter with a name, under which it is counted. What passes all
//! filters is graded: how sure it is, and what speaks against it.

mod candidate;
mod code;
mod form;
mod grade;
mod language;
mod placeholder;
mod reference;
mod shape;
mod vocabulary;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

use super::entropy;
use super::evidence::Surroundings;
use super::setting;
use crate::model::Confidence;
use crate::rules::secret::{Breadth, SecretRule};

use candidate::Candidate;

/// Values that encode text are at least this long: shorter ones decode to text by chance.
const SHORTEST_ENCODED: usize = 8;

/// A kind of look-alike.
#[derive(Clone, Copy, Debug)]
pub struct Filter {
    /// The name under which it is counted.
    pub name: &'static str,
    /// What it sets aside, for people.
    pub meaning: &'static str,
    /// The narrowest rules whose matches it judges.
    from: Breadth,
    catches: fn(&Candidate<'_>) -> bool,
}

/// All filters, in the order in which they are asked. The first that catches a match names it.
pub static FILTERS: &[Filter] = &[
    filter("documentation-key", "a value printed in the provider's documentation", Breadth::Narrow, is_documented),
    filter("reference", "a variable, a template or the address of a secret", Breadth::Format, reference::is_reference),
    filter("encrypted-value", "encrypted; what opens it lies elsewhere", Breadth::Format, form::is_encrypted),
    filter("password-hash", "the hash of a password", Breadth::Named, form::is_password_hash),
    filter("placeholder", "a word that stands for a secret", Breadth::Narrow, placeholder::is_placeholder),
    filter("placeholder", "a password of examples", Breadth::Format, placeholder::is_example),
    filter("sequential", "eight characters in order", Breadth::Narrow, is_sequential),
    filter("low-entropy", "too few different characters to be random", Breadth::Narrow, is_uniform),
    filter("digest", "a digest: of a file, a commit, a package", Breadth::Generic, code::is_digest),
    filter("public-material", "a public key or a certificate", Breadth::Named, form::is_public_material),
    filter("embedded-file", "a picture, a font or other data in base 64", Breadth::Generic, form::is_embedded_file),
    filter("minified-code", "a line of minified code", Breadth::Generic, code::is_minified),
    filter("date", "a date", Breadth::Named, form::is_date),
    filter("list-item", "an item of a list beside one that says secret", Breadth::Generic, code::is_list_item),
    filter("expression", "a part of a program", Breadth::Named, code::is_expression),
    filter("path", "a path or an address", Breadth::Named, form::is_path),
    filter("own-name", "repeats the name it is assigned to", Breadth::Named, code::is_own_name),
    filter("public-name", "assigned to a name of ids, places or settings", Breadth::Generic, code::is_public_name),
    filter("uuid", "a UUID under a name that opens nothing", Breadth::Generic, form::is_uuid),
    filter("readable-words", "words, names or a sentence", Breadth::Named, code::is_readable),
];

/// The names of all filters with what each sets aside: those that judge a value and those that judge its file.
pub fn filters() -> impl Iterator<Item = (&'static str, &'static str)> {
    FILTERS.iter().map(|filter| (filter.name, filter.meaning)).chain(setting::FILTERS.iter().copied())
}

const fn filter(
    name: &'static str,
    meaning: &'static str,
    from: Breadth,
    catches: fn(&Candidate<'_>) -> bool,
) -> Filter {
    Filter { name, meaning, from, catches }
}

/// What a person would say of a match.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Judgement {
    /// The filter that sets it aside; nothing where it may be real.
    pub(super) set_aside: Option<&'static str>,
    /// How sure it is and what speaks against it; nothing where the rule alone decides.
    pub(super) grade: Option<(Confidence, &'static str)>,
}

/// Judges a match of `rule`.
pub(super) fn judge(rule: &SecretRule, secret: &str, at: &Surroundings<'_>) -> Judgement {
    let candidate = Candidate::new(rule, secret, at);
    // What a value encodes is judged like the value: `c3Ryb25nLXBhc3N3b3Jk` is `strong-password`.
    let text = if rule.breadth >= Breadth::Named { encoded_text(secret) } else { None };
    let inner = text.as_deref().map(|text| candidate.holding(text));
    let set_aside = caught(&candidate).or_else(|| caught(inner.as_ref()?));
    let grade = match set_aside {
        None => inner.as_ref().and_then(grade::names).or_else(|| grade::grade(&candidate)),
        Some(_) => None,
    };
    Judgement { set_aside, grade }
}

fn caught(candidate: &Candidate<'_>) -> Option<&'static str> {
    let breadth = candidate.rule.breadth;
    FILTERS.iter().find(|filter| breadth >= filter.from && (filter.catches)(candidate)).map(|filter| filter.name)
}

/// The text that a value is in base 64, where it is one.
fn encoded_text(secret: &str) -> Option<String> {
    let bytes = match secret.len() {
        0..SHORTEST_ENCODED => return None,
        _ => STANDARD.decode(secret).or_else(|_| STANDARD_NO_PAD.decode(secret)).ok()?,
    };
    let text = String::from_utf8(bytes).ok()?;
    let text = text.trim_end();
    (!text.is_empty() && text.bytes().all(|byte| (0x20..0x7f).contains(&byte))).then(|| text.to_owned())
}

fn is_documented(candidate: &Candidate<'_>) -> bool {
    candidate.rule.documentation_values.iter().any(|value| match value.strip_prefix('*') {
        Some(ending) => candidate.secret.ends_with(ending),
        None => value == candidate.secret,
    })
}

fn is_sequential(candidate: &Candidate<'_>) -> bool {
    shape::is_sequential(candidate.body())
}

/// Two thirds or more of the same character, or two alternating ones; or less entropy than the rule asks for.
fn is_uniform(candidate: &Candidate<'_>) -> bool {
    let body = candidate.body();
    let bits = |text: &str| entropy::bits_per_byte(text.as_bytes());
    (body.len() >= 8 && bits(body) < 1.6)
        || candidate.rule.min_entropy.is_some_and(|least| bits(candidate.secret) < least)
}
