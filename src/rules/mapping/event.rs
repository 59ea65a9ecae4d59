//! One kind of event that records of a format stand for.

use super::compile::Compiler;
use super::condition::Condition;
use super::expression::{Choice, Expression};
use super::pointer::Pointer;
use super::written;
use crate::model::{EventKind, IdentityKind, Outcome, Proof, Standing};

/// How an event is made of a record.
#[derive(Clone, Debug)]
pub struct Event {
    /// What happened.
    pub kind: EventKind,
    /// All of these must hold.
    pub when: Vec<Condition>,
    /// The list that has an element for each event; without it a record is one event.
    pub for_each: Option<Pointer>,
    /// Where the list is a text: what stands between its elements.
    pub split: Option<Box<str>>,
    /// When it happened, where that is not the time of the record.
    pub time: Option<Expression>,
    /// How it ended; accepted if it does not say.
    pub outcome: Option<Choice<Outcome>>,
    /// The credential.
    pub credential: Option<Credential>,
    /// Another id of the same credential.
    pub also: Option<Credential>,
    /// The credential with which it was obtained.
    pub parent: Option<Credential>,
    /// What kind of thing the requester is.
    pub requester_kind: Option<Choice<IdentityKind>>,
    /// What the requester showed.
    pub proof: Option<Choice<Proof>>,
    /// When the credential or grant ends.
    pub expiry: Option<End>,
    /// The plain texts.
    pub texts: Vec<(Text, Expression)>,
    /// Times, durations, numbers and truth values.
    pub values: Vec<(Value, Expression)>,
    /// What was granted or taken away.
    pub grant: Option<Grant>,
}

/// A field of an event that is a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is the field of `model::Event` with its name")]
pub enum Text {
    Error,
    CredentialKind,
    Principal,
    Requester,
    Scope,
    Session,
    Request,
    Reason,
    Task,
    Runner,
    Target,
    Audience,
    Address,
    Agent,
    Action,
}

/// A field of an event that is neither a text nor one of a few names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is the field of `model::Event` with its name")]
pub enum Value {
    IssuedAt,
    Before,
    Period,
    MaxUses,
    Mfa,
    ByService,
}

/// What identifies a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// The system that gave the id.
    pub system: Box<str>,
    /// The id, or what it is made of.
    pub id: Expression,
    /// How the id is to be understood.
    pub form: Form,
}

/// How the id of a credential is to be understood; see `model::CredentialId`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A public id of the system.
    Issued,
    /// Made from other facts.
    Derived,
    /// A digest that the system itself keyed.
    Hashed,
    /// The `hashed_token` of GitHub's audit log.
    GithubHashedToken,
}

/// When a credential or grant ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// At a time.
    At {
        /// The time.
        time: Expression,
        /// Where no time is stated, it never ends; otherwise nobody knows.
        or_never: bool,
    },
    /// A while after the event.
    After {
        /// The number of units.
        ttl: Expression,
        /// One unit in milliseconds, for numbers; `1h30m` stands for itself.
        unit_ms: i64,
        /// Where no duration is stated, it never ends; otherwise nobody knows.
        or_never: bool,
    },
}

/// What was granted or taken away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The system.
    pub system: Box<str>,
    /// Who holds it; nothing where the end of a grant names the grant by its id alone.
    pub holder: Option<Expression>,
    /// What it is.
    pub object: Object,
    /// Its id.
    pub object_id: Expression,
    /// Where it holds.
    pub scope: Option<Expression>,
    /// The id of the grant itself.
    pub id: Option<Expression>,
    /// Whether it is there for good.
    pub standing: Option<Choice<Standing>>,
}

/// What a grant gives; see `model::GrantObject`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the variant of `model::GrantObject` with its name")]
pub enum Object {
    Role,
    Group,
    Policy,
    AssumeRole,
}

/// The name of a kind as mappings write it.
pub fn kind_name(kind: EventKind) -> String {
    serde_json::to_value(kind).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}

impl Text {
    /// The name of the field as mappings write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::CredentialKind => "credential-kind",
            Self::Principal => "principal",
            Self::Requester => "requester",
            Self::Scope => "scope",
            Self::Session => "session",
            Self::Request => "request",
            Self::Reason => "reason",
            Self::Task => "task",
            Self::Runner => "runner",
            Self::Target => "target",
            Self::Audience => "audience",
            Self::Address => "address",
            Self::Agent => "agent",
            Self::Action => "action",
        }
    }
}

impl Value {
    /// The name of the field as mappings write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::IssuedAt => "issued-at",
            Self::Before => "before",
            Self::Period => "period",
            Self::MaxUses => "max-uses",
            Self::Mfa => "mfa",
            Self::ByService => "by-service",
        }
    }
}

/// The event as written, with what the defaults state and it does not.
pub(super) fn read_event(
    compiler: &mut Compiler<'_>,
    written: written::Event,
    defaults: &written::Fields,
    system: &str,
) -> Event {
    let with = written.with.or(defaults);
    let texts = [
        (Text::Error, with.error),
        (Text::CredentialKind, with.credential_kind),
        (Text::Principal, with.principal),
        (Text::Requester, with.requester),
        (Text::Scope, with.scope),
        (Text::Session, with.session),
        (Text::Request, with.request),
        (Text::Reason, with.reason),
        (Text::Task, with.task),
        (Text::Runner, with.runner),
        (Text::Target, with.target),
        (Text::Audience, with.audience),
        (Text::Address, with.address),
        (Text::Agent, with.agent),
        (Text::Action, with.action),
    ];
    let values = [
        (Value::IssuedAt, with.issued_at),
        (Value::Before, with.before),
        (Value::Period, with.period),
        (Value::MaxUses, with.max_uses),
        (Value::Mfa, with.mfa),
        (Value::ByService, with.by_service),
    ];
    let event = Event {
        kind: written.kind,
        when: compiler.conditions(written.when),
        for_each: compiler.each.clone(),
        split: written.split.filter(|between| !between.is_empty()).map(Into::into),
        time: with.time.map(|time| compiler.expression("with.time", time)),
        outcome: with.outcome.and_then(|outcome| compiler.choice("with.outcome", outcome)),
        credential: with.credential.and_then(|id| compiler.credential("with.credential", id, system)),
        also: with.also.and_then(|id| compiler.credential("with.also", id, system)),
        parent: with.parent.and_then(|id| compiler.credential("with.parent", id, system)),
        requester_kind: with.requester_kind.and_then(|kind| compiler.choice("with.requester-kind", kind)),
        proof: with.proof.and_then(|proof| compiler.choice("with.proof", proof)),
        expiry: with.expiry.and_then(|expiry| compiler.end(expiry)),
        texts: texts
            .into_iter()
            .filter_map(|(field, written)| Some((field, compiler.field(field.name(), written?))))
            .collect(),
        values: values
            .into_iter()
            .filter_map(|(field, written)| Some((field, compiler.field(field.name(), written?))))
            .collect(),
        grant: with.grant.and_then(|grant| compiler.grant(grant, system)),
    };
    if let Some(missing) = event.lacks() {
        compiler.flaw("with", format!("such an event needs `{missing}`"));
    }
    event
}

impl Event {
    /// The field without which an event of this kind says nothing.
    fn lacks(&self) -> Option<&'static str> {
        let has = |field: Text| self.texts.iter().any(|(other, _)| *other == field);
        let needs = |field: Text| (!has(field)).then(|| field.name());
        match self.kind {
            EventKind::Issued
            | EventKind::Renewed
            | EventKind::Used
            | EventKind::Revoked
            | EventKind::Disabled
            | EventKind::Enabled => self.credential.is_none().then_some("credential"),
            EventKind::Granted => {
                self.grant.as_ref().is_none_or(|grant| grant.holder.is_none()).then_some("grant.holder")
            }
            EventKind::Ungranted => {
                let is_named = |grant: &Grant| grant.holder.is_some() || grant.id.is_some();
                (!self.grant.as_ref().is_some_and(is_named)).then_some("grant.holder")
            }
            EventKind::Requested | EventKind::Approved | EventKind::Declined => needs(Text::Request),
            EventKind::TaskStarted | EventKind::TaskEnded => needs(Text::Task),
            EventKind::IdentityDeleted | EventKind::IdentityDisabled | EventKind::IdentityEnabled => {
                needs(Text::Principal)
            }
            EventKind::SessionsRevoked => needs(Text::Scope),
            EventKind::Alerted | EventKind::Weakened => needs(Text::Action),
            EventKind::Truncated | EventKind::LogStopped | EventKind::LogStarted => None,
        }
    }
}

impl Compiler<'_> {
    fn field(&mut self, name: &str, written: written::Expression) -> Expression {
        self.expression(&format!("with.{name}"), written)
    }

    fn credential(&mut self, key: &str, written: written::Credential, system: &str) -> Option<Credential> {
        let system = written.system.as_deref().unwrap_or(system).into();
        let forms = [
            (Form::Issued, written.issued),
            (Form::Derived, written.derived),
            (Form::Hashed, written.hashed),
            (Form::GithubHashedToken, written.github_hashed_token),
        ];
        let mut stated = forms.into_iter().filter_map(|(form, id)| Some((form, id?)));
        let (Some((form, id)), None) = (stated.next(), stated.next()) else {
            self.flaw(key, "states one of issued, derived, hashed, github-hashed-token".to_owned());
            return None;
        };
        Some(Credential { system, id: self.expression(key, id), form })
    }

    fn end(&mut self, written: written::Expiry) -> Option<End> {
        let or_never = written.without == written::Without::Never;
        match (written.at, written.ttl) {
            (Some(at), None) => Some(End::At { time: self.expression("with.expiry.at", at), or_never }),
            (None, Some(ttl)) => {
                let ttl = self.expression("with.expiry.ttl", ttl);
                Some(End::After { ttl, unit_ms: written.unit.milliseconds(), or_never })
            }
            _ => {
                self.flaw("with.expiry", "states either `at` or `ttl`".to_owned());
                None
            }
        }
    }

    fn grant(&mut self, written: written::Grant, system: &str) -> Option<Grant> {
        let objects = [
            (Object::Role, written.role),
            (Object::Group, written.group),
            (Object::Policy, written.policy),
            (Object::AssumeRole, written.assume_role),
        ];
        let mut stated = objects.into_iter().filter_map(|(object, id)| Some((object, id?)));
        let (Some((object, id)), None) = (stated.next(), stated.next()) else {
            self.flaw("with.grant", "states one of role, group, policy, assume-role".to_owned());
            return None;
        };
        Some(Grant {
            system: system.into(),
            holder: written.holder.map(|holder| self.expression("with.grant.holder", holder)),
            object,
            object_id: self.expression("with.grant", id),
            scope: written.scope.map(|scope| self.expression("with.grant.scope", scope)),
            id: written.id.map(|id| self.expression("with.grant.id", id)),
            standing: written.standing.and_then(|standing| self.choice("with.grant.standing", standing)),
        })
    }
}
