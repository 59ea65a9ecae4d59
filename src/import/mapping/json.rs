//! A record as a tree that holds only what a mapping reads, borrowed where the JSON has no escapes.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::rules::mapping::outline::Outline;
use crate::rules::mapping::pointer::Step;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json<'a> {
    /// Null, or a value that nobody reads.
    Null,
    /// A truth value.
    Bool(bool),
    /// A number as JSON writes it.
    Number(serde_json::Number),
    /// A text.
    Text(Cow<'a, str>),
    /// A list.
    List(Vec<Json<'a>>),
    /// An object.
    Object(Vec<(Cow<'a, str>, Json<'a>)>),
}

impl<'a> Json<'a> {
    /// Reads what `outline` asks for. Other parts are checked to be JSON and passed over.
    pub(super) fn read(text: &'a str, outline: &Outline) -> serde_json::Result<Self> {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let value = Reading(outline).deserialize(&mut deserializer)?;
        deserializer.end()?;
        Ok(value)
    }

    /// The value at the end of `steps`; nothing for null and where there is none.
    pub(super) fn at(&self, steps: &[Step]) -> Option<&Self> {
        let found = steps.iter().try_fold(self, |value, step| match (value, step) {
            // A key that is there twice counts as it does for most readers: the last one.
            (Self::Object(members), Step::Key(key)) => {
                members.iter().rfind(|(name, _)| name == key.as_ref()).map(|(_, value)| value)
            }
            (Self::List(elements), Step::Key(key)) => elements.get(key.parse::<usize>().ok()?),
            (Self::List(elements), Step::Pick { key, value }) => {
                let key = [Step::Key(key.clone())];
                elements
                    .iter()
                    .find(|element| element.at(&key).and_then(Self::text).is_some_and(|text| text == value.as_ref()))
            }
            _ => None,
        })?;
        (*found != Self::Null).then_some(found)
    }

    /// A text, a number or a truth value as text.
    pub(super) fn text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Text(text) => Some(Cow::Borrowed(text)),
            Self::Number(number) => Some(Cow::Owned(number.to_string())),
            Self::Bool(is) => Some(Cow::Borrowed(if *is { "true" } else { "false" })),
            Self::Null | Self::List(_) | Self::Object(_) => None,
        }
    }

    fn into_owned(self) -> Json<'static> {
        match self {
            Self::Null => Json::Null,
            Self::Bool(is) => Json::Bool(is),
            Self::Number(number) => Json::Number(number),
            Self::Text(text) => Json::Text(Cow::Owned(text.into_owned())),
            Self::List(all) => Json::List(all.into_iter().map(Self::into_owned).collect()),
            Self::Object(all) => Json::Object(
                all.into_iter().map(|(key, value)| (Cow::Owned(key.into_owned()), value.into_owned())).collect(),
            ),
        }
    }
}

/// Reads a value by its outline.
struct Reading<'o>(&'o Outline);

impl<'de> DeserializeSeed<'de> for Reading<'_> {
    type Value = Json<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reading<'_> {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, is: bool) -> Result<Self::Value, E> {
        Ok(Json::Bool(is))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Json::Number(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Json::Number(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(serde_json::Number::from_f64(number).map_or(Json::Null, Json::Number))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(self.inside(text).unwrap_or(Json::Text(Cow::Borrowed(text))))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(self.inside(text).unwrap_or_else(|| Json::Text(Cow::Owned(text.to_owned()))))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut elements = Vec::new();
        match self.0.of_elements() {
            Some(outline) => {
                while let Some(element) = seq.next_element_seed(Reading(outline))? {
                    elements.push(element);
                }
            }
            None => while seq.next_element::<IgnoredAny>()?.is_some() {},
        }
        Ok(Json::List(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(key) = map.next_key_seed(Key)? {
            match self.0.member(&key) {
                Some(outline) => members.push((key, map.next_value_seed(Reading(outline))?)),
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(Json::Object(members))
    }
}

impl Reading<'_> {
    /// The JSON that a text holds, where something inside it is to be read.
    fn inside(&self, text: &str) -> Option<Json<'static>> {
        let is_json = self.0.has_inside() && text.trim_start().starts_with(['{', '[']);
        is_json.then(|| Json::read(text, self.0).ok().map(Json::into_owned)).flatten()
    }
}

/// The name of a member, borrowed where it has no escapes.
struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(pointers: &[&str]) -> Outline {
        let event = |at: &&str| format!("  - {{kind: log-started, when: {{{at}: x}}}}\n");
        let events = pointers.iter().map(event).collect::<Vec<String>>().concat();
        let text = format!(
            "id: x\ntitle: X\nhow-to-export: x\nrecognise: [{{keys: [a, b]}}]\nsystem: x\ntime: /t\nname: /n\nevents:\n{events}"
        );
        crate::rules::mapping::Mapping::parse("x", &text).expect("valid").outline
    }

    fn shown(json: &Json<'_>, path: &[&str]) -> Option<String> {
        let steps: Vec<Step> = path.iter().map(|key| Step::Key((*key).into())).collect();
        json.at(&steps).and_then(Json::text).map(Cow::into_owned)
    }

    #[test]
    fn only_what_is_asked_for_is_kept() {
        let json = Json::read(r#"{"a": {"b": 1, "c": [2]}, "d": {"e": "f"}}"#, &outline(&["/a/b"])).expect("JSON");
        assert_eq!(shown(&json, &["a", "b"]).as_deref(), Some("1"));
        assert_eq!(json.at(&[Step::Key("d".into())]), None);
        assert_eq!(shown(&json, &["a", "c", "0"]), None);
    }

    #[test]
    fn json_in_a_text_is_read_where_a_pointer_leads_into_it() {
        let text = r#"{"a": "{\"b\": [{\"c\": \"x\\ny\"}]}", "d": "{not json"}"#;
        let json = Json::read(text, &outline(&["/a/b/0/c", "/d/e"])).expect("JSON");
        assert_eq!(shown(&json, &["a", "b", "0", "c"]).as_deref(), Some("x\ny"));
        assert_eq!(shown(&json, &["d", "e"]), None);
    }

    #[test]
    fn of_a_key_that_is_there_twice_the_last_one_counts_and_damage_anywhere_is_damage() {
        let json = Json::read(r#"{"a": {"b": 1}, "a": {"b": 2}}"#, &outline(&["/a/b"])).expect("JSON");
        assert_eq!(shown(&json, &["a", "b"]).as_deref(), Some("2"));
        assert!(Json::read(r#"{"a": 1, "z": }"#, &outline(&["/a/b"])).is_err());
        assert!(Json::read(&"[".repeat(100_000), &outline(&["/a/b"])).is_err());
    }
}
