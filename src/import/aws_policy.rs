//! IAM policy documents: objects, JSON text, or URL-encoded JSON text; one statement or a list; one value or a list.

use std::borrow::Cow;

use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::lenient::{Text, elements, texts};
use super::time::instant;
use crate::model::{Effect, Expiry, Statement};

/// A statement with what only some readers need.
#[derive(Debug)]
pub(super) struct Read {
    /// The statement itself.
    pub(super) statement: Statement,
    /// `Principal` as JSON text; trust policies only.
    pub(super) principal: Option<Box<str>>,
    /// It has a `NotPrincipal`.
    pub(super) not_principal: bool,
    /// When its own condition ends it (`DateLessThan` on `aws:CurrentTime` or `aws:EpochTime`).
    pub(super) ends: Option<Timestamp>,
    /// Sessions issued before this time are meant (`DateLessThan` on `aws:TokenIssueTime`).
    pub(super) issued_before: Option<Timestamp>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Document<'a> {
    #[serde(borrow)]
    statement: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Raw<'a> {
    #[serde(borrow)]
    effect: Text<'a>,
    action: Option<&'a RawValue>,
    not_action: Option<&'a RawValue>,
    resource: Option<&'a RawValue>,
    not_resource: Option<&'a RawValue>,
    principal: Option<&'a RawValue>,
    not_principal: Option<&'a RawValue>,
    condition: Option<&'a RawValue>,
}

/// Reads a policy document as an export holds it. The error says what is wrong, without the document's text: a policy of
/// which one statement cannot be read is not known at all, since that statement may be a Deny.
pub(super) fn document(raw: &RawValue) -> Result<Vec<Read>, &'static str> {
    let text = raw.get();
    if !text.starts_with('"') {
        return statements(text);
    }
    let inner: String = serde_json::from_str(text).map_err(|_| "the policy document is not valid text")?;
    encoded(&inner)
}

/// Reads a policy document that is JSON text, URL-encoded or not.
pub(super) fn encoded(text: &str) -> Result<Vec<Read>, &'static str> {
    let text = text.trim();
    let plain = if text.starts_with('{') {
        Cow::Borrowed(text)
    } else {
        percent_decode_str(text).decode_utf8().map_err(|_| "the policy document is not valid URL-encoded text")?
    };
    statements(&plain)
}

/// When all that a policy allows ends by conditions: never without such a condition, unknown if only a part ends.
pub(super) fn expiry(statements: &[Read]) -> Expiry {
    let allows = || statements.iter().filter(|read| read.statement.effect == Effect::Allow);
    let ends: Vec<Timestamp> = allows().filter_map(|read| read.ends).collect();
    match (ends.len(), allows().count()) {
        (0, _) => Expiry::Never,
        (some, all) if some == all => ends.into_iter().max().map_or(Expiry::Unknown, Expiry::At),
        _ => Expiry::Unknown,
    }
}

fn statements(text: &str) -> Result<Vec<Read>, &'static str> {
    let document: Document<'_> = serde_json::from_str(text).map_err(|_| "the policy document is not valid JSON")?;
    let raw = document.statement.ok_or("the policy document has no Statement")?;
    let list = elements(Some(raw)).map_err(|()| "the Statement of the policy document is neither object nor list")?;
    list.into_iter().map(statement).collect()
}

fn statement(raw: &RawValue) -> Result<Read, &'static str> {
    let raw: Raw<'_> = serde_json::from_str(raw.get()).map_err(|_| "a statement of the policy is not an object")?;
    let effect = match raw.effect.or_empty() {
        text if text.eq_ignore_ascii_case("allow") => Effect::Allow,
        text if text.eq_ignore_ascii_case("deny") => Effect::Deny,
        _ => return Err("a statement of the policy has no Effect"),
    };
    let condition = raw.condition.map(|raw| serde_json::from_str::<Value>(raw.get())).transpose();
    let mut condition = condition.map_err(|_| "a condition of the policy cannot be read")?.unwrap_or_default();
    condition.sort_all_objects();
    let statement = Statement {
        effect,
        actions: texts(raw.action.or(raw.not_action)).map_err(|()| "an Action of the policy is no text")?,
        not_actions: raw.action.is_none() && raw.not_action.is_some(),
        except: Vec::new(),
        resources: texts(raw.resource.or(raw.not_resource)).map_err(|()| "a Resource of the policy is no text")?,
        not_resources: raw.resource.is_none() && raw.not_resource.is_some(),
        conditions: if condition_is_empty(&condition) { "".into() } else { condition.to_string().into() },
    };
    Ok(Read {
        statement,
        principal: raw.principal.map(|raw| raw.get().into()),
        not_principal: raw.not_principal.is_some(),
        ends: date_less_than(&condition, &["aws:currenttime", "aws:epochtime"]),
        issued_before: date_less_than(&condition, &["aws:tokenissuetime"]),
    })
}

fn condition_is_empty(condition: &Value) -> bool {
    condition.is_null() || condition.as_object().is_some_and(serde_json::Map::is_empty)
}

/// The instant below which one of `keys` (in lower case) must lie; the latest, where several are named.
fn date_less_than(condition: &Value, keys: &[&str]) -> Option<Timestamp> {
    const OPERATORS: &[&str] = &["datelessthan", "datelessthanequals", "numericlessthan", "numericlessthanequals"];
    let by_operator = condition.as_object()?;
    let operators = by_operator.iter().filter(|(name, _)| OPERATORS.contains(&name.to_ascii_lowercase().as_str()));
    operators
        .filter_map(|(_, by_key)| by_key.as_object())
        .flatten()
        .filter(|(key, _)| keys.contains(&key.to_ascii_lowercase().as_str()))
        .flat_map(|(_, value)| match value {
            Value::Array(list) => list.iter().filter_map(time).collect(),
            one => time(one).into_iter().collect::<Vec<Timestamp>>(),
        })
        .max()
}

fn time(value: &Value) -> Option<Timestamp> {
    match value {
        Value::String(text) => instant(text),
        Value::Number(number) => instant(&number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Read>, &'static str> {
        let raw: Box<RawValue> = serde_json::from_str(text).expect("JSON");
        document(&raw)
    }

    #[test]
    fn an_object_a_text_and_a_url_encoded_text_read_alike() {
        let plain = r#"{"Statement":{"Effect":"Allow","Action":"s3:*","NotResource":["a","b"]}}"#;
        let text = serde_json::to_string(plain).expect("text");
        let encoded = plain.replace('{', "%7B").replace('"', "%22").replace(' ', "%20");
        for document in [plain.to_owned(), text, format!("\"{encoded}\"")] {
            let statements = read(&document).expect("a policy");
            let [only] = statements.as_slice() else { panic!("one statement") };
            assert_eq!((&*only.statement.actions[0], only.statement.not_actions), ("s3:*", false));
            assert!(only.statement.not_resources);
        }
    }

    #[test]
    fn conditions_are_canonical() {
        let one = read(r#"{"Statement":{"Effect":"Deny","Condition":{"B":{"y":1,"x":2},"A":{}}}}"#).expect("policy");
        assert_eq!(&*one[0].statement.conditions, r#"{"A":{},"B":{"x":2,"y":1}}"#);
    }

    #[test]
    fn a_policy_with_one_unreadable_statement_is_not_known() {
        assert!(read(r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"?"}]}"#).is_err());
        assert!(read(r#"{"Statement":[7]}"#).is_err());
        assert!(read(r#""%7Bnot json""#).is_err());
    }

    #[test]
    fn a_policy_ends_when_all_it_allows_ends() {
        let dated = r#"{"Effect":"Allow","Action":"*","Condition":{"DateLessThan":{"aws:CurrentTime":"2024-05-01T00:00:00Z"}}}"#;
        let plain = r#"{"Effect":"Allow","Action":"*"}"#;
        let of = |list: &str| expiry(&read(&format!("{{\"Statement\":[{list}]}}")).expect("policy"));
        assert_eq!(of(dated), Expiry::At(instant("2024-05-01T00:00:00Z").expect("time")));
        assert_eq!(of(&format!("{dated},{plain}")), Expiry::Unknown);
        assert_eq!(of(plain), Expiry::Never);
    }
}
