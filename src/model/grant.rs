//! Who may do what: attachments of policies, memberships, trust, and the policies themselves.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::evidence::Evidence;
use super::lifetime::Expiry;

/// Whether a grant is there all the time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// There until somebody removes it.
    Standing,
    /// Ends by itself at a known time that lies ahead.
    TimeBound,
    /// Its time is over and it is still there.
    ExpiredStillPresent,
    /// Must be activated before it works.
    Eligible,
    /// Activated for now.
    JitActive,
    /// The export cannot tell.
    #[default]
    Unknown,
}

/// What a grant gives.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "id")]
pub enum GrantObject {
    /// The statements of this policy (an ARN, or `<holder>#inline/<name>`).
    Policy(Box<str>),
    /// Membership in this group.
    Group(Box<str>),
    /// The right to assume this role; the holder is the trusted principal as the trust policy writes it.
    AssumeRole(Box<str>),
}

/// One observation of a grant.
#[derive(Clone, Debug)]
pub struct Grant {
    /// The system: `aws` ...
    pub system: Box<str>,
    /// Who holds it: an identity id, or a principal pattern (`*`, an account root) for `AssumeRole`.
    pub holder: Box<str>,
    /// What it gives.
    pub object: GrantObject,
    /// Whether it is there all the time.
    pub standing: Standing,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// When it ends by itself.
    pub expiry: Expiry,
    /// Where the observation lies.
    pub evidence: Evidence,
}

/// Allow or deny.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// The statement allows.
    Allow,
    /// The statement denies, over every allow.
    Deny,
}

/// One statement of a policy, in the terms that AWS IAM uses.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Statement {
    /// Allow or deny.
    pub effect: Effect,
    /// Action patterns as written; `NotAction` patterns when `not_actions` is set.
    pub actions: Vec<Box<str>>,
    /// The patterns are `NotAction`: the statement covers all other actions.
    pub not_actions: bool,
    /// Resource patterns as written.
    pub resources: Vec<Box<str>>,
    /// The patterns are `NotResource`.
    pub not_resources: bool,
    /// The statement has conditions, as canonical JSON text; empty without.
    pub conditions: Box<str>,
}

/// A policy's effective (default) version.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The id that grants name.
    pub id: Box<str>,
    /// The system: `aws`, `vault` ...
    pub system: Box<str>,
    /// Its statements.
    pub statements: Vec<Statement>,
    /// When this version was made.
    pub created: Option<Timestamp>,
    /// Where the observation lies.
    pub evidence: Evidence,
}
