//! An invented estate: the CloudTrail log of some accounts over some weeks, with planted faults, near misses and the
//! truth about them. The same seed gives the same bytes.

mod background;
mod governed;
mod layout;
mod plants;
mod plot;
mod random;
mod record;
mod session;

use std::io;
use std::path::Path;

use serde::Serialize;

use background::Background;
pub(crate) use layout::Layout;
use plants::{PLANTS, WHOLE};
use plot::Plot;

/// How large the estate is.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// Decides everything that is invented.
    pub(crate) seed: u64,
    /// Ordinary events; the planted ones come on top.
    pub(crate) events: u64,
    /// Ordinary credentials: sessions, and one key of a user to fifty of them.
    pub(crate) credentials: u64,
    /// How many days the log covers; the planted faults need 60.
    pub(crate) days: u32,
    /// How often each fault is planted.
    pub(crate) copies: u32,
    /// When the log begins, in seconds since 1970.
    pub(crate) from: i64,
}

impl Options {
    /// A small estate of one seed.
    pub(crate) fn small(seed: u64) -> Self {
        Self { seed, events: 20_000, credentials: 1_000, days: 60, copies: 2, from: 1_767_225_600 }
    }

    /// The length of the log.
    pub(crate) fn seconds(&self) -> i64 {
        i64::from(self.days) * 24 * 3600
    }

    /// When it ends, in seconds since 1970.
    pub(crate) fn to(&self) -> i64 {
        self.from + self.seconds()
    }
}

/// One line of the log.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    /// Seconds since 1970.
    pub(crate) time: i64,
    /// The account that recorded it.
    pub(crate) account: String,
    /// The record.
    pub(crate) json: String,
}

/// What a check must say about a subject.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Truth {
    /// The check.
    pub(crate) check: &'static str,
    /// The id of the subject, as findings write it.
    pub(crate) subject: String,
    /// Whether the check must find it; otherwise it must not.
    pub(crate) is_fault: bool,
}

/// Writes the log below `folder` and tells the truth about it.
pub(crate) fn write(options: &Options, layout: Layout, folder: &Path) -> io::Result<Vec<Truth>> {
    let mut plot = Plot::new(options);
    for _ in 0..options.copies {
        for plant in PLANTS.iter().chain(governed::PLANTS) {
            plant(&mut plot);
        }
    }
    if options.copies > 0 {
        for plant in WHOLE {
            plant(&mut plot);
        }
    }
    plot.records.sort_by(|a, b| (a.time, &a.json).cmp(&(b.time, &b.json)));
    let mut planted = plot.records.into_iter().peekable();
    let mut background = Background::new(options);
    let mut ordinary = background.next();
    let mut writer = layout.writer(folder)?;
    loop {
        let next = match (&ordinary, planted.peek()) {
            (Some(record), Some(plant)) if plant.time < record.time => planted.next(),
            (Some(_), _) => std::mem::replace(&mut ordinary, background.next()),
            (None, _) => planted.next(),
        };
        let Some(record) = next else { break };
        writer.write(&record)?;
    }
    writer.finish()?;
    governed::write(options, &mut plot.broker, &plot.jobs, folder)?;
    plot.truth.sort();
    Ok(plot.truth)
}
