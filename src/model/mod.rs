//! The nouns of the product: credentials, grants, identities, events, evidence, findings, coverage.
//!
//! Layer 0: no file is opened here, no clock is read, no JSON or YAML value appears.

pub mod answer;
pub mod chain;
pub mod coverage;
pub mod credential;
pub mod event;
pub mod evidence;
pub mod finding;
pub mod grant;
pub mod identity;
pub mod lifetime;
mod logged;
pub mod metric;
pub mod privilege;
pub mod record_id;
pub mod secret;
pub mod sink;
pub mod triage;

pub use answer::{CheckSummary, Inconclusive};
pub use chain::ListedFile;
pub use coverage::{Filtered, Gap, GapReason, InputSummary, StreamKey};
pub use credential::{Credential, CredentialId, Exposure, Presence, Readout, StandingClass, Status};
pub use event::{Event, EventKind, GrantChange, Origin, Outcome, Proof};
pub use evidence::{CommitPlace, Evidence, Input, Introduction, MemberPlace, Place, Sha256Digest};
pub use finding::{Confidence, Control, Finding, FindingBuilder, Relation, Severity, Subject, SubjectKind};
pub use grant::{Effect, Grant, GrantObject, Policy, Standing, Statement};
pub use identity::{Identity, IdentityKind};
pub use lifetime::{Expiry, LastUse};
pub use metric::{Metric, MetricUnit};
pub use privilege::{Path, Privilege, Step, Verdict};
pub use record_id::RecordId;
pub use secret::{Fingerprint, FingerprintKey, Secret};
pub use sink::{Shard, Sink};
pub use triage::{Compared, Exception, Lapsed, Suppressed, Triage, Written};
