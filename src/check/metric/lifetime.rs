//! How long access lasts beyond its need, and how fast it is taken back.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use crate::check::basis::words::{after, between};
use crate::check::slow_revocation;
use crate::ledger::texts::place;
use crate::ledger::{CredentialRow, Timeline};
use crate::model::{Metric, MetricUnit, StandingClass};

use super::{Measure, minutes, spread};

/// Minutes between the last use of short-lived credentials and their effective end.
pub(super) fn overstay(measure: &Measure<'_>) -> Metric {
    let metric =
        Metric::new("overstay", "minutes from the last use to the effective end", MetricUnit::Minutes, measure.logs());
    let rest = |row: &CredentialRow| {
        let timeline = row.timeline.as_deref()?;
        let (last, end) = (timeline.last_accepted.as_ref()?.time, effective_end(row, timeline)?);
        (end <= measure.ledger.as_of).then(|| minutes(between(end, last)))
    };
    spread(metric, measure.ephemeral.iter().filter_map(|row| rest(row)).collect())
}

/// The end by itself, or the moment at which somebody ended it, whichever came first.
fn effective_end(row: &CredentialRow, timeline: &Timeline) -> Option<Timestamp> {
    let ttl = || Some(after(timeline.issued_at?, SignedDuration::from_secs(timeline.ttl_s?)));
    let own = row.expiry.at().or_else(ttl);
    let off = timeline.off().map(|switch| switch.time);
    own.into_iter().chain(off).min()
}

/// The share of issued credentials that live longer than their class allows.
pub(super) fn ttl_overrun(measure: &Measure<'_>) -> Metric {
    let metric =
        Metric::new("ttl-overrun", "issuances above the ceiling of their class", MetricUnit::Share, measure.logs());
    let (mut over, mut all) = (0, 0);
    let mut claims = HashMap::new();
    for row in measure.ledger.credentials.iter().filter(|row| row.standing != StandingClass::Standing) {
        let Some(timeline) = row.timeline.as_deref().filter(|timeline| !timeline.by_service) else { continue };
        let (scope, requester, proof) = (timeline.scope.as_deref(), timeline.requester.as_deref(), timeline.proof);
        let class = *claims.entry((scope.map(place), requester.map(place), proof)).or_insert_with(|| {
            measure.policy.classes.iter().find(|class| class.claims(scope, requester, proof).is_some())
        });
        let life = timeline.ttl_s.or_else(|| Some(timeline.expiry.at()?.duration_since(timeline.issued_at?).as_secs()));
        let (Some(class), Some(life)) = (class, life) else { continue };
        all += 1;
        over += u64::from(SignedDuration::from_secs(life) > class.ceiling);
    }
    if all == 0 { metric.unknown("no issuance of a known class is in a log") } else { metric.of(over, all) }
}

/// Minutes from a signal about the identity, or the end of the task, to the revocation.
pub(super) fn revocation_latency(measure: &Measure<'_>) -> Metric {
    let title = "minutes from the cause to the revocation";
    let metric = Metric::new("revocation-latency", title, MetricUnit::Minutes, measure.logs());
    let delays: Vec<u64> =
        slow_revocation::delays(measure.ledger).into_values().flatten().map(|(delay, _)| minutes(delay)).collect();
    if delays.is_empty() {
        return metric.unknown("no log shows a cause and a revocation after it");
    }
    spread(metric, delays)
}
