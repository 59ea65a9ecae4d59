//! What the checks look at: one row a credential, joined from code, exports and logs.

use std::sync::Arc;

use jiff::Timestamp;
use thin_vec::ThinVec;

pub use crate::model::Privilege;
use crate::model::{
    Confidence, CredentialId, Evidence, Expiry, Exposure, IdentityKind, LastUse, Path, Readout, StandingClass, Status,
};

use super::timeline::Timeline;
use crate::access::Principal;

/// A way to a short-lived session that exists for an identity that also holds a standing credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JitPath {
    /// The role that can be assumed.
    pub role: Box<str>,
    /// When the role was last used, as exports or logs say.
    pub last_use: LastUse,
    /// Sessions of this role that this identity obtained, in the covered logs.
    pub issued: u64,
    /// The trust policy, the role, and the latest session.
    pub evidence: Vec<Evidence>,
}

/// One credential: everything that code, exports and logs say about it.
#[derive(Clone, Debug)]
pub struct CredentialRow {
    /// Its best id (an issued id before a fingerprint before a derived one).
    pub id: CredentialId,
    /// Other ids under which it was seen.
    pub aliases: ThinVec<CredentialId>,
    /// The type: a secret rule's id.
    pub kind: Arc<str>,
    /// The human name of the type.
    pub title: Arc<str>,
    /// Whether it ends by itself.
    pub standing: StandingClass,
    /// The identity it authenticates.
    pub principal: Option<Arc<str>>,
    /// When it was issued, from an export or the log.
    pub created: Option<Timestamp>,
    /// When it ends by itself, from itself, an export or the log.
    pub expiry: Expiry,
    /// When it was last used, from an export or the log, whichever is later.
    pub last_use: LastUse,
    /// Whether the issuing system accepts it, as of `observed_at`. An export decides; a revocation in the log after the
    /// export overrides.
    pub status: Status,
    /// The time as of which the export speaks.
    pub observed_at: Option<Timestamp>,
    /// Facts read off the credential itself.
    pub readouts: ThinVec<Readout>,
    /// The places in code, oldest introduction first; at most 200 for each presence.
    pub exposures: ThinVec<Exposure>,
    /// There were more places than are kept.
    pub more_exposures: bool,
    /// The places in exports: status, creation, last use.
    pub exports: ThinVec<Evidence>,
    /// Its life in the logs; nothing where no log record names it.
    pub timeline: Option<Box<Timeline>>,
    /// What its identity may do.
    pub privilege: Privilege,
    /// Short-lived sessions that its identity could use instead.
    pub jit_paths: ThinVec<JitPath>,
    /// What the join could not decide, in words: two rows that fit one key, a name in two accounts.
    pub notes: ThinVec<String>,
}

impl CredentialRow {
    /// The confidence of the surest exposure; high where the credential is known from an export or a log.
    pub fn confidence(&self) -> Confidence {
        if !self.exports.is_empty() || self.timeline.is_some() {
            return Confidence::High;
        }
        self.exposures.iter().map(|exposure| exposure.confidence).max().unwrap_or_default()
    }
}

/// One identity: everything that exports say about it.
#[derive(Clone, Debug)]
pub struct IdentityRow {
    /// Its id, such as an ARN.
    pub id: Box<str>,
    /// The system.
    pub system: Box<str>,
    /// The account or tenant.
    pub account: Option<Box<str>>,
    /// The short name.
    pub name: Box<str>,
    /// What kind of thing it is.
    pub kind: IdentityKind,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// When it was last used.
    pub last_use: LastUse,
    /// What it may do.
    pub privilege: Privilege,
    /// The permissions boundary that caps it.
    pub boundary: Option<Box<str>>,
    /// Whether the system accepts it.
    pub status: Status,
    /// Further facts, in order of names; see [`crate::model::Identity::facts`].
    pub facts: Vec<Readout>,
    /// The ids of the policies in force for it, direct and by groups; [`super::Ledger::policies`] holds those that an
    /// export holds.
    pub policies: Vec<Box<str>>,
    /// The shortest ways from it to more privilege; empty where none is known.
    pub paths: Vec<Path>,
    /// Where it was seen.
    pub evidence: Vec<Evidence>,
}

impl IdentityRow {
    /// The identity as the judges see it.
    pub(super) fn principal(&self) -> Principal<'_> {
        Principal {
            system: &self.system,
            account: self.account.as_deref(),
            name: &self.name,
            kind: self.kind,
            boundary: self.boundary.as_deref(),
            status: self.status,
            last_use: self.last_use,
            facts: &self.facts,
            evidence: &self.evidence,
        }
    }

    /// The value of a fact; the first where several are known.
    pub fn fact(&self, name: &str) -> Option<&str> {
        self.facts.iter().find(|fact| &*fact.name == name).map(|fact| &*fact.value)
    }
}
