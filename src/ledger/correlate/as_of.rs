//! The time as of which everything is judged: that of the newest evidence. Anybody who can write one record can write any
//! time into it, and one of the far future would make every credential old; so the newest record of a log counts only
//! where others stand by it.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::ledger::fold::{self, Fold, Source};
use crate::ledger::stream::StreamCoverage;
use crate::model::{Gap, GapReason, StreamKey};

/// How long before the newest record, or an export, others must lie.
const NEAR: SignedDuration = SignedDuration::from_hours(366 * 24);
/// The most records that must lie there: of large logs one in a thousand.
const MOST_WITNESSES: u64 = 100;

/// The time, where it is from, and what to say of records that were not taken for it.
pub(super) fn of(fold: &Fold, given: Option<Timestamp>) -> (Timestamp, String, Option<Gap>) {
    if let Some(given) = given {
        return (given, "given".to_owned(), None);
    }
    let mut newest = fold.newest.clone();
    let alone = newest_trusted(&fold.streams, newest.get(&Source::Export).copied()).and_then(|log| {
        let known = newest.get_mut(&Source::Log).filter(|known| known.duration_since(log) > NEAR)?;
        let claimed = std::mem::replace(known, log);
        Some(alone(&fold.streams, log, claimed))
    });
    let trusted = fold::newest(&newest, &[Source::Log, Source::Export, Source::Credential]);
    let Some((time, source)) = trusted.or_else(|| fold::newest(&newest, &[Source::Code])) else {
        return (Timestamp::UNIX_EPOCH, "no input carries a time".to_owned(), None);
    };
    let words = match source {
        Source::Log => "the newest log record",
        Source::Export => "the newest export",
        Source::Credential => "the newest date of a credential in an export",
        Source::Code => "the newest date in code",
    };
    (time, words.to_owned(), alone)
}

/// The newest record of any log that has enough others, or an export, in the year before it; nothing where none has.
fn newest_trusted(streams: &BTreeMap<StreamKey, StreamCoverage>, export: Option<Timestamp>) -> Option<Timestamp> {
    let mut hours: BTreeMap<i64, (u64, Timestamp)> = BTreeMap::new();
    for (key, hour) in streams.values().flat_map(|stream| &stream.hours) {
        let known = hours.entry(*key).or_insert((0, hour.last));
        *known = (known.0.saturating_add(hour.records), known.1.max(hour.last));
    }
    let total = hours.values().fold(0_u64, |sum, (records, _)| sum.saturating_add(*records));
    let witnesses = (total / 1000).clamp(1, MOST_WITNESSES);
    let is_near = |key: i64| {
        let before = key.saturating_sub(NEAR.as_hours());
        let mut near = hours.range(before..=key).rev().map(|(_, (records, _))| *records);
        let enough = near.try_fold(0_u64, |sum, records| {
            let sum = sum.saturating_add(records);
            if sum > witnesses { Err(()) } else { Ok(sum) }
        });
        enough.is_err()
    };
    let by_export = |time: Timestamp| export.is_some_and(|export| time.duration_since(export) <= NEAR);
    hours.iter().rev().find(|(key, (_, last))| by_export(*last) || is_near(**key)).map(|(_, (_, last))| *last)
}

/// What to say of the records that are dated long after `log`, the last of them at `claimed`.
fn alone(streams: &BTreeMap<StreamKey, StreamCoverage>, log: Timestamp, claimed: Timestamp) -> Gap {
    let later = |stream: &StreamCoverage| {
        let hours = stream.hours.values().filter(|hour| hour.first.duration_since(log) > NEAR);
        hours.fold(0_u64, |sum, hour| sum.saturating_add(hour.records))
    };
    let found: Vec<(&StreamKey, u64)> =
        streams.iter().map(|(key, stream)| (key, later(stream))).filter(|(_, records)| *records > 0).collect();
    // A record may tell of another time than its own.
    let count = found.iter().fold(0_u64, |sum, (_, records)| sum.saturating_add(*records)).max(1);
    let what = found.first().map_or_else(|| "logs".to_owned(), |(key, _)| format!("{}/{}", key.importer, key.scope));
    let until = claimed.strftime("%Y-%m-%d %H:%M UTC");
    Gap {
        what: what.into(),
        reason: GapReason::Damaged,
        detail: format!("dated up to {until}, more than a year after all other records").into(),
        effect: "not taken for the time of the answer; say --as-of if that is right".into(),
        count,
    }
}
