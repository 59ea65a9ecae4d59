//! Facts about users and roles beside their policies: tags, the owner they name, how long a session may be.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::detail::Holder;
use crate::import::lenient::{Text, elements};
use crate::model::Readout;

/// Names of tags that say who answers for an identity, the likeliest first.
const OWNER: &[&str] =
    &["owner", "ownedby", "technicalowner", "team", "ownerteam", "contact", "owneremail", "maintainer"];
/// The most tags that AWS allows on an identity.
const MAX_TAGS: usize = 50;
/// The most characters of a value; AWS allows no more.
const MAX_VALUE: usize = 256;

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Tag<'a> {
    #[serde(borrow)]
    key: Text<'a>,
    value: Text<'a>,
}

/// The facts of a holder. A tag whose value may be a secret is told by its name only: `tag-not-shown/token`.
pub(super) fn facts(holder: &Holder<'_>) -> Vec<Readout> {
    let mut facts = Vec::new();
    if let Some(seconds) = holder.max_session_duration.get().filter(|text| text.bytes().all(|b| b.is_ascii_digit())) {
        facts.push(Readout::new("max-session-seconds", seconds));
    }
    let Some(tags) = holder.tags.and_then(read) else { return facts };
    facts.push(Readout::new("tags", &tags.len().to_string()));
    let owner =
        OWNER.iter().find_map(|wanted| tags.iter().find(|(name, value)| is_named(name, wanted) && is_plain(value)));
    facts.extend(owner.map(|(_, owner)| Readout::new("owner", owner)));
    facts.extend(tags.iter().map(|(name, value)| tag(name, value)));
    facts
}

fn tag(name: &str, value: &str) -> Readout {
    if is_plain(value) {
        Readout::new(&format!("tag/{name}"), value)
    } else {
        Readout::new(&format!("tag-not-shown/{name}"), "")
    }
}

/// The tags by name; nothing where there is no list of them.
fn read(raw: &RawValue) -> Option<Vec<(String, String)>> {
    let list = elements(Some(raw)).ok().filter(|_| raw.get().starts_with('['))?;
    let tag = |raw: &RawValue| {
        let tag: Tag<'_> = serde_json::from_str(raw.get()).ok()?;
        Some((tag.key.get()?.to_owned(), tag.value.or_empty().to_owned()))
    };
    Some(list.into_iter().take(MAX_TAGS).filter_map(tag).collect())
}

fn is_named(name: &str, wanted: &str) -> bool {
    let letters = name.rsplit([':', '/']).next().unwrap_or_default().chars().filter(char::is_ascii_alphanumeric);
    letters.map(|letter| letter.to_ascii_lowercase()).eq(wanted.chars())
}

/// Whether a value is plainly no secret: short, or words and ids whose parts are short.
fn is_plain(value: &str) -> bool {
    let parts = value.split(|letter: char| !letter.is_ascii_alphanumeric());
    let mixed = |part: &str| {
        let has = |kind: fn(&u8) -> bool| part.bytes().any(|byte| kind(&byte));
        has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic)
    };
    value.chars().count() <= MAX_VALUE
        && parts.into_iter().all(|part| part.len() <= 12 || (part.len() <= 40 && !mixed(part)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(json: &str) -> Vec<(String, String)> {
        let holder: Holder<'_> = serde_json::from_str(json).expect("a holder");
        facts(&holder).into_iter().map(|fact| (fact.name.to_string(), fact.value.to_string())).collect()
    }

    #[test]
    fn the_owner_is_the_likeliest_tag_however_it_is_written() {
        let found = of(r#"{"Tags":[{"Key":"Team","Value":"web"},{"Key":"acme:Owner_Email","Value":"a@b.example"}]}"#);
        assert!(found.contains(&("owner".into(), "web".into())), "{found:?}");
        let found = of(r#"{"Tags":[{"Key":"Cost-Owner","Value":"x"}]}"#);
        assert!(found.iter().all(|(name, _)| name != "owner"), "{found:?}");
    }

    #[test]
    fn a_value_that_may_be_a_secret_is_not_repeated() {
        let value = format!("{}{}", "k3J8x", "Qw7ZpL2vT9mN4");
        let found = of(&format!(r#"{{"Tags":[{{"Key":"Owner","Value":"{value}"}}]}}"#));
        assert_eq!(found, [("tags".into(), "1".into()), ("tag-not-shown/Owner".into(), String::new())]);
    }

    #[test]
    fn no_list_of_tags_is_not_an_empty_one() {
        assert_eq!(of("{}"), []);
        assert_eq!(of(r#"{"Tags":[]}"#), [("tags".into(), "0".into())]);
        assert_eq!(of(r#"{"MaxSessionDuration":43200}"#), [("max-session-seconds".into(), "43200".into())]);
    }
}
