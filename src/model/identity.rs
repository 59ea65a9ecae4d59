//! Who can hold credentials and grants.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::evidence::Evidence;
use super::lifetime::LastUse;

/// What kind of thing an identity is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IdentityKind {
    /// An account that a credential belongs to (an IAM user, a service account); person or workload is not known.
    User,
    /// An account's root user.
    Root,
    /// Something assumed for a session.
    Role,
    /// A set of identities.
    Group,
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
    /// Where the observation lies.
    pub evidence: Evidence,
}
