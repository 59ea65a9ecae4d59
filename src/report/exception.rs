//! Exceptions in words, the same in every format for people.

use crate::model::{Compared, Exception, Lapsed, Suppressed};

use super::text::{count, counted};

/// An expired exception and what it hid.
pub(super) fn lapsed(lapsed: &Lapsed) -> String {
    let Exception { target, at, owner, expires, .. } = &lapsed.exception;
    let first = lapsed.hid.first().map(String::as_str).unwrap_or_default();
    let more = match lapsed.hid.len() {
        0 | 1 => String::new(),
        number => format!(" and {}", counted(number as u64 - 1, "other", "others")),
    };
    format!("{at}: the exception for {target}, owned by {owner}, expired on {expires}; it hid {first}{more}")
}

/// A finding that exceptions cover.
pub(super) fn suppressed(suppressed: &Suppressed) -> String {
    let finding = &suppressed.finding;
    let by: Vec<String> = suppressed.by.iter().map(brief).collect();
    format!("{} {} ({}): {}", finding.check, finding.subject.id, finding.severity.name(), by.join("; "))
}

/// Who answers for an exception, why and until when.
fn brief(exception: &Exception) -> String {
    let Exception { at, owner, reason, expires, .. } = exception;
    format!("{reason}, owned by {owner}, until {expires}, {at}")
}

/// The counts of a comparison with a baseline.
pub(super) fn compared(baseline: &Compared, new: usize) -> String {
    let fixed = match baseline.fixed {
        Some(fixed) => format!("{} fixed", count(fixed)),
        None => "fixed not told by such a run".to_owned(),
    };
    let known = count(baseline.known.len() as u64);
    format!("{} new, {known} known, {fixed} (baseline {})", count(new as u64), baseline.file)
}
