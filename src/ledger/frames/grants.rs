//! The table of grants.

use polars::prelude::{DataFrame, PolarsResult};

use super::{Builder, expiry_name, json, last_use_name, name};
use crate::ledger::schema::{Field, Kind, Table, field};
use crate::ledger::store::json::stored;
use crate::model::{Grant, GrantObject};

/// One row a grant.
pub(in crate::ledger) static TABLE: Table = Table {
    name: "grants",
    about: "One row is one grant: a policy attached, a membership, a role over a scope, the right to assume a role, or a cap.",
    fields: FIELDS,
};

const FIELDS: &[Field] = &[
    field("holder", Kind::Text, "identity that holds it, or the principal that a trust policy names"),
    field("object_kind", Kind::Text, "`policy`, `group`, `assume-role`, `role` or `cap`"),
    field("object", Kind::Text, "id of the policy, group, role or permission set"),
    field("scope", Kind::Text, "where it holds; empty where the object itself says it"),
    field("system", Kind::Text, "`aws`, `vault` ..."),
    field("condition", Kind::Text, "canonical text of the condition under which it holds; empty without"),
    field(
        "standing",
        Kind::Text,
        "`standing`, `time_bound`, `expired_still_present`, `eligible`, `jit_active`, `unknown`",
    ),
    field("created", Kind::Time, "null where not known"),
    field("expiry", Kind::Text, "`at`, `never` or `unknown`"),
    field("expires", Kind::Time, "for `at`"),
    field("last_use", Kind::Text, "`at`, `never`, `not-in-window` or `unknown`, as an export says"),
    field("last_used", Kind::Time, "for `at`"),
    field("id", Kind::Text, "id of the grant itself; empty where it has none"),
    field("facts", Kind::Json, "further facts: list of name and value"),
    field("evidence", Kind::Json, "where it was seen"),
];

/// The table of these grants.
pub(in crate::ledger) fn frame(rows: &[Grant]) -> PolarsResult<DataFrame> {
    Builder::new(&TABLE, rows.len())
        .text("holder", rows, |row| row.holder.to_string())?
        .text("object_kind", rows, |row| object(row).0.to_owned())?
        .text("object", rows, |row| object(row).1.to_owned())?
        .text("scope", rows, |row| row.scope.to_string())?
        .text("system", rows, |row| row.system.to_string())?
        .text("condition", rows, |row| row.condition.to_string())?
        .text("standing", rows, |row| name(&row.standing))?
        .time("created", rows, |row| row.created)?
        .text("expiry", rows, |row| expiry_name(row.expiry))?
        .time("expires", rows, |row| row.expiry.at())?
        .text("last_use", rows, |row| last_use_name(row.last_use))?
        .time("last_used", rows, |row| row.last_use.at())?
        .text("id", rows, |row| row.id.to_string())?
        .text("facts", rows, |row| json(&row.facts))?
        .text("evidence", rows, |row| json(&stored([&row.evidence])))?
        .finish()
}

fn object(grant: &Grant) -> (&'static str, &str) {
    match &grant.object {
        GrantObject::Policy(id) => ("policy", id),
        GrantObject::Group(id) => ("group", id),
        GrantObject::AssumeRole(id) => ("assume-role", id),
        GrantObject::Role(id) => ("role", id),
        GrantObject::Cap(id) => ("cap", id),
    }
}
