//! A mapping as it stands in YAML, before it is checked.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::model::EventKind;

#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct File {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) how_to_export: String,
    #[serde(default)]
    pub(super) source: Vec<String>,
    #[serde(default)]
    pub(super) assumed: String,
    pub(super) recognise: Vec<Shape>,
    #[serde(default)]
    pub(super) layout: Layout,
    #[serde(default)]
    pub(super) lists: Vec<String>,
    #[serde(default)]
    pub(super) may_hold_secrets: bool,
    pub(super) system: String,
    pub(super) stream: Option<Expression>,
    pub(super) time: Expression,
    pub(super) record_id: Option<Expression>,
    pub(super) name: Expression,
    #[serde(default)]
    pub(super) defaults: Fields,
    pub(super) events: Vec<Event>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Layout {
    #[default]
    Json,
    Table,
}

#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Shape {
    pub(super) list: Option<String>,
    pub(super) keys: Vec<String>,
}

#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Event {
    pub(super) kind: EventKind,
    #[serde(default)]
    pub(super) when: BTreeMap<String, Condition>,
    pub(super) for_each: Option<String>,
    pub(super) split: Option<String>,
    #[serde(default)]
    pub(super) with: Fields,
}

/// The fields of an event. What an event does not state, the defaults do.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct Fields {
    pub(super) time: Option<Expression>,
    pub(super) outcome: Option<Expression>,
    pub(super) error: Option<Expression>,
    pub(super) credential: Option<Credential>,
    pub(super) credential_kind: Option<Expression>,
    pub(super) also: Option<Credential>,
    pub(super) parent: Option<Credential>,
    pub(super) principal: Option<Expression>,
    pub(super) requester: Option<Expression>,
    pub(super) requester_kind: Option<Expression>,
    pub(super) by_service: Option<Expression>,
    pub(super) proof: Option<Expression>,
    pub(super) scope: Option<Expression>,
    pub(super) expiry: Option<Expiry>,
    pub(super) issued_at: Option<Expression>,
    pub(super) period: Option<Expression>,
    pub(super) before: Option<Expression>,
    pub(super) session: Option<Expression>,
    pub(super) request: Option<Expression>,
    pub(super) reason: Option<Expression>,
    pub(super) task: Option<Expression>,
    pub(super) runner: Option<Expression>,
    pub(super) target: Option<Expression>,
    pub(super) audience: Option<Expression>,
    pub(super) mfa: Option<Expression>,
    pub(super) max_uses: Option<Expression>,
    pub(super) grant: Option<Grant>,
    pub(super) address: Option<Expression>,
    pub(super) agent: Option<Expression>,
    pub(super) action: Option<Expression>,
}

#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Credential {
    pub(super) issued: Option<Expression>,
    pub(super) derived: Option<Expression>,
    pub(super) hashed: Option<Expression>,
    pub(super) github_hashed_token: Option<Expression>,
    pub(super) system: Option<String>,
}

#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Expiry {
    pub(super) at: Option<Expression>,
    pub(super) ttl: Option<Expression>,
    #[serde(default)]
    pub(super) unit: Unit,
    #[serde(default)]
    pub(super) without: Without,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Unit {
    Milliseconds,
    #[default]
    Seconds,
    Minutes,
    Hours,
    Days,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Without {
    Never,
    #[default]
    Unknown,
}

#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Grant {
    pub(super) holder: Option<Expression>,
    pub(super) role: Option<Expression>,
    pub(super) group: Option<Expression>,
    pub(super) policy: Option<Expression>,
    pub(super) assume_role: Option<Expression>,
    pub(super) scope: Option<Expression>,
    pub(super) id: Option<Expression>,
    pub(super) standing: Option<Expression>,
}

/// A text, a list of alternatives, or an object that changes a text.
#[derive(Clone, Debug)]
pub(super) enum Expression {
    Text(String),
    First(Vec<Expression>),
    Changed(Change),
}

#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Change {
    pub(super) from: Box<Expression>,
    pub(super) after: Option<String>,
    pub(super) before: Option<String>,
    #[serde(default)]
    pub(super) map: BTreeMap<String, String>,
    pub(super) default: Option<String>,
    pub(super) prefix: Option<String>,
}

/// A text, a list of texts, or an object of tests.
#[derive(Clone, Debug)]
pub(super) enum Condition {
    OneOf(Vec<String>),
    Tests(Tests),
}

#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Tests {
    pub(super) prefix: Option<Texts>,
    pub(super) glob: Option<Texts>,
    pub(super) not: Option<Texts>,
    pub(super) present: Option<bool>,
}

/// One text or several.
#[derive(Clone, Debug)]
pub(super) struct Texts(pub(super) Vec<String>);

/// What may stand in one place: a scalar as text, a list, an object.
enum Node<L, O> {
    Scalar(String),
    List(L),
    Object(O),
}

struct Any<L, O>(&'static str, std::marker::PhantomData<(L, O)>);

impl<'de, L: Deserialize<'de>, O: Deserialize<'de>> Visitor<'de> for Any<L, O> {
    type Value = Node<L, O>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Node::Scalar(text.to_owned()))
    }

    fn visit_bool<E>(self, is: bool) -> Result<Self::Value, E> {
        Ok(Node::Scalar(is.to_string()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Node::Scalar(number.to_string()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Node::Scalar(number.to_string()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        L::deserialize(SeqAccessDeserializer::new(seq)).map(Node::List)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        O::deserialize(MapAccessDeserializer::new(map)).map(Node::Object)
    }
}

fn node<'de, L, O, D>(deserializer: D, expected: &'static str) -> Result<Node<L, O>, D::Error>
where
    L: Deserialize<'de>,
    O: Deserialize<'de>,
    D: Deserializer<'de>,
{
    deserializer.deserialize_any(Any(expected, std::marker::PhantomData))
}

impl<'de> Deserialize<'de> for Expression {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expected = "a pointer, a text, a list of them, or `from` with what changes it";
        Ok(match node::<Vec<Self>, Change, D>(deserializer, expected)? {
            Node::Scalar(text) => Self::Text(text),
            Node::List(all) => Self::First(all),
            Node::Object(change) => Self::Changed(change),
        })
    }
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expected = "a text, a list of texts, or prefix, glob, not, present";
        Ok(match node::<Texts, Tests, D>(deserializer, expected)? {
            Node::Scalar(text) => Self::OneOf(vec![text]),
            Node::List(texts) => Self::OneOf(texts.0),
            Node::Object(tests) => Self::Tests(tests),
        })
    }
}

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expected = "a text or a list of texts";
        match node::<Vec<Texts>, serde::de::IgnoredAny, D>(deserializer, expected)? {
            Node::Scalar(text) => Ok(Self(vec![text])),
            Node::List(all) => Ok(Self(all.into_iter().flat_map(|texts| texts.0).collect())),
            Node::Object(_) => Err(serde::de::Error::custom(expected)),
        }
    }
}

impl Unit {
    pub(super) fn milliseconds(self) -> i64 {
        match self {
            Self::Milliseconds => 1,
            Self::Seconds => 1000,
            Self::Minutes => 60_000,
            Self::Hours => 3_600_000,
            Self::Days => 86_400_000,
        }
    }
}

impl Fields {
    /// What is stated here, and what `defaults` state besides.
    pub(super) fn or(self, defaults: &Self) -> Self {
        let other = defaults.clone();
        Self {
            time: self.time.or(other.time),
            outcome: self.outcome.or(other.outcome),
            error: self.error.or(other.error),
            credential: self.credential.or(other.credential),
            credential_kind: self.credential_kind.or(other.credential_kind),
            also: self.also.or(other.also),
            parent: self.parent.or(other.parent),
            principal: self.principal.or(other.principal),
            requester: self.requester.or(other.requester),
            requester_kind: self.requester_kind.or(other.requester_kind),
            by_service: self.by_service.or(other.by_service),
            proof: self.proof.or(other.proof),
            scope: self.scope.or(other.scope),
            expiry: self.expiry.or(other.expiry),
            issued_at: self.issued_at.or(other.issued_at),
            period: self.period.or(other.period),
            before: self.before.or(other.before),
            session: self.session.or(other.session),
            request: self.request.or(other.request),
            reason: self.reason.or(other.reason),
            task: self.task.or(other.task),
            runner: self.runner.or(other.runner),
            target: self.target.or(other.target),
            audience: self.audience.or(other.audience),
            mfa: self.mfa.or(other.mfa),
            max_uses: self.max_uses.or(other.max_uses),
            grant: self.grant.or(other.grant),
            address: self.address.or(other.address),
            agent: self.agent.or(other.agent),
            action: self.action.or(other.action),
        }
    }
}
