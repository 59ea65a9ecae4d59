//! The table of policies.

use polars::prelude::{DataFrame, PolarsResult};

use super::{Builder, json};
use crate::ledger::schema::{Field, Kind, Table, field};
use crate::ledger::store::json::stored;
use crate::model::Policy;

/// One row a policy.
pub(in crate::ledger) static TABLE: Table = Table {
    name: "policies",
    about: "One row is one policy, or the permissions of one role, in its version in force, in order of ids.",
    fields: FIELDS,
};

const FIELDS: &[Field] = &[
    field("id", Kind::Text, "id that grants name"),
    field("system", Kind::Text, "`aws`, `vault` ..."),
    field("statements", Kind::Json, "its statements: effect, actions, resources, conditions"),
    field("created", Kind::Time, "when this version was made; null where not known"),
    field("evidence", Kind::Json, "where it was seen"),
];

/// The table of these policies.
pub(in crate::ledger) fn frame(rows: &[&Policy]) -> PolarsResult<DataFrame> {
    Builder::new(&TABLE, rows.len())
        .text("id", rows, |row| row.id.to_string())?
        .text("system", rows, |row| row.system.to_string())?
        .text("statements", rows, |row| json(&row.statements))?
        .time("created", rows, |row| row.created)?
        .text("evidence", rows, |row| json(&stored([&row.evidence])))?
        .finish()
}
