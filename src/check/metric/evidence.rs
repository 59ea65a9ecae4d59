//! How much of what happened the inputs can prove.

use jiff::SignedDuration;

use crate::check::basis::request;
use crate::check::basis::words::between;
use crate::model::{Metric, MetricUnit};

use super::{Measure, hours};

/// The share of what the broker hands out that rests on a recorded approval.
pub(super) fn approvals(measure: &Measure<'_>) -> Metric {
    let metric = Metric::new(
        "approval-evidence",
        "just-in-time access with an approval on record",
        MetricUnit::Share,
        measure.logs(),
    );
    let jit = &measure.policy.jit;
    if jit.roles.is_empty() && jit.mounts.is_empty() && measure.ledger.requests.is_empty() {
        return metric.unknown("no log of requests was read, and overstay.yaml names no just-in-time roles or mounts");
    }
    let given = request::given(measure.ledger);
    let approved = given.iter().filter(|given| !given.request.approvers(given.at).is_empty()).count() as u64;
    let unasked = measure.ephemeral.iter().filter(|row| {
        let Some(timeline) = row.timeline.as_deref() else { return false };
        let asked = timeline.request.as_deref().is_some_and(|id| measure.ledger.requests.contains_key(id));
        !asked && timeline.issued.is_some() && timeline.scope.as_deref().is_some_and(|scope| jit.hands_out(scope))
    });
    let without = unasked.count() as u64;
    let all = given.len() as u64 + without;
    if all == 0 {
        return metric.unknown("nothing was handed out in the logs");
    }
    metric.of(approved, all).part("without a request", without)
}

/// The hours that the logs cover of those between their first and last record.
pub(super) fn coverage(measure: &Measure<'_>) -> Metric {
    let metric = Metric::new(
        "evidence-coverage",
        "hours that the logs cover of their windows",
        MetricUnit::Share,
        measure.logs(),
    );
    let (mut silent, mut all) = (SignedDuration::ZERO, SignedDuration::ZERO);
    for stream in measure.ledger.streams.values() {
        let Some((from, to)) = stream.window() else { continue };
        all = all.saturating_add(between(to, from));
        for (start, end) in stream.gaps(SignedDuration::from_hours(1)) {
            silent = silent.saturating_add(between(end, start));
        }
    }
    if all.is_zero() {
        return metric.unknown("no log was read");
    }
    metric.of(hours(all.saturating_sub(silent)), hours(all))
}
