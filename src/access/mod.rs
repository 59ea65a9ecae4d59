//! What the exports of identity systems add up to: who is privileged, who could become it, and who may do what.
//!
//! Each system has one judge that knows how that system evaluates its policies. A judge never guesses: what depends on
//! something that no export tells is conditional or unknown, and says on what.

mod administrators;
pub mod aws;
mod azure;
mod gcp;
mod kubernetes;
pub(crate) mod pattern;
mod roles;

use std::collections::BTreeMap;

use jiff::Timestamp;

use administrators::Administered;

use crate::model::{Evidence, Grant, IdentityKind, LastUse, Path, Policy, Privilege, Readout, Status, Verdict};

/// Everything that exports say about access, of all systems.
#[derive(Clone, Debug)]
pub struct Estate<'a> {
    /// The time as of which conditions on time are judged.
    pub as_of: Timestamp,
    /// All identities, by id.
    pub principals: BTreeMap<&'a str, Principal<'a>>,
    /// All grants, in order of holder and object.
    pub grants: &'a [Grant],
    /// All policies and roles that an export holds, by id.
    pub policies: &'a BTreeMap<Box<str>, Policy>,
}

/// One identity, as exports describe it.
#[derive(Clone, Copy, Debug)]
pub struct Principal<'a> {
    /// The system.
    pub system: &'a str,
    /// The account, tenant or cluster.
    pub account: Option<&'a str>,
    /// The short name.
    pub name: &'a str,
    /// What kind of thing it is.
    pub kind: IdentityKind,
    /// The permissions boundary that caps it.
    pub boundary: Option<&'a str>,
    /// Whether the system accepts it.
    pub status: Status,
    /// When it was last used.
    pub last_use: LastUse,
    /// Further facts, in order of names.
    pub facts: &'a [Readout],
    /// Where it was seen.
    pub evidence: &'a [Evidence],
}

/// A system whose policies can be evaluated.
pub trait System: Sync {
    /// The name under which facts of the system come: `aws`.
    fn id(&self) -> &'static str;
    /// Reads what the exports hold of the system; done once for any number of questions.
    fn judge<'a>(&self, estate: &'a Estate<'a>) -> Box<dyn Judge + Sync + 'a>;
}

/// Answers about one estate in the terms of one system.
pub trait Judge {
    /// What an identity of the system may do.
    fn privilege(&self, principal: &str) -> Privilege;
    /// The shortest ways to more privilege, of every identity that has one, in order of the identities.
    fn paths(&self) -> Vec<Path>;
    /// Whether an identity may do something.
    fn decide(&self, question: &Question<'_>) -> Decision;
    /// The known actions that a pattern stands for, in order; none for a plain action, or where the system has no list.
    fn actions(&self, _pattern: &str) -> Vec<&'static str> {
        Vec::new()
    }
}

/// "May this identity do that?"
#[derive(Clone, Copy, Debug)]
pub struct Question<'q> {
    /// The id of the identity.
    pub principal: &'q str,
    /// The action, as the system writes it: `s3:GetObject`, `get secrets`.
    pub action: &'q str,
    /// The resource; any resource at all where it is not given.
    pub resource: Option<&'q str>,
}

/// The answer, with what decides.
#[derive(Clone, Debug)]
pub struct Decision {
    /// Yes, no, or what stands between.
    pub verdict: Verdict,
    /// Why, in words; for `Conditional` and `Unknown` what it depends on.
    pub why: String,
    /// The statements that decide, the strongest first.
    pub deciding: Vec<Deciding>,
}

/// A statement that decides.
#[derive(Clone, Debug)]
pub struct Deciding {
    /// The id of the policy or role.
    pub policy: Box<str>,
    /// The statement for people: `Allow s3:* on * if {...}`.
    pub statement: String,
    /// How the policy came to the identity: `attached`, `via group deployers`, `boundary`, `cap of 111122223333`.
    pub via: String,
    /// The records that say so.
    pub evidence: Vec<Evidence>,
}

/// All systems whose policies can be evaluated.
pub static SYSTEMS: &[&dyn System] = &[
    &aws::Aws,
    &azure::Azure,
    &gcp::Gcp,
    &Administered("github"),
    &Administered("gitlab"),
    &kubernetes::Kubernetes,
    &Administered("mysql"),
    &Administered("okta"),
    &Administered("postgres"),
    &Administered("snowflake"),
    &Administered("spire"),
    &Administered("teleport"),
    &Administered("vault"),
];

/// The judges of all systems by their names.
pub type Judges<'a> = BTreeMap<&'static str, Box<dyn Judge + Sync + 'a>>;

/// The judges of all systems over one estate.
pub fn judges<'a>(estate: &'a Estate<'a>) -> Judges<'a> {
    SYSTEMS.iter().map(|system| (system.id(), system.judge(estate))).collect()
}
