//! A sink that writes every fact as one line, so that what an importer says can be read and compared.

use jiff::Timestamp;
use overstay::model::{
    Credential, Event, Evidence, Expiry, FingerprintKey, Gap, Grant, GrantChange, Identity, InputSummary, LastUse,
    Place, Policy, Readout, Shard, Sink, Status, StreamKey,
};

/// Facts as lines, in the order in which they came.
pub(crate) struct Recorder {
    /// The facts.
    pub(crate) facts: Vec<String>,
    /// What was not examined.
    pub(crate) gaps: Vec<Gap>,
    /// What was examined.
    pub(crate) inputs: Vec<InputSummary>,
    observed: Vec<(StreamKey, Timestamp)>,
    key: FingerprintKey,
}

impl Default for Recorder {
    fn default() -> Self {
        let key = FingerprintKey::new(vec![7; 32]);
        Self { facts: Vec::new(), gaps: Vec::new(), inputs: Vec::new(), observed: Vec::new(), key }
    }
}

impl Recorder {
    /// Everything, sorted: workers may see records in any order.
    pub(crate) fn text(&mut self) -> String {
        self.facts.sort();
        let mut lines = self.facts.clone();
        let mut streams: Vec<&StreamKey> = self.observed.iter().map(|(stream, _)| stream).collect();
        streams.sort();
        streams.dedup();
        for stream in streams {
            let times = || self.observed.iter().filter(|(other, _)| other == stream).map(|(_, time)| time);
            let (from, to) = (times().min(), times().max());
            let count = times().count();
            lines.push(format!(
                "stream {}/{}: {count} records {} .. {}",
                stream.importer,
                stream.scope,
                shown(from),
                shown(to)
            ));
        }
        lines.extend(self.gaps.iter().map(|gap| {
            format!("GAP {:?} {} | {} | {} | x{}", gap.reason, gap.what, gap.detail, gap.effect, gap.count)
        }));
        lines.extend(self.inputs.iter().map(|input| {
            format!(
                "examined {} {} items {} ignored {} {:?}",
                input.name, input.format, input.items, input.ignored, input.notes
            )
        }));
        lines.join("\n")
    }
}

fn shown<T: std::fmt::Display>(value: Option<T>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

fn expiry(expiry: Expiry) -> String {
    match expiry {
        Expiry::At(time) => time.to_string(),
        Expiry::Never => "never".to_owned(),
        Expiry::Unknown => "-".to_owned(),
    }
}

fn last_use(last_use: LastUse) -> String {
    match last_use {
        LastUse::At(time) => time.to_string(),
        LastUse::Never => "never".to_owned(),
        LastUse::NotInWindow => "not-in-window".to_owned(),
        LastUse::Unknown => "-".to_owned(),
    }
}

fn granted(change: &GrantChange) -> String {
    let GrantChange { system, holder, object, scope, id, standing } = change;
    format!("<{system} {holder} -> {object:?} on {scope} id {id} {standing:?}>")
}

fn place(evidence: &Evidence) -> String {
    let at = match &evidence.place {
        Place::Line { line, column } => format!("{line}:{column}"),
        Place::Record { index, offset } => format!("record {index} byte {offset}"),
        Place::Pointer { pointer } => pointer.clone(),
        Place::Commit(at) => at.commit.clone(),
        Place::Member(at) => at.member.clone(),
    };
    format!("@{at} ({})", evidence.shows)
}

impl Sink for Recorder {
    fn credential(&mut self, credential: Credential) {
        let Credential { id, kind, principal, created, status, standing, observed_at, .. } = &credential;
        self.facts.push(format!(
            "credential {id} {kind} {status:?} {standing:?} of {} created {} ends {} used {} as of {} {}",
            shown(principal.as_ref()),
            shown(*created),
            expiry(credential.expiry),
            last_use(credential.last_use),
            shown(*observed_at),
            place(&credential.evidence),
        ));
    }

    fn identity(&mut self, identity: Identity) {
        self.facts.push(format!(
            "identity {} {:?} {} created {} used {} boundary {}{}{} {}",
            identity.id,
            identity.kind,
            identity.name,
            shown(identity.created),
            last_use(identity.last_use),
            shown(identity.boundary.as_ref()),
            if identity.status == Status::Unknown { String::new() } else { format!(" {:?}", identity.status) },
            readouts(&identity.facts),
            place(&identity.evidence),
        ));
    }

    fn grant(&mut self, grant: Grant) {
        let Grant { holder, object, standing, evidence, .. } = &grant;
        let mut line = format!("grant {holder} -> {object:?} {standing:?} ends {}", expiry(grant.expiry));
        for (name, text) in [("on", &grant.scope), ("if", &grant.condition), ("id", &grant.id)] {
            if !text.is_empty() {
                line = format!("{line} {name} {text}");
            }
        }
        if grant.last_use != LastUse::Unknown {
            line = format!("{line} used {}", last_use(grant.last_use));
        }
        self.facts.push(format!("{line}{} {}", readouts(&grant.facts), place(evidence)));
    }

    fn policy(&mut self, policy: Policy) {
        let created = shown(policy.created);
        self.facts.push(format!("policy {} created {created} {}", policy.id, place(&policy.evidence)));
        for s in &policy.statements {
            let (action, resource) = (
                if s.not_actions { "NotAction" } else { "Action" },
                if s.not_resources { "NotResource" } else { "Resource" },
            );
            self.facts.push(format!(
                "policy {} {:?} {action} {:?} {resource} {:?} if {}",
                policy.id, s.effect, s.actions, s.resources, s.conditions
            ));
        }
    }

    fn event(&mut self, event: &Event<'_>) {
        let origin = &event.origin;
        let mut line = format!("event {} {:?} {:?}", event.time, event.kind, event.outcome);
        let mut add = |name: &str, value: Option<String>| {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                line = format!("{line} {name}={value}");
            }
        };
        add("credential", event.credential.as_ref().map(|id| format!("{id} ({})", event.credential_kind)));
        add("also", event.also.as_ref().map(ToString::to_string));
        add("parent", event.parent.as_ref().map(ToString::to_string));
        add("ends with parent", event.ends_with_parent.then(|| "yes".to_owned()));
        add("principal", event.principal.map(str::to_owned));
        add("requester", event.requester.map(str::to_owned));
        add("service", event.by_service.then(|| "yes".to_owned()));
        add("proof", Some(format!("{:?}", event.proof)).filter(|proof| proof != "Unknown"));
        add("scope", event.scope.map(str::to_owned));
        add("ends", Some(expiry(event.expiry)).filter(|end| end != "-"));
        add("issued", event.issued_at.map(|time| time.to_string()));
        add("ttl", event.ttl_s.map(|ttl| ttl.to_string()));
        add("period", event.period_s.map(|period| period.to_string()));
        add("before", event.before.map(|time| time.to_string()));
        add("session", event.session.map(str::to_owned));
        add("from", event.address.map(|address| address.to_string()));
        add("agent", event.agent.map(str::to_owned));
        add("action", event.action.map(str::to_owned));
        add("error", event.error.map(str::to_owned));
        add("request", event.request.map(str::to_owned));
        add("reason", event.reason.map(str::to_owned));
        add("task", event.task.map(str::to_owned));
        add("runner", event.runner.map(str::to_owned));
        add("target", event.target.map(str::to_owned));
        add("audience", event.audience.map(str::to_owned));
        add("mfa", event.mfa.map(|mfa| mfa.to_string()));
        add("max-uses", event.max_uses.map(|uses| uses.to_string()));
        add("requester-kind", Some(format!("{:?}", event.requester_kind)).filter(|kind| kind != "Unknown"));
        add("grant", event.grant.as_ref().map(granted));
        let stream = format!("{}/{}", event.stream.importer, event.stream.scope);
        self.facts.push(format!("{line} [{stream} #{} +{} {}]", origin.index, origin.offset, shown(origin.record_id)));
    }

    fn observed(&mut self, stream: &StreamKey, time: Timestamp) {
        self.observed.push((stream.clone(), time));
    }

    fn exported(&mut self, time: Timestamp) {
        self.facts.push(format!("exported {time}"));
    }

    fn committed(&mut self, time: Timestamp) {
        unreachable!("importers see no commits, and this one says {time}");
    }

    fn examined(&mut self, summary: InputSummary) {
        self.inputs.push(summary);
    }

    fn gap(&mut self, gap: Gap) {
        self.gaps.push(gap);
    }

    fn set_aside(&mut self, reason: &str, count: u64) {
        self.facts.push(format!("set aside {reason} x{count}"));
    }

    fn fingerprint_key(&self) -> Option<&FingerprintKey> {
        Some(&self.key)
    }
}

impl Shard for Recorder {
    fn fork(&self) -> Self {
        Self::default()
    }

    fn join(&mut self, other: Self) {
        self.facts.extend(other.facts);
        self.gaps.extend(other.gaps);
        self.inputs.extend(other.inputs);
        self.observed.extend(other.observed);
    }
}

fn readouts(facts: &[Readout]) -> String {
    facts.iter().fold(String::new(), |line, fact| format!("{line} {}={}", fact.name, fact.value))
}
