//! The life of one credential, folded from events. Memory is bounded per credential whatever the number of events.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use jiff::Timestamp;

use crate::model::{CredentialId, EventKind, Evidence, Expiry, Proof};

/// Something that happened at a time, with the record that says so.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// When.
    pub time: Timestamp,
    /// The record.
    pub evidence: Evidence,
}

/// A network as origins are compared: the /24 of an IPv4 address, the /48 of an IPv6 address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Network(pub IpAddr);

/// Two origins of one credential inside one minute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Concurrency {
    /// The start of the minute.
    pub minute: Timestamp,
    /// The first origin of the minute by address.
    pub one: (IpAddr, Evidence),
    /// Another origin of the same minute.
    pub other: (IpAddr, Evidence),
}

/// A change of whether the credential works: `Revoked`, `Disabled`, `Enabled`, `SessionsRevoked`, `IdentityDeleted`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Switch {
    /// When it takes effect.
    pub time: Timestamp,
    /// What happened.
    pub kind: EventKind,
    /// The record.
    pub evidence: Evidence,
}

/// The life of one credential as the logs show it.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    /// The issuance record, where the log holds it (the earliest, if several files do).
    pub issued: Option<Moment>,
    /// Issue time, from the issuance record or carried by a later record (`creationDate`, `token_issue_time`).
    pub issued_at: Option<Timestamp>,
    /// Any record that carries the issue time; evidence where `issued` is absent.
    pub seen: Option<Moment>,
    /// What the requester showed.
    pub proof: Proof,
    /// The credential it was obtained with.
    pub parent: Option<CredentialId>,
    /// The identity it authenticates.
    pub principal: Option<Box<str>>,
    /// Who asked for it.
    pub requester: Option<Box<str>>,
    /// The provider's own service obtained it for itself.
    pub by_service: bool,
    /// What it is good for.
    pub scope: Option<Box<str>>,
    /// Session or run name.
    pub session: Option<Box<str>>,
    /// When it ends by itself.
    pub expiry: Expiry,
    /// Time to live as issued, in seconds.
    pub ttl_s: Option<i64>,
    /// Renewal period in seconds, for credentials that can be renewed for ever.
    pub period_s: Option<i64>,
    /// Uses, whatever their outcome.
    pub uses: u64,
    /// Uses in which the credential was accepted.
    pub accepted: u64,
    /// Uses in which the credential itself was refused.
    pub refused: u64,
    /// First use of any outcome.
    pub first_use: Option<Moment>,
    /// Last use of any outcome.
    pub last_use: Option<Moment>,
    /// Last use in which the credential was accepted.
    pub last_accepted: Option<Moment>,
    /// Hours since the epoch with an accepted use.
    pub accepted_hours: BTreeSet<i64>,
    /// Renewals.
    pub renewals: u64,
    /// First renewal.
    pub first_renewal: Option<Moment>,
    /// Last renewal.
    pub last_renewal: Option<Moment>,
    /// Revocations, disablings and enablings in order of time; at most [`Timeline::MAX_SWITCHES`], the earliest kept.
    pub switches: BTreeSet<Switch>,
    /// Networks of accepted uses outside the provider, each with its earliest use; at most [`Timeline::MAX_ORIGINS`].
    pub networks: BTreeMap<Network, Moment>,
    /// There were more networks than are kept.
    pub more_networks: bool,
    /// User agents or workload tags of accepted uses, each with its earliest use; at most [`Timeline::MAX_ORIGINS`].
    pub agents: BTreeMap<Box<str>, Moment>,
    /// There were more agents than are kept.
    pub more_agents: bool,
    /// Two origins inside one minute (the latest minute in which that happened).
    pub concurrency: Option<Concurrency>,
    /// Actions of accepted uses, each with its latest use; at most [`Timeline::MAX_ACTIONS`].
    pub actions: BTreeMap<Box<str>, Moment>,
    /// There were more actions than are kept.
    pub more_actions: bool,
}

impl Timeline {
    /// How many switches are kept.
    pub const MAX_SWITCHES: usize = 64;
    /// How many networks and how many agents are kept.
    pub const MAX_ORIGINS: usize = 16;
    /// How many distinct actions are kept.
    pub const MAX_ACTIONS: usize = 64;
}
