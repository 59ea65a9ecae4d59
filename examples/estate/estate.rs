//! An invented estate: the CloudTrail log of some accounts over some weeks, with planted faults, near misses and the
//! truth about them. The same seed gives the same bytes.

mod account;
mod background;
mod beside;
mod layout;
mod plants;
mod plot;
mod random;
mod record;
mod session;
mod trail;

use std::io;
use std::path::Path;

use serde::Serialize;

use background::Background;
pub(crate) use layout::Layout;
use plants::{EACH, EACH_BESIDE, ONCE, ONCE_BESIDE, Plant};
use plot::{HOUR, Plot};

/// What the organisation decided, whatever is planted.
const POLICY: &str = include_str!("overstay.yaml");

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
    /// Whether logs and exports of other systems, with faults of their own, lie beside the trail.
    pub(crate) beside: bool,
}

impl Options {
    /// A small estate of one seed.
    pub(crate) fn small(seed: u64) -> Self {
        Self { seed, events: 20_000, credentials: 1_000, days: 60, copies: 2, from: 1_767_225_600, beside: true }
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

/// An estate on disk.
#[derive(Clone, Debug)]
pub(crate) struct Estate {
    /// What checks must find in it, and what not.
    pub(crate) truth: Vec<Truth>,
    /// The `overstay.yaml` of the organisation.
    pub(crate) policy: String,
}

/// Writes the logs and exports below `folder`.
pub(crate) fn write(options: &Options, layout: Layout, folder: &Path) -> io::Result<Estate> {
    let mut plot = Plot::new(options);
    tell(&mut plot);
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
    for (account, exports) in plot.accounts {
        exports.write(&account, options.to() - HOUR, &mut plot.beside);
    }
    let policy = plot.beside.policy(POLICY);
    plot.beside.write(folder)?;
    plot.truth.sort();
    plot.truth.dedup();
    Ok(Estate { truth: plot.truth, policy })
}

/// All stories that are asked for.
fn tell(plot: &mut Plot) {
    let (copies, beside) = (plot.options.copies, plot.options.beside);
    let all = |always: &[&[Plant]], more: &[&[Plant]]| -> Vec<Plant> {
        let more = if beside { more } else { &[] };
        always.iter().chain(more).copied().flatten().copied().collect()
    };
    let each = all(EACH, EACH_BESIDE);
    let once = if copies > 0 { all(ONCE, ONCE_BESIDE) } else { Vec::new() };
    let told = (0..copies).flat_map(|_| &each).chain(&once);
    for plant in told {
        plant(plot);
    }
}
