//! Signals that stand beside credentials and grants: abnormal behaviour, safeguards that were relaxed, cut records.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::model::{Event, Evidence, StreamKey};

use super::absorb::moment;
use super::bounded::{cut, keep_ends, keep_smallest};
use super::timeline::Timeline;

/// One signal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Signal {
    /// When.
    pub time: Timestamp,
    /// What, in the system's own words: `lock.created`, `UpdateAssumeRolePolicy`.
    pub what: Box<str>,
    /// What it guards or concerns; empty where the record does not say.
    pub target: Box<str>,
    /// Who caused it.
    pub by: Option<Box<str>>,
    /// The stream that holds it.
    pub stream: StreamKey,
    /// The record.
    pub evidence: Evidence,
}

/// All signals. Reading a record again changes nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signals {
    /// Abnormal behaviour by the identity it was reported of; at most [`Signals::MAX_OF_ONE`] each, the first and last.
    pub alerts: BTreeMap<Box<str>, BTreeSet<Signal>>,
    /// Safeguards that were relaxed; at most [`Signals::MAX_ALL`], the earliest.
    pub weakened: BTreeSet<Signal>,
    /// Records of issuances or changes of access that were cut short by their own system; bounded alike.
    pub truncated: BTreeSet<Signal>,
}

impl Signals {
    /// How many alerts of one identity are kept.
    pub const MAX_OF_ONE: usize = 16;
    /// How many signals of one kind are kept in all.
    pub const MAX_ALL: usize = 10_000;

    pub(super) fn alert(&mut self, event: &Event<'_>) {
        let named = event.credential.as_ref().map(ToString::to_string);
        let Some(of) = event.principal.map(str::to_owned).or(named) else { return };
        let alerts = self.alerts.entry(of.into()).or_default();
        alerts.insert(signal(event));
        keep_ends(alerts, Self::MAX_OF_ONE);
    }

    pub(super) fn weaken(&mut self, event: &Event<'_>) {
        self.weakened.insert(signal(event));
        keep_smallest(&mut self.weakened, Self::MAX_ALL);
    }

    pub(super) fn truncate(&mut self, event: &Event<'_>) {
        self.truncated.insert(signal(event));
        keep_smallest(&mut self.truncated, Self::MAX_ALL);
    }

    /// Takes over what another fold knows.
    pub(super) fn join(&mut self, other: Self) {
        for (of, alerts) in other.alerts {
            let known = self.alerts.entry(of).or_default();
            known.extend(alerts);
            keep_ends(known, Self::MAX_OF_ONE);
        }
        self.weakened.extend(other.weakened);
        keep_smallest(&mut self.weakened, Self::MAX_ALL);
        self.truncated.extend(other.truncated);
        keep_smallest(&mut self.truncated, Self::MAX_ALL);
    }
}

fn signal(event: &Event<'_>) -> Signal {
    let text = |text: Option<&str>| cut(text.unwrap_or_default(), Timeline::MAX_TEXT).into();
    Signal {
        time: event.time,
        what: text(event.action),
        target: text(event.target.or(event.scope)),
        by: event.requester.map(Into::into),
        stream: event.stream.clone(),
        evidence: moment(event).evidence,
    }
}
