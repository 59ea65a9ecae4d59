//! How much of time a log stream covers: the gate of every statement that rests on the absence of an event.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::timeline::Moment;

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
#[derive(Clone, Debug, Default)]
pub struct StreamCoverage {
    /// Records read by hour since the epoch.
    pub hours: BTreeMap<i64, Hour>,
    /// Recording was stopped on purpose at these moments.
    pub stopped: Vec<Moment>,
    /// Recording was started again at these moments.
    pub started: Vec<Moment>,
}
