//! How one event enters a timeline, and how two timelines of one credential become one. Both in any order.

use std::collections::BTreeMap;
use std::net::IpAddr;

use jiff::Timestamp;
use thin_vec::ThinVec;

use crate::model::{Event, EventKind, Evidence, Outcome};

use super::bounded::{cut, keep_largest_keys, lower, raise};
use super::kind;
use super::origin;
use super::sorted::{SortedMap, SortedSet};
use super::texts::Texts;
use super::timeline::{Concurrency, Minute, Moment, Network, Overlap, Switch, Timeline};
use super::told::Told;
use super::visit::{self, Visit};

impl Timeline {
    /// Takes in one event of this credential.
    pub(super) fn absorb(&mut self, event: &Event<'_>, texts: &Texts) {
        if !self.streams.contains(event.stream) {
            self.streams.insert_smallest(event.stream.clone(), Self::MAX_ORIGINS);
        }
        let told = Told::new(event, texts);
        match event.kind {
            EventKind::Issued if event.outcome == Outcome::Ok => self.issue(&told),
            EventKind::Renewed if event.outcome == Outcome::Ok => self.renew(&told),
            EventKind::Used => self.present(&told),
            EventKind::Revoked | EventKind::Disabled | EventKind::Enabled if event.outcome == Outcome::Ok => {
                self.name(&told);
                self.switch(Switch { time: event.time, kind: event.kind, evidence: told.evidence() });
            }
            EventKind::Revoked | EventKind::Disabled => {
                self.name(&told);
                told.latest(&mut self.failed_revocation);
            }
            _ => {}
        }
    }

    /// Adds a change of whether the credential works.
    pub(super) fn switch(&mut self, switch: Switch) {
        self.switches.insert(switch);
        self.switches.keep_ends(Self::MAX_SWITCHES);
    }

    /// Takes over what another fold knows about the same credential.
    pub(super) fn join(&mut self, other: Self) {
        self.join_description(&other);
        self.join_moments(&other);
        self.join_sets(other);
    }

    /// Draws the conclusions that need all events, and lets go of what they were drawn from.
    pub(super) fn conclude(&mut self) {
        self.overlaps = Self::overlaps(std::mem::take(&mut self.visits));
        let minutes = std::mem::take(&mut self.minutes);
        self.concurrency = minutes.into_iter().rev().find_map(|((minute, _), Minute { one, other })| {
            Some(Box::new(Concurrency { minute: visit::start(minute)?, one, other: *other? }))
        });
    }

    /// The latest minute of each pair of networks of one family.
    fn overlaps(visits: SortedSet<Visit>) -> ThinVec<Overlap> {
        let mut latest: BTreeMap<(Network, Network), Visit> = BTreeMap::new();
        let visits: Vec<Visit> = visits.into_iter().collect();
        for same in visits.chunk_by(|a, b| a.is_with(*b)) {
            let networks: Vec<(Network, Visit)> = same.iter().map(|visit| (visit.network(), *visit)).collect();
            for (at, &(one, visit)) in networks.iter().enumerate() {
                let others = networks.iter().skip(at + 1).filter(|(other, _)| other.0.is_ipv6() == one.0.is_ipv6());
                latest.extend(others.map(|&(other, _)| ((one, other), visit)));
            }
        }
        latest
            .into_iter()
            .filter_map(|((one, other), visit)| Some(Overlap { one, other, minute: visit.time()? }))
            .collect()
    }

    fn issue(&mut self, told: &Told<'_, '_>) {
        let event = told.event;
        self.name(told);
        self.describe(told);
        self.proof = self.proof.min(event.proof);
        told.lower_text(&mut self.requester, event.requester);
        self.requester_kind = self.requester_kind.min(event.requester_kind);
        told.lower_text(&mut self.audience, event.audience.map(|audience| cut(audience, Self::MAX_TEXT)));
        lower(&mut self.mfa, event.mfa);
        self.ends_with_parent |= event.ends_with_parent;
        told.lower_text(&mut self.issued_for, event.task);
        told.earliest(&mut self.issued);
        lower(&mut self.issued_at, Some(event.issued_at.unwrap_or(event.time)));
    }

    fn renew(&mut self, told: &Told<'_, '_>) {
        self.name(told);
        self.describe(told);
        self.renewals = self.renewals.saturating_add(1);
        told.earliest(&mut self.first_renewal);
        told.latest(&mut self.last_renewal);
    }

    fn present(&mut self, told: &Told<'_, '_>) {
        self.name(told);
        self.describe(told);
        if told.event.issued_at.is_some() {
            self.proof = self.proof.min(told.event.proof);
        }
        self.uses = self.uses.saturating_add(1);
        told.earliest(&mut self.first_use);
        told.latest(&mut self.last_use);
        match told.event.outcome {
            Outcome::Ok | Outcome::Denied => self.accept(told),
            Outcome::Refused => self.refuse(told),
            Outcome::Error => {}
        }
    }

    fn accept(&mut self, told: &Told<'_, '_>) {
        let event = told.event;
        self.accepted = self.accepted.saturating_add(1);
        told.latest(&mut self.last_accepted);
        self.accepted_hours.insert_largest(event.time.as_second().div_euclid(3600), Self::MAX_HOURS);
        told.earliest_of(&mut self.tasks, &mut self.more_tasks, event.task);
        told.earliest_of(&mut self.targets, &mut self.more_targets, event.target);
        told.latest_action(&mut self.actions, &mut self.more_actions);
        if !event.by_service {
            self.locate(told);
        }
    }

    fn refuse(&mut self, told: &Told<'_, '_>) {
        self.refused = self.refused.saturating_add(1);
        self.add_refusal(told.event.time, told.evidence());
    }

    /// The first refusals and the last one are kept.
    fn add_refusal(&mut self, time: Timestamp, evidence: Evidence) {
        let (known, _) = self.refusals.at_smallest(&time, usize::MAX, || (time, evidence.clone()));
        if let Some(known) = known.filter(|known| evidence < **known) {
            *known = evidence;
        }
        while self.refusals.len() > Self::MAX_REFUSALS {
            self.refusals.remove_at(Self::MAX_REFUSALS - 1);
        }
    }

    fn locate(&mut self, told: &Told<'_, '_>) {
        let event = told.event;
        told.earliest_of(&mut self.agents, &mut self.more_agents, event.agent);
        let Some(address) = event.address.map(|address| address.to_canonical()).filter(origin::is_public) else {
            return;
        };
        let network = origin::network(address);
        let (known, cut_off) = self.networks.at_smallest(&network, Self::MAX_ORIGINS, || (network, told.moment()));
        self.more_networks |= cut_off;
        told.keep_earlier(known);
        if kind::is_ephemeral(event.credential_kind) {
            if let Some(visit) = Visit::of(event.time, network) {
                self.visits.insert_largest(visit, Self::MAX_VISITS);
            }
            return;
        }
        let Some(minute) = visit::minute(event.time) else { return };
        let host = (address, told.evidence());
        let key = (minute, address.is_ipv6());
        self.minutes
            .entry(key)
            .and_modify(|minute| minute.add(host.clone()))
            .or_insert_with(|| Minute { one: host, other: None });
        keep_largest_keys(&mut self.minutes, Self::MAX_MINUTES);
    }

    /// What every record about the credential says.
    fn name(&mut self, told: &Told<'_, '_>) {
        let kind = told.event.credential_kind;
        if !kind.is_empty() && (self.kind.is_empty() || *self.kind > *kind) {
            self.kind = told.texts.share(kind);
        }
        told.lower_text(&mut self.principal, told.event.principal);
    }

    /// What records of issuance, renewal and use say about it.
    fn describe(&mut self, told: &Told<'_, '_>) {
        let event = told.event;
        self.by_service |= event.by_service;
        self.expiry = self.expiry.merge(event.expiry);
        lower(&mut self.parent, event.parent.clone());
        told.lower_text(&mut self.scope, event.scope);
        if event.session.is_some_and(|session| self.session.as_deref().is_none_or(|known| session < known)) {
            self.session = event.session.map(Into::into);
        }
        told.lower_text(&mut self.request, event.request);
        lower(&mut self.max_uses, event.max_uses);
        raise(&mut self.period_s, event.period_s);
        if let Some(ttl) = event.ttl_s {
            self.ttl(Some(event.time), Some(ttl));
        }
        if let Some(time) = event.issued_at {
            lower(&mut self.issued_at, Some(time));
            told.earliest(&mut self.seen);
        }
    }

    /// The earliest record that carries a time to live decides; of two of the same time the shorter one.
    fn ttl(&mut self, seen: Option<Timestamp>, ttl: Option<i64>) {
        let (Some(time), Some(ttl)) = (seen, ttl) else { return };
        let mut earliest = self.ttl_seen.zip(self.ttl_s);
        lower(&mut earliest, Some((time, ttl)));
        (self.ttl_seen, self.ttl_s) = earliest.unzip();
    }

    fn join_description(&mut self, other: &Self) {
        if !other.kind.is_empty() && (self.kind.is_empty() || self.kind > other.kind) {
            self.kind.clone_from(&other.kind);
        }
        self.proof = self.proof.min(other.proof);
        self.by_service |= other.by_service;
        self.ends_with_parent |= other.ends_with_parent;
        self.expiry = self.expiry.merge(other.expiry);
        lower(&mut self.parent, other.parent.clone());
        lower(&mut self.principal, other.principal.clone());
        lower(&mut self.requester, other.requester.clone());
        self.requester_kind = self.requester_kind.min(other.requester_kind);
        lower(&mut self.audience, other.audience.clone());
        lower(&mut self.mfa, other.mfa);
        lower(&mut self.issued_for, other.issued_for.clone());
        lower(&mut self.request, other.request.clone());
        lower(&mut self.max_uses, other.max_uses);
        lower(&mut self.scope, other.scope.clone());
        lower(&mut self.session, other.session.clone());
        lower(&mut self.issued_at, other.issued_at);
        raise(&mut self.period_s, other.period_s);
        self.ttl(other.ttl_seen, other.ttl_s);
        self.uses = self.uses.saturating_add(other.uses);
        self.accepted = self.accepted.saturating_add(other.accepted);
        self.refused = self.refused.saturating_add(other.refused);
        self.renewals = self.renewals.saturating_add(other.renewals);
    }

    fn join_moments(&mut self, other: &Self) {
        lower(&mut self.issued, other.issued.clone());
        lower(&mut self.seen, other.seen.clone());
        lower(&mut self.first_use, other.first_use.clone());
        raise(&mut self.last_use, other.last_use.clone());
        raise(&mut self.failed_revocation, other.failed_revocation.clone());
        raise(&mut self.last_accepted, other.last_accepted.clone());
        lower(&mut self.first_renewal, other.first_renewal.clone());
        raise(&mut self.last_renewal, other.last_renewal.clone());
    }

    fn join_sets(&mut self, other: Self) {
        for stream in other.streams {
            self.streams.insert_smallest(stream, Self::MAX_ORIGINS);
        }
        for hour in other.accepted_hours {
            self.accepted_hours.insert_largest(hour, Self::MAX_HOURS);
        }
        for switch in other.switches {
            self.switches.insert(switch);
        }
        self.switches.keep_ends(Self::MAX_SWITCHES);
        let earlier = |known: &mut Moment, moment: Moment| lower_to(known, moment);
        let later = |known: &mut Moment, moment: Moment| raise_to(known, moment);
        self.more_networks |= other.more_networks;
        self.more_networks |= join(&mut self.networks, other.networks, Self::MAX_ORIGINS, earlier);
        self.more_agents |= other.more_agents;
        self.more_agents |= join(&mut self.agents, other.agents, Self::MAX_ORIGINS, earlier);
        self.more_tasks |= other.more_tasks;
        self.more_tasks |= join(&mut self.tasks, other.tasks, Self::MAX_ORIGINS, earlier);
        self.more_targets |= other.more_targets;
        self.more_targets |= join(&mut self.targets, other.targets, Self::MAX_ORIGINS, earlier);
        self.more_actions |= other.more_actions;
        self.more_actions |= join(&mut self.actions, other.actions, Self::MAX_ACTIONS, later);
        for (time, evidence) in other.refusals {
            self.add_refusal(time, evidence);
        }
        for (key, Minute { one, other }) in other.minutes {
            let minute = self.minutes.entry(key).or_insert_with(|| Minute { one: one.clone(), other: None });
            minute.add(one);
            if let Some(host) = other {
                minute.add(*host);
            }
        }
        keep_largest_keys(&mut self.minutes, Self::MAX_MINUTES);
        for visit in other.visits {
            self.visits.insert_largest(visit, Self::MAX_VISITS);
        }
    }
}

/// Takes over the entries of another map, of which the `limit` smallest keys are kept; true if something had to go.
fn join<K: Ord + Clone>(
    map: &mut SortedMap<K, Moment>,
    other: SortedMap<K, Moment>,
    limit: usize,
    keep: impl Fn(&mut Moment, Moment),
) -> bool {
    let mut more = false;
    for (key, moment) in other {
        let (known, cut_off) = map.at_smallest(&key, limit, || (key.clone(), moment.clone()));
        more |= cut_off;
        if let Some(known) = known {
            keep(known, moment);
        }
    }
    more
}

fn lower_to(known: &mut Moment, moment: Moment) {
    if moment < *known {
        *known = moment;
    }
}

fn raise_to(known: &mut Moment, moment: Moment) {
    if moment > *known {
        *known = moment;
    }
}

impl Minute {
    /// Keeps the two smallest hosts, each with its smallest address and the smallest evidence for it.
    fn add(&mut self, host: (IpAddr, crate::model::Evidence)) {
        let other = self.other.take().map(|other| *other);
        let mut hosts: Vec<_> = [Some(self.one.clone()), other, Some(host)].into_iter().flatten().collect();
        hosts.sort();
        hosts.dedup_by(|later, earlier| origin::host(later.0) == origin::host(earlier.0));
        let mut smallest = hosts.into_iter();
        if let Some(one) = smallest.next() {
            self.one = one;
        }
        self.other = smallest.next().map(Box::new);
    }
}

/// Puts the event in `slot` if it is the earliest so far. Most are not: their records are not looked at.
pub(super) fn earliest(slot: &mut Option<Moment>, event: &Event<'_>) {
    if slot.as_ref().is_none_or(|known| event.time <= known.time) {
        lower(slot, Some(moment(event)));
    }
}

/// The time and the record of an event.
pub(super) fn moment(event: &Event<'_>) -> Moment {
    Moment { time: event.time, evidence: event.origin.evidence(shows(event)) }
}

/// What the record of an event shows, in a few words.
pub(super) fn shows(event: &Event<'_>) -> &'static str {
    match (event.kind, event.outcome) {
        (EventKind::Issued, _) => "issued",
        (EventKind::Renewed, _) => "renewed",
        (EventKind::Used, Outcome::Ok) => "used",
        (EventKind::Used, Outcome::Denied) => "used, permission denied",
        (EventKind::Used, Outcome::Refused) => "presented and refused",
        (EventKind::Used, Outcome::Error) => "presented, request failed",
        (EventKind::Revoked, _) => "revoked",
        (EventKind::Disabled, _) => "disabled",
        (EventKind::Enabled, _) => "enabled",
        (EventKind::SessionsRevoked, _) => "sessions of the role revoked",
        (EventKind::IdentityDeleted, _) => "identity deleted",
        (EventKind::IdentityDisabled, _) => "identity disabled",
        (EventKind::IdentityEnabled, _) => "identity enabled",
        (EventKind::Requested, _) => "requested",
        (EventKind::Approved, _) => "approved",
        (EventKind::Declined, _) => "declined",
        (EventKind::Granted, _) => "granted",
        (EventKind::Ungranted, _) => "taken away",
        (EventKind::TaskStarted, _) => "task began",
        (EventKind::TaskEnded, _) => "task ended",
        (EventKind::Alerted, _) => "abnormal behaviour reported",
        (EventKind::Weakened, _) => "safeguard relaxed",
        (EventKind::Truncated, _) => "record cut short",
        (EventKind::LogStopped, _) => "log stopped",
        (EventKind::LogStarted, _) => "log started",
    }
}
