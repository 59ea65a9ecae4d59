//! The table of tasks.

use polars::prelude::{DataFrame, PolarsResult};

use super::{Builder, json};
use crate::ledger::schema::{Field, Kind, Table, field};
use crate::ledger::store::json::stored;
use crate::ledger::task::Task;

/// One row a task.
pub(in crate::ledger) static TABLE: Table = Table {
    name: "tasks",
    about: "One row is one task for which access is given: a CI run, a job, a run of an agent.",
    fields: FIELDS,
};

const FIELDS: &[Field] = &[
    field("id", Kind::Text, "its id; joins `timelines.issued_for`"),
    field("streams", Kind::Json, "list of the logs that hold it: `importer` and `scope`"),
    field("started", Kind::Time, "the first time"),
    field("ended", Kind::Time, "the last time; null while it runs"),
    field("completed", Kind::Flag, "false where it failed, was cancelled, or runs"),
    field("how", Kind::Text, "how it ended, in the system's own word"),
    field("requester", Kind::Text, "who or what started it"),
    field("principal", Kind::Text, "identity that it runs as"),
    field("runner", Kind::Text, "runner or host"),
    field("target", Kind::Text, "what it works on"),
    field("evidence", Kind::Json, "start and end"),
];

/// The table of these tasks.
pub(in crate::ledger) fn frame(rows: &[(&str, &Task)]) -> PolarsResult<DataFrame> {
    Builder::new(&TABLE, rows.len())
        .text("id", rows, |(id, _)| (*id).to_owned())?
        .text("streams", rows, |(_, row)| json(&row.streams))?
        .time("started", rows, |(_, row)| row.started.as_ref().map(|moment| moment.time))?
        .time("ended", rows, |(_, row)| row.ended.as_ref().map(|end| end.time))?
        .flag("completed", rows, |(_, row)| row.ended.as_ref().is_some_and(|end| end.completed))?
        .maybe("how", rows, |(_, row)| row.ended.as_ref().map(|end| &*end.how))?
        .maybe("requester", rows, |(_, row)| row.requester.as_deref())?
        .maybe("principal", rows, |(_, row)| row.principal.as_deref())?
        .maybe("runner", rows, |(_, row)| row.runner.as_deref())?
        .maybe("target", rows, |(_, row)| row.target.as_deref())?
        .text("evidence", rows, |(_, row)| {
            let started = row.started.as_ref().map(|moment| &moment.evidence);
            json(&stored(started.into_iter().chain(row.ended.as_ref().map(|end| &end.evidence))))
        })?
        .finish()
}
