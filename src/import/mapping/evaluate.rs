//! What conditions and expressions say of one record.

use std::borrow::Cow;
use std::cell::Cell;

use super::json::Json;
use crate::rules::mapping::condition::{Condition, Test};
use crate::rules::mapping::expression::{Change, Choice, Expression};
use crate::rules::mapping::pointer::Pointer;

/// A longer text of a record is cut: a field of an event is a name or a sentence.
const MOST_BYTES: usize = 4096;

/// A record, and the element of it that is looked at.
pub(super) struct View<'r> {
    /// The record.
    pub(super) record: &'r Json<'r>,
    /// The element of the list that the event goes through; the record itself without one.
    pub(super) element: &'r Json<'r>,
    /// How many values were of another type than what is made of them.
    pub(super) of_wrong_type: &'r Cell<u64>,
}

impl<'r> View<'r> {
    /// The value at a pointer; nothing for null and where there is none.
    pub(super) fn at(&self, pointer: &Pointer) -> Option<&'r Json<'r>> {
        let start = if pointer.is_inner { self.element } else { self.record };
        start.at(&pointer.steps)
    }

    /// The text of an expression; nothing where it is empty.
    pub(super) fn text<'m: 'r>(&self, expression: &'m Expression) -> Option<Cow<'r, str>> {
        let text = match expression {
            Expression::Constant(text) => Cow::Borrowed(text.as_ref()),
            Expression::At(pointer) => self.plain(self.at(pointer)?)?,
            Expression::Template(parts) => {
                let parts: Option<Vec<Cow<'_, str>>> = parts.iter().map(|part| self.text(part)).collect();
                Cow::Owned(parts?.concat())
            }
            Expression::First(all) => all.iter().find_map(|one| self.text(one))?,
            Expression::Changed(change) => self.changed(change)?,
        };
        (!text.is_empty()).then(|| bounded(text))
    }

    /// The value of a fixed set, or nothing.
    pub(super) fn choice<'m: 'r, T: Copy>(&self, choice: &'m Choice<T>) -> Option<T> {
        match choice {
            Choice::Constant(value) => Some(*value),
            Choice::Of { from, map, default } => {
                let known = self.text(from).and_then(|text| map.get(text.as_ref()));
                known.copied().or(*default)
            }
        }
    }

    /// Whether a condition holds.
    pub(super) fn holds(&self, condition: &Condition) -> bool {
        let value = self.at(&condition.at);
        let any = |is: &dyn Fn(&str) -> bool| match value {
            Some(Json::List(all)) => all.iter().filter_map(Json::text).any(|text| is(&text)),
            Some(value) => value.text().is_some_and(|text| is(&text)),
            None => false,
        };
        let is_one_of = |texts: &[Box<str>]| any(&|text| texts.iter().any(|one| **one == *text));
        match &condition.test {
            Test::OneOf(texts) => is_one_of(texts),
            Test::NoneOf(texts) => !is_one_of(texts),
            Test::Prefix(texts) => any(&|text| texts.iter().any(|prefix| text.starts_with(prefix.as_ref()))),
            Test::Glob(globs) => any(&|text| globs.iter().any(|glob| glob.is_match(text))),
            Test::Present => value.is_some_and(|value| !is_empty(value)),
            Test::Absent => value.is_none_or(is_empty),
        }
    }

    /// A scalar as text, the texts of a list with spaces between them. An object is of the wrong type.
    fn plain(&self, value: &'r Json<'r>) -> Option<Cow<'r, str>> {
        if let Json::List(all) = value {
            let texts: Option<Vec<Cow<'_, str>>> = all.iter().map(Json::text).collect();
            if let Some(texts) = texts {
                return Some(Cow::Owned(texts.join(" ")));
            }
        }
        let text = value.text();
        if text.is_none() {
            self.of_wrong_type.set(self.of_wrong_type.get() + 1);
        }
        text
    }

    fn changed<'m: 'r>(&self, change: &'m Change) -> Option<Cow<'r, str>> {
        let text = self.mapped(change)?;
        Some(match &change.prefix {
            Some(prefix) => Cow::Owned(format!("{prefix}{text}")),
            None => text,
        })
    }

    fn mapped<'m: 'r>(&self, change: &'m Change) -> Option<Cow<'r, str>> {
        let default = || change.default.as_deref().map(Cow::Borrowed);
        let Some(text) = self.text(&change.from) else { return default() };
        let text = match change.after.as_deref() {
            Some(after) => match text.split_once(after) {
                Some((_, rest)) => Cow::Owned(rest.to_owned()),
                None => return default(),
            },
            None => text,
        };
        let text = match change.before.as_deref().and_then(|before| text.split_once(before)) {
            Some((start, _)) => Cow::Owned(start.to_owned()),
            None => text,
        };
        match change.map.get(text.as_ref()) {
            Some(value) => Some(Cow::Borrowed(value)),
            None if change.map.is_empty() => Some(text),
            None => default(),
        }
    }
}

fn is_empty(value: &Json<'_>) -> bool {
    match value {
        Json::Null => true,
        Json::Text(text) => text.trim().is_empty(),
        Json::List(all) => all.is_empty(),
        Json::Object(all) => all.is_empty(),
        Json::Bool(_) | Json::Number(_) => false,
    }
}

fn bounded(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.len() <= MOST_BYTES {
        return text;
    }
    Cow::Owned(text.get(..text.floor_char_boundary(MOST_BYTES)).unwrap_or_default().to_owned())
}
