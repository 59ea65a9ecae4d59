//! When things happen in the company's logs.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::mint::number;

/// Once, again and again, or some time after another event.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub(super) enum When {
    /// At this time.
    At {
        /// The time.
        at: Timestamp,
    },
    /// Again and again, a few seconds early or late as things are.
    Every {
        /// The first time.
        from: Timestamp,
        /// Not after this.
        until: Timestamp,
        /// The time between.
        every: SignedDuration,
    },
    /// After the event that this one belongs to, once or several times.
    After {
        /// Time after that event, and between the repetitions.
        after: SignedDuration,
        /// How often.
        #[serde(default = "once")]
        times: u64,
    },
}

fn once() -> u64 {
    1
}

impl When {
    /// All times, in order, with a running number from 0. `parent` is when the event happened that this one follows.
    pub(super) fn times(&self, label: &str, parent: Option<Timestamp>) -> Vec<(u64, Timestamp)> {
        match *self {
            Self::At { at } => vec![(0, at)],
            Self::Every { from, until, every } => repeated(label, from, until, every),
            Self::After { after, times } => {
                let steps = (1..=times).scan(parent, |time, _| {
                    *time = time.and_then(|time| time.checked_add(after).ok());
                    *time
                });
                (0..).zip(steps).collect()
            }
        }
    }
}

fn repeated(label: &str, from: Timestamp, until: Timestamp, every: SignedDuration) -> Vec<(u64, Timestamp)> {
    let mut found = Vec::new();
    let mut time = from;
    let room = u64::try_from(every.as_secs()).unwrap_or(0) / 3;
    while time <= until && !every.is_zero() {
        let count = found.len() as u64;
        let late = number(&format!("{label} {count}"), room.min(97));
        let late = SignedDuration::from_secs(i64::try_from(late).unwrap_or(0));
        found.push((count, time.checked_add(late).unwrap_or(time)));
        let Ok(next) = time.checked_add(every) else { break };
        time = next;
    }
    found
}
