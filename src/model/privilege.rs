//! What an identity may do, and how it could make more of it.

use serde::{Deserialize, Serialize};

use super::evidence::Evidence;

/// What an identity may do, as far as the exports tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Privilege {
    /// Effective administrator of an account, tenant, cluster or system: everything on everything, not denied.
    Admin {
        /// How, in words: `AdministratorAccess via group deployers`.
        how: String,
        /// The records that say so.
        evidence: Vec<Evidence>,
    },
    /// All of its policies were read and they do not add up to an administrator.
    Limited,
    /// Cannot be told, for this reason.
    Unknown(String),
    /// No export speaks about it.
    #[default]
    NotExamined,
}

/// The shortest known way from an identity to more privilege, step by step.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path {
    /// The system in which it begins.
    pub system: Box<str>,
    /// The identity that could go it.
    pub from: Box<str>,
    /// What it leads to: an administrator's identity, or in words what is won (`administrator of the account`).
    pub to: Box<str>,
    /// The steps, in order; at least one.
    pub steps: Vec<Step>,
    /// What it depends on and nothing read so far tells (a condition, a missing policy); empty if all is certain.
    pub unless: Box<str>,
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step {
    /// The method: an id of `rules/access`, such as `aws-create-policy-version`; `assume-role`, `member-of`.
    pub method: Box<str>,
    /// Whose rights are used.
    pub from: Box<str>,
    /// Whose rights are won.
    pub to: Box<str>,
    /// How, in words: `iam:CreatePolicyVersion on policy deploy`.
    pub how: Box<str>,
    /// The records that allow it; at least one.
    pub evidence: Vec<Evidence>,
}

/// The answer to "may this identity do that".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Allowed without a condition that is open.
    Allowed,
    /// Allowed or denied, depending on what no export tells.
    Conditional,
    /// Not allowed, or denied.
    Denied,
    /// What decides is not in any export.
    Unknown,
}
