//! Folds facts by subject as they come, in any order and in any number of parts. Nothing is kept per event.

use std::cmp::Reverse;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use jiff::Timestamp;

use crate::model::{
    Credential, CredentialId, Event, EventKind, Evidence, Expiry, Filtered, FingerprintKey, Gap, GapReason, Grant,
    GrantObject, Identity, Input, InputSummary, LastUse, ListedFile, Outcome, Place, Policy, Readout, Sha256Digest,
    Shard, Sink, Standing, StreamKey,
};

use super::absorb::{moment, shows};
use super::bounded::{keep_smallest, raise};
use super::chain::Chain;
use super::grant_life::{GrantLife, GrantName};
use super::observed::{Known, Observed};
use super::request::Request;
use super::signal::Signals;
use super::stream::StreamCoverage;
use super::task::Task;
use super::texts::Texts;
use super::timeline::{Switch, Timeline};

/// Facts, folded by subject. What they mean together is worked out by [`Fold::finish`].
#[derive(Clone, Debug, Default)]
pub struct Fold {
    pub(super) credentials: BTreeMap<CredentialId, Observed>,
    /// Timelines while events come. No result depends on their order: [`Fold::finish`] sorts them.
    pub(super) logged: HashMap<CredentialId, Box<Timeline>>,
    /// The same, in order, once all events have come.
    pub(super) timelines: BTreeMap<CredentialId, Box<Timeline>>,
    texts: Texts,
    pub(super) identities: BTreeMap<Box<str>, Known>,
    pub(super) grants: BTreeMap<GrantKey, Evidence>,
    pub(super) policies: BTreeMap<Box<str>, Policy>,
    /// Sessions of this role issued before this time ended with this switch.
    pub(super) sessions_revoked: BTreeSet<(Box<str>, Timestamp, Switch)>,
    /// This identity was deleted, disabled or enabled with this switch.
    pub(super) identity_switches: BTreeSet<(Box<str>, Switch)>,
    /// Pairs of ids that a record states of one credential.
    pub(super) ties: BTreeSet<(CredentialId, CredentialId)>,
    pub(super) requests: BTreeMap<Box<str>, Request>,
    pub(super) tasks: BTreeMap<Box<str>, Task>,
    pub(super) grant_lives: BTreeMap<GrantName, GrantLife>,
    pub(super) signals: Signals,
    pub(super) chain: Chain,
    pub(super) streams: BTreeMap<StreamKey, StreamCoverage>,
    pub(super) inputs: BTreeSet<InputSummary>,
    pub(super) gaps: BTreeMap<GapKey, u64>,
    pub(super) set_aside: BTreeMap<String, u64>,
    /// At most [`MOST_FILTERED`].
    pub(super) filtered: BTreeSet<Filtered>,
    pub(super) newest: BTreeMap<Source, Timestamp>,
    /// The organisation's key, for importers that need it.
    key: Option<FingerprintKey>,
}

/// How many places that were set aside are kept where they are asked for; the counts are always complete.
const MOST_FILTERED: usize = 10_000;

/// Everything about a grant but where it was seen.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct GrantKey {
    pub(super) holder: Box<str>,
    pub(super) object: GrantObject,
    scope: Box<str>,
    system: Box<str>,
    condition: Box<str>,
    standing: Standing,
    created: Option<Timestamp>,
    expiry: Expiry,
    last_use: LastUse,
    id: Box<str>,
    facts: Vec<Readout>,
}

impl GrantKey {
    fn of(grant: Grant) -> (Self, Evidence) {
        let Grant {
            system,
            holder,
            object,
            scope,
            condition,
            standing,
            created,
            expiry,
            last_use,
            id,
            facts,
            evidence,
        } = grant;
        let key = Self { holder, object, scope, system, condition, standing, created, expiry, last_use, id, facts };
        (key, evidence)
    }

    /// The grant as of a time: what ends and has ended is no longer standing, eligible or active.
    pub(super) fn grant(&self, evidence: &Evidence, as_of: Timestamp) -> Grant {
        let Self { holder, object, scope, system, condition, standing, created, expiry, last_use, id, facts } =
            self.clone();
        let standing = match (standing, expiry) {
            (_, Expiry::At(end)) if end <= as_of => Standing::ExpiredStillPresent,
            (Standing::Standing | Standing::Unknown, Expiry::At(_)) => Standing::TimeBound,
            (standing, _) => standing,
        };
        let evidence = evidence.clone();
        Grant { system, holder, object, scope, condition, standing, created, expiry, last_use, id, facts, evidence }
    }
}

/// Everything about a gap but its count: what, why, detail, effect.
pub(super) type GapKey = (Box<str>, GapReason, Box<str>, Box<str>);

/// Where a time was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    /// A record of a log.
    Log,
    /// The time as of which an export speaks.
    Export,
    /// A date of a credential in an export: creation, last use.
    Credential,
    /// A date in code: a commit, a credential that carries its issue time. Anybody can write any date there.
    Code,
}

impl Fold {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Nothing yet; importers may make fingerprints under this key.
    pub fn under(key: &FingerprintKey) -> Self {
        Self { key: Some(key.clone()), ..Self::default() }
    }

    /// What was examined so far.
    pub fn inputs(&self) -> impl Iterator<Item = &InputSummary> {
        self.inputs.iter()
    }

    fn saw(&mut self, source: Source, time: Option<Timestamp>) {
        if let Some(time) = time {
            let newest = self.newest.entry(source).or_insert(time);
            *newest = time.max(*newest);
        }
    }

    fn timeline(&mut self, event: &Event<'_>) {
        if let Some(id) = &event.credential {
            self.logged.entry(id.clone()).or_default().absorb(event, &self.texts);
            if let Some(also) = event.also.as_ref().filter(|also| *also != id) {
                self.ties.insert(if id < also { (id.clone(), also.clone()) } else { (also.clone(), id.clone()) });
            }
        }
    }

    fn switch(event: &Event<'_>) -> Switch {
        Switch { time: event.time, kind: event.kind, evidence: event.origin.evidence(shows(event)) }
    }
}

impl Sink for Fold {
    fn credential(&mut self, credential: Credential) {
        let (dates, since) = match &credential.exposure {
            Some(exposure) => (Source::Code, exposure.since),
            None => (Source::Credential, None),
        };
        self.saw(Source::Export, credential.observed_at);
        self.saw(dates, credential.created);
        self.saw(dates, credential.last_use.at());
        self.saw(Source::Code, since);
        self.credentials.entry(credential.id.clone()).or_default().absorb(credential);
    }

    fn identity(&mut self, identity: Identity) {
        self.saw(Source::Credential, identity.last_use.at());
        let id = identity.id.clone();
        add_identity(&mut self.identities, id, Known::new(identity));
    }

    fn grant(&mut self, grant: Grant) {
        self.saw(Source::Credential, grant.last_use.at());
        let (key, evidence) = GrantKey::of(grant);
        add_grant(&mut self.grants, key, evidence);
    }

    fn policy(&mut self, policy: Policy) {
        add_policy(&mut self.policies, policy);
    }

    fn event(&mut self, event: &Event<'_>) {
        self.saw(Source::Log, Some(event.time));
        let happened = event.outcome == Outcome::Ok;
        if let Some(request) = event.request {
            at_text(&mut self.requests, request).absorb(event);
        }
        match event.kind {
            EventKind::Granted | EventKind::Ungranted => {
                if let Some(change) = event.grant.as_ref().filter(|_| happened) {
                    self.grant_lives.entry(GrantName::from(change)).or_default().absorb(event, change);
                }
            }
            EventKind::TaskStarted | EventKind::TaskEnded => {
                if let Some(task) = event.task {
                    at_text(&mut self.tasks, task).absorb(event);
                }
            }
            EventKind::Alerted if happened => self.signals.alert(event),
            EventKind::Weakened if happened => self.signals.weaken(event),
            EventKind::Truncated => self.signals.truncate(event),
            EventKind::Requested
            | EventKind::Approved
            | EventKind::Declined
            | EventKind::Alerted
            | EventKind::Weakened => {}
            EventKind::SessionsRevoked if happened => {
                if let Some(role) = event.scope {
                    let before = event.before.unwrap_or(event.time);
                    self.sessions_revoked.insert((role.into(), before, Self::switch(event)));
                }
            }
            EventKind::IdentityDeleted | EventKind::IdentityDisabled | EventKind::IdentityEnabled => {
                if let Some(principal) = event.principal.filter(|_| happened) {
                    self.identity_switches.insert((principal.into(), Self::switch(event)));
                }
            }
            EventKind::LogStopped | EventKind::LogStarted if happened => {
                let running = event.kind == EventKind::LogStarted;
                self.streams.entry(event.stream.clone()).or_default().toggle(running, moment(event));
            }
            _ => self.timeline(event),
        }
    }

    fn observed(&mut self, stream: &StreamKey, time: Timestamp) {
        self.saw(Source::Log, Some(time));
        if let Some(coverage) = self.streams.get_mut(stream) {
            coverage.observe(time);
        } else {
            self.streams.entry(stream.clone()).or_default().observe(time);
        }
    }

    fn exported(&mut self, time: Timestamp) {
        self.saw(Source::Export, Some(time));
    }

    fn committed(&mut self, time: Timestamp) {
        self.saw(Source::Code, Some(time));
    }

    fn examined(&mut self, summary: InputSummary) {
        self.inputs.insert(summary);
    }

    fn gap(&mut self, gap: Gap) {
        let count = self.gaps.entry((gap.what, gap.reason, gap.detail, gap.effect)).or_default();
        *count = count.saturating_add(gap.count);
    }

    fn set_aside(&mut self, reason: &str, count: u64) {
        let sum = self.set_aside.entry(reason.to_owned()).or_default();
        *sum = sum.saturating_add(count);
    }

    fn content(&mut self, input: &Arc<Input>, sha256: Sha256Digest) {
        let name = input.name().rsplit(['/', '\\']).next().unwrap_or_default();
        let place = Place::Record { index: 0, offset: 0 };
        self.chain.file(name, sha256, Evidence::new("the file as it was read", input, place));
    }

    fn listed(&mut self, listed: ListedFile) {
        self.chain.list(listed);
    }

    fn filtered(&mut self, place: Filtered) {
        self.filtered.insert(place);
        keep_smallest(&mut self.filtered, MOST_FILTERED);
    }

    fn fingerprint_key(&self) -> Option<&FingerprintKey> {
        self.key.as_ref()
    }
}

impl Shard for Fold {
    fn fork(&self) -> Self {
        Self { texts: self.texts.clone(), key: self.key.clone(), ..Self::default() }
    }

    #[expect(clippy::iter_over_hash_type, reason = "joining timelines is commutative")]
    fn join(&mut self, other: Self) {
        for (id, observed) in other.credentials {
            self.credentials.entry(id).or_default().join(observed);
        }
        let mut fewer = other.logged;
        if self.logged.len() < fewer.len() {
            std::mem::swap(&mut self.logged, &mut fewer);
        }
        for (id, timeline) in fewer {
            match self.logged.entry(id) {
                Entry::Vacant(vacant) => {
                    vacant.insert(timeline);
                }
                Entry::Occupied(mut known) => known.get_mut().join(*timeline),
            }
        }
        for (id, known) in other.identities {
            add_identity(&mut self.identities, id, known);
        }
        for (key, evidence) in other.grants {
            add_grant(&mut self.grants, key, evidence);
        }
        for policy in other.policies.into_values() {
            add_policy(&mut self.policies, policy);
        }
        for (key, coverage) in other.streams {
            self.streams.entry(key).or_default().join(coverage);
        }
        for (id, request) in other.requests {
            self.requests.entry(id).or_default().join(request);
        }
        for (id, task) in other.tasks {
            self.tasks.entry(id).or_default().join(task);
        }
        for (name, life) in other.grant_lives {
            self.grant_lives.entry(name).or_default().join(life);
        }
        self.signals.join(other.signals);
        self.chain.join(other.chain);
        self.sessions_revoked.extend(other.sessions_revoked);
        self.identity_switches.extend(other.identity_switches);
        self.ties.extend(other.ties);
        self.inputs.extend(other.inputs);
        for (key, count) in other.gaps {
            let sum = self.gaps.entry(key).or_default();
            *sum = sum.saturating_add(count);
        }
        for (reason, count) in other.set_aside {
            let sum = self.set_aside.entry(reason).or_default();
            *sum = sum.saturating_add(count);
        }
        self.filtered.extend(other.filtered);
        keep_smallest(&mut self.filtered, MOST_FILTERED);
        other.newest.into_iter().for_each(|(source, time)| self.saw(source, Some(time)));
    }
}

/// The value under a text, made where it is not there yet.
fn at_text<'a, T: Default>(map: &'a mut BTreeMap<Box<str>, T>, key: &str) -> &'a mut T {
    map.entry(key.into()).or_default()
}

fn add_identity(identities: &mut BTreeMap<Box<str>, Known>, id: Box<str>, known: Known) {
    match identities.get_mut(&id) {
        Some(there) => there.join(known),
        None => {
            identities.insert(id, known);
        }
    }
}

/// Of one grant seen in many places, the first place by name is kept.
fn add_grant(grants: &mut BTreeMap<GrantKey, Evidence>, key: GrantKey, evidence: Evidence) {
    let mut first = grants.remove(&key);
    super::bounded::lower(&mut first, Some(evidence));
    grants.extend(first.map(|first| (key, first)));
}

/// Of two versions of one policy the newer one is kept; of two without a date, or of the same, the smaller by text.
fn add_policy(policies: &mut BTreeMap<Box<str>, Policy>, policy: Policy) {
    let rank = |policy: &Policy| {
        (policy.created, Reverse(policy.statements.clone()), Reverse(policy.evidence.clone()), policy.system.clone())
    };
    let newer = policies.get(&policy.id).is_none_or(|there| rank(there) < rank(&policy));
    if newer {
        policies.insert(policy.id.clone(), policy);
    }
}

/// The newest time of any source in `sources`, with the source.
pub(super) fn newest(times: &BTreeMap<Source, Timestamp>, sources: &[Source]) -> Option<(Timestamp, Source)> {
    let mut newest = None;
    for &source in sources {
        raise(&mut newest, times.get(&source).map(|&time| (time, Reverse(source))));
    }
    newest.map(|(time, Reverse(source))| (time, source))
}
