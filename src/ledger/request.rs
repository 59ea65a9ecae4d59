//! A request for access: who asked for what and why, who decided, and what came of it. Folded in any order.

use std::collections::BTreeSet;
use std::net::IpAddr;

use jiff::Timestamp;

use crate::model::{Event, EventKind, Evidence, Expiry, IdentityKind, Outcome, StreamKey};

use super::absorb::{earliest, moment};
use super::bounded::{cut, keep_ends, keep_smallest, lower, raise};
use super::timeline::{Moment, Timeline};

/// One decision about a request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decision {
    /// When.
    pub time: Timestamp,
    /// Approved, or declined.
    pub approved: bool,
    /// Who decided: an identity id.
    pub by: Option<Box<str>>,
    /// What kind of thing that is, where the record says.
    pub by_kind: IdentityKind,
    /// The address it was decided from.
    pub address: Option<IpAddr>,
    /// The user agent it was decided with.
    pub agent: Option<Box<str>>,
    /// The record.
    pub evidence: Evidence,
}

/// The life of one request as the logs show it. Reading a record again changes nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// The streams that hold the request and the decisions about it.
    pub streams: BTreeSet<StreamKey>,
    /// The record of the request (the earliest, if it was changed later).
    pub requested: Option<Moment>,
    /// Who asked: an identity id.
    pub requester: Option<Box<str>>,
    /// What kind of thing that is, where a record says.
    pub requester_kind: IdentityKind,
    /// The roles or scopes that were asked for; at most [`Request::MAX_SCOPES`].
    pub scopes: BTreeSet<Box<str>>,
    /// There were more scopes than are kept.
    pub more_scopes: bool,
    /// The accounts, projects or resources that access was asked for; bounded alike.
    pub targets: BTreeSet<Box<str>>,
    /// Why, in the requester's words.
    pub reason: Option<Box<str>>,
    /// The task it was made for.
    pub task: Option<Box<str>>,
    /// The addresses and user agents it was made from; bounded alike.
    pub origins: BTreeSet<(Option<IpAddr>, Option<Box<str>>)>,
    /// When access ends at the latest, as asked or, later, as approved.
    pub expiry: Expiry,
    /// How many uses were asked for or approved.
    pub max_uses: Option<u64>,
    /// Decisions in order of time; at most [`Request::MAX_DECISIONS`]: of more, the first and the last.
    pub decisions: BTreeSet<Decision>,
    /// The first thing issued or granted under it.
    pub issued: Option<Moment>,
    /// The last record that says that what was given under it ended: revoked, withdrawn, expired.
    pub ended: Option<Moment>,
}

impl Request {
    /// How many scopes, targets and origins are kept.
    pub const MAX_SCOPES: usize = 16;
    /// How many decisions are kept.
    pub const MAX_DECISIONS: usize = 32;

    /// The distinct approvers whose approval came no later than `time`.
    pub fn approvers(&self, time: Timestamp) -> BTreeSet<&str> {
        let approvals = self.decisions.iter().filter(|decision| decision.approved && decision.time <= time);
        approvals.filter_map(|decision| decision.by.as_deref()).collect()
    }

    /// The first approval.
    pub fn first_approval(&self) -> Option<&Decision> {
        self.decisions.iter().find(|decision| decision.approved)
    }

    /// Takes in one event that names this request.
    pub(super) fn absorb(&mut self, event: &Event<'_>) {
        if event.outcome != Outcome::Ok {
            return;
        }
        if matches!(event.kind, EventKind::Requested | EventKind::Approved | EventKind::Declined) {
            self.streams.insert(event.stream.clone());
            keep_smallest(&mut self.streams, Self::MAX_SCOPES);
        }
        match event.kind {
            EventKind::Requested => self.ask(event),
            EventKind::Approved | EventKind::Declined => self.decide(event),
            EventKind::Issued | EventKind::Granted => earliest(&mut self.issued, event),
            EventKind::Revoked | EventKind::Ungranted => raise(&mut self.ended, Some(moment(event))),
            _ => {}
        }
    }

    fn ask(&mut self, event: &Event<'_>) {
        earliest(&mut self.requested, event);
        lower(&mut self.requester, event.requester.map(Into::into));
        self.requester_kind = self.requester_kind.min(event.requester_kind);
        self.describe(event);
        let agent = event.agent.map(|agent| cut(agent, Timeline::MAX_TEXT).into());
        self.origins.insert((event.address, agent));
        keep_smallest(&mut self.origins, Self::MAX_SCOPES);
    }

    /// What was asked for or approved. Of two reasons or tasks the larger text is kept: an empty one says nothing.
    fn describe(&mut self, event: &Event<'_>) {
        self.scopes.extend(event.scope.map(Into::into));
        self.more_scopes |= keep_smallest(&mut self.scopes, Self::MAX_SCOPES);
        self.targets.extend(event.target.map(Into::into));
        keep_smallest(&mut self.targets, Self::MAX_SCOPES);
        raise(&mut self.reason, event.reason.map(|reason| cut(reason, Timeline::MAX_TEXT).into()));
        raise(&mut self.task, event.task.map(Into::into));
        self.expiry = self.expiry.merge(event.expiry);
        lower(&mut self.max_uses, event.max_uses);
    }

    fn decide(&mut self, event: &Event<'_>) {
        if event.kind == EventKind::Approved {
            self.expiry = self.expiry.merge(event.expiry);
        }
        self.decisions.insert(Decision {
            time: event.time,
            approved: event.kind == EventKind::Approved,
            by: event.requester.map(Into::into),
            by_kind: event.requester_kind,
            address: event.address,
            agent: event.agent.map(|agent| cut(agent, Timeline::MAX_TEXT).into()),
            evidence: moment(event).evidence,
        });
        keep_ends(&mut self.decisions, Self::MAX_DECISIONS);
    }

    /// Takes over what another fold knows about the same request.
    pub(super) fn join(&mut self, other: Self) {
        self.streams.extend(other.streams);
        keep_smallest(&mut self.streams, Self::MAX_SCOPES);
        lower(&mut self.requested, other.requested);
        lower(&mut self.requester, other.requester);
        self.requester_kind = self.requester_kind.min(other.requester_kind);
        self.scopes.extend(other.scopes);
        self.more_scopes |= other.more_scopes | keep_smallest(&mut self.scopes, Self::MAX_SCOPES);
        self.targets.extend(other.targets);
        keep_smallest(&mut self.targets, Self::MAX_SCOPES);
        raise(&mut self.reason, other.reason);
        raise(&mut self.task, other.task);
        self.origins.extend(other.origins);
        keep_smallest(&mut self.origins, Self::MAX_SCOPES);
        self.expiry = self.expiry.merge(other.expiry);
        lower(&mut self.max_uses, other.max_uses);
        self.decisions.extend(other.decisions);
        keep_ends(&mut self.decisions, Self::MAX_DECISIONS);
        lower(&mut self.issued, other.issued);
        raise(&mut self.ended, other.ended);
    }
}
