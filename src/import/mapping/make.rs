//! Events of a record.

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};

use jiff::{SignedDuration, Timestamp};

use super::evaluate::View;
use super::json::Json;
use crate::import::ends::{ending, seconds};
use crate::import::time::instant;
use crate::model::{
    CredentialId, Event, EventKind, Expiry, FingerprintKey, GrantChange, GrantObject, IdentityKind, Origin, Outcome,
    Proof, Standing, StreamKey,
};
use crate::rules::mapping::event::{Credential, End, Event as Rule, Form, Grant, Object, Text, Value};
use crate::rules::mapping::expression::Expression;
use crate::rules::mapping::pointer::Step;

/// What all events of a record share.
pub(super) struct Shared<'r> {
    /// When the record was written.
    pub(super) time: Timestamp,
    /// The stream it came from.
    pub(super) stream: &'r StreamKey,
    /// Where it lies.
    pub(super) origin: Origin<'r>,
    /// The key under which digests of tokens become fingerprints.
    pub(super) key: Option<&'r FingerprintKey>,
}

/// The values of an event, from which it is lent.
pub(super) struct Values<'r> {
    time: Timestamp,
    texts: Vec<(Text, Cow<'r, str>)>,
    credential: Option<CredentialId>,
    also: Option<CredentialId>,
    parent: Option<CredentialId>,
    expiry: Expiry,
    ttl_s: Option<i64>,
    grant: Option<GrantChange>,
    /// The fields that the rule states and the record does not.
    pub(super) missing: Vec<&'static str>,
}

impl<'r> Values<'r> {
    /// The values of `rule` in a record.
    pub(super) fn of(rule: &'static Rule, view: &View<'r>, shared: &Shared<'_>) -> Self {
        let mut missing = Vec::new();
        let time = rule.time.as_ref().map_or(Some(shared.time), |time| view.time(time));
        let mut texts = Vec::with_capacity(rule.texts.len());
        for (field, expression) in &rule.texts {
            match view.text(expression) {
                Some(text) => texts.push((*field, text)),
                None => missing.push(field.name()),
            }
        }
        let mut named = |name, is_stated: bool, is_there: bool| {
            if is_stated && !is_there {
                missing.push(name);
            }
        };
        let credential = rule.credential.as_ref().and_then(|id| view.credential(id, shared.key));
        named("credential", rule.credential.is_some(), credential.is_some());
        let parent = rule.parent.as_ref().and_then(|id| view.credential(id, shared.key));
        named("parent", rule.parent.is_some(), parent.is_some());
        let also = rule.also.as_ref().and_then(|id| view.credential(id, shared.key));
        named("also", rule.also.is_some(), also.is_some());
        let grant = rule.grant.as_ref().and_then(|grant| view.grant(grant));
        named("grant", rule.grant.is_some(), grant.is_some());
        named("time", rule.time.is_some(), time.is_some());
        let time = time.unwrap_or(shared.time);
        let (expiry, ttl_s) = rule.expiry.as_ref().map_or((Expiry::Unknown, None), |end| view.end(end, time));
        named("expiry", rule.expiry.is_some(), expiry != Expiry::Unknown);
        let ttl_s = ttl_s.or_else(|| lifetime(rule.kind, time, expiry));
        Self { time, texts, credential, also, parent, expiry, ttl_s, grant, missing }
    }

    /// Whether the event says what it is about.
    pub(super) fn is_telling(&self, kind: EventKind) -> bool {
        let has = |field: Text| self.get(field).is_some();
        match kind {
            EventKind::Issued
            | EventKind::Renewed
            | EventKind::Used
            | EventKind::Revoked
            | EventKind::Disabled
            | EventKind::Enabled => self.credential.is_some(),
            EventKind::Granted | EventKind::Ungranted => self.grant.is_some(),
            EventKind::Requested | EventKind::Approved | EventKind::Declined => has(Text::Request),
            EventKind::TaskStarted | EventKind::TaskEnded => has(Text::Task),
            EventKind::IdentityDeleted | EventKind::IdentityDisabled | EventKind::IdentityEnabled => {
                has(Text::Principal)
            }
            EventKind::SessionsRevoked => has(Text::Scope),
            EventKind::Alerted => self.credential.is_some() || has(Text::Principal),
            EventKind::Weakened | EventKind::Truncated | EventKind::LogStopped | EventKind::LogStarted => true,
        }
    }

    /// The event.
    pub(super) fn event<'e>(&'e self, rule: &'static Rule, view: &View<'_>, shared: &Shared<'e>) -> Event<'e> {
        let mut event = Event::new(self.time, rule.kind, shared.stream, shared.origin);
        event.outcome = rule.outcome.as_ref().map_or(Outcome::Ok, |of| view.choice(of).unwrap_or(Outcome::Error));
        event.proof = rule.proof.as_ref().and_then(|of| view.choice(of)).unwrap_or(Proof::Unknown);
        let kind = rule.requester_kind.as_ref().and_then(|of| view.choice(of));
        event.requester_kind = kind.unwrap_or(IdentityKind::Unknown);
        event.credential.clone_from(&self.credential);
        event.also.clone_from(&self.also);
        event.parent.clone_from(&self.parent);
        event.grant.clone_from(&self.grant);
        (event.expiry, event.ttl_s) = (self.expiry, self.ttl_s);
        event.error = self.get(Text::Error).filter(|_| event.outcome != Outcome::Ok);
        event.credential_kind = self.get(Text::CredentialKind).unwrap_or_default();
        event.principal = self.get(Text::Principal);
        event.requester = self.get(Text::Requester);
        event.scope = self.get(Text::Scope);
        event.session = self.get(Text::Session);
        event.request = self.get(Text::Request);
        event.reason = self.get(Text::Reason);
        event.task = self.get(Text::Task);
        event.runner = self.get(Text::Runner);
        event.target = self.get(Text::Target);
        event.audience = self.get(Text::Audience);
        event.address = self.get(Text::Address).and_then(address);
        event.agent = self.get(Text::Agent);
        event.action = self.get(Text::Action);
        for (field, expression) in &rule.values {
            match field {
                Value::IssuedAt => event.issued_at = view.time(expression),
                Value::Before => event.before = view.time(expression),
                Value::Period => event.period_s = view.text(expression).and_then(|text| seconds(&text)),
                Value::MaxUses => event.max_uses = view.text(expression).and_then(|text| text.parse().ok()),
                Value::Mfa => event.mfa = view.truth(expression),
                Value::ByService => event.by_service = view.truth(expression).unwrap_or_default(),
            }
        }
        event
    }

    fn get(&self, field: Text) -> Option<&str> {
        self.texts.iter().find(|(other, _)| *other == field).map(|(_, text)| text.as_ref())
    }
}

impl View<'_> {
    /// A time in any form that [`instant`] reads, or Google's object of seconds and nanoseconds.
    pub(super) fn time(&self, expression: &'static Expression) -> Option<Timestamp> {
        if let Some(time) = self.stamp(expression) {
            return Some(time);
        }
        let text = self.text(expression)?;
        let time = instant(&text);
        if time.is_none() {
            self.of_wrong_type.set(self.of_wrong_type.get() + 1);
        }
        time
    }

    /// The object `{"seconds": 1709287200, "nanos": 5}`.
    fn stamp(&self, expression: &'static Expression) -> Option<Timestamp> {
        let object = match expression {
            Expression::At(pointer) => self.at(pointer).filter(|value| matches!(value, Json::Object(_)))?,
            Expression::First(all) => return all.iter().find_map(|one| self.stamp(one)),
            _ => return None,
        };
        let number = |key: &str| object.at(&[Step::Key(key.into())])?.text()?.parse::<i64>().ok();
        let nanos = number("nanos").or_else(|| number("nanoseconds")).unwrap_or_default();
        Timestamp::new(number("seconds")?, i32::try_from(nanos).ok()?).ok()
    }

    fn truth(&self, expression: &'static Expression) -> Option<bool> {
        match self.text(expression)?.to_ascii_lowercase().as_str() {
            "true" | "yes" | "y" | "1" => Some(true),
            "false" | "no" | "n" | "0" => Some(false),
            _ => None,
        }
    }

    fn credential(&self, rule: &'static Credential, key: Option<&FingerprintKey>) -> Option<CredentialId> {
        let text = self.text(&rule.id)?;
        Some(match rule.form {
            Form::Issued => CredentialId::issued(&rule.system, &text),
            Form::Derived => CredentialId::derived(&rule.system, &text),
            Form::Hashed => CredentialId::hashed(&rule.system, &text),
            Form::GithubHashedToken => CredentialId::fingerprint(key?.github_hashed_token(&text)),
        })
    }

    fn grant(&self, rule: &'static Grant) -> Option<GrantChange> {
        let boxed = |expression: &'static Expression| self.text(expression).map(|text| Box::from(text.as_ref()));
        let id = boxed(&rule.object_id)?;
        let object = match rule.object {
            Object::Role => GrantObject::Role(id),
            Object::Group => GrantObject::Group(id),
            Object::Policy => GrantObject::Policy(id),
            Object::AssumeRole => GrantObject::AssumeRole(id),
        };
        let grant_id = rule.id.as_ref().and_then(boxed);
        let holder = match &rule.holder {
            Some(holder) => boxed(holder)?,
            None => grant_id.as_ref().map(|_| Box::default())?,
        };
        Some(GrantChange {
            system: rule.system.clone(),
            holder,
            object,
            scope: rule.scope.as_ref().and_then(boxed).unwrap_or_default(),
            id: grant_id.unwrap_or_default(),
            standing: rule.standing.as_ref().and_then(|of| self.choice(of)).unwrap_or(Standing::Unknown),
        })
    }

    /// When it ends, and its time to live in seconds where that is what is stated.
    fn end(&self, rule: &'static End, from: Timestamp) -> (Expiry, Option<i64>) {
        let without = |or_never: bool| if or_never { Expiry::Never } else { Expiry::Unknown };
        match rule {
            End::At { time, or_never } => {
                let stamp = self.stamp(time).map(Expiry::At);
                let end = || self.text(time).map_or(without(*or_never), |text| ending(&text));
                (stamp.unwrap_or_else(end), None)
            }
            End::After { ttl, unit_ms, or_never } => {
                let Some(text) = self.text(ttl) else { return (without(*or_never), None) };
                let Some(span) = duration(&text, *unit_ms) else { return (Expiry::Unknown, None) };
                if span <= SignedDuration::ZERO {
                    return (Expiry::Never, None);
                }
                (from.checked_add(span).map_or(Expiry::Never, Expiry::At), Some(span.as_secs()))
            }
        }
    }
}

/// How long what was issued lives in seconds, where its end is stated.
fn lifetime(kind: EventKind, time: Timestamp, expiry: Expiry) -> Option<i64> {
    let end = expiry.at().filter(|end| kind == EventKind::Issued && *end > time)?;
    Some(end.duration_since(time).as_secs())
}

/// A number of units, or a duration that says its units: `1h30m`, `PT8H`, `8 hours`.
fn duration(text: &str, unit_ms: i64) -> Option<SignedDuration> {
    let whole = text.strip_suffix(".0").unwrap_or(text);
    match whole.parse::<i64>() {
        Ok(number) => number.checked_mul(unit_ms).map(SignedDuration::from_millis),
        Err(_) => seconds(text).map(SignedDuration::from_secs).or_else(|| text.parse().ok()),
    }
}

/// An address with or without a port.
fn address(text: &str) -> Option<IpAddr> {
    text.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_a_number_of_units_or_says_its_units() {
        for (text, unit, expected) in
            [("90", 60_000, 5400), ("90.0", 1000, 90), ("1h30m", 1000, 5400), ("PT8H", 1000, 28_800), ("-1", 1000, -1)]
        {
            assert_eq!(duration(text, unit).map(|span| span.as_secs()), Some(expected), "{text}");
        }
        assert_eq!(duration("99999999999999999", 86_400_000), None);
        assert_eq!(duration("soon", 1000), None);
    }

    #[test]
    fn an_address_may_have_a_port() {
        for text in ["198.51.100.7", "198.51.100.7:3022"] {
            assert_eq!(address(text), "198.51.100.7".parse().ok(), "{text}");
        }
        assert_eq!(address("[2001:db8::1]:443"), "2001:db8::1".parse().ok());
        assert_eq!(address("iam.amazonaws.com"), None);
    }
}
