//! What is known of a request that an identity makes: the keys that conditions and policy variables name.

use std::borrow::Cow;

use jiff::Timestamp;

use super::arn;
use crate::access::Principal;
use crate::model::IdentityKind;

/// A request, as far as the exports tell.
#[derive(Clone, Copy, Debug)]
pub(super) struct Context<'a> {
    /// When it is made.
    pub(super) as_of: Timestamp,
    /// Who makes it: the id.
    pub(super) id: &'a str,
    /// Who makes it, where an export describes the identity.
    pub(super) principal: Option<&'a Principal<'a>>,
    /// Keys that the request itself fixes, in lower case, with their values.
    pub(super) fixed: &'a [(&'a str, &'a str)],
}

/// The value of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value<'a> {
    /// Known.
    Is(Cow<'a, str>),
    /// The request does not have the key.
    Absent,
    /// No export tells.
    Open,
}

impl<'a> Context<'a> {
    /// The value of a key; case does not count.
    pub(super) fn value(&self, key: &str) -> Value<'a> {
        let key = key.to_ascii_lowercase();
        if let Some((_, value)) = self.fixed.iter().find(|(name, _)| *name == key) {
            return Value::Is(Cow::Borrowed(value));
        }
        if let Some(tag) = key.strip_prefix("aws:principaltag/") {
            return self.tag(tag);
        }
        match key.as_str() {
            // No input carries a time and nobody gave one.
            "aws:currenttime" | "aws:epochtime" if self.as_of == Timestamp::UNIX_EPOCH => Value::Open,
            "aws:currenttime" => Value::Is(self.as_of.to_string().into()),
            "aws:epochtime" => Value::Is(self.as_of.as_second().to_string().into()),
            "aws:tokenissuetime" => self.token(),
            "aws:principalarn" => self.arn(),
            "aws:principalaccount" => known(arn::account(self.id).or_else(|| self.principal?.account)),
            "aws:principaltype" => self.kind(),
            "aws:username" => self.user_name(),
            "aws:principalisawsservice" if self.is_named() => Value::Is("false".into()),
            "aws:principalservicename" | "aws:principalservicenameslist" if self.is_named() => Value::Absent,
            _ => Value::Open,
        }
    }

    /// Whether the request is made by a user or in a session of a role.
    fn is_named(&self) -> bool {
        let kind = self.identity();
        arn::iam(self.id).is_some() && matches!(kind, IdentityKind::User | IdentityKind::Role | IdentityKind::Root)
    }

    fn identity(&self) -> IdentityKind {
        match (self.principal, arn::iam(self.id).map(|named| named.kind)) {
            (Some(principal), _) => principal.kind,
            (None, Some("user")) => IdentityKind::User,
            (None, Some("role")) => IdentityKind::Role,
            (None, Some("root")) => IdentityKind::Root,
            _ => IdentityKind::Unknown,
        }
    }

    fn arn(&self) -> Value<'a> {
        if self.is_named() { Value::Is(self.id.into()) } else { Value::Open }
    }

    fn kind(&self) -> Value<'a> {
        match self.identity() {
            IdentityKind::User => Value::Is("User".into()),
            IdentityKind::Role => Value::Is("AssumedRole".into()),
            IdentityKind::Root => Value::Is("Account".into()),
            _ => Value::Open,
        }
    }

    /// Only users have one.
    fn user_name(&self) -> Value<'a> {
        match self.identity() {
            IdentityKind::User => known(arn::iam(self.id).map(|named| named.name)),
            IdentityKind::Role | IdentityKind::Root => Value::Absent,
            _ => Value::Open,
        }
    }

    /// A session that begins now is issued now. Whether a user comes with a session or a key, nothing tells.
    fn token(&self) -> Value<'a> {
        if self.identity() == IdentityKind::Role && self.as_of != Timestamp::UNIX_EPOCH {
            Value::Is(self.as_of.to_string().into())
        } else {
            Value::Open
        }
    }

    /// The tag of a user, or of a role whose trust policy lets nobody bring tags of the session's own.
    fn tag(&self, name: &str) -> Value<'a> {
        let Some(principal) = self.principal else { return Value::Open };
        let fact = |wanted: &str| principal.facts.iter().find(|fact| fact.name.eq_ignore_ascii_case(wanted));
        if fact("tags").is_none() || fact("session-tags").is_some() {
            return Value::Open;
        }
        if fact(&format!("tag-not-shown/{name}")).is_some() {
            return Value::Open;
        }
        match fact(&format!("tag/{name}")) {
            Some(tag) => Value::Is((&*tag.value).into()),
            None => Value::Absent,
        }
    }
}

fn known(value: Option<&str>) -> Value<'_> {
    value.map_or(Value::Open, |value| Value::Is(value.into()))
}
