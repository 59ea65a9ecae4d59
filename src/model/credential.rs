//! A credential as one input shows it. Many observations of one credential become one subject in the ledger.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::evidence::Evidence;
use super::lifetime::{Expiry, LastUse};
use super::secret::Fingerprint;

/// What identifies a credential, and so what it can be joined with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum CredentialId {
    /// A public id that the issuing system gave and writes everywhere (`AKIA...`, a GCP key id, a lease id):
    /// joins with every input of that system.
    Issued {
        /// The system: `aws`, `gcp`, `vault` ...
        system: SmolStr,
        /// The id as the system writes it.
        id: SmolStr,
    },
    /// A secret without a public id: joins with other places where the same value lies.
    Fingerprint {
        /// Keyed fingerprint of the value.
        fingerprint: Fingerprint,
    },
    /// A digest that a log writes in place of the id (Vault's HMACed accessor): joins inside its own scheme only.
    Hashed {
        /// The system and the salt's scope, such as `vault/hmac-sha256`.
        scheme: SmolStr,
        /// The digest as logged. Only digests keyed by the issuing system belong here.
        digest: SmolStr,
    },
    /// Made from other facts because the export gives no id (a row of the AWS credential report): joins only through
    /// a rule of the correlation.
    Derived {
        /// The system.
        system: SmolStr,
        /// What it was derived from, readable: `arn:aws:iam::111122223333:user/ci#1@2024-01-02T03:04:05Z`.
        id: SmolStr,
    },
}

impl CredentialId {
    /// An id issued by `system`.
    pub fn issued(system: &str, id: &str) -> Self {
        Self::Issued { system: system.into(), id: id.into() }
    }

    /// A digest under `scheme`.
    pub fn hashed(scheme: &str, digest: &str) -> Self {
        Self::Hashed { scheme: scheme.into(), digest: digest.into() }
    }

    /// An id derived from other facts of `system`.
    pub fn derived(system: &str, id: &str) -> Self {
        Self::Derived { system: system.into(), id: id.into() }
    }

    /// A secret known only by its keyed fingerprint.
    pub fn fingerprint(fingerprint: Fingerprint) -> Self {
        Self::Fingerprint { fingerprint }
    }
}

/// The text that may be shown to anybody.
impl fmt::Display for CredentialId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Issued { id, .. } | Self::Derived { id, .. } => f.write_str(id),
            Self::Fingerprint { fingerprint } => write!(f, "#{}", fingerprint.short()),
            Self::Hashed { digest, .. } => f.write_str(digest),
        }
    }
}

/// Whether credentials of a type end by themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StandingClass {
    /// Works until somebody revokes it.
    Standing,
    /// Ends by itself soon after issue.
    Ephemeral,
    /// Depends on how it was issued; the credential itself or an export may tell.
    #[default]
    Depends,
}

/// Whether the issuing system accepts the credential.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// An export says that it is enabled.
    Active,
    /// An export says that it is disabled.
    Inactive,
    /// Nothing read so far says.
    #[default]
    Unknown,
}

/// Whether a secret found in a repository is still there for a reader of the newest commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Presence {
    /// In a plain directory tree: history is unknown.
    Tree,
    /// In the commit that `HEAD` names.
    InHead,
    /// Only in older commits or other branches.
    HistoryOnly,
    /// In the working tree but not in `HEAD`: not committed yet.
    WorkTree,
    /// In the index but not in `HEAD`: the next commit will hold it.
    Staged,
    /// In the object database, reached by no reference.
    Unreachable,
}

/// A fact read off the credential itself, without asking anybody: "account 111122223333", "expires 2025-01-01".
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Readout {
    /// What is known, in kebab-case: `aws-account`, `checksum`, `expires`, `issuer`, `key-id`, `email`, `passphrase`.
    pub name: Box<str>,
    /// Its value; never a part of the secret.
    pub value: Box<str>,
}

impl Readout {
    /// A fact by name.
    pub fn new(name: &str, value: &str) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}

/// A secret lying in text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Exposure {
    /// The secret rule that matched, such as `aws-access-key-id`.
    pub rule: Box<str>,
    /// The place.
    pub evidence: Evidence,
    /// Where in the life of the repository.
    pub presence: Presence,
    /// When the introducing commit was authored; unknown for plain trees.
    pub since: Option<Timestamp>,
    /// How sure the engine is that this is a credential and not a look-alike.
    pub confidence: super::finding::Confidence,
    /// Why the confidence is not high, in a few words; empty when it is.
    pub doubt: Box<str>,
}

/// One observation of a credential.
#[derive(Clone, Debug)]
pub struct Credential {
    /// What identifies it.
    pub id: CredentialId,
    /// The type: a secret rule's id (`aws-access-key-id`, `vault-service-token`).
    pub kind: Box<str>,
    /// The human name of the type.
    pub title: Box<str>,
    /// Whether credentials of this type end by themselves.
    pub standing: StandingClass,
    /// The identity it authenticates (an ARN, an entity id), where the observation says.
    pub principal: Option<Box<str>>,
    /// When it was issued.
    pub created: Option<Timestamp>,
    /// When it ends by itself.
    pub expiry: Expiry,
    /// When it was last used, as an export says. Uses from logs are events.
    pub last_use: LastUse,
    /// Whether the issuing system accepts it, as of `observed_at`.
    pub status: Status,
    /// The time as of which an export speaks (the time of the credential report); unknown for code.
    pub observed_at: Option<Timestamp>,
    /// Facts read off the credential itself.
    pub readouts: Vec<Readout>,
    /// Set when the observation is a place in text.
    pub exposure: Option<Exposure>,
    /// Where the observation lies. For text the same as the exposure's evidence.
    pub evidence: Evidence,
}

impl Credential {
    /// An observation with everything unknown but its identity, type and place.
    pub fn observed(id: CredentialId, kind: &str, title: &str, evidence: Evidence) -> Self {
        Self {
            id,
            kind: kind.into(),
            title: title.into(),
            standing: StandingClass::default(),
            principal: None,
            created: None,
            expiry: Expiry::Unknown,
            last_use: LastUse::Unknown,
            status: Status::Unknown,
            observed_at: None,
            readouts: Vec::new(),
            exposure: None,
            evidence,
        }
    }
}
