//! Whether a credential still works, and since when it does not.

use jiff::Timestamp;

use crate::ledger::CredentialRow;
use crate::model::{CredentialId, EventKind, StandingClass, Status};

use super::words::day;

/// Why a credential no longer works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::check) struct Ended {
    /// In words, to follow "it": `was disabled on 2026-01-10`.
    pub(in crate::check) how: String,
}

/// Whether the credential no longer works as of `as_of`; false where nobody knows.
pub(in crate::check) fn is_over(row: &CredentialRow, as_of: Timestamp) -> bool {
    row.status == Status::Inactive || expired(row, as_of).is_some()
}

/// Why the credential no longer works as of `as_of`; nothing where it works or nobody knows.
pub(in crate::check) fn ended(row: &CredentialRow, as_of: Timestamp) -> Option<Ended> {
    if row.status == Status::Inactive {
        return Some(Ended { how: switched_off(row).unwrap_or_else(|| inactive(row)) });
    }
    expired(row, as_of).map(|end| Ended { how: format!("expired on {}", day(end)) })
}

fn expired(row: &CredentialRow, as_of: Timestamp) -> Option<Timestamp> {
    row.expiry.at().filter(|end| *end <= as_of && !used_after(row, *end))
}

/// Accepted after the end that is known: it was renewed out of sight, or its end is not enforced.
fn used_after(row: &CredentialRow, end: Timestamp) -> bool {
    row.last_use.at().is_some_and(|used| used > end)
}

/// A key or token that works until somebody revokes it. Passwords are another matter.
pub(in crate::check) fn is_static(row: &CredentialRow) -> bool {
    row.standing == StandingClass::Standing && &*row.kind != "aws-console-password"
}

/// Known from an export or a log, and not from text alone.
pub(in crate::check) fn is_known(row: &CredentialRow) -> bool {
    !row.exports.is_empty() || row.timeline.is_some()
}

/// The id was made up from other facts, so that the log cannot name the credential by it.
pub(in crate::check) fn is_derived(row: &CredentialRow) -> bool {
    matches!(row.id, CredentialId::Derived { .. })
}

fn switched_off(row: &CredentialRow) -> Option<String> {
    let off = row.timeline.as_deref()?.off()?;
    let what = match off.kind {
        EventKind::Disabled => "was disabled",
        EventKind::SessionsRevoked => "was revoked with all older sessions of its role",
        EventKind::IdentityDeleted => "was deleted with its identity",
        EventKind::IdentityDisabled => "was disabled with its identity",
        _ => "was revoked",
    };
    Some(format!("{what} on {}", day(off.time)))
}

fn inactive(row: &CredentialRow) -> String {
    match row.observed_at {
        Some(time) => format!("is inactive in the export of {}", day(time)),
        None => "is inactive in the export".to_owned(),
    }
}
