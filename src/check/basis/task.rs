//! Credentials and the tasks that they were issued for.

use jiff::Timestamp;

use crate::ledger::{CredentialRow, Ledger, Task, TaskEnd, Timeline};

use super::words::{between, minute, span};

/// A short-lived credential of a task that has ended.
pub(in crate::check) struct Held<'a> {
    /// The credential.
    pub(in crate::check) row: &'a CredentialRow,
    /// Its life.
    pub(in crate::check) timeline: &'a Timeline,
    /// The task's id.
    pub(in crate::check) id: &'a str,
    /// The task.
    pub(in crate::check) task: &'a Task,
    /// How it ended.
    pub(in crate::check) end: &'a TaskEnd,
}

/// All credentials that were issued for a task whose end a log holds.
pub(in crate::check) fn held(ledger: &Ledger) -> impl Iterator<Item = Held<'_>> {
    let rows = ledger.credentials.iter().filter(|_| !ledger.tasks.is_empty());
    rows.filter_map(|row| {
        let timeline = row.timeline.as_ref()?;
        let (id, task) = ledger.tasks.get_key_value(timeline.issued_for.as_deref()?)?;
        let end = task.ended.as_ref()?;
        Some(Held { row, timeline, id, task, end })
    })
}

/// `completed 2026-01-31 10:31 UTC after 12 minutes, on runner build-7`.
pub(in crate::check) fn describe(held: &Held<'_>) -> String {
    let how = match (held.end.completed, &*held.end.how) {
        (true, _) => "completed",
        (false, "") => "failed",
        (false, how) => how,
    };
    let started = held.task.started.as_ref();
    let lasted =
        started.map(|started| format!(" after {}", span(between(held.end.time, started.time)))).unwrap_or_default();
    let runner = held.task.runner.as_deref().map(|runner| format!(", on runner {runner}")).unwrap_or_default();
    format!("{} {how} {}{lasted}{runner}", held.id, minute(held.end.time))
}

/// The first moment from `from` at which the credential was switched off, as far as the log says.
pub(in crate::check) fn switched_off(timeline: &Timeline, from: Timestamp) -> Option<Timestamp> {
    timeline.switches.iter().find(|switch| switch.time >= from && switch.kind.switches_off()).map(|switch| switch.time)
}
