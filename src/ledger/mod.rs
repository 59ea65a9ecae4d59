//! All facts, folded by subject and joined. The only module that names polars.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::model::{CredentialId, Filtered, Gap, Grant, InputSummary, Policy, StreamKey};

mod absorb;
use crate::access::Estate;
use crate::access::aws::arn;
pub mod access;
mod bounded;
pub mod chain;
mod correlate;
mod fold;
mod frames;
pub mod grant_life;
mod kind;
pub(crate) mod many;
mod observed;
mod origin;
mod population;
pub mod request;
pub mod schema;
pub mod signal;
pub mod sorted;
pub mod store;
pub mod stream;
pub mod subject;
pub mod task;
pub(crate) mod texts;
pub mod timeline;
mod told;
mod visit;

pub use chain::Chain;
pub use fold::Fold;
pub use grant_life::{GrantLife, GrantName, Making};
pub use population::PopulationRow;
pub use request::{Decision, Request};
pub use signal::{Signal, Signals};
pub use stream::StreamCoverage;
pub use subject::{CredentialRow, IdentityRow, JitPath, Privilege};
pub use task::{Task, TaskEnd};
pub use timeline::{Concurrency, Moment, Network, Overlap, Switch, Timeline};

/// What the user says about the joining.
#[derive(Clone, Copy, Debug, Default)]
pub struct Joining<'a> {
    /// The time as of which everything is judged; the newest evidence decides where it is not given.
    pub as_of: Option<Timestamp>,
    /// Roles that hand out short-lived sessions, as globs of role ARNs.
    pub jit_roles: &'a [String],
}

/// All facts, joined: one row a credential, one row an identity, and what was examined.
#[derive(Clone, Debug)]
pub struct Ledger {
    /// The time as of which everything is judged.
    pub as_of: Timestamp,
    /// Where that time comes from, in words.
    pub as_of_source: String,
    /// All credentials, in order of their ids.
    pub credentials: Vec<CredentialRow>,
    /// All identities by id.
    pub identities: BTreeMap<Box<str>, IdentityRow>,
    /// All grants, in order of holder and object.
    pub grants: Vec<Grant>,
    /// The policies and roles that exports hold, by id.
    pub policies: BTreeMap<Box<str>, Policy>,
    /// Requests for access, by their id.
    pub requests: BTreeMap<Box<str>, Request>,
    /// Tasks for which access is given, by their id.
    pub tasks: BTreeMap<Box<str>, Task>,
    /// Grants as the logs show them being made and taken away.
    pub grant_lives: BTreeMap<GrantName, GrantLife>,
    /// Abnormal behaviour, relaxed safeguards, cut records.
    pub signals: Signals,
    /// What the digests of logs say about their files.
    pub chain: Chain,
    /// What each log stream covers.
    pub streams: BTreeMap<StreamKey, StreamCoverage>,
    /// What was examined.
    pub inputs: Vec<InputSummary>,
    /// What was not examined.
    pub gaps: Vec<Gap>,
    /// What was recognised and set aside, by reason.
    pub set_aside: BTreeMap<String, u64>,
    /// Places of what was set aside, where they were asked for.
    pub filtered: Vec<Filtered>,
}

impl Ledger {
    /// Everything that exports say about access, for the judges of [`crate::access`].
    pub fn estate(&self) -> Estate<'_> {
        correlate::estate(&self.identities, &self.grants, &self.policies, self.as_of)
    }

    /// The log stream that would hold the events of this credential: the one of its system and account, or the only
    /// one that names it, or the only one of its system where the account is not known.
    pub fn stream_for(&self, row: &CredentialRow) -> Option<(&StreamKey, &StreamCoverage)> {
        correlate::stream::stream_for(&self.streams, row)
    }
}

/// A text that is equal for ids of one identity: user and role ARNs with and without their path.
pub fn identity_key(id: &str) -> String {
    arn::key(id)
}

/// The system of an id: `aws`, `vault`; none for a secret that is known by its value only.
fn system(id: &CredentialId) -> Option<&str> {
    match id {
        CredentialId::Issued { system, .. } | CredentialId::Derived { system, .. } => Some(system),
        CredentialId::Hashed { scheme, .. } => scheme.split('/').next(),
        CredentialId::Fingerprint { .. } => None,
    }
}
