//! Who can hold credentials and grants.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::credential::{Readout, Status};
use super::evidence::Evidence;
use super::lifetime::LastUse;

/// What kind of thing an identity is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IdentityKind {
    /// A person.
    Person,
    /// An agent: software that decides by itself which tools it uses.
    Agent,
    /// An account that a credential belongs to (an IAM user, a service account); person or workload is not known.
    User,
    /// An account's root user.
    Root,
    /// Something assumed for a session.
    Role,
    /// A set of identities.
    Group,
    /// An identity of a workload: a service account, a service principal, an installation.
    Workload,
    /// A registered application, apart from the service principals that act for it.
    Application,
    /// A part of a hierarchy that policies hang on: an account, a project, a folder, a subscription, a unit.
    Scope,
    /// Everybody, or everybody who is signed in anywhere.
    Public,
    /// Not said by any input.
    #[default]
    Unknown,
}

/// One observation of an identity.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The id that grants and credentials name: an ARN, an entity id.
    pub id: Box<str>,
    /// The system: `aws`, `vault` ...
    pub system: Box<str>,
    /// The account, tenant or cluster.
    pub account: Option<Box<str>>,
    /// The short name.
    pub name: Box<str>,
    /// What kind of thing it is.
    pub kind: IdentityKind,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// When it was last used or assumed, as an export says.
    pub last_use: LastUse,
    /// The permissions boundary that caps it, where there is one.
    pub boundary: Option<Box<str>>,
    /// Whether the system accepts it.
    pub status: Status,
    /// Further facts for people and checks, by name: `mfa`, `owner`, `max-session-seconds`, `aws-role` (the role that a
    /// Kubernetes service account may take), `last-used/s3`. Never a secret.
    pub facts: Vec<Readout>,
    /// Where the observation lies.
    pub evidence: Evidence,
}

impl Identity {
    /// An observation with everything unknown but who it is. The name is the last part of the id.
    pub fn observed(system: &str, id: &str, kind: IdentityKind, evidence: Evidence) -> Self {
        Self {
            id: id.into(),
            system: system.into(),
            account: None,
            name: id.rsplit(['/', ':']).next().unwrap_or(id).into(),
            kind,
            created: None,
            last_use: LastUse::Unknown,
            boundary: None,
            status: Status::Unknown,
            facts: Vec::new(),
            evidence,
        }
    }
}
