//! The table of coverage: what was examined, what was not, what each log covers, what each check answered.

use jiff::Timestamp;
use polars::prelude::{DataFrame, PolarsResult};

use super::{Builder, json};
use crate::ledger::Ledger;
use crate::ledger::schema::{Field, Kind, Table, field};
use crate::ledger::store::{Answers, StreamWindow};

/// One row a line of coverage.
pub(in crate::ledger) static TABLE: Table =
    Table { name: "coverage", about: "One row is one line of coverage. Not examined is never clean.", fields: FIELDS };

const FIELDS: &[Field] = &[
    field(
        "topic",
        Kind::Text,
        "`input`, `gap`, `stream`, `set-aside`, `check`, `metric`, or what does not count: `suppressed`, `expired`, `warning`, `baseline`, `known`",
    ),
    field(
        "name",
        Kind::Text,
        "the input, what a gap is about, `importer/scope` of a stream, a reason, a check, a metric, the id of a finding",
    ),
    field("from", Kind::Time, "first record of a stream"),
    field("to", Kind::Time, "last record of a stream"),
    field(
        "count",
        Kind::Count,
        "items of an input, things a gap stands for, records, set aside, fired, the numerator of a metric",
    ),
    field("record", Kind::Json, "the whole line"),
];

/// `topic` of the rows, in the order in which they are written.
pub(in crate::ledger) const INPUT: &str = "input";
/// A thing that was not examined.
pub(in crate::ledger) const GAP: &str = "gap";
/// A log stream.
pub(in crate::ledger) const STREAM: &str = "stream";
/// A reason for setting things aside.
pub(in crate::ledger) const SET_ASIDE: &str = "set-aside";
/// A check.
pub(in crate::ledger) const CHECK: &str = "check";
/// A figure about the whole estate.
pub(in crate::ledger) const METRIC: &str = "metric";
/// A finding that exceptions cover.
pub(in crate::ledger) const SUPPRESSED: &str = "suppressed";
/// An expired exception.
pub(in crate::ledger) const EXPIRED: &str = "expired";
/// What is wrong with an exception.
pub(in crate::ledger) const WARNING: &str = "warning";
/// A baseline, and what is fixed since.
pub(in crate::ledger) const BASELINE: &str = "baseline";
/// A finding that the baseline has.
pub(in crate::ledger) const KNOWN: &str = "known";

struct Line {
    topic: &'static str,
    name: String,
    window: Option<(Timestamp, Timestamp)>,
    count: u64,
    record: String,
}

/// The table of the coverage of `ledger`, of what the checks answered, and of what does not count.
pub(in crate::ledger) fn frame(ledger: &Ledger, answers: &Answers<'_>) -> PolarsResult<DataFrame> {
    let Answers { summaries, metrics, triage, .. } = *answers;
    let mut lines = Vec::new();
    let mut add = |topic, name: &str, window, count, record| {
        lines.push(Line { topic, name: name.to_owned(), window, count, record });
    };
    for input in &ledger.inputs {
        add(INPUT, &input.name, None, input.items, json(input));
    }
    for gap in &ledger.gaps {
        add(GAP, &gap.what, None, gap.count, json(gap));
    }
    for stream in StreamWindow::all(ledger) {
        let name = format!("{}/{}", stream.importer, stream.scope);
        add(STREAM, &name, Some((stream.from, stream.to)), stream.records, json(&stream));
    }
    for (reason, &count) in &ledger.set_aside {
        add(SET_ASIDE, reason, None, count, json(&count));
    }
    for summary in summaries {
        add(CHECK, &summary.check, None, summary.fired, json(summary));
    }
    for metric in metrics {
        add(METRIC, &metric.id, None, metric.numerator.unwrap_or_default(), json(metric));
    }
    for suppressed in &triage.suppressed {
        add(SUPPRESSED, &suppressed.finding.id.to_string(), None, 1, json(&suppressed.by));
    }
    for lapsed in &triage.lapsed {
        add(EXPIRED, &lapsed.exception.at, None, lapsed.hid.len() as u64, json(lapsed));
    }
    for warning in &triage.warnings {
        add(WARNING, "", None, 1, json(warning));
    }
    if let Some(baseline) = &triage.baseline {
        add(BASELINE, &baseline.file, None, baseline.known.len() as u64, json(&baseline.fixed));
    }
    for known in triage.known() {
        add(KNOWN, &known.id.to_string(), None, 1, json(&()));
    }
    table(&lines)
}

fn table(rows: &[Line]) -> PolarsResult<DataFrame> {
    Builder::new(&TABLE, rows.len())
        .text("topic", rows, |row| row.topic.to_owned())?
        .text("name", rows, |row| row.name.clone())?
        .time("from", rows, |row| row.window.map(|window| window.0))?
        .time("to", rows, |row| row.window.map(|window| window.1))?
        .count("count", rows, |row| row.count)?
        .text("record", rows, |row| row.record.clone())?
        .finish()
}
