//! Figures about the whole estate: each with what it is a share of, and what it rests on.

mod evidence;
mod lifetime;
mod standing;
mod through;

use jiff::{SignedDuration, Timestamp};
use rayon::prelude::*;

use crate::ledger::many::FEW;
use crate::ledger::{CredentialRow, Ledger};
use crate::model::{Metric, StandingClass};
use crate::rules::policy::Policy;

use super::basis::life;
use super::basis::words::day;

/// What a figure is computed from.
#[derive(Clone, Debug)]
pub(super) struct Measure<'a> {
    pub(super) ledger: &'a Ledger,
    pub(super) policy: &'a Policy,
    /// Credentials that stand until somebody revokes them, whatever became of them.
    pub(super) lasting: Vec<&'a CredentialRow>,
    /// Those of them that work as of now, as far as anything says.
    pub(super) standing: Vec<&'a CredentialRow>,
    /// Credentials that end by themselves soon after issue.
    pub(super) ephemeral: Vec<&'a CredentialRow>,
}

/// All figures, in reading order.
static METRICS: &[fn(&Measure<'_>) -> Metric] = &[
    through::jit_coverage,
    through::bypass,
    standing::static_to_ephemeral,
    standing::static_to_ephemeral_by_use,
    standing::standing_privilege_hours,
    standing::unrevoked,
    standing::idle_exposure,
    standing::age,
    standing::rotation,
    standing::new_persistent,
    lifetime::overstay,
    lifetime::ttl_overrun,
    lifetime::revocation_latency,
    evidence::approvals,
    evidence::coverage,
];

/// Computes every figure.
pub fn measure(ledger: &Ledger, policy: &Policy) -> Vec<Metric> {
    let measure = Measure::of(ledger, policy);
    if ledger.credentials.len() < FEW {
        return METRICS.iter().map(|metric| metric(&measure)).collect();
    }
    METRICS.par_iter().map(|metric| metric(&measure)).collect()
}

impl<'a> Measure<'a> {
    fn of(ledger: &'a Ledger, policy: &'a Policy) -> Self {
        let of_class = |class| ledger.credentials.iter().filter(move |row| row.standing == class).collect();
        let lasting: Vec<&CredentialRow> = of_class(StandingClass::Standing);
        let works = |row: &&CredentialRow| life::is_known(row) && !life::is_over(row, ledger.as_of);
        let standing = lasting.iter().copied().filter(works).collect();
        Self { ledger, policy, lasting, standing, ephemeral: of_class(StandingClass::Ephemeral) }
    }

    /// What the logs that were read cover, in words.
    fn logs(&self) -> String {
        let windows = self.ledger.streams.iter().filter_map(|(key, stream)| {
            let (from, to) = stream.window()?;
            Some(format!("{}/{} {} to {}", key.importer, key.scope, day(from), day(to)))
        });
        match super::basis::words::list(windows, 3) {
            none if none.is_empty() => "no log was read".to_owned(),
            some => some,
        }
    }

    fn accepted(row: &CredentialRow) -> u64 {
        row.timeline.as_ref().map_or(0, |timeline| timeline.accepted)
    }

    /// The first and the last moment that any log covers.
    fn window(&self) -> Option<(Timestamp, Timestamp)> {
        let windows = || self.ledger.streams.values().filter_map(crate::ledger::StreamCoverage::window);
        Some((windows().map(|(from, _)| from).min()?, windows().map(|(_, to)| to).max()?))
    }
}

/// Whole minutes, rounded down.
fn minutes(length: SignedDuration) -> u64 {
    u64::try_from(length.as_mins()).unwrap_or(0)
}

/// Whole hours, rounded down.
fn hours(length: SignedDuration) -> u64 {
    u64::try_from(length.as_hours()).unwrap_or(0)
}

/// Whole days, rounded down.
fn days(length: SignedDuration) -> u64 {
    hours(length) / 24
}

/// Median and 95th percentile of lengths in some unit, with their sum over all of them.
fn spread(metric: Metric, mut values: Vec<u64>) -> Metric {
    values.sort_unstable();
    let at = |percent| super::basis::lived::percentile(&values, percent);
    let (Some(p50), Some(p95)) = (at(50), at(95)) else { return metric.unknown("nothing to measure") };
    let sum = values.iter().fold(0_u64, |sum, value| sum.saturating_add(*value));
    metric.of(sum, values.len() as u64).part("p50", p50).part("p95", p95).part("longest", *values.last().unwrap_or(&0))
}
