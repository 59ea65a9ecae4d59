//! The normalized event: one record of an issuance log that matters to the life of a credential.
//!
//! Events are borrowed from the record that holds them and folded at once; they are never kept.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::coverage::StreamKey;
use super::credential::CredentialId;
use super::evidence::{Evidence, Input, Place};
use super::grant::{GrantObject, Standing};
use super::identity::IdentityKind;
use super::lifetime::Expiry;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EventKind {
    /// A credential was issued.
    Issued,
    /// A credential's life was extended.
    Renewed,
    /// A credential was presented; the outcome says whether it was accepted.
    Used,
    /// A credential was revoked or deleted.
    Revoked,
    /// A credential was disabled.
    Disabled,
    /// A disabled credential was enabled again.
    Enabled,
    /// All sessions of `event.scope` (a role) issued before `event.before` stopped working.
    SessionsRevoked,
    /// An identity (`event.principal`) and all its credentials were deleted.
    IdentityDeleted,
    /// An identity (`event.principal`) was disabled, and no credential of it works until it is enabled again.
    IdentityDisabled,
    /// A disabled identity (`event.principal`) was enabled again: its credentials work as they did before.
    IdentityEnabled,
    /// Access was asked for, under the id `event.request`.
    Requested,
    /// A request was approved; `event.requester` is who approved.
    Approved,
    /// A request was declined; `event.requester` is who declined.
    Declined,
    /// A grant (`event.grant`) was made.
    Granted,
    /// A grant (`event.grant`) was taken away, or ended by itself.
    Ungranted,
    /// A task (`event.task`) began.
    TaskStarted,
    /// A task ended: completed (`Outcome::Ok`), or failed or cancelled (`Outcome::Error`, with `event.error`).
    TaskEnded,
    /// Abnormal behaviour of `event.principal` or `event.credential` was reported, or it was locked or quarantined
    /// because of it; `event.action` names the signal.
    Alerted,
    /// A setting that guards the issuing of access was relaxed (approval, second factor, longest duration, who is
    /// trusted); `event.action` names the setting and `event.target` what it guards.
    Weakened,
    /// The record of an issuance or of a change of access was cut short or left out by its own system.
    Truncated,
    /// Recording was stopped, deleted or weakened on purpose.
    LogStopped,
    /// Recording was started again.
    LogStarted,
}

impl EventKind {
    /// Whether a credential stops working with this, if only for a while.
    pub fn switches_off(self) -> bool {
        matches!(
            self,
            Self::Revoked | Self::Disabled | Self::SessionsRevoked | Self::IdentityDeleted | Self::IdentityDisabled
        )
    }

    /// What undoes it; nothing where it is for good.
    pub fn undone_by(self) -> Option<Self> {
        match self {
            Self::Disabled => Some(Self::Enabled),
            Self::IdentityDisabled => Some(Self::IdentityEnabled),
            _ => None,
        }
    }
}

/// How a request ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Accepted.
    #[default]
    Ok,
    /// The credential was accepted, the permission was not.
    Denied,
    /// The credential itself was refused: expired, revoked, unknown.
    Refused,
    /// Failed for a reason that says nothing about the credential.
    Error,
}

/// What the requester showed to obtain a credential.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Hash)]
#[serde(rename_all = "kebab-case")]
pub enum Proof {
    /// An OIDC token of a workload.
    Oidc,
    /// A SAML assertion.
    Saml,
    /// A platform attestation (instance metadata, SPIFFE, TPM).
    Attested,
    /// A client certificate.
    Mtls,
    /// A second factor beside the first.
    Mfa,
    /// A long-lived key.
    StaticKey,
    /// A password.
    Password,
    /// A bearer token.
    Token,
    /// A temporary credential (role chaining).
    Session,
    /// The service did it for itself.
    Service,
    /// The record does not say.
    #[default]
    Unknown,
}

/// Where the record of an event lies.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    /// The file.
    pub input: &'a Arc<Input>,
    /// Record number from 0.
    pub index: u64,
    /// Byte offset in the decompressed stream.
    pub offset: u64,
    /// The record's own id.
    pub record_id: Option<&'a str>,
}

impl Origin<'_> {
    /// Evidence that `shows` something at this record.
    pub fn evidence(&self, shows: &'static str) -> Evidence {
        let place = Place::Record { index: self.index, offset: self.offset };
        Evidence::logged(shows, self.input, place, self.record_id)
    }
}

/// A grant as the record of its making or ending describes it. The ids are those that exports use, so that a grant in a
/// log and the same grant in an export are one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GrantChange {
    /// The system: `aws` ...
    pub system: Box<str>,
    /// Who holds it: an identity id. Empty where the record of an end names the grant by its `id` alone: then all grants
    /// under the id end.
    pub holder: Box<str>,
    /// What it gives.
    pub object: GrantObject,
    /// Where it holds; empty where the object itself says it.
    pub scope: Box<str>,
    /// The id under which exports name the grant itself; empty where it has none.
    pub id: Box<str>,
    /// [`Standing::Standing`] where it was made for good, [`Standing::TimeBound`] where it ends by itself,
    /// [`Standing::Eligible`] and [`Standing::JitActive`] where a just-in-time system says so.
    pub standing: Standing,
}

/// One event. Everything but time, kind, stream and origin may be unknown.
#[derive(Clone, Debug)]
pub struct Event<'a> {
    /// When it happened.
    pub time: Timestamp,
    /// What happened.
    pub kind: EventKind,
    /// How it ended.
    pub outcome: Outcome,
    /// The error code of the system, where there was one.
    pub error: Option<&'a str>,
    /// The log stream it came from, for coverage.
    pub stream: &'a StreamKey,
    /// The credential that was issued, used, renewed or revoked.
    pub credential: Option<CredentialId>,
    /// The type of that credential: a secret rule's id.
    pub credential_kind: &'a str,
    /// Another id of the same credential that the record states beside `credential`.
    pub also: Option<CredentialId>,
    /// The credential with which it was obtained.
    pub parent: Option<CredentialId>,
    /// For issuances: whether it is revoked together with `parent`, as the leases and the child tokens of Vault are.
    pub ends_with_parent: bool,
    /// The identity the credential authenticates, as an identity id: the role of a role session, the user of a key.
    pub principal: Option<&'a str>,
    /// For issuances, renewals, revocations, grants and requests: who asked, as an identity id or an outside subject
    /// (`repo:acme/x:ref:refs/heads/main`). For decisions: who decided.
    pub requester: Option<&'a str>,
    /// What kind of thing `requester` is, where the record says.
    pub requester_kind: IdentityKind,
    /// The principal is a service of the provider acting by itself.
    pub by_service: bool,
    /// What the requester showed.
    pub proof: Proof,
    /// What the credential is good for: a role ARN, a Vault mount and role, policies.
    pub scope: Option<&'a str>,
    /// When the credential ends by itself.
    pub expiry: Expiry,
    /// Issue time where a later record carries it (`sessionContext.attributes.creationDate`, `token_issue_time`).
    pub issued_at: Option<Timestamp>,
    /// Time to live as issued, in seconds, where logged.
    pub ttl_s: Option<i64>,
    /// The renewal period in seconds; a periodic token can be renewed for ever.
    pub period_s: Option<i64>,
    /// For `SessionsRevoked`: sessions issued before this time are over.
    pub before: Option<Timestamp>,
    /// Session name; for uses and issuances.
    pub session: Option<&'a str>,
    /// The request that this is about, or under which this was issued or granted.
    pub request: Option<&'a str>,
    /// Why access was asked for or decided, in the person's words, with the ticket where there is one.
    pub reason: Option<&'a str>,
    /// The task (a CI run, a job, a run of an agent) that this belongs to.
    pub task: Option<&'a str>,
    /// The runner or host that the task runs on.
    pub runner: Option<&'a str>,
    /// What was acted upon, or what access was asked for: an account, project, cluster, namespace or repository.
    pub target: Option<&'a str>,
    /// Whom a token is meant for (`aud`); several in one text, separated by a space.
    pub audience: Option<&'a str>,
    /// Whether a second factor was shown, where the record says.
    pub mfa: Option<bool>,
    /// How many uses the credential allows; 0 for no limit.
    pub max_uses: Option<u64>,
    /// What was granted or taken away.
    pub grant: Option<GrantChange>,
    /// Caller's address; absent for service names.
    pub address: Option<std::net::IpAddr>,
    /// Caller's user agent or workload tag.
    pub agent: Option<&'a str>,
    /// What was called, such as `s3.amazonaws.com:GetObject` or a Vault path.
    pub action: Option<&'a str>,
    /// Where the record lies.
    pub origin: Origin<'a>,
}

impl<'a> Event<'a> {
    /// An accepted event with everything else unknown.
    pub fn new(time: Timestamp, kind: EventKind, stream: &'a StreamKey, origin: Origin<'a>) -> Self {
        Self {
            time,
            kind,
            outcome: Outcome::Ok,
            error: None,
            stream,
            credential: None,
            credential_kind: "",
            also: None,
            parent: None,
            ends_with_parent: false,
            principal: None,
            requester: None,
            requester_kind: IdentityKind::Unknown,
            by_service: false,
            proof: Proof::Unknown,
            scope: None,
            expiry: Expiry::Unknown,
            issued_at: None,
            ttl_s: None,
            period_s: None,
            before: None,
            session: None,
            request: None,
            reason: None,
            task: None,
            runner: None,
            target: None,
            audience: None,
            mfa: None,
            max_uses: None,
            grant: None,
            address: None,
            agent: None,
            action: None,
            origin,
        }
    }
}
