//! The first event of each kind, field by field, as `overstay formats check` shows it.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::model::{
    Credential, CredentialId, Event, Expiry, FingerprintKey, Gap, Grant, Identity, InputSummary, Policy, Shard, Sink,
    StreamKey,
};
use crate::rules::mapping::event::kind_name;

/// What a trial gathers. Nothing of the records is kept but the first event of each kind.
pub(super) struct Trial {
    /// Events by the name of their kind: how many, and the place and fields of the first one.
    pub(super) kinds: BTreeMap<String, Kind>,
    /// The streams, and how many records each has.
    pub(super) streams: BTreeMap<StreamKey, u64>,
    /// What the file was.
    pub(super) summary: Option<InputSummary>,
    /// What could not be read.
    pub(super) gaps: Vec<Gap>,
    key: FingerprintKey,
}

/// The events of one kind.
pub(super) struct Kind {
    /// How many.
    pub(super) count: u64,
    /// The number of the record of the first one.
    pub(super) index: u64,
    /// Its fields.
    pub(super) fields: Vec<(&'static str, String)>,
}

impl Trial {
    /// A trial under a key.
    pub(super) fn new(key: FingerprintKey) -> Self {
        Self { kinds: BTreeMap::new(), streams: BTreeMap::new(), summary: None, gaps: Vec::new(), key }
    }
}

impl Sink for Trial {
    fn credential(&mut self, _credential: Credential) {}

    fn identity(&mut self, _identity: Identity) {}

    fn grant(&mut self, _grant: Grant) {}

    fn policy(&mut self, _policy: Policy) {}

    fn event(&mut self, event: &Event<'_>) {
        let index = event.origin.index;
        let of = self.kinds.entry(kind_name(event.kind)).or_insert(Kind { count: 0, index, fields: Vec::new() });
        of.count += 1;
        if of.fields.is_empty() || index < of.index {
            (of.index, of.fields) = (index, fields(event));
        }
    }

    fn observed(&mut self, stream: &StreamKey, _time: Timestamp) {
        match self.streams.get_mut(stream) {
            Some(count) => *count += 1,
            None => {
                self.streams.insert(stream.clone(), 1);
            }
        }
    }

    fn exported(&mut self, _time: Timestamp) {}

    fn committed(&mut self, _time: Timestamp) {}

    fn examined(&mut self, summary: InputSummary) {
        self.summary = Some(summary);
    }

    fn gap(&mut self, gap: Gap) {
        self.gaps.push(gap);
    }

    fn set_aside(&mut self, _reason: &str, _count: u64) {}

    fn fingerprint_key(&self) -> Option<&FingerprintKey> {
        Some(&self.key)
    }
}

impl Shard for Trial {
    fn fork(&self) -> Self {
        Self::new(self.key.clone())
    }

    fn join(&mut self, other: Self) {
        for (name, kind) in other.kinds {
            match self.kinds.get_mut(&name) {
                Some(own) => {
                    own.count += kind.count;
                    if kind.index < own.index {
                        (own.index, own.fields) = (kind.index, kind.fields);
                    }
                }
                None => {
                    self.kinds.insert(name, kind);
                }
            }
        }
        for (stream, count) in other.streams {
            *self.streams.entry(stream).or_default() += count;
        }
        self.gaps.extend(other.gaps);
        self.summary = self.summary.take().or(other.summary);
    }
}

/// The id, with what it joins with.
fn shown(id: &CredentialId) -> String {
    match id {
        CredentialId::Issued { id, .. } => format!("{id} (issued)"),
        CredentialId::Derived { id, .. } => format!("{id} (derived)"),
        CredentialId::Hashed { .. } => "(hashed)".to_owned(),
        CredentialId::Fingerprint { .. } => "(the fingerprint of the token, under your key)".to_owned(),
    }
}

/// The fields of an event that say something, in the words of mappings.
fn fields(event: &Event<'_>) -> Vec<(&'static str, String)> {
    let text = |text: Option<&str>| text.map(str::to_owned);
    let time = |time: Option<Timestamp>| time.map(|time| time.to_string());
    let name = |value: serde_json::Result<serde_json::Value>| {
        let name = value.ok().and_then(|name| name.as_str().map(|name| name.replace('_', "-")));
        name.filter(|name| name != "unknown")
    };
    let expiry = match event.expiry {
        Expiry::At(time) => Some(time.to_string()),
        Expiry::Never => Some("never".to_owned()),
        Expiry::Unknown => None,
    };
    let grant = event.grant.as_ref().map(|grant| {
        let scope = if grant.scope.is_empty() { String::new() } else { format!(" on {}", grant.scope) };
        format!("{} has {}{scope}", grant.holder, grant.object.id())
    });
    let all = [
        ("time", Some(event.time.to_string())),
        ("outcome", name(serde_json::to_value(event.outcome))),
        ("error", text(event.error)),
        ("credential", event.credential.as_ref().map(shown)),
        ("credential-kind", text(Some(event.credential_kind).filter(|kind| !kind.is_empty()))),
        ("also", event.also.as_ref().map(shown)),
        ("parent", event.parent.as_ref().map(shown)),
        ("principal", text(event.principal)),
        ("requester", text(event.requester)),
        ("requester-kind", name(serde_json::to_value(event.requester_kind))),
        ("by-service", event.by_service.then(|| "true".to_owned())),
        ("proof", name(serde_json::to_value(event.proof))),
        ("scope", text(event.scope)),
        ("expiry", expiry),
        ("ttl", event.ttl_s.map(|ttl| format!("{ttl} s"))),
        ("issued-at", time(event.issued_at)),
        ("period", event.period_s.map(|period| format!("{period} s"))),
        ("before", time(event.before)),
        ("session", text(event.session)),
        ("request", text(event.request)),
        ("reason", text(event.reason)),
        ("task", text(event.task)),
        ("runner", text(event.runner)),
        ("target", text(event.target)),
        ("audience", text(event.audience)),
        ("mfa", event.mfa.map(|mfa| mfa.to_string())),
        ("max-uses", event.max_uses.map(|uses| uses.to_string())),
        ("grant", grant),
        ("address", event.address.map(|address| address.to_string())),
        ("agent", text(event.agent)),
        ("action", text(event.action)),
    ];
    all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}
