//! The table of requests for access.

use polars::prelude::{DataFrame, PolarsResult};
use serde::Serialize;

use super::{Builder, expiry_name, json, name};
use crate::ledger::request::{Decision, Request};
use crate::ledger::schema::{Field, Kind, Table, field};
use crate::ledger::store::json::{StoredEvidence, stored};

/// One row a request.
pub(in crate::ledger) static TABLE: Table = Table {
    name: "requests",
    about: "One row is one request for access, with the decisions about it and what came of it.",
    fields: FIELDS,
};

const FIELDS: &[Field] = &[
    field("id", Kind::Text, "its id, as the logs write it"),
    field("streams", Kind::Json, "list of the logs that hold it: `importer` and `scope`"),
    field("requested", Kind::Time, "null where only a decision or an issuance names it"),
    field("requester", Kind::Text, "who asked"),
    field("requester_kind", Kind::Text, "`person`, `workload`, `agent` ... or `unknown`"),
    field("scopes", Kind::Json, "list of the roles or scopes that were asked for, at most 16"),
    field("targets", Kind::Json, "list of the accounts, projects or resources, at most 16"),
    field("reason", Kind::Text, "why, in the requester's words; null where none is given"),
    field("task", Kind::Text, "the task it was made for"),
    field("expiry", Kind::Text, "`at`, `never` or `unknown`: until when at the latest"),
    field("expires", Kind::Time, "for `at`"),
    field("decisions", Kind::Json, "list of `time`, `approved`, `by` and `evidence`"),
    field("issued", Kind::Time, "first thing that was given under it"),
    field("ended", Kind::Time, "last record that says that what was given ended"),
    field("evidence", Kind::Json, "request, first issuance, end"),
];

/// The table of these requests.
pub(in crate::ledger) fn frame(rows: &[(&str, &Request)]) -> PolarsResult<DataFrame> {
    let time = |moment: &Option<crate::ledger::Moment>| moment.as_ref().map(|moment| moment.time);
    Builder::new(&TABLE, rows.len())
        .text("id", rows, |(id, _)| (*id).to_owned())?
        .text("streams", rows, |(_, row)| json(&row.streams))?
        .time("requested", rows, |(_, row)| time(&row.requested))?
        .maybe("requester", rows, |(_, row)| row.requester.as_deref())?
        .text("requester_kind", rows, |(_, row)| name(&row.requester_kind))?
        .text("scopes", rows, |(_, row)| json(&row.scopes))?
        .text("targets", rows, |(_, row)| json(&row.targets))?
        .maybe("reason", rows, |(_, row)| row.reason.as_deref())?
        .maybe("task", rows, |(_, row)| row.task.as_deref())?
        .text("expiry", rows, |(_, row)| expiry_name(row.expiry))?
        .time("expires", rows, |(_, row)| row.expiry.at())?
        .text("decisions", rows, |(_, row)| json(&row.decisions.iter().map(StoredDecision::of).collect::<Vec<_>>()))?
        .time("issued", rows, |(_, row)| time(&row.issued))?
        .time("ended", rows, |(_, row)| time(&row.ended))?
        .text("evidence", rows, |(_, row)| {
            let moments = [&row.requested, &row.issued, &row.ended];
            json(&stored(moments.into_iter().flatten().map(|moment| &moment.evidence)))
        })?
        .finish()
}

/// A decision as it is written.
#[derive(Serialize)]
struct StoredDecision<'a> {
    time: jiff::Timestamp,
    approved: bool,
    by: Option<&'a str>,
    evidence: StoredEvidence,
}

impl<'a> StoredDecision<'a> {
    fn of(decision: &'a Decision) -> Self {
        let Decision { time, approved, by, evidence, .. } = decision;
        Self { time: *time, approved: *approved, by: by.as_deref(), evidence: StoredEvidence::of(evidence) }
    }
}
