//! How much of time a log stream covers: the gate of every statement that rests on the absence of an event.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::bounded::{keep_ends, keep_largest_keys};
use super::timeline::Moment;

/// The longest silence that still counts as covered.
const TOLERANCE: SignedDuration = SignedDuration::from_hours(1);

/// The records of one hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hour {
    /// How many records.
    pub records: u64,
    /// The earliest.
    pub first: Timestamp,
    /// The latest.
    pub last: Timestamp,
}

/// What is known about the completeness of one stream. Gaps of more than an hour are exact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StreamCoverage {
    /// Records read by hour since the epoch; at most [`StreamCoverage::MAX_HOURS`], the latest kept.
    pub hours: BTreeMap<i64, Hour>,
    /// Recording was stopped on purpose at these moments; at most [`StreamCoverage::MAX_STOPS`], first and last kept.
    pub stopped: BTreeSet<Moment>,
    /// Recording was started again at these moments; bounded alike.
    pub started: BTreeSet<Moment>,
}

impl StreamCoverage {
    /// How many hours are kept: more than twenty years without a pause.
    pub const MAX_HOURS: usize = 200_000;
    /// How many stops and how many starts are kept.
    pub const MAX_STOPS: usize = 256;

    /// The times of the first and the last record.
    pub fn window(&self) -> Option<(Timestamp, Timestamp)> {
        let (_, first) = self.hours.first_key_value()?;
        let (_, last) = self.hours.last_key_value()?;
        Some((first.first, last.last))
    }

    /// How many records were read. A record that lies in two files counts twice.
    pub fn records(&self) -> u64 {
        self.hours.values().fold(0, |sum, hour| sum.saturating_add(hour.records))
    }

    /// All silences inside the window that are longer than `longer_than`, as the records before and after them.
    /// Silences of up to an hour are not known one by one: a shorter limit counts as one hour.
    pub fn gaps(&self, longer_than: SignedDuration) -> Vec<(Timestamp, Timestamp)> {
        let limit = longer_than.max(TOLERANCE);
        let pairs = self.hours.values().zip(self.hours.values().skip(1));
        pairs
            .map(|(before, after)| (before.last, after.first))
            .filter(|&(from, to)| to.duration_since(from) > limit)
            .collect()
    }

    /// Whether everything between `from` and `to` would be in this log: no silence of more than an hour, at the ends
    /// neither, and recording was not stopped on purpose in between. Otherwise the reason, in words.
    pub fn covers(&self, from: Timestamp, to: Timestamp) -> Result<(), String> {
        let Some((first, last)) = self.window() else {
            return Err("no record of this log was read".to_owned());
        };
        if first.duration_since(from) > TOLERANCE || to.duration_since(last) > TOLERANCE {
            return Err(format!("the log covers {} to {} only", minute(first), minute(last)));
        }
        if let Some(stop) = self.stopped.iter().find(|stop| (from..=to).contains(&stop.time)) {
            let start = self.started.iter().find(|start| start.time >= stop.time);
            let until = start.map_or_else(String::new, |start| format!(" (until {})", minute(start.time)));
            return Err(format!("the log was stopped on purpose at {}{until}", minute(stop.time)));
        }
        let silence = |&(start, end): &(Timestamp, Timestamp)| end.min(to).duration_since(start.max(from)) > TOLERANCE;
        match self.gaps(TOLERANCE).into_iter().find(silence) {
            Some((start, end)) => Err(format!("the log has no record from {} to {}", minute(start), minute(end))),
            None => Ok(()),
        }
    }

    /// The median number of records over the hours that have any; 0 without records.
    pub fn median_rate_per_hour(&self) -> u64 {
        let mut counts: Vec<u64> = self.hours.values().map(|hour| hour.records).collect();
        counts.sort_unstable();
        let middle = counts.len() / 2;
        match (counts.get(middle), counts.len() % 2) {
            (None, _) => 0,
            (Some(&count), 1) => count,
            (Some(&upper), _) => counts.get(middle.wrapping_sub(1)).map_or(upper, |&lower| lower.midpoint(upper)),
        }
    }

    /// Counts one record.
    pub(super) fn observe(&mut self, time: Timestamp) {
        self.add(time.as_second().div_euclid(3600), Hour { records: 1, first: time, last: time });
        keep_largest_keys(&mut self.hours, Self::MAX_HOURS);
    }

    /// Notes that recording was stopped (`running` false) or started on purpose.
    pub(super) fn toggle(&mut self, running: bool, moment: Moment) {
        let set = if running { &mut self.started } else { &mut self.stopped };
        set.insert(moment);
        keep_ends(set, Self::MAX_STOPS);
    }

    /// Takes over what another fold knows about the same stream.
    pub(super) fn join(&mut self, other: Self) {
        for (key, hour) in other.hours {
            self.add(key, hour);
        }
        keep_largest_keys(&mut self.hours, Self::MAX_HOURS);
        self.stopped.extend(other.stopped);
        keep_ends(&mut self.stopped, Self::MAX_STOPS);
        self.started.extend(other.started);
        keep_ends(&mut self.started, Self::MAX_STOPS);
    }

    fn add(&mut self, key: i64, hour: Hour) {
        self.hours
            .entry(key)
            .and_modify(|known| {
                known.records = known.records.saturating_add(hour.records);
                known.first = known.first.min(hour.first);
                known.last = known.last.max(hour.last);
            })
            .or_insert(hour);
    }
}

/// A time as people read it: to the minute, in UTC.
fn minute(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Evidence, Input, Place};

    fn at(text: &str) -> Timestamp {
        format!("2026-03-01T{text}Z").parse().expect("a time")
    }

    fn stream(times: &[&str]) -> StreamCoverage {
        let mut stream = StreamCoverage::default();
        for time in times {
            stream.observe(at(time));
        }
        stream
    }

    fn moment(time: &str) -> Moment {
        let evidence = Evidence::new("x", &Input::of("trail", b""), Place::Record { index: 0, offset: 0 });
        Moment { time: at(time), evidence }
    }

    #[test]
    fn a_silence_of_exactly_an_hour_is_no_gap_and_one_second_more_is() {
        let hour = SignedDuration::from_hours(1);
        assert!(stream(&["10:00:00", "11:00:00"]).gaps(hour).is_empty());
        assert_eq!(stream(&["10:00:00", "11:00:01"]).gaps(hour), [(at("10:00:00"), at("11:00:01"))]);
    }

    #[test]
    fn the_order_of_records_does_not_matter() {
        assert_eq!(stream(&["11:00:01", "10:00:00", "10:30:00"]), stream(&["10:00:00", "10:30:00", "11:00:01"]));
    }

    #[test]
    fn a_log_that_starts_too_late_does_not_cover() {
        let log = stream(&["10:00:00", "10:50:00"]);
        assert_eq!(log.covers(at("09:30:00"), at("10:50:00")), Ok(()));
        let why = log.covers(at("08:30:00"), at("10:50:00")).expect_err("starts late");
        assert_eq!(why, "the log covers 2026-03-01 10:00 UTC to 2026-03-01 10:50 UTC only");
    }

    #[test]
    fn a_log_that_ends_too_early_does_not_cover() {
        assert!(stream(&["10:00:00"]).covers(at("10:00:00"), at("11:00:01")).is_err());
    }

    #[test]
    fn a_long_silence_inside_is_named() {
        let log = stream(&["10:00:00", "12:00:00"]);
        let why = log.covers(at("10:00:00"), at("12:00:00")).expect_err("silent");
        assert!(why.contains("no record from 2026-03-01 10:00 UTC to 2026-03-01 12:00 UTC"), "{why}");
    }

    #[test]
    fn a_silence_that_was_over_when_the_time_in_question_began_does_not_matter() {
        let log = stream(&["01:00:00", "10:00:00", "10:50:00"]);
        assert_eq!(log.covers(at("10:00:00"), at("10:50:00")), Ok(()));
    }

    #[test]
    fn a_log_that_was_stopped_on_purpose_does_not_cover_even_if_records_go_on() {
        let mut log = stream(&["10:00:00", "10:30:00", "11:00:00"]);
        log.toggle(false, moment("10:10:00"));
        log.toggle(true, moment("10:20:00"));
        let why = log.covers(at("10:00:00"), at("11:00:00")).expect_err("stopped");
        assert!(why.contains("stopped on purpose at 2026-03-01 10:10 UTC (until 2026-03-01 10:20 UTC)"), "{why}");
        assert_eq!(log.covers(at("10:15:00"), at("11:00:00")), Ok(()));
    }

    #[test]
    fn an_empty_log_covers_nothing() {
        assert!(StreamCoverage::default().covers(at("10:00:00"), at("10:00:00")).is_err());
        assert_eq!(StreamCoverage::default().median_rate_per_hour(), 0);
    }

    #[test]
    fn the_median_rate_is_over_hours_with_records() {
        let log = stream(&["10:00:00", "10:01:00", "10:02:00", "14:00:00"]);
        assert_eq!((log.median_rate_per_hour(), log.records()), (2, 4));
    }
}
