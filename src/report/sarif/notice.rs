//! What was not examined and what could not be told, as SARIF notifications: a clean list of results proves nothing
//! without them.

use super::shape::{Notification, Text};
use crate::model::{CheckSummary, Gap};
use crate::report::text::{clip, count, counted};
use crate::report::{Report, exception};

/// How many gaps are written one by one.
const MOST_GAPS: usize = 1000;

/// All notices of a run of which `cut` results were left out.
pub(super) fn of(report: &Report, cut: usize) -> Vec<Notification> {
    let mut notices = Vec::new();
    if report.is_empty() {
        notices.push(notice("error", "Nothing was examined: no file, commit, export or log was read."));
    }
    if cut > 0 {
        let text = format!("{} of lower severity are left out of this file; the json format has all.", results(cut));
        notices.push(notice("warning", &text));
    }
    notices.extend(report.triage.lapsed.iter().map(|lapsed| notice("error", &exception::lapsed(lapsed))));
    notices.extend(report.triage.warnings.iter().take(MOST_GAPS).map(|warning| notice("warning", warning)));
    notices.extend(report.gaps.iter().take(MOST_GAPS).map(gap));
    if let Some(more) = report.gaps.len().checked_sub(MOST_GAPS + 1) {
        notices.push(notice("warning", &format!("{} more parts were not examined.", count(more as u64 + 1))));
    }
    notices.extend(report.summaries.iter().filter(|summary| !summary.inconclusive.is_empty()).map(inconclusive));
    notices
}

fn results(cut: usize) -> String {
    counted(cut as u64, "result", "results")
}

fn gap(gap: &Gap) -> Notification {
    let level = if gap.reason.makes_incomplete() { "error" } else { "note" };
    let many = if gap.count > 1 { format!(" ({} alike)", count(gap.count)) } else { String::new() };
    notice(level, &format!("Not examined: {}{many}: {}; {}", gap.what, gap.detail, gap.effect))
}

fn inconclusive(summary: &CheckSummary) -> Notification {
    let number = summary.inconclusive.len() as u64;
    let reason = summary.inconclusive.first().map(|first| first.reason.as_str()).unwrap_or_default();
    let text = format!("{} could not tell for {}: {reason}", summary.check, counted(number, "subject", "subjects"));
    notice("note", &text)
}

fn notice(level: &'static str, text: &str) -> Notification {
    Notification { level, message: Text { text: clip(text, 1000).replace("](", "] (") } }
}
