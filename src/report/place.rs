//! A piece of evidence as people read it: where it lies, short enough for one line.

use crate::model::{Evidence, MemberPlace, Place};

/// The place with its input: `deploy.yml:11`, `deploy.yml:11 @3f2a91c`, `trail.json.gz record 17`.
pub(crate) fn full(evidence: &Evidence) -> String {
    of(evidence.input.name(), &evidence.place)
}

/// A place in an input, as [`full`] writes it.
pub(super) fn of(input: &str, place: &Place) -> String {
    match place {
        Place::Line { line, .. } => format!("{input}:{line}"),
        Place::Commit(place) => match short_commit(&place.commit) {
            "" => format!("{input}:{} (no commit)", place.line),
            commit => format!("{input}:{} @{commit}", place.line),
        },
        Place::Member(place) => {
            let MemberPlace { member, line, introduced, .. } = &**place;
            let commit = introduced.as_ref().map(|introduced| short_commit(&introduced.commit)).unwrap_or_default();
            let at = if commit.is_empty() { String::new() } else { format!(" @{commit}") };
            format!("{input}!/{member}:{line}{at}")
        }
        Place::Record { index, .. } => format!("{input} record {index}"),
        Place::Pointer { pointer } => format!("{input} {pointer}"),
    }
}

/// The record's own id, as it is appended to a place; empty without one.
pub(super) fn record(evidence: &Evidence) -> String {
    evidence.record_id.as_ref().map(|id| format!("id {id}")).unwrap_or_default()
}

/// The first digits of a commit id.
fn short_commit(commit: &str) -> &str {
    commit.get(..7).unwrap_or(commit)
}
