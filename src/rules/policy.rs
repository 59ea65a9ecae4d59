//! What an organisation decides: thresholds, just-in-time roles, ceilings, and what to leave out.
//!
//! `rules/policy/default.yaml` is in force everywhere; `overstay.yaml` extends it key by key.

pub mod exception;
mod read;
mod subnet;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use globset::{Glob, GlobSet, GlobSetBuilder};
use jiff::{SignedDuration, Timestamp};

use crate::model::{Confidence, Proof, Severity};
use crate::yaml;

use super::check::CheckRules;

pub use subnet::Subnet;

/// A policy that cannot be obeyed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file is no YAML of the right form; an unknown key comes with the nearest known one.
    #[error("{}", super::nearest::with_suggestion(&.0.to_string()))]
    Yaml(yaml::Error),
    /// A name stands for nothing.
    #[error("{file}: {key}: unknown {what} `{given}`{suggestion}")]
    Unknown {
        /// The file.
        file: String,
        /// The key that holds the name.
        key: String,
        /// What the name should name.
        what: &'static str,
        /// The name.
        given: String,
        /// The nearest known name.
        suggestion: String,
    },
    /// A value is not what its key takes.
    #[error("{file}: {key}: expected {expected}")]
    Value {
        /// The file.
        file: String,
        /// The key.
        key: String,
        /// What it takes, with an example.
        expected: &'static str,
    },
    /// Every check is skipped.
    #[error("{0}: skip-checks leaves no check to run")]
    NothingToCheck(String),
}

impl From<yaml::Error> for Error {
    fn from(error: yaml::Error) -> Self {
        // Not as the source: its message is the same and would be said twice.
        Self::Yaml(error)
    }
}

/// Globs, kept with their text so that a finding can say which one matched.
#[derive(Clone, Debug, Default)]
pub struct Globs {
    texts: Vec<String>,
    set: GlobSet,
}

/// Where short-lived access is meant to come from.
#[derive(Clone, Debug, Default)]
pub struct Jit {
    /// ARNs of the roles that the broker hands out.
    pub roles: Globs,
    /// Vault paths that hand out short-lived credentials.
    pub mounts: Globs,
    /// Which actions a role or mount is there for, where the policy says.
    pub serves: Vec<Serves>,
    /// Identities that hand out short-lived access; nobody else should.
    pub brokers: Globs,
    /// Roles and scopes that take an approval. Where none is named, all that the broker hands out.
    pub approved: Globs,
}

/// Access for emergencies.
#[derive(Clone, Debug, Default)]
pub struct BreakGlass {
    /// Identities that are there for emergencies only.
    pub identities: Globs,
    /// Roles that are there for emergencies only.
    pub roles: Globs,
}

/// The actions that a just-in-time role or mount is there for.
#[derive(Clone, Debug)]
pub struct Serves {
    /// The roles or mounts.
    pub by: Globs,
    /// Action patterns, such as `s3:*`.
    pub actions: Globs,
}

/// A class of short-lived credentials with the longest life it may have.
#[derive(Clone, Debug)]
pub struct Class {
    /// `ci`, `batch`, `agent`, `svid`, `human`, or one of the organisation's own.
    pub name: String,
    /// The longest time to live.
    pub ceiling: SignedDuration,
    /// Roles whose sessions belong to it.
    pub roles: Globs,
    /// Vault paths whose credentials belong to it.
    pub mounts: Globs,
    /// Requesters whose credentials belong to it.
    pub subjects: Globs,
    /// What was shown to obtain a credential that belongs to it.
    pub proofs: Vec<Proof>,
}

/// How sure a finding must be to be reported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Persona {
    /// Few false alarms: findings of low confidence are counted and held back.
    #[default]
    Ci,
    /// Few misses: everything is reported, with its doubt.
    Audit,
}

impl Persona {
    /// Both, the default first.
    pub const ALL: [Self; 2] = [Self::Ci, Self::Audit];

    /// The name in policies and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ci => "ci",
            Self::Audit => "audit",
        }
    }

    /// Whether a finding of this confidence is counted only.
    pub fn holds_back(self, confidence: Confidence) -> bool {
        self == Self::Ci && confidence == Confidence::Low
    }
}

/// Everything an organisation decides.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The time as of which the checks speak; nothing for the newest evidence.
    pub as_of: Option<Timestamp>,
    /// The file that holds the key of the fingerprints.
    pub key_file: Option<PathBuf>,
    /// Findings of this severity and above make the exit code 1.
    pub fail_on: Severity,
    /// How sure a finding must be to be reported.
    pub persona: Persona,
    /// Thresholds that differ from the rules' defaults, by check and parameter.
    pub thresholds: BTreeMap<String, BTreeMap<String, u64>>,
    /// Accounts that are the organisation's own; empty where it did not say.
    pub known_accounts: BTreeSet<String>,
    /// Where short-lived access is meant to come from.
    pub jit: Jit,
    /// Access for emergencies.
    pub break_glass: BreakGlass,
    /// All identity ids of one person, by a name.
    pub people: BTreeMap<String, BTreeSet<String>>,
    /// Networks that say nothing about an origin, such as the organisation's NAT addresses.
    pub ignored_networks: Vec<Subnet>,
    /// Globs of paths that are not read.
    pub ignore: Vec<String>,
    /// Ceilings by class; the first that matches counts.
    pub classes: Vec<Class>,
    /// Checks that are not run.
    pub skip_checks: BTreeSet<String>,
    /// Files that describe the organisation's own log formats.
    pub mappings: Vec<PathBuf>,
    /// What the organisation lives with for a time.
    pub exceptions: exception::Exceptions,
}

impl Policy {
    /// What is in force without an `overstay.yaml`.
    pub fn defaults(rules: &CheckRules) -> Result<Self, Error> {
        read::policy(None, rules)
    }

    /// The defaults, extended by the text of an `overstay.yaml`. `file` is its name for messages.
    pub fn parse(file: &str, text: &str, rules: &CheckRules) -> Result<Self, Error> {
        read::policy(Some((file, text)), rules)
    }

    /// The threshold that differs from the rule's default.
    pub fn threshold(&self, check: &str, parameter: &str) -> Option<u64> {
        self.thresholds.get(check)?.get(parameter).copied()
    }

    /// Whether two identity ids belong to one person: they are equal, or `people` says so.
    pub fn one_person(&self, one: &str, other: &str) -> bool {
        one == other || self.people.values().any(|ids| ids.contains(one) && ids.contains(other))
    }

    /// Whether an address says nothing about an origin: private, or listed in `networks`.
    pub fn ignores(&self, address: std::net::IpAddr) -> bool {
        subnet::is_private(address) || self.ignored_networks.iter().any(|subnet| subnet.contains(address))
    }

    /// The same for a whole network as origins are compared (a /24 or a /48): it is ignored where an ignored network
    /// has a part in it.
    pub fn ignores_network(&self, network: std::net::IpAddr) -> bool {
        self.ignores(network) || self.ignored_networks.iter().any(|subnet| subnet.lies_in(network))
    }
}

impl Globs {
    /// Compiles patterns; `Err` holds the one that cannot be.
    pub fn new(texts: Vec<String>) -> Result<Self, String> {
        let mut builder = GlobSetBuilder::new();
        for text in &texts {
            builder.add(Glob::new(text).map_err(|_| text.clone())?);
        }
        let set = builder.build().map_err(|_| texts.join(", "))?;
        Ok(Self { texts, set })
    }

    /// The first pattern that matches.
    pub fn first_match(&self, text: &str) -> Option<&str> {
        let index = self.set.matches(text).into_iter().min()?;
        self.texts.get(index).map(String::as_str)
    }

    /// Whether any pattern matches.
    pub fn matches(&self, text: &str) -> bool {
        self.set.is_match(text)
    }

    /// The patterns as written.
    pub fn texts(&self) -> &[String] {
        &self.texts
    }

    /// Whether there is no pattern.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }
}

impl Jit {
    /// Whether the broker hands out this role or path, as the policy says.
    pub fn hands_out(&self, scope: &str) -> bool {
        self.roles.matches(scope) || self.mounts.matches(scope)
    }

    /// Whether this role or path takes an approval.
    pub fn takes_approval(&self, scope: &str) -> bool {
        if self.approved.is_empty() { self.hands_out(scope) } else { self.approved.matches(scope) }
    }
}

impl Serves {
    /// Whether this entry speaks about the role or mount `by`.
    pub fn speaks_of(&self, by: &str) -> bool {
        self.by.matches(by)
    }
}

impl Class {
    /// Why a credential belongs here, in words; nothing where it does not.
    pub fn claims(&self, scope: Option<&str>, requester: Option<&str>, proof: Proof) -> Option<String> {
        let by = |globs: &Globs, text: Option<&str>, what: &str| {
            let pattern = globs.first_match(text?)?.to_owned();
            Some(format!("{what} matches {pattern}"))
        };
        by(&self.roles, scope, "role")
            .or_else(|| by(&self.mounts, scope, "path"))
            .or_else(|| by(&self.subjects, requester, "requester"))
            .or_else(|| self.proofs.contains(&proof).then(|| format!("obtained with {}", proof_name(proof))))
    }
}

/// A proof in words.
pub fn proof_name(proof: Proof) -> &'static str {
    match proof {
        Proof::Oidc => "an OIDC token",
        Proof::Saml => "a SAML assertion",
        Proof::Attested => "a platform attestation",
        Proof::Mtls => "a client certificate",
        Proof::Mfa => "a second factor",
        Proof::StaticKey => "a static key",
        Proof::Password => "a password",
        Proof::Token => "a bearer token",
        Proof::Session => "another session",
        Proof::Service => "the service itself",
        Proof::Unknown => "an unknown proof",
    }
}
