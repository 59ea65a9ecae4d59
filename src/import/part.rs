//! A part of a JSON document, read by name. A value of an unexpected type is as good as none, and names are compared
//! without case and underscores where no name is the same: exports of one API differ in them.

use jiff::Timestamp;
use serde_json::Value;

use super::time::instant;

/// A value inside a document.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part<'v>(&'v Value);

impl<'v> Part<'v> {
    /// The whole document.
    pub(super) fn of(value: &'v Value) -> Self {
        Self(value)
    }

    /// The value at `path`, whose names are separated by slashes; null where there is none.
    pub(super) fn at(self, path: &str) -> Self {
        let found = path.split('/').try_fold(self.0, |value, name| member(value.as_object()?, name));
        Self(found.unwrap_or(&Value::Null))
    }

    /// The text at `path`; nothing for an empty one and for other types.
    pub(super) fn text(self, path: &str) -> Option<&'v str> {
        self.at(path).as_text()
    }

    /// The text at the first of `paths` that has one.
    pub(super) fn first(self, paths: &[&str]) -> Option<&'v str> {
        paths.iter().find_map(|path| self.text(path))
    }

    /// The text itself.
    pub(super) fn as_text(self) -> Option<&'v str> {
        self.0.as_str().map(str::trim).filter(|text| !text.is_empty())
    }

    /// A text or a number at `path`, as text.
    pub(super) fn word(self, path: &str) -> Option<String> {
        match self.at(path).0 {
            Value::Number(number) => Some(number.to_string()),
            _ => self.text(path).map(str::to_owned),
        }
    }

    /// The instant at `path`, in any form that [`instant`] reads.
    pub(super) fn time(self, path: &str) -> Option<Timestamp> {
        instant(&self.word(path)?)
    }

    /// The truth value at `path`, also where it is written as text.
    pub(super) fn flag(self, path: &str) -> Option<bool> {
        match self.at(path).0 {
            Value::Bool(flag) => Some(*flag),
            Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    /// Whether something other than null stands at `path`.
    pub(super) fn has(self, path: &str) -> bool {
        !self.at(path).0.is_null()
    }

    /// Whether the value is an object.
    pub(super) fn is_object(self) -> bool {
        self.0.is_object()
    }

    /// Whether the value is a list.
    pub(super) fn is_list(self) -> bool {
        self.0.is_array()
    }

    /// The elements of the list at `path` with their numbers; none where there is no list.
    pub(super) fn each(self, path: &str) -> impl Iterator<Item = (usize, Part<'v>)> + use<'v> {
        self.at(path).0.as_array().into_iter().flatten().map(Part).enumerate()
    }

    /// The texts in the list at `path`, or the single text that stands there.
    pub(super) fn texts(self, path: &str) -> Vec<&'v str> {
        let one = self.text(path).into_iter();
        one.chain(self.each(path).filter_map(|(_, part)| part.as_text())).collect()
    }

    /// The members of the object at `path`, in order of their names.
    pub(super) fn members(self, path: &str) -> impl Iterator<Item = (&'v str, Part<'v>)> + use<'v> {
        self.at(path).0.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), Part(value)))
    }

    /// The members of the object itself, for names that hold slashes.
    pub(super) fn all(self) -> impl Iterator<Item = (&'v str, Part<'v>)> + use<'v> {
        self.0.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), Part(value)))
    }

    /// The JSON text of the value, with the members of objects in order of their names.
    pub(super) fn to_json(self) -> String {
        let mut value = self.0.clone();
        value.sort_all_objects();
        value.to_string()
    }
}

fn member<'v>(object: &'v serde_json::Map<String, Value>, name: &str) -> Option<&'v Value> {
    object.get(name).or_else(|| object.iter().find(|(other, _)| is_same(other, name)).map(|(_, value)| value))
}

fn is_same(one: &str, other: &str) -> bool {
    let letters = |text: &'_ str| {
        text.bytes().filter(|byte| *byte != b'_').map(|byte| byte.to_ascii_lowercase()).collect::<Vec<u8>>()
    };
    one.len().abs_diff(other.len()) <= 8 && letters(one) == letters(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_snake_and_camel_case_and_the_same_name_first() {
        let value: Value = serde_json::from_str(r#"{"iam_policy":{"Role":"a","role":"b"},"x":7}"#).expect("JSON");
        let part = Part::of(&value);
        assert_eq!(part.text("iamPolicy/role"), Some("b"));
        assert_eq!((part.text("x"), part.word("x").as_deref()), (None, Some("7")));
        assert_eq!(part.text("iamPolicy/role/deeper"), None);
    }

    #[test]
    fn a_text_where_a_list_is_expected_is_a_list_of_one() {
        let value: Value = serde_json::from_str(r#"{"a":"x","b":["y",1,"z"]}"#).expect("JSON");
        assert_eq!(Part::of(&value).texts("a"), ["x"]);
        assert_eq!(Part::of(&value).texts("b"), ["y", "z"]);
    }
}
