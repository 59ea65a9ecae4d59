//! All observations of one credential, and of one identity, folded in any order.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::model::{
    Credential, Evidence, Expiry, Exposure, Identity, IdentityKind, LastUse, Presence, Readout, StandingClass, Status,
};

use super::bounded::{cut, keep_smallest, lower, raise};

/// How many places of each presence (in HEAD, history only ...) are kept for one credential.
const MAX_PLACES: usize = 200;
/// How many places in exports are kept.
const MAX_EXPORTS: usize = 200;
/// How many facts about one identity are kept.
const MAX_IDENTITY_FACTS: usize = 1_024;
/// How many names, readouts and the like are kept.
const MAX_FACTS: usize = 64;
/// How many bytes of a readout's value are kept.
const MAX_TEXT: usize = 1_024;

/// Everything that code and exports say about one credential.
#[derive(Clone, Debug, Default)]
pub(super) struct Observed {
    /// Type and title; the smallest with a title is the one shown.
    pub(super) kinds: BTreeSet<(Box<str>, Box<str>)>,
    /// `Standing` before `Ephemeral` before `Depends`.
    pub(super) standing: Option<StandingClass>,
    pub(super) principals: BTreeSet<Box<str>>,
    /// The latest that anything says: a password that was changed is another one from then on.
    pub(super) created: Option<Timestamp>,
    pub(super) expiry: Expiry,
    pub(super) last_use: LastUse,
    pub(super) status: Said,
    pub(super) readouts: BTreeSet<Readout>,
    places: BTreeMap<Presence, BTreeSet<(Timestamp, Exposure)>>,
    pub(super) more_exposures: bool,
    pub(super) exports: BTreeSet<Evidence>,
}

/// What exports say about the status. The greater value decides: a known status before none, the newer export before
/// the older, any dated export before an undated one, and active before inactive where two of one time differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Said {
    known: bool,
    observed_at: Option<Timestamp>,
    active: bool,
}

impl Said {
    fn new(status: Status, observed_at: Option<Timestamp>) -> Self {
        Self { known: status != Status::Unknown, observed_at, active: status == Status::Active }
    }

    /// The status, and the time as of which the export speaks.
    pub(super) fn status(self) -> (Status, Option<Timestamp>) {
        match (self.known, self.active) {
            (false, _) => (Status::Unknown, self.observed_at),
            (true, true) => (Status::Active, self.observed_at),
            (true, false) => (Status::Inactive, self.observed_at),
        }
    }
}

impl Observed {
    /// Takes in one observation.
    pub(super) fn absorb(&mut self, seen: Credential) {
        self.kinds.insert((seen.kind, seen.title));
        lower(&mut self.standing, Some(seen.standing));
        self.principals.extend(seen.principal);
        raise(&mut self.created, seen.created);
        self.expiry = self.expiry.merge(seen.expiry);
        self.last_use = self.last_use.merge(seen.last_use);
        self.status = self.status.max(Said::new(seen.status, seen.observed_at));
        self.readouts.extend(
            seen.readouts
                .into_iter()
                .map(|Readout { name, value }| Readout { name, value: cut(&value, MAX_TEXT).into() }),
        );
        match seen.exposure {
            Some(exposure) => {
                let since = exposure.since.unwrap_or(Timestamp::MAX);
                self.places.entry(exposure.presence).or_default().insert((since, exposure));
            }
            None => {
                self.exports.insert(seen.evidence);
            }
        }
        self.bound();
    }

    /// Takes over what another fold, or another id of the same credential, says.
    pub(super) fn join(&mut self, other: Self) {
        self.kinds.extend(other.kinds);
        lower(&mut self.standing, other.standing);
        self.principals.extend(other.principals);
        raise(&mut self.created, other.created);
        self.expiry = self.expiry.merge(other.expiry);
        self.last_use = self.last_use.merge(other.last_use);
        self.status = self.status.max(other.status);
        self.readouts.extend(other.readouts);
        self.exports.extend(other.exports);
        self.more_exposures |= other.more_exposures;
        for (presence, places) in other.places {
            self.places.entry(presence).or_default().extend(places);
        }
        self.bound();
    }

    /// The places in code, oldest introduction first.
    pub(super) fn exposures(&self) -> Vec<Exposure> {
        let all: BTreeSet<_> = self.places.values().flatten().collect();
        all.into_iter().map(|(_, exposure)| exposure.clone()).collect()
    }

    fn bound(&mut self) {
        keep_smallest(&mut self.kinds, MAX_FACTS);
        keep_smallest(&mut self.principals, MAX_FACTS);
        keep_smallest(&mut self.readouts, MAX_FACTS);
        keep_smallest(&mut self.exports, MAX_EXPORTS);
        for places in self.places.values_mut() {
            self.more_exposures |= keep_smallest(places, MAX_PLACES);
        }
    }
}

/// Everything that exports say about one identity.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) system: Box<str>,
    pub(super) account: Option<Box<str>>,
    pub(super) name: Box<str>,
    pub(super) kind: IdentityKind,
    pub(super) created: Option<Timestamp>,
    pub(super) last_use: LastUse,
    pub(super) boundary: Option<Box<str>>,
    pub(super) status: Status,
    pub(super) facts: BTreeSet<Readout>,
    pub(super) evidence: BTreeSet<Evidence>,
}

impl Known {
    /// One observation.
    pub(super) fn new(seen: Identity) -> Self {
        Self {
            system: seen.system,
            account: seen.account,
            name: seen.name,
            kind: seen.kind,
            created: seen.created,
            last_use: seen.last_use,
            boundary: seen.boundary,
            status: seen.status,
            facts: seen.facts.into_iter().collect(),
            evidence: BTreeSet::from([seen.evidence]),
        }
    }

    /// Takes over what another observation says. A known kind wins over an unknown one, a boundary over none, active
    /// over inactive.
    pub(super) fn join(&mut self, other: Self) {
        self.system = std::mem::take(&mut self.system).min(other.system);
        self.name = std::mem::take(&mut self.name).max(other.name);
        self.kind = self.kind.min(other.kind);
        lower(&mut self.account, other.account);
        lower(&mut self.created, other.created);
        raise(&mut self.boundary, other.boundary);
        self.last_use = self.last_use.merge(other.last_use);
        self.status = self.status.min(other.status);
        self.facts.extend(other.facts);
        keep_smallest(&mut self.facts, MAX_IDENTITY_FACTS);
        self.evidence.extend(other.evidence);
        keep_smallest(&mut self.evidence, MAX_EXPORTS);
    }
}
