//! A small language for facts: a fixture says what code, exports and logs show, and this turns it into a ledger.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use overstay::ledger::{Fold, Joining, Ledger};
use overstay::model::{
    Confidence, Credential, CredentialId, Event, EventKind, Evidence, Expiry, Exposure, FingerprintKey, Grant,
    GrantChange, GrantObject, Identity, IdentityKind, Input, InputSummary, LastUse, ListedFile, Origin, Outcome, Place,
    Policy, Presence, Proof, Readout, Sha256Digest, Sink, Standing, StandingClass, Statement, Status, StreamKey,
};
use serde::Deserialize;

/// One fixture: facts, policy, and what the check has to answer.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Fixture {
    /// The time as of which the check speaks.
    as_of: Timestamp,
    /// Why this case is here.
    pub(crate) about: String,
    /// The text of an `overstay.yaml`.
    #[serde(default)]
    pub(crate) policy: String,
    #[serde(default)]
    credentials: Vec<CredentialFact>,
    #[serde(default)]
    identities: Vec<IdentityFact>,
    #[serde(default)]
    policies: Vec<PolicyFact>,
    #[serde(default)]
    grants: Vec<GrantFact>,
    #[serde(default)]
    streams: Vec<StreamFact>,
    #[serde(default)]
    events: Vec<EventFact>,
    /// Files that digests of the first stream list, with their content then, and now where the file was read.
    #[serde(default)]
    listed: Vec<ListedFact>,
    /// What the check has to answer.
    pub(crate) expect: Expected,
}

/// A file that a digest lists.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct ListedFact {
    name: String,
    then: String,
    now: Option<String>,
}

/// What a check has to answer, to the last subject.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Expected {
    pub(crate) examined: u64,
    #[serde(default)]
    pub(crate) findings: Vec<ExpectedFinding>,
    #[serde(default)]
    pub(crate) inconclusive: Vec<ExpectedDoubt>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ExpectedFinding {
    pub(crate) subject: String,
    pub(crate) severity: String,
    /// Parts of the sentence, the reason of the severity or the card.
    pub(crate) says: Vec<String>,
    /// What the first pieces of evidence show, in order.
    #[serde(default)]
    pub(crate) shows: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ExpectedDoubt {
    pub(crate) subject: String,
    pub(crate) because: String,
}

#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct CredentialFact {
    id: String,
    /// How the id is known: `issued` (the default), `hashed`, `derived`, `value`.
    known_by: String,
    kind: String,
    standing: StandingClass,
    principal: Option<String>,
    created: Option<Timestamp>,
    /// A time, `never`, or nothing.
    expires: Option<String>,
    /// A time, `never`, `not-in-window`, or nothing.
    last_use: Option<String>,
    status: Status,
    exported: Option<Timestamp>,
    code: Vec<CodeFact>,
    /// What the credential itself tells, by name.
    read: std::collections::BTreeMap<String, String>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct CodeFact {
    path: String,
    line: u64,
    presence: Presence,
    since: Option<Timestamp>,
    #[serde(default)]
    confidence: Confidence,
    #[serde(default)]
    doubt: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct IdentityFact {
    id: String,
    kind: IdentityKind,
    #[serde(default)]
    system: String,
    account: Option<String>,
    created: Option<Timestamp>,
    last_use: Option<String>,
    #[serde(default)]
    status: Status,
    /// Further facts by name.
    #[serde(default)]
    facts: std::collections::BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct PolicyFact {
    id: String,
    allow: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct GrantFact {
    holder: String,
    #[serde(default)]
    system: String,
    policy: Option<String>,
    /// A role that the holder may assume.
    role: Option<String>,
    /// A role that the holder has over a scope.
    has: Option<String>,
    /// A group that the holder is in.
    group: Option<String>,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    condition: String,
    standing: Option<Standing>,
    expires: Option<String>,
    /// The record that shows it; one of its own where it is not given.
    record: Option<String>,
    /// Further facts by name.
    #[serde(default)]
    facts: std::collections::BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct StreamFact {
    importer: String,
    scope: String,
    /// Times with records: from, to, and how many seconds apart.
    records: Vec<(Timestamp, Timestamp, i64)>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct EventFact {
    at: Timestamp,
    kind: EventKind,
    id: Option<String>,
    #[serde(default)]
    known_by: String,
    /// Several ids at once: `{n}` in `id` becomes 0, 1, 2 ..., one `every` after the other.
    #[serde(default)]
    times: Option<i64>,
    #[serde(default)]
    every: i64,
    #[serde(default)]
    outcome: Outcome,
    #[serde(default)]
    credential_kind: String,
    parent: Option<String>,
    principal: Option<String>,
    requester: Option<String>,
    #[serde(default)]
    by_service: bool,
    #[serde(default)]
    proof: Proof,
    scope: Option<String>,
    expires: Option<Timestamp>,
    issued_at: Option<Timestamp>,
    ttl: Option<i64>,
    period: Option<i64>,
    before: Option<Timestamp>,
    #[serde(default)]
    from: Vec<std::net::IpAddr>,
    agent: Option<String>,
    action: Option<String>,
    /// The stream it came from, by its scope; the first one where it is not given.
    stream: Option<String>,
    error: Option<String>,
    session: Option<String>,
    #[serde(default)]
    requester_kind: IdentityKind,
    request: Option<String>,
    reason: Option<String>,
    task: Option<String>,
    runner: Option<String>,
    target: Option<String>,
    audience: Option<String>,
    mfa: Option<bool>,
    max_uses: Option<u64>,
    grant: Option<ChangeFact>,
}

/// A grant as a record of a log describes it.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct ChangeFact {
    holder: String,
    policy: Option<String>,
    /// A role that the holder may assume.
    role: Option<String>,
    /// A role that the holder has over the scope.
    has: Option<String>,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    system: String,
    #[serde(default)]
    standing: Standing,
}

impl ChangeFact {
    fn change(&self) -> GrantChange {
        let object = match (&self.policy, &self.role, &self.has) {
            (Some(policy), None, None) => GrantObject::Policy(policy.as_str().into()),
            (None, Some(role), None) => GrantObject::AssumeRole(role.as_str().into()),
            (None, None, Some(role)) => GrantObject::Role(role.as_str().into()),
            _ => panic!("a grant gives a policy or a role"),
        };
        GrantChange {
            system: if self.system.is_empty() { "aws".into() } else { self.system.as_str().into() },
            holder: self.holder.as_str().into(),
            object,
            scope: self.scope.as_str().into(),
            id: "".into(),
            standing: self.standing,
        }
    }
}

/// The ledger that a fixture describes.
pub(crate) fn ledger(fixture: &Fixture, jit_roles: &[String], key: &FingerprintKey) -> Ledger {
    let mut fold = Fold::new();
    let export = Input::of("exports/facts.json", b"fixture");
    for fact in &fixture.credentials {
        credential(&mut fold, fact, &export, key);
    }
    access(&mut fold, fixture, &export);
    for fact in &fixture.streams {
        stream(&mut fold, fact);
    }
    let log = Input::of("logs/facts.json", b"fixture");
    let mut index = 0;
    for fact in &fixture.events {
        event(&mut fold, fact, fixture, &log, &mut index);
    }
    for fact in &fixture.listed {
        listed(&mut fold, fact, fixture, &log);
    }
    fold.finish(&Joining { as_of: Some(fixture.as_of), jit_roles })
}

fn id(text: &str, known_by: &str, key: &FingerprintKey) -> CredentialId {
    match known_by {
        "hashed" => CredentialId::hashed("vault/hmac-sha256", text),
        "vault" | "gcp" => CredentialId::issued(known_by, text),
        "derived" => CredentialId::derived("aws", text),
        "value" => CredentialId::fingerprint(key.fingerprint("secret", text.as_bytes())),
        "" | "issued" => CredentialId::issued("aws", text),
        other => panic!("known-by: {other}"),
    }
}

fn pointer(shows: &str, input: &Arc<Input>, what: &str) -> Evidence {
    Evidence::new(shows, input, Place::Pointer { pointer: format!("/{what}") })
}

fn credential(fold: &mut Fold, fact: &CredentialFact, export: &Arc<Input>, key: &FingerprintKey) {
    let id = id(&fact.id, &fact.known_by, key);
    let title = fact.kind.replace('-', " ");
    for place in &fact.code {
        let file = Input::of(place.path.clone(), b"fixture");
        let evidence = Evidence::new("in code", &file, Place::Line { line: place.line, column: 1 });
        let mut seen = Credential::observed(id.clone(), &fact.kind, &title, evidence.clone());
        seen.standing = fact.standing;
        seen.expiry = expiry(fact.expires.as_deref());
        let told =
            |(name, value): (&String, &String)| Readout { name: name.as_str().into(), value: value.as_str().into() };
        seen.readouts = fact.read.iter().map(told).collect();
        seen.exposure = Some(Exposure {
            rule: fact.kind.as_str().into(),
            evidence,
            presence: place.presence,
            since: place.since,
            confidence: place.confidence,
            doubt: place.doubt.as_str().into(),
        });
        fold.credential(seen);
    }
    if fact.code.is_empty() || fact.exported.is_some() {
        let mut seen = Credential::observed(id, &fact.kind, &title, pointer("in the export", export, &fact.id));
        seen.standing = fact.standing;
        seen.principal = fact.principal.as_deref().map(Into::into);
        seen.created = fact.created;
        seen.expiry = expiry(fact.expires.as_deref());
        seen.last_use = last_use(fact.last_use.as_deref());
        seen.status = fact.status;
        seen.observed_at = fact.exported;
        seen.readouts = readouts(&fact.read);
        fold.credential(seen);
    }
}

fn expiry(text: Option<&str>) -> Expiry {
    match text {
        None => Expiry::Unknown,
        Some("never") => Expiry::Never,
        Some(time) => Expiry::At(time.parse().unwrap()),
    }
}

fn last_use(text: Option<&str>) -> LastUse {
    match text {
        None => LastUse::Unknown,
        Some("never") => LastUse::Never,
        Some("not-in-window") => LastUse::NotInWindow,
        Some(time) => LastUse::At(time.parse().unwrap()),
    }
}

fn access(fold: &mut Fold, fixture: &Fixture, export: &Arc<Input>) {
    for fact in &fixture.identities {
        let system = if fact.system.is_empty() { "aws" } else { &fact.system };
        let seen = Identity::observed(system, &fact.id, fact.kind, pointer("identity", export, &fact.id));
        let account = fact.account.as_deref().or(fact.id.split(':').nth(4));
        fold.identity(Identity {
            account: account.map(Into::into),
            created: fact.created,
            last_use: last_use(fact.last_use.as_deref()),
            status: fact.status,
            facts: readouts(&fact.facts),
            ..seen
        });
    }
    for fact in &fixture.policies {
        let statement = Statement::allow(fact.allow.iter().map(|action| action.as_str().into()));
        let (id, evidence) = (fact.id.as_str().into(), pointer("policy", export, &fact.id));
        fold.policy(Policy { id, system: "aws".into(), statements: vec![statement], created: None, evidence });
    }
    for fact in &fixture.grants {
        let object = match (&fact.policy, &fact.role, &fact.has, &fact.group) {
            (Some(policy), None, None, None) => GrantObject::Policy(policy.as_str().into()),
            (None, Some(role), None, None) => GrantObject::AssumeRole(role.as_str().into()),
            (None, None, Some(role), None) => GrantObject::Role(role.as_str().into()),
            (None, None, None, Some(group)) => GrantObject::Group(group.as_str().into()),
            _ => panic!("a grant gives a policy, a role or a group"),
        };
        let system = if fact.system.is_empty() { "aws" } else { &fact.system };
        let own = || format!("{}/{}", fact.holder, object.id());
        let place = pointer("grant", export, &fact.record.clone().unwrap_or_else(own));
        let grant = Grant::observed(system, &fact.holder, object, place);
        fold.grant(Grant {
            standing: fact.standing.unwrap_or(Standing::Standing),
            expiry: expiry(Some(fact.expires.as_deref().unwrap_or("never"))),
            scope: fact.scope.as_str().into(),
            condition: fact.condition.as_str().into(),
            facts: readouts(&fact.facts),
            ..grant
        });
    }
}

fn stream(fold: &mut Fold, fact: &StreamFact) {
    let key = StreamKey::new(&fact.importer, &fact.scope);
    for &(from, to, step) in &fact.records {
        let mut time = from;
        while time <= to {
            fold.observed(&key, time);
            time += SignedDuration::from_secs(step);
        }
    }
    fold.examined(InputSummary {
        name: "logs/facts.json".into(),
        format: fact.importer.as_str().into(),
        sha256: Some("00".repeat(32)),
        bytes: 1,
        items: 1,
        ignored: 0,
        notes: Vec::new(),
    });
}

fn event(fold: &mut Fold, fact: &EventFact, fixture: &Fixture, log: &Arc<Input>, index: &mut u64) {
    let named = |stream: &&StreamFact| fact.stream.as_ref().is_none_or(|scope| *scope == stream.scope);
    let stream = fixture.streams.iter().find(named).expect("events need a stream");
    let key = StreamKey::new(&stream.importer, &stream.scope);
    let no_key = FingerprintKey::new(Vec::new());
    for turn in 0..fact.times.unwrap_or(1) {
        let shift = SignedDuration::from_secs(turn * fact.every);
        let text = fact.id.as_ref().map(|id| id.replace("{n}", &turn.to_string()));
        let addresses = if fact.from.is_empty() { vec![None] } else { fact.from.iter().copied().map(Some).collect() };
        for address in addresses {
            *index += 1;
            let record = format!("record-{index}");
            let origin = Origin { input: log, index: *index, offset: *index, record_id: Some(&record) };
            let mut event = Event::new(fact.at + shift, fact.kind, &key, origin);
            event.outcome = fact.outcome;
            event.credential = text.as_deref().map(|text| id(text, &fact.known_by, &no_key));
            event.credential_kind = &fact.credential_kind;
            event.parent = fact.parent.as_deref().map(|parent| id(parent, &fact.known_by, &no_key));
            event.principal = fact.principal.as_deref();
            event.requester = fact.requester.as_deref();
            event.by_service = fact.by_service;
            event.proof = fact.proof;
            event.scope = fact.scope.as_deref();
            event.expiry = fact.expires.map_or(Expiry::Unknown, |end| Expiry::At(end + shift));
            event.issued_at = fact.issued_at.map(|time| time + shift);
            event.ttl_s = fact.ttl;
            event.period_s = fact.period;
            event.before = fact.before;
            event.address = address;
            event.agent = fact.agent.as_deref();
            event.action = fact.action.as_deref();
            about(&mut event, fact);
            fold.event(&event);
        }
    }
}

/// What belongs to requests, tasks and grants.
fn about<'a>(event: &mut Event<'a>, fact: &'a EventFact) {
    event.error = fact.error.as_deref();
    event.session = fact.session.as_deref();
    event.requester_kind = fact.requester_kind;
    event.request = fact.request.as_deref();
    event.reason = fact.reason.as_deref();
    event.task = fact.task.as_deref();
    event.runner = fact.runner.as_deref();
    event.target = fact.target.as_deref();
    event.audience = fact.audience.as_deref();
    event.mfa = fact.mfa;
    event.max_uses = fact.max_uses;
    event.grant = fact.grant.as_ref().map(ChangeFact::change);
}

fn listed(fold: &mut Fold, fact: &ListedFact, fixture: &Fixture, log: &Arc<Input>) {
    let stream = fixture.streams.first().expect("digests need a stream");
    fold.listed(ListedFile {
        stream: StreamKey::new(&stream.importer, &stream.scope),
        name: fact.name.as_str().into(),
        sha256: Sha256Digest::of(fact.then.as_bytes()),
        is_list: false,
        evidence: pointer("listed in the digest", log, &fact.name),
    });
    if let Some(now) = &fact.now {
        let file = Input::of(format!("logs/{}", fact.name), now.as_bytes());
        fold.content(&file, Sha256Digest::of(now.as_bytes()));
    }
}

fn readouts(facts: &std::collections::BTreeMap<String, String>) -> Vec<Readout> {
    facts.iter().map(|(name, value)| Readout::new(name, value)).collect()
}
