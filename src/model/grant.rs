//! Who may do what: attachments of policies, memberships, trust, and the policies themselves.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::credential::Readout;
use super::evidence::Evidence;
use super::lifetime::{Expiry, LastUse};

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
    /// This role or permission set over the grant's scope: `roles/editor` of GCP, a role definition of Azure, a
    /// directory role, `ClusterRole/admin` of Kubernetes, the permissions of an installation.
    Role(Box<str>),
    /// No grant but a cap: the holder (an account, a unit, an organisation) and all below it can do at most what this
    /// policy allows. The service and resource control policies of AWS.
    Cap(Box<str>),
}

impl GrantObject {
    /// The id of what is given.
    pub fn id(&self) -> &str {
        match self {
            Self::Policy(id) | Self::Group(id) | Self::AssumeRole(id) | Self::Role(id) | Self::Cap(id) => id,
        }
    }
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
    /// Where it holds: a project, a subscription, a namespace, an account, a repository; empty where the object itself
    /// says it (the policies of AWS).
    pub scope: Box<str>,
    /// The condition under which it holds, as canonical text; empty without.
    pub condition: Box<str>,
    /// Whether it is there all the time. An importer says what the export says ([`Standing::Standing`],
    /// [`Standing::Eligible`], [`Standing::JitActive`]); what its end means as of some time, the ledger works out.
    pub standing: Standing,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// When it ends by itself.
    pub expiry: Expiry,
    /// When it was last made use of, as an export says.
    pub last_use: LastUse,
    /// The id under which logs and other exports name the grant itself; empty where it has none.
    pub id: Box<str>,
    /// Further facts for people and checks, by name: `member-type`, `activated-from`, `created-by`.
    pub facts: Vec<Readout>,
    /// Where the observation lies.
    pub evidence: Evidence,
}

impl Grant {
    /// An observation with everything unknown but who holds what.
    pub fn observed(system: &str, holder: &str, object: GrantObject, evidence: Evidence) -> Self {
        Self {
            system: system.into(),
            holder: holder.into(),
            object,
            scope: "".into(),
            condition: "".into(),
            standing: Standing::Unknown,
            created: None,
            expiry: Expiry::Unknown,
            last_use: LastUse::Unknown,
            id: "".into(),
            facts: Vec::new(),
            evidence,
        }
    }
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

/// One statement of a policy or role, in the terms that AWS IAM uses. What others call a permission is an action:
/// `storage.buckets.get`, `Microsoft.Compute/*/read`, `get apps/deployments`, `read secret/data/*`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Statement {
    /// Allow or deny.
    pub effect: Effect,
    /// Action patterns as written; `NotAction` patterns when `not_actions` is set.
    pub actions: Vec<Box<str>>,
    /// The patterns are `NotAction`: the statement covers all other actions.
    pub not_actions: bool,
    /// Actions that this statement does not cover though a pattern does (`notActions` of Azure). Not a denial.
    pub except: Vec<Box<str>>,
    /// Resource patterns as written.
    pub resources: Vec<Box<str>>,
    /// The patterns are `NotResource`.
    pub not_resources: bool,
    /// The statement has conditions, as canonical JSON text; empty without.
    pub conditions: Box<str>,
}

impl Statement {
    /// Allows these actions on every resource without a condition.
    pub fn allow(actions: impl IntoIterator<Item = Box<str>>) -> Self {
        Self {
            effect: Effect::Allow,
            actions: actions.into_iter().collect(),
            not_actions: false,
            except: Vec::new(),
            resources: vec!["*".into()],
            not_resources: false,
            conditions: "".into(),
        }
    }
}

/// A policy's effective (default) version, or a role's permissions.
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
