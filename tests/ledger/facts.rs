//! Facts as sources and importers would push them.

use std::sync::Arc;

use jiff::Timestamp;
use overstay::ledger::{CredentialRow, Fold, Joining, Ledger};
use overstay::model::{
    Confidence, Credential, CredentialId, Effect, Event, EventKind, Evidence, Expiry, Exposure, Grant, GrantObject,
    Identity, IdentityKind, Input, LastUse, Origin, Place, Policy, Presence, Sink, Standing, StandingClass, Statement,
    Status, StreamKey,
};

/// A key id that does not tell its account (the form from before 2019).
pub(crate) const KEY: &str = "AKIAIABCDEFGHIJKLMNO";
pub(crate) const OTHER_KEY: &str = "AKIAIPQRSTUVWXYZABCD";
pub(crate) const CI: &str = "arn:aws:iam::111122223333:user/ci";
pub(crate) const ROLE: &str = "arn:aws:iam::111122223333:role/deploy";
pub(crate) const ADMIN: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

pub(crate) fn place(name: &str, shows: &str) -> Evidence {
    Evidence::new(shows, &Input::of(name, b""), Place::Line { line: 1, column: 1 })
}

pub(crate) fn aws(id: &str) -> CredentialId {
    CredentialId::issued("aws", id)
}

pub(crate) fn finish(facts: impl FnOnce(&mut Fold)) -> Ledger {
    let mut fold = Fold::new();
    facts(&mut fold);
    fold.finish(&Joining::default())
}

pub(crate) fn row<'a>(ledger: &'a Ledger, id: &str) -> &'a CredentialRow {
    let mut rows = ledger.credentials.iter().filter(|row| row.id.to_string() == id);
    let row = rows.next().unwrap_or_else(|| panic!("no row for {id}"));
    assert!(rows.next().is_none(), "two rows for {id}");
    row
}

/// A row of the credential report of 2026-06-01.
pub(crate) fn report(fold: &mut Fold, user: &str, slot: u8, created: &str) {
    let id = CredentialId::derived("aws", &format!("{user}#key{slot}@{created}"));
    let mut key = Credential::observed(id, "aws-access-key-id", "AWS access key", place("report.csv", "active key"));
    key.standing = StandingClass::Standing;
    key.principal = Some(user.into());
    key.created = Some(at(created));
    key.status = Status::Active;
    key.last_use = LastUse::Never;
    key.observed_at = Some(at("2026-06-01T00:00:00Z"));
    fold.credential(key);
}

/// An entry of `list-access-keys`.
pub(crate) fn listed(fold: &mut Fold, id: &str, user: &str, created: &str) {
    let mut key = Credential::observed(aws(id), "aws-access-key-id", "AWS access key", place("keys.json", "key"));
    key.principal = Some(user.into());
    key.created = Some(at(created));
    key.status = Status::Active;
    fold.credential(key);
}

/// A key id in code.
pub(crate) fn leaked(fold: &mut Fold, id: &str) {
    let evidence = place("src/deploy.sh", "key id in code");
    let mut key = Credential::observed(aws(id), "aws-access-key-id", "AWS access key id", evidence.clone());
    key.exposure = Some(Exposure {
        rule: "aws-access-key-id".into(),
        evidence,
        presence: Presence::InHead,
        since: Some(at("2026-01-02T00:00:00Z")),
        confidence: Confidence::High,
        doubt: "".into(),
    });
    fold.credential(key);
}

pub(crate) fn identity(fold: &mut Fold, id: &str, kind: IdentityKind) {
    bounded_identity(fold, id, kind, None);
}

pub(crate) fn bounded_identity(fold: &mut Fold, id: &str, kind: IdentityKind, boundary: Option<&str>) {
    let seen = Identity::observed("aws", id, kind, place("gaad.json", "identity"));
    fold.identity(Identity { account: Some("111122223333".into()), boundary: boundary.map(Into::into), ..seen });
}

pub(crate) fn grant(fold: &mut Fold, holder: &str, object: GrantObject) {
    let grant = Grant::observed("aws", holder, object, place("gaad.json", "grant"));
    fold.grant(Grant { standing: Standing::Standing, expiry: Expiry::Never, ..grant });
}

pub(crate) fn attach(fold: &mut Fold, holder: &str, policy: &str) {
    grant(fold, holder, GrantObject::Policy(policy.into()));
}

pub(crate) fn statement(effect: Effect, action: &str, resource: &str) -> Statement {
    Statement { effect, resources: vec![resource.into()], ..Statement::allow([action.into()]) }
}

pub(crate) fn policy(fold: &mut Fold, id: &str, statements: Vec<Statement>) {
    let evidence = place("gaad.json", "policy");
    fold.policy(Policy { id: id.into(), system: "aws".into(), statements, created: None, evidence });
}

/// One record of a trail, by its number.
pub(crate) struct Trail {
    pub(crate) stream: StreamKey,
    input: Arc<Input>,
}

impl Trail {
    pub(crate) fn new() -> Self {
        Self { stream: StreamKey::new("aws-cloudtrail", "111122223333"), input: Input::of("trail.json", b"") }
    }

    pub(crate) fn event(&self, time: &str, kind: EventKind, credential: &str) -> Event<'_> {
        let time = at(time);
        let index = time.as_second().unsigned_abs();
        let origin = Origin { input: &self.input, index, offset: index * 100, record_id: None };
        let mut event = Event::new(time, kind, &self.stream, origin);
        event.credential = (!credential.is_empty()).then(|| aws(credential));
        event.credential_kind =
            if credential.starts_with("ASIA") { "aws-temporary-access-key-id" } else { "aws-access-key-id" };
        event
    }

    /// The user `ci` uses a key.
    pub(crate) fn used(&self, fold: &mut Fold, time: &str, credential: &str) {
        let mut event = self.event(time, EventKind::Used, credential);
        event.principal = Some(CI);
        fold.event(&event);
        fold.observed(&self.stream, event.time);
    }

    /// `requester` gets a session of `ROLE`.
    pub(crate) fn session(&self, fold: &mut Fold, time: &str, credential: &str, requester: &str) {
        let mut event = self.event(time, EventKind::Issued, credential);
        event.principal = Some(ROLE);
        event.scope = Some(ROLE);
        event.requester = Some(requester);
        fold.event(&event);
    }
}
