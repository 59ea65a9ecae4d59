//! The table of findings. It holds all of them: a report is rendered again from it.

use polars::prelude::{DataFrame, PolarsResult};

use super::{Builder, json, name};
use crate::ledger::schema::{Field, Kind, Table, field};
use crate::ledger::store::json::stored;
use crate::model::Finding;

/// One row a finding.
pub(in crate::ledger) static TABLE: Table =
    Table { name: "findings", about: "One row is one finding, in the order of the report.", fields: FIELDS };

const FIELDS: &[Field] = &[
    field("check", Kind::Text, "id of the check"),
    field("catalogue", Kind::Text, "its number in the catalogue, `A01` to `J06`; null where it has none"),
    field("id", Kind::Text, "stable id of check and subject: 32 digits of a keyed hash"),
    field("severity", Kind::Text, "`critical`, `high`, `medium`, `low` or `info`"),
    field("severity_reason", Kind::Text, "why"),
    field("confidence", Kind::Text, "`high`, `medium` or `low`"),
    field("standing", Kind::Text, "of the subject: `standing`, `ephemeral` or `depends`"),
    field("subject_kind", Kind::Text, "`credential`, `identity` or `stream`"),
    field("subject_class", Kind::Text, "type of the subject: a secret rule, an identity kind, an importer"),
    field("subject_id", Kind::Text, "public id; joins `credentials.id` or `identities.id`"),
    field("subject_title", Kind::Text, "human name of the type"),
    field("principal", Kind::Text, "identity it belongs to; null where not known"),
    field("message", Kind::Text, "what is wrong, in one sentence"),
    field("fix", Kind::Text, "what to do"),
    field("facts", Kind::Json, "list of pairs of label and value, in reading order"),
    field("evidence", Kind::Json, "at least one piece, in reading order"),
    field("controls", Kind::Json, "clauses of frameworks: label, published id, version, title, relation"),
];

/// The table of these findings.
pub(in crate::ledger) fn frame(rows: &[Finding]) -> PolarsResult<DataFrame> {
    Builder::new(&TABLE, rows.len())
        .text("check", rows, |row| row.check.clone())?
        .maybe("catalogue", rows, |row| row.catalogue.as_deref())?
        .text("id", rows, |row| row.id.to_string())?
        .text("severity", rows, |row| name(&row.severity))?
        .text("severity_reason", rows, |row| row.severity_reason.clone())?
        .text("confidence", rows, |row| name(&row.confidence))?
        .text("standing", rows, |row| name(&row.standing))?
        .text("subject_kind", rows, |row| name(&row.subject.kind))?
        .text("subject_class", rows, |row| row.subject.class.clone())?
        .text("subject_id", rows, |row| row.subject.id.clone())?
        .text("subject_title", rows, |row| row.subject.title.clone())?
        .maybe("principal", rows, |row| row.subject.principal.as_deref())?
        .text("message", rows, |row| row.message.clone())?
        .text("fix", rows, |row| row.fix.clone())?
        .text("facts", rows, |row| json(&row.facts))?
        .text("evidence", rows, |row| json(&stored(&row.evidence)))?
        .text("controls", rows, |row| json(&row.controls))?
        .finish()
}
