//! How one event enters a timeline, and how two timelines of one credential become one. Both in any order.

use std::collections::BTreeMap;
use std::net::IpAddr;

use jiff::Timestamp;

use crate::model::{Event, EventKind, Evidence, Outcome};

use super::bounded::{
    cut, keep_ends, keep_largest, keep_largest_keys, keep_smallest, keep_smallest_keys, lower, raise,
};
use super::kind;
use super::origin;
use super::timeline::{Concurrency, Minute, Moment, Switch, Timeline};

impl Timeline {
    /// Takes in one event of this credential.
    pub(super) fn absorb(&mut self, event: &Event<'_>) {
        if !self.streams.contains(event.stream) {
            self.streams.insert(event.stream.clone());
            keep_smallest(&mut self.streams, Self::MAX_ORIGINS);
        }
        match event.kind {
            EventKind::Issued if event.outcome == Outcome::Ok => self.issue(event),
            EventKind::Renewed if event.outcome == Outcome::Ok => self.renew(event),
            EventKind::Used => self.present(event),
            EventKind::Revoked | EventKind::Disabled | EventKind::Enabled if event.outcome == Outcome::Ok => {
                self.name(event);
                let evidence = event.origin.evidence(shows(event));
                self.switch(Switch { time: event.time, kind: event.kind, evidence });
            }
            _ => {}
        }
    }

    /// Adds a change of whether the credential works.
    pub(super) fn switch(&mut self, switch: Switch) {
        self.switches.insert(switch);
        keep_ends(&mut self.switches, Self::MAX_SWITCHES);
    }

    /// Takes over what another fold knows about the same credential.
    pub(super) fn join(&mut self, other: Self) {
        self.join_description(&other);
        self.join_moments(&other);
        self.join_sets(other);
    }

    /// Draws the conclusions that need all events, and lets go of what they were drawn from.
    pub(super) fn conclude(&mut self) {
        let minutes = std::mem::take(&mut self.minutes);
        self.concurrency = minutes.into_iter().rev().find_map(|((minute, _), Minute { one, other })| {
            let minute = Timestamp::from_second(minute.checked_mul(60)?).ok()?;
            Some(Concurrency { minute, one, other: other? })
        });
    }

    fn issue(&mut self, event: &Event<'_>) {
        self.name(event);
        self.describe(event);
        self.proof = self.proof.min(event.proof);
        lower(&mut self.requester, event.requester.map(Into::into));
        self.requester_kind = self.requester_kind.min(event.requester_kind);
        lower(&mut self.audience, event.audience.map(|audience| cut(audience, Self::MAX_TEXT).into()));
        lower(&mut self.mfa, event.mfa);
        lower(&mut self.issued_for, event.task.map(Into::into));
        earliest(&mut self.issued, event);
        lower(&mut self.issued_at, Some(event.issued_at.unwrap_or(event.time)));
    }

    fn renew(&mut self, event: &Event<'_>) {
        self.name(event);
        self.describe(event);
        self.renewals = self.renewals.saturating_add(1);
        earliest(&mut self.first_renewal, event);
        latest(&mut self.last_renewal, event);
    }

    fn present(&mut self, event: &Event<'_>) {
        self.name(event);
        self.describe(event);
        if event.issued_at.is_some() {
            self.proof = self.proof.min(event.proof);
        }
        self.uses = self.uses.saturating_add(1);
        earliest(&mut self.first_use, event);
        latest(&mut self.last_use, event);
        match event.outcome {
            Outcome::Ok | Outcome::Denied => self.accept(event),
            Outcome::Refused => self.refuse(event),
            Outcome::Error => {}
        }
    }

    fn accept(&mut self, event: &Event<'_>) {
        self.accepted = self.accepted.saturating_add(1);
        latest(&mut self.last_accepted, event);
        self.accepted_hours.insert(event.time.as_second().div_euclid(3600));
        keep_largest(&mut self.accepted_hours, Self::MAX_HOURS);
        if let Some(task) = event.task {
            earliest_of(&mut self.tasks, task.into(), event);
            self.more_tasks |= keep_smallest_keys(&mut self.tasks, Self::MAX_ORIGINS);
        }
        if let Some(target) = event.target {
            earliest_of(&mut self.targets, cut(target, Self::MAX_TEXT).into(), event);
            self.more_targets |= keep_smallest_keys(&mut self.targets, Self::MAX_ORIGINS);
        }
        if let Some(action) = event.action {
            latest_of(&mut self.actions, cut(action, Self::MAX_TEXT).into(), event);
            self.more_actions |= keep_smallest_keys(&mut self.actions, Self::MAX_ACTIONS);
        }
        if !event.by_service {
            self.locate(event);
        }
    }

    fn refuse(&mut self, event: &Event<'_>) {
        self.refused = self.refused.saturating_add(1);
        let Moment { time, evidence } = moment(event);
        lower_at(&mut self.refusals, time, evidence);
        self.bound_refusals();
    }

    /// The first refusals and the last one are kept.
    fn bound_refusals(&mut self) {
        while self.refusals.len() > Self::MAX_REFUSALS {
            let Some(last_but_one) = self.refusals.keys().rev().nth(1).copied() else { return };
            self.refusals.remove(&last_but_one);
        }
    }

    fn locate(&mut self, event: &Event<'_>) {
        if let Some(agent) = event.agent {
            earliest_of(&mut self.agents, cut(agent, Self::MAX_TEXT).into(), event);
            self.more_agents |= keep_smallest_keys(&mut self.agents, Self::MAX_ORIGINS);
        }
        let Some(address) = event.address.map(|address| address.to_canonical()).filter(origin::is_public) else {
            return;
        };
        earliest_of(&mut self.networks, origin::network(address), event);
        self.more_networks |= keep_smallest_keys(&mut self.networks, Self::MAX_ORIGINS);
        if kind::is_ephemeral(event.credential_kind) {
            return;
        }
        let host = (address, event.origin.evidence(shows(event)));
        let key = (event.time.as_second().div_euclid(60), address.is_ipv6());
        self.minutes
            .entry(key)
            .and_modify(|minute| minute.add(host.clone()))
            .or_insert_with(|| Minute { one: host, other: None });
        keep_largest_keys(&mut self.minutes, Self::MAX_MINUTES);
    }

    /// What every record about the credential says.
    fn name(&mut self, event: &Event<'_>) {
        if !event.credential_kind.is_empty() && (self.kind.is_empty() || *self.kind > *event.credential_kind) {
            self.kind = event.credential_kind.into();
        }
        lower(&mut self.principal, event.principal.map(Into::into));
    }

    /// What records of issuance, renewal and use say about it.
    fn describe(&mut self, event: &Event<'_>) {
        self.by_service |= event.by_service;
        self.expiry = self.expiry.merge(event.expiry);
        lower(&mut self.parent, event.parent.clone());
        lower(&mut self.scope, event.scope.map(Into::into));
        lower(&mut self.session, event.session.map(Into::into));
        lower(&mut self.request, event.request.map(Into::into));
        lower(&mut self.max_uses, event.max_uses);
        raise(&mut self.period_s, event.period_s);
        if let Some(ttl) = event.ttl_s {
            self.ttl(Some(event.time), Some(ttl));
        }
        if let Some(time) = event.issued_at {
            lower(&mut self.issued_at, Some(time));
            earliest(&mut self.seen, event);
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
        raise(&mut self.last_accepted, other.last_accepted.clone());
        lower(&mut self.first_renewal, other.first_renewal.clone());
        raise(&mut self.last_renewal, other.last_renewal.clone());
    }

    fn join_sets(&mut self, other: Self) {
        self.streams.extend(other.streams);
        keep_smallest(&mut self.streams, Self::MAX_ORIGINS);
        self.accepted_hours.extend(other.accepted_hours);
        keep_largest(&mut self.accepted_hours, Self::MAX_HOURS);
        self.switches.extend(other.switches);
        keep_ends(&mut self.switches, Self::MAX_SWITCHES);
        for (network, moment) in other.networks {
            let earliest = self.networks.entry(network).or_insert_with(|| moment.clone());
            *earliest = earliest.clone().min(moment);
        }
        self.more_networks |= other.more_networks | keep_smallest_keys(&mut self.networks, Self::MAX_ORIGINS);
        for (agent, moment) in other.agents {
            let earliest = self.agents.entry(agent).or_insert_with(|| moment.clone());
            *earliest = earliest.clone().min(moment);
        }
        self.more_agents |= other.more_agents | keep_smallest_keys(&mut self.agents, Self::MAX_ORIGINS);
        for (task, moment) in other.tasks {
            let earliest = self.tasks.entry(task).or_insert_with(|| moment.clone());
            *earliest = earliest.clone().min(moment);
        }
        self.more_tasks |= other.more_tasks | keep_smallest_keys(&mut self.tasks, Self::MAX_ORIGINS);
        for (target, moment) in other.targets {
            let earliest = self.targets.entry(target).or_insert_with(|| moment.clone());
            *earliest = earliest.clone().min(moment);
        }
        self.more_targets |= other.more_targets | keep_smallest_keys(&mut self.targets, Self::MAX_ORIGINS);
        for (time, evidence) in other.refusals {
            lower_at(&mut self.refusals, time, evidence);
        }
        self.bound_refusals();
        for (action, moment) in other.actions {
            let latest = self.actions.entry(action).or_insert_with(|| moment.clone());
            *latest = latest.clone().max(moment);
        }
        self.more_actions |= other.more_actions | keep_smallest_keys(&mut self.actions, Self::MAX_ACTIONS);
        for (key, Minute { one, other }) in other.minutes {
            let minute = self.minutes.entry(key).or_insert_with(|| Minute { one: one.clone(), other: None });
            minute.add(one);
            if let Some(host) = other {
                minute.add(host);
            }
        }
        keep_largest_keys(&mut self.minutes, Self::MAX_MINUTES);
    }
}

impl Minute {
    /// Keeps the two smallest hosts, each with its smallest address and the smallest evidence for it.
    fn add(&mut self, host: (IpAddr, crate::model::Evidence)) {
        let mut hosts: Vec<_> = [Some(self.one.clone()), self.other.take(), Some(host)].into_iter().flatten().collect();
        hosts.sort();
        hosts.dedup_by(|later, earlier| origin::host(later.0) == origin::host(earlier.0));
        let mut smallest = hosts.into_iter();
        if let Some(one) = smallest.next() {
            self.one = one;
        }
        self.other = smallest.next();
    }
}

/// Puts the event in `slot` if it is the earliest so far. Most are not: their records are not looked at.
pub(super) fn earliest(slot: &mut Option<Moment>, event: &Event<'_>) {
    if slot.as_ref().is_none_or(|known| event.time <= known.time) {
        lower(slot, Some(moment(event)));
    }
}

fn latest(slot: &mut Option<Moment>, event: &Event<'_>) {
    if slot.as_ref().is_none_or(|known| event.time >= known.time) {
        raise(slot, Some(moment(event)));
    }
}

fn lower_at(map: &mut BTreeMap<Timestamp, Evidence>, time: Timestamp, evidence: Evidence) {
    let known = map.entry(time).or_insert_with(|| evidence.clone());
    if evidence < *known {
        *known = evidence;
    }
}

fn earliest_of<K: Ord>(map: &mut BTreeMap<K, Moment>, key: K, event: &Event<'_>) {
    let known = map.entry(key).or_insert_with(|| moment(event));
    if event.time <= known.time {
        *known = known.clone().min(moment(event));
    }
}

fn latest_of<K: Ord>(map: &mut BTreeMap<K, Moment>, key: K, event: &Event<'_>) {
    let known = map.entry(key).or_insert_with(|| moment(event));
    if event.time >= known.time {
        *known = known.clone().max(moment(event));
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
