//! The life of one credential, folded from events. Memory is bounded per credential whatever the number of events.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use jiff::Timestamp;
use thin_vec::ThinVec;

use super::origin;
use super::sorted::{SortedMap, SortedSet};
use super::visit::Visit;
use crate::model::{CredentialId, EventKind, Evidence, Expiry, IdentityKind, Proof, StreamKey};

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

/// Two hosts of one credential inside one minute: two IPv4 addresses, or IPv6 addresses of two /64 networks.
/// An IPv4 and an IPv6 address together say nothing, since one host has both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Concurrency {
    /// The start of the minute.
    pub minute: Timestamp,
    /// The first origin of the minute by address.
    pub one: (IpAddr, Evidence),
    /// Another origin of the same minute.
    pub other: (IpAddr, Evidence),
}

/// Two networks of one session inside one minute, both of IPv4 or both of IPv6. [`Timeline::networks`] holds a record of
/// each, the earliest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Overlap {
    /// The smaller network.
    pub one: Network,
    /// The larger one.
    pub other: Network,
    /// The start of the latest such minute.
    pub minute: Timestamp,
}

/// A change of whether the credential works: `Revoked`, `Disabled`, `Enabled`, `SessionsRevoked`, `IdentityDeleted`,
/// `IdentityDisabled`, `IdentityEnabled`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Switch {
    /// When it takes effect.
    pub time: Timestamp,
    /// What happened.
    pub kind: EventKind,
    /// The record.
    pub evidence: Evidence,
}

/// The hosts seen in one minute: the two smallest by address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Minute {
    pub(super) one: (IpAddr, Evidence),
    pub(super) other: Option<Box<(IpAddr, Evidence)>>,
}

/// The life of one credential as the logs show it.
///
/// `uses`, `accepted`, `refused` and `renewals` count records: a record that lies in two overlapping files counts twice.
/// Everything else is idempotent: a record that is read again changes nothing. No answer may rest on an exact count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts, one of them what a record says")]
pub struct Timeline {
    /// The type of the credential: a secret rule's id; empty where no record says.
    pub kind: Arc<str>,
    /// The streams that name the credential; at most [`Timeline::MAX_ORIGINS`].
    pub streams: SortedSet<StreamKey>,
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
    /// It is revoked together with `parent`.
    pub(super) ends_with_parent: bool,
    /// The identity it authenticates.
    pub principal: Option<Arc<str>>,
    /// Who asked for it.
    pub requester: Option<Arc<str>>,
    /// What kind of thing that is, where a record says.
    pub requester_kind: IdentityKind,
    /// The request under which it was issued.
    pub request: Option<Arc<str>>,
    /// The task for which it was issued.
    pub issued_for: Option<Arc<str>>,
    /// Whom it is meant for (`aud`), several separated by a space.
    pub audience: Option<Arc<str>>,
    /// Whether a second factor was shown at issue, where the record says.
    pub mfa: Option<bool>,
    /// How many uses it allows; 0 for no limit, nothing where no record says.
    pub max_uses: Option<u64>,
    /// The provider's own service obtained it for itself.
    pub by_service: bool,
    /// What it is good for.
    pub scope: Option<Arc<str>>,
    /// Session or run name.
    pub session: Option<Box<str>>,
    /// When it ends by itself.
    pub expiry: Expiry,
    /// Time to live in seconds, as the earliest record that carries it says.
    pub ttl_s: Option<i64>,
    /// The time of that record.
    pub(super) ttl_seen: Option<Timestamp>,
    /// Renewal period in seconds, for credentials that can be renewed for ever.
    pub period_s: Option<i64>,
    /// Uses, whatever their outcome.
    pub uses: u64,
    /// Uses in which the credential was accepted.
    pub accepted: u64,
    /// Uses in which the credential itself was refused.
    pub refused: u64,
    /// When it was refused, by time; the first ones and the last one, at most [`Timeline::MAX_REFUSALS`] in all.
    pub refusals: SortedMap<Timestamp, Evidence>,
    /// First use of any outcome.
    pub first_use: Option<Moment>,
    /// Last use of any outcome.
    pub last_use: Option<Moment>,
    /// Last use in which the credential was accepted.
    pub last_accepted: Option<Moment>,
    /// Hours since the epoch with an accepted use; at most [`Timeline::MAX_HOURS`], the latest kept.
    pub accepted_hours: SortedSet<i64>,
    /// Renewals.
    pub renewals: u64,
    /// First renewal.
    pub first_renewal: Option<Moment>,
    /// Last renewal.
    pub last_renewal: Option<Moment>,
    /// Revocations, disablings and enablings in order of time; at most [`Timeline::MAX_SWITCHES`]: of
    /// more, the first and the last are kept.
    pub switches: SortedSet<Switch>,
    /// The last attempt to revoke or disable it that failed.
    pub failed_revocation: Option<Moment>,
    /// Networks of accepted uses from public addresses, not by the provider's services, each with its earliest use;
    /// at most [`Timeline::MAX_ORIGINS`].
    pub networks: SortedMap<Network, Moment>,
    /// There were more networks than are kept.
    pub more_networks: bool,
    /// User agents or workload tags of accepted uses, each with its earliest use; at most [`Timeline::MAX_ORIGINS`].
    pub agents: SortedMap<Arc<str>, Moment>,
    /// There were more agents than are kept.
    pub more_agents: bool,
    /// Tasks (runs, jobs) in which it was accepted, each with its earliest use; at most [`Timeline::MAX_ORIGINS`].
    pub tasks: SortedMap<Arc<str>, Moment>,
    /// There were more tasks than are kept.
    pub more_tasks: bool,
    /// Accounts, projects, clusters or namespaces in which it was accepted, each with its earliest use; bounded alike.
    pub targets: SortedMap<Arc<str>, Moment>,
    /// There were more targets than are kept.
    pub more_targets: bool,
    /// Pairs of networks with a use in the same minute, in order. Filled in when folding ends, for sessions: of those
    /// there are too many to keep the hosts and records of each minute.
    pub overlaps: ThinVec<Overlap>,
    /// Minutes since the epoch with the networks of their uses; at most [`Timeline::MAX_VISITS`], the latest kept.
    /// Emptied when folding ends.
    pub(super) visits: SortedSet<Visit>,
    /// Two hosts inside one minute: the latest such minute among the last [`Timeline::MAX_MINUTES`] with a use from
    /// a public address. Filled in when folding ends, for credentials that are no sessions: of those there are too many.
    pub concurrency: Option<Box<Concurrency>>,
    /// The hosts by minute since the epoch, IPv6 apart from IPv4. Emptied when folding ends.
    pub(super) minutes: BTreeMap<(u32, bool), Minute>,
    /// Actions of accepted uses, each with its latest use; at most [`Timeline::MAX_ACTIONS`].
    pub actions: SortedMap<Arc<str>, Moment>,
    /// There were more actions than are kept.
    pub more_actions: bool,
}

impl Network {
    /// The network of an address.
    pub fn of(address: IpAddr) -> Self {
        origin::network(address)
    }
}

impl Timeline {
    /// The switch since which the credential does not work after all that the log shows; nothing where it works. What is
    /// over for good stays so, and what was disabled twice, itself and with its identity, must be enabled twice.
    pub fn off(&self) -> Option<&Switch> {
        last_off(self.switches.iter())
    }

    /// The same, as it was just before a time.
    pub fn off_before(&self, time: Timestamp) -> Option<&Switch> {
        last_off(self.switches.iter().filter(|switch| switch.time < time))
    }

    /// How many switches are kept.
    pub const MAX_SWITCHES: usize = 64;
    /// How many networks and how many agents are kept.
    pub const MAX_ORIGINS: usize = 16;
    /// How many refusals are kept.
    pub const MAX_REFUSALS: usize = 4;
    /// How many distinct actions are kept.
    pub const MAX_ACTIONS: usize = 64;
    /// How many hours with an accepted use are kept: two years without a pause.
    pub const MAX_HOURS: usize = 17_568;
    /// How many minutes are kept for finding two hosts in one: a day without a pause.
    pub const MAX_MINUTES: usize = 1_440;
    /// How many pairs of minute and network are kept for finding two networks of a session in one minute.
    pub const MAX_VISITS: usize = 64;
    /// How many bytes of an agent or an action are kept.
    pub const MAX_TEXT: usize = 256;
}

/// The last of these switches that is in force; they come in order of time.
fn last_off<'a>(switches: impl DoubleEndedIterator<Item = &'a Switch>) -> Option<&'a Switch> {
    let mut undone = Vec::new();
    switches.rev().find(|switch| {
        if !switch.kind.switches_off() {
            undone.push(switch.kind);
            return false;
        }
        switch.kind.undone_by().is_none_or(|by| !undone.contains(&by))
    })
}
