//! Values that may have the wrong type: an importer takes what it can and never loses a record over one field.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// A text, a number or a truth value as text; anything else is absent. Borrowed where the JSON has no escapes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Text<'a>(Option<Cow<'a, str>>);

impl<'a> Text<'a> {
    /// A text; absent where it is empty.
    pub(super) fn of(text: &'a str) -> Self {
        Self(Some(Cow::Borrowed(text)).filter(|text| !text.is_empty()))
    }
}

impl<'a> Text<'a> {
    /// A text as it stands in the record.
    pub(super) fn borrowed(text: &'a str) -> Self {
        Self(Some(Cow::Borrowed(text)))
    }
}

impl Text<'_> {
    /// The text, unless it is absent or empty.
    pub(super) fn get(&self) -> Option<&str> {
        self.0.as_deref().filter(|text| !text.is_empty())
    }

    /// The text; empty where there is none.
    pub(super) fn or_empty(&self) -> &str {
        self.0.as_deref().unwrap_or_default()
    }

    /// Whether the text is `true`, as a truth value or written out.
    pub(super) fn is_true(&self) -> bool {
        self.or_empty().eq_ignore_ascii_case("true")
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Text(Some(Cow::Borrowed(text))))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Text(Some(Cow::Owned(text.to_owned()))))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Text(Some(Cow::Borrowed(if value { "true" } else { "false" }))))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Text(Some(Cow::Owned(value.to_string()))))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Text(Some(Cow::Owned(value.to_string()))))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Text(Some(Cow::Owned(value.to_string()))))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Text(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Text(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Text(None))
    }
}

/// A part of a record that stays text until somebody asks. Null is absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Raw<'a>(Option<&'a str>);

impl<'a> Raw<'a> {
    /// The part that has this JSON text.
    pub(super) fn of(json: &'a str) -> Self {
        Self(Some(json).filter(|json| *json != "null"))
    }

    /// Its JSON text, whether it is JSON itself or JSON inside a string.
    pub(super) fn json(self) -> Option<Cow<'a, str>> {
        let text = self.0?;
        if text.starts_with('"') { serde_json::from_str(text).ok().map(Cow::Owned) } else { Some(Cow::Borrowed(text)) }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Raw<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::<&'a RawValue>::deserialize(deserializer).map(|raw| Self(raw.map(RawValue::get)))
    }
}

/// An object; a value of any other type is absent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Maybe<T>(pub(super) Option<T>);

impl<T> Default for Maybe<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Maybe<T> {
    /// The same with what `f` makes of the object.
    pub(super) fn map<U>(self, f: impl FnOnce(T) -> U) -> Maybe<U> {
        Maybe(self.0.map(f))
    }

    /// The object, where there is one.
    pub(super) fn get(&self) -> Option<&T> {
        self.0.as_ref()
    }
}

/// An object, or one without any values in place of anything else: for `deserialize_with`.
pub(super) fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(from: D) -> Result<T, D::Error> {
    Maybe::deserialize(from).map(|maybe| maybe.0.unwrap_or_default())
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Maybe<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MaybeVisitor(PhantomData))
    }
}

struct MaybeVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for MaybeVisitor<T> {
    type Value = Maybe<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(|value| Maybe(Some(value)))
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Maybe(None))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Maybe(None))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Maybe(None))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Maybe(None))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Maybe(None))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Maybe(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Maybe(None))
    }
}

/// The JSON text of a part that was kept as text, whether it is JSON itself or JSON inside a string.
/// Nothing for null and for an object that is not there.
pub(super) fn embedded(raw: Option<&RawValue>) -> Option<Cow<'_, str>> {
    let text = raw?.get();
    if text.starts_with('"') { serde_json::from_str(text).ok().map(Cow::Owned) } else { Some(Cow::Borrowed(text)) }
}

/// The elements of a list that was kept as text: none for null, one for a single value, `Err` where it is a scalar.
pub(super) fn elements(raw: Option<&RawValue>) -> Result<Vec<&RawValue>, ()> {
    let Some(raw) = raw else { return Ok(Vec::new()) };
    match raw.get().as_bytes().first() {
        Some(b'[') => serde_json::from_str(raw.get()).map_err(|_| ()),
        Some(b'n') => Ok(Vec::new()),
        Some(b'{') => Ok(vec![raw]),
        _ => Err(()),
    }
}

/// A text or a list of texts. `Err` where anything in it is no text.
pub(super) fn texts(raw: Option<&RawValue>) -> Result<Vec<Box<str>>, ()> {
    let Some(raw) = raw else { return Ok(Vec::new()) };
    match raw.get().as_bytes().first() {
        Some(b'"') => serde_json::from_str(raw.get()).map(|one| vec![one]).map_err(|_| ()),
        Some(b'[') => serde_json::from_str(raw.get()).map_err(|_| ()),
        _ => Err(()),
    }
}

/// What is wrong with a record, without repeating any of its text.
pub(super) fn fault(error: &serde_json::Error) -> String {
    let what = match error.classify() {
        serde_json::error::Category::Eof => "ends early",
        serde_json::error::Category::Data => "has a value of an unexpected type",
        serde_json::error::Category::Syntax | serde_json::error::Category::Io => "is not valid JSON",
    };
    format!("{what} at line {} column {} of the record", error.line(), error.column())
}
