//! How much is there all the time: credentials and privileged identities that nobody takes back.

use std::collections::BTreeMap;

use crate::check::basis::words::between;
use crate::check::basis::{holder, life};
use crate::ledger::{CredentialRow, Privilege};
use crate::model::{LastUse, Metric, MetricUnit, Status};

use super::{Measure, days, hours, spread};

const ROTATION_DAYS: u64 = 90;
const MONTHS: usize = 12;

/// Working long-lived credentials against short-lived ones.
pub(super) fn static_to_ephemeral(measure: &Measure<'_>) -> Metric {
    Metric::new("static-to-ephemeral", "long-lived against short-lived credentials", MetricUnit::Ratio, measure.logs())
        .of(measure.standing.len() as u64, measure.ephemeral.len() as u64)
}

/// The same, by how often they were accepted.
pub(super) fn static_to_ephemeral_by_use(measure: &Measure<'_>) -> Metric {
    let used = |rows: &[&CredentialRow]| rows.iter().fold(0_u64, |sum, row| sum.saturating_add(Measure::accepted(row)));
    let (standing, ephemeral) = (used(&measure.lasting), used(&measure.ephemeral));
    let metric = Metric::new(
        "static-to-ephemeral-by-use",
        "uses of long-lived against short-lived credentials",
        MetricUnit::Ratio,
        measure.logs(),
    );
    if standing == 0 && ephemeral == 0 { metric.unknown("no log shows a use") } else { metric.of(standing, ephemeral) }
}

/// Hours for which identities were administrators without a pause, inside the time that the logs cover.
pub(super) fn standing_privilege_hours(measure: &Measure<'_>) -> Metric {
    let metric =
        Metric::new("standing-privilege-hours", "hours of standing administrators", MetricUnit::Hours, measure.logs());
    let Some((from, to)) = measure.window() else { return metric.unknown("no log says over which time to add up") };
    let admins = measure.ledger.identities.values().filter(|row| {
        holder::acts(row) && row.status != Status::Inactive && matches!(row.privilege, Privilege::Admin { .. })
    });
    let each: Vec<u64> =
        admins.map(|row| hours(between(to, row.created.map_or(from, |made| made.max(from))))).collect();
    let sum = each.iter().fold(0_u64, |sum, value| sum.saturating_add(*value));
    metric.of(sum, each.len() as u64)
}

/// Working long-lived credentials without an end, and how old they are.
pub(super) fn unrevoked(measure: &Measure<'_>) -> Metric {
    let all = &measure.standing;
    let endless = all.iter().filter(|row| row.expiry.at().is_none()).count();
    Metric::new("unrevoked-credentials", "working credentials without an end", MetricUnit::Count, exports(measure))
        .of(endless as u64, all.len() as u64)
}

/// Days since the last use of working long-lived credentials.
pub(super) fn idle_exposure(measure: &Measure<'_>) -> Metric {
    let idle = |row: &CredentialRow| match row.last_use {
        LastUse::At(time) => Some(days(between(measure.ledger.as_of, time))),
        LastUse::Never => Some(days(between(measure.ledger.as_of, row.created?))),
        LastUse::NotInWindow | LastUse::Unknown => None,
    };
    let metric =
        Metric::new("idle-exposure", "days that working credentials lie idle", MetricUnit::Days, exports(measure));
    let unknown = measure.standing.iter().copied().filter(|row| idle(row).is_none()).count() as u64;
    let metric = spread(metric, measure.standing.iter().copied().filter_map(idle).collect());
    metric.part("last use not known", unknown)
}

/// How old working long-lived credentials are.
pub(super) fn age(measure: &Measure<'_>) -> Metric {
    let metric =
        Metric::new("credential-age", "days that working credentials exist", MetricUnit::Days, exports(measure));
    let unknown = measure.standing.iter().copied().filter(|row| row.created.is_none()).count() as u64;
    spread(metric, ages(measure).collect()).part("age not known", unknown)
}

fn ages(measure: &Measure<'_>) -> impl Iterator<Item = u64> {
    let as_of = measure.ledger.as_of;
    measure.standing.iter().copied().filter_map(move |row| Some(days(between(as_of, row.created?))))
}

/// The share of working static credentials that are younger than the rotation period.
pub(super) fn rotation(measure: &Measure<'_>) -> Metric {
    let metric = Metric::new(
        "rotated-in-time",
        "static credentials made in the last 90 days",
        MetricUnit::Share,
        exports(measure),
    );
    let (mut young, mut all) = (0, 0);
    for row in measure.standing.iter().copied().filter(|row| life::is_static(row)) {
        let Some(created) = row.created else { continue };
        all += 1;
        young += u64::from(days(between(measure.ledger.as_of, created)) <= ROTATION_DAYS);
    }
    if all == 0 { metric.unknown("no input tells when a credential was made") } else { metric.of(young, all) }
}

/// Long-lived credentials by the month in which they were made, of the last twelve.
pub(super) fn new_persistent(measure: &Measure<'_>) -> Metric {
    let metric = Metric::new(
        "new-persistent-credentials",
        "long-lived credentials made, by month",
        MetricUnit::Count,
        exports(measure),
    );
    let mut months: BTreeMap<String, u64> = BTreeMap::new();
    let made: Vec<_> =
        measure.lasting.iter().filter_map(|row| row.created).filter(|made| *made <= measure.ledger.as_of).collect();
    for time in &made {
        *months.entry(time.strftime("%Y-%m").to_string()).or_default() += 1;
    }
    let skipped = months.len().saturating_sub(MONTHS);
    let latest = months.values().next_back().copied().unwrap_or_default();
    let metric = if made.is_empty() {
        metric.unknown("no input tells when a credential was made")
    } else {
        metric.of(latest, made.len() as u64)
    };
    months.into_iter().skip(skipped).fold(metric, |metric, (month, count)| metric.part(month, count))
}

/// What the exports that were read are, in words.
fn exports(measure: &Measure<'_>) -> String {
    let known = measure.ledger.credentials.iter().filter(|row| !row.exports.is_empty()).count();
    format!("{known} credentials in exports; {}", measure.logs())
}
