//! The table of grants.

use polars::prelude::{DataFrame, PolarsResult};

use super::{Builder, expiry_name, json, name};
use crate::ledger::schema::{Field, Kind, Table, field};
use crate::ledger::store::json::stored;
use crate::model::{Grant, GrantObject};

/// One row a grant.
pub(in crate::ledger) static TABLE: Table = Table {
    name: "grants",
    about: "One row is one grant: a policy attached, a membership, or the right to assume a role.",
    fields: FIELDS,
};

const FIELDS: &[Field] = &[
    field("holder", Kind::Text, "identity that holds it, or the principal that a trust policy names"),
    field("object_kind", Kind::Text, "`policy`, `group` or `assume-role`"),
    field("object", Kind::Text, "id of the policy, group or role"),
    field("system", Kind::Text, "`aws`, `vault` ..."),
    field(
        "standing",
        Kind::Text,
        "`standing`, `time_bound`, `expired_still_present`, `eligible`, `jit_active`, `unknown`",
    ),
    field("created", Kind::Time, "null where not known"),
    field("expiry", Kind::Text, "`at`, `never` or `unknown`"),
    field("expires", Kind::Time, "for `at`"),
    field("evidence", Kind::Json, "where it was seen"),
];

/// The table of these grants.
pub(in crate::ledger) fn frame(rows: &[Grant]) -> PolarsResult<DataFrame> {
    Builder::new(&TABLE, rows.len())
        .text("holder", rows, |row| row.holder.to_string())?
        .text("object_kind", rows, |row| object(row).0.to_owned())?
        .text("object", rows, |row| object(row).1.to_owned())?
        .text("system", rows, |row| row.system.to_string())?
        .text("standing", rows, |row| name(&row.standing))?
        .time("created", rows, |row| row.created)?
        .text("expiry", rows, |row| expiry_name(row.expiry))?
        .time("expires", rows, |row| row.expiry.at())?
        .text("evidence", rows, |row| json(&stored([&row.evidence])))?
        .finish()
}

fn object(grant: &Grant) -> (&'static str, &str) {
    match &grant.object {
        GrantObject::Policy(id) => ("policy", id),
        GrantObject::Group(id) => ("group", id),
        GrantObject::AssumeRole(id) => ("assume-role", id),
    }
}
