//! Conditions of statements, as far as the exports tell the keys they name.
//!
//! All tests of a condition must hold. A test on a key that no export tells, or with an operator that is not known, is
//! open: it neither holds nor fails.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::compare::{Comparison, compare};
use super::context::{Context, Value};

/// What can be said of something: that it holds, that it does not, or on what it depends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Truth {
    Yes,
    No,
    /// It depends on these, in words.
    Open(BTreeSet<String>),
}

impl Truth {
    /// It depends on this.
    pub(super) fn open(on: impl Into<String>) -> Self {
        Self::Open(BTreeSet::from([on.into()]))
    }

    /// Both.
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Yes, other) => other,
            (open, Self::Yes) => open,
            (Self::Open(mut one), Self::Open(other)) => {
                one.extend(other);
                Self::Open(one)
            }
        }
    }

    /// One or the other.
    pub(super) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Yes, _) | (_, Self::Yes) => Self::Yes,
            (Self::No, other) => other,
            (open, Self::No) => open,
            (Self::Open(mut one), Self::Open(other)) => {
                one.extend(other);
                Self::Open(one)
            }
        }
    }

    /// The opposite.
    pub(super) fn not(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            open @ Self::Open(_) => open,
        }
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}

/// The condition of a statement.
#[derive(Clone, Debug, Default)]
pub(super) struct Condition {
    tests: Vec<Test>,
    /// It could not be read at all.
    broken: bool,
}

/// One operator on one key.
#[derive(Clone, Debug)]
struct Test {
    /// As written: `ForAnyValue:StringLikeIfExists`.
    operator: Box<str>,
    comparison: Option<Comparison>,
    set: Set,
    if_exists: bool,
    key: Box<str>,
    values: Vec<Box<str>>,
}

/// How an operator treats a key of many values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Set {
    Plain,
    All,
    Any,
}

impl Condition {
    /// Reads canonical JSON; empty text is no condition.
    pub(super) fn parse(text: &str) -> Self {
        if text.is_empty() {
            return Self::default();
        }
        let Ok(Json::Object(by_operator)) = serde_json::from_str::<Json>(text) else {
            return Self { tests: Vec::new(), broken: true };
        };
        let mut condition = Self::default();
        for (operator, by_key) in &by_operator {
            let Json::Object(by_key) = by_key else {
                condition.broken = true;
                continue;
            };
            condition.tests.extend(by_key.iter().map(|(key, values)| Test::new(operator, key, values)));
        }
        condition
    }

    /// Whether the condition holds for a request.
    pub(super) fn holds(&self, context: &Context<'_>) -> Truth {
        let first = if self.broken { Truth::open("a condition that cannot be read") } else { Truth::Yes };
        self.tests.iter().fold(first, |truth, test| match truth {
            Truth::No => Truth::No,
            truth => truth.and(test.holds(context)),
        })
    }
}

impl Test {
    fn new(operator: &str, key: &str, values: &Json) -> Self {
        let lower = operator.to_ascii_lowercase();
        let (set, rest) = match lower.split_once(':') {
            Some(("forallvalues", rest)) => (Set::All, rest),
            Some(("foranyvalue", rest)) => (Set::Any, rest),
            _ => (Set::Plain, lower.as_str()),
        };
        let (rest, if_exists) = rest.strip_suffix("ifexists").map_or((rest, false), |rest| (rest, true));
        let values = match values {
            Json::Array(list) => list.iter().map(text).collect(),
            one => vec![text(one)],
        };
        let comparison = Comparison::named(rest);
        Self { operator: operator.into(), comparison, set, if_exists, key: key.into(), values }
    }

    fn holds(&self, context: &Context<'_>) -> Truth {
        let Some(comparison) = self.comparison else {
            return Truth::open(format!("operator {}, which is not known", self.operator));
        };
        let value = context.value(&self.key);
        if comparison == Comparison::Null {
            return match value {
                Value::Open => self.is_open(),
                known => self.values.iter().any(|wanted| (known == Value::Absent) == (&**wanted == "true")).into(),
            };
        }
        match value {
            Value::Open => self.is_open(),
            Value::Absent => (self.if_exists || self.set == Set::All || comparison.is_negated()).into(),
            Value::Is(value) => self.compare(comparison, &value, context),
        }
    }

    /// One of the values matches; with a negated operator none of them.
    fn compare(&self, comparison: Comparison, value: &str, context: &Context<'_>) -> Truth {
        let one = |wanted: &str| match fill(wanted, context) {
            Filled::Known(wanted) => compare(comparison, &wanted, value).map_or_else(|| self.is_open(), Truth::from),
            Filled::Open { on, .. } => Truth::open(on),
        };
        let any = self.values.iter().map(|wanted| one(wanted)).fold(Truth::No, Truth::or);
        if comparison.is_negated() { any.not() } else { any }
    }

    fn is_open(&self) -> Truth {
        let mut values = self.values.iter().map(|value| crate::access::aws::words::clip(value)).collect::<Vec<_>>();
        let more = values.len().saturating_sub(3);
        values.truncate(3);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        Truth::open(format!("{} {} {}{more}", self.key, self.operator, values.join(", ")))
    }
}

fn text(value: &Json) -> Box<str> {
    match value {
        Json::String(text) => text.as_str().into(),
        other => other.to_string().into(),
    }
}

/// A text with its policy variables filled in.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Filled<'t> {
    /// All of them are known.
    Known(Cow<'t, str>),
    /// One is not known.
    Open {
        /// The text with `*` for each that is not known.
        pattern: String,
        /// Which.
        on: String,
    },
}

/// Fills in the policy variables of a text: `${aws:username}`, `${aws:username, 'default'}`, `${*}`.
pub(super) fn fill<'t>(text: &'t str, context: &Context<'_>) -> Filled<'t> {
    if !text.contains("${") {
        return Filled::Known(text.into());
    }
    let (mut known, mut open) = (String::new(), None);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        known.push_str(before);
        let Some((variable, after)) = after.split_once('}') else {
            known.push_str("${");
            rest = after;
            continue;
        };
        rest = after;
        let (name, default) = match variable.split_once(',') {
            Some((name, default)) => (name.trim(), Some(default.trim().trim_matches('\''))),
            None => (variable.trim(), None),
        };
        match (name, context.value(name), default) {
            ("*" | "?" | "$", ..) => known.push_str(name),
            (_, Value::Is(value), _) => known.push_str(&value),
            (_, Value::Absent, Some(default)) => known.push_str(default),
            _ => {
                known.push('*');
                open = Some(format!("the value of ${{{name}}}"));
            }
        }
    }
    known.push_str(rest);
    match open {
        Some(on) => Filled::Open { pattern: known, on },
        None => Filled::Known(known.into()),
    }
}
