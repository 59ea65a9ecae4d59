//! How the text of a field is made: from the record, or as a constant.

use std::collections::BTreeMap;

use super::compile::Compiler;
use super::pointer::Pointer;
use super::written;

/// A text that is made of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expression {
    /// The same for all records.
    Constant(Box<str>),
    /// What stands there; the texts of a list with spaces between them.
    At(Pointer),
    /// Parts put together; nothing where one of them has nothing.
    Template(Vec<Expression>),
    /// The first that has something.
    First(Vec<Expression>),
    /// A text changed.
    Changed(Box<Change>),
}

/// How a text is changed, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The text.
    pub from: Expression,
    /// What follows this; nothing where it is not there.
    pub after: Option<Box<str>>,
    /// What comes before this; all of it where it is not there.
    pub before: Option<Box<str>>,
    /// What stands for which text.
    pub map: BTreeMap<Box<str>, Box<str>>,
    /// What stands for texts that `map` does not have, and for none; without it they stay as they are where `map` is
    /// empty, and are nothing otherwise.
    pub default: Option<Box<str>>,
    /// What is put before the text in the end, where there is one.
    pub prefix: Option<Box<str>>,
}

/// A value out of a fixed set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice<T> {
    /// The same for all records.
    Constant(T),
    /// What the text stands for.
    Of {
        /// The text.
        from: Expression,
        /// What it stands for.
        map: BTreeMap<Box<str>, T>,
        /// What other texts, and none, stand for.
        default: Option<T>,
    },
}

impl Compiler<'_> {
    /// The expression as written at `key`.
    pub(super) fn expression(&mut self, key: &str, written: written::Expression) -> Expression {
        match written {
            written::Expression::Text(text) => self.text(key, &text),
            written::Expression::First(all) => {
                Expression::First(all.into_iter().map(|one| self.expression(key, one)).collect())
            }
            written::Expression::Changed(change) => {
                let from = self.expression(key, *change.from);
                let boxed = |text: Option<String>| text.map(Into::into);
                let map = change.map.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
                let (after, before) = (boxed(change.after), boxed(change.before));
                let (default, prefix) = (boxed(change.default), boxed(change.prefix));
                Expression::Changed(Box::new(Change { from, after, before, map, default, prefix }))
            }
        }
    }

    /// A pointer, a text with `{/pointers}` in it, or a constant.
    fn text(&mut self, key: &str, text: &str) -> Expression {
        if Pointer::is_meant(text) {
            return Expression::At(self.pointer(key, text));
        }
        if !text.contains("{/") && !text.contains("{.") {
            return Expression::Constant(text.into());
        }
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, inside)) = rest.split_once('{') {
            let Some((pointer, after)) = inside.split_once('}') else {
                self.flaw(key, "a `{` without its `}`".to_owned());
                return Expression::Constant("".into());
            };
            if !before.is_empty() {
                parts.push(Expression::Constant(before.into()));
            }
            parts.push(Expression::At(self.pointer(key, pointer)));
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Expression::Constant(rest.into()));
        }
        Expression::Template(parts)
    }
}
