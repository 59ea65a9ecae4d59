//! A JSON record by paths: for small objects of which only a few fields are read, whatever the type of each.

use std::borrow::Cow;

use jiff::Timestamp;
use serde_json::Value;

use super::lenient::fault;
use super::time::instant;
use super::{Out, Record};
use crate::model::GapReason;

/// The value of a record; a record that is no JSON is a problem.
pub(super) fn parse(record: &Record<'_>, out: &mut Out<'_>) -> Option<Value> {
    match serde_json::from_str(record.text) {
        Ok(value) => Some(value),
        Err(error) => {
            out.problem(record, "", GapReason::Damaged, fault(&error));
            None
        }
    }
}

/// Says of the object around a list that it was not the last page: one of these paths says that more follows.
pub(super) fn more_follows(page: &Record<'_>, paths: &[&str], out: &mut Out<'_>) {
    let Ok(value) = serde_json::from_str::<Value>(page.text) else { return };
    let says = |path: &&&str| {
        let node = Node::of(&value).at(path);
        node.text().is_some() && node.truth() != Some(false)
    };
    if let Some(path) = paths.iter().find(says) {
        let inside = path.replace('.', "/");
        out.problem(page, &inside, GapReason::Absent, "the last page says that more pages follow");
    }
}

/// A value of a record, or nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Node<'a>(pub(super) Option<&'a Value>);

impl<'a> Node<'a> {
    /// The value of a whole record.
    pub(super) fn of(value: &'a Value) -> Self {
        Self(Some(value))
    }

    /// The value at a path of keys: `metadata.name`.
    pub(super) fn at(self, path: &str) -> Self {
        path.split('.').fold(self, Self::key)
    }

    /// The value under a key that may hold dots.
    pub(super) fn key(self, key: &str) -> Self {
        Self(self.0.and_then(|value| value.get(key)).filter(|value| !value.is_null()))
    }

    /// The first of several values that is there.
    pub(super) fn first(self, paths: &[&str]) -> Self {
        paths.iter().map(|path| self.at(path)).find(|node| node.0.is_some()).unwrap_or_default()
    }

    /// Whether there is a value other than null.
    pub(super) fn exists(self) -> bool {
        self.0.is_some()
    }

    /// Whether there is a list.
    pub(super) fn is_list(self) -> bool {
        self.0.is_some_and(Value::is_array)
    }

    /// A text, a number or a truth value as text, unless it is empty.
    pub(super) fn text(self) -> Option<Cow<'a, str>> {
        let text = match self.0? {
            Value::String(text) => Cow::Borrowed(text.as_str()),
            Value::Number(number) => Cow::Owned(number.to_string()),
            Value::Bool(is) => Cow::Borrowed(if *is { "true" } else { "false" }),
            _ => return None,
        };
        Some(text).filter(|text| !text.is_empty())
    }

    /// The text; empty where there is none.
    pub(super) fn or_empty(self) -> Cow<'a, str> {
        self.text().unwrap_or_default()
    }

    /// A truth value, also written out.
    pub(super) fn truth(self) -> Option<bool> {
        let text = self.text()?;
        let is = |word: &str| text.eq_ignore_ascii_case(word);
        if is("true") || is("t") || is("y") || is("yes") {
            return Some(true);
        }
        (is("false") || is("f") || is("n") || is("no")).then_some(false)
    }

    /// An instant.
    pub(super) fn time(self) -> Option<Timestamp> {
        instant(&self.text()?)
    }

    /// A whole number, also written out.
    pub(super) fn number(self) -> Option<i64> {
        self.text()?.parse().ok()
    }

    /// The elements of a list; none for anything else.
    pub(super) fn list(self) -> impl Iterator<Item = Node<'a>> {
        self.0.and_then(Value::as_array).into_iter().flatten().map(Self::of)
    }

    /// Whether there is anything but an empty text or list.
    pub(super) fn exists_and_is_not_empty(self) -> bool {
        !self.texts().is_empty()
    }

    /// The texts of a list, or the text that stands in place of a list.
    pub(super) fn texts(self) -> Vec<Cow<'a, str>> {
        match self.0 {
            Some(Value::Array(_)) => self.list().filter_map(Self::text).collect(),
            _ => self.text().into_iter().collect(),
        }
    }

    /// The entries of an object; none for anything else.
    pub(super) fn entries(self) -> impl Iterator<Item = (&'a str, Node<'a>)> {
        let object = self.0.and_then(Value::as_object).into_iter().flatten();
        object.map(|(key, value)| (key.as_str(), Self::of(value)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Node;

    #[test]
    fn a_wrong_type_is_nothing_and_not_an_error() {
        let value = json!({"a": {"b": 7, "c": null, "d": "yes", "x.y": ["z", 1, {}]}});
        let node = Node::of(&value);
        assert_eq!(node.at("a.b").text().as_deref(), Some("7"));
        assert!(!node.at("a.c").exists());
        assert_eq!(node.at("a.d").truth(), Some(true));
        assert_eq!(node.at("a").text(), None);
        assert_eq!(node.at("a").key("x.y").texts(), ["z", "1"]);
        assert_eq!(node.at("a.b").list().count(), 0);
        assert_eq!(node.first(&["x", "a.b"]).text().as_deref(), Some("7"));
    }
}
