//! The table of grants as logs show them.

use polars::prelude::{DataFrame, PolarsResult};

use super::{Builder, expiry_name, json, name};
use crate::ledger::grant_life::{GrantLife, GrantName};
use crate::ledger::schema::{Field, Kind, Table, field};
use crate::ledger::store::json::stored;

/// One row a grant.
pub(in crate::ledger) static TABLE: Table = Table {
    name: "grant_lives",
    about: "One row is one grant as the logs show it being made and taken away. `grants` holds what exports list.",
    fields: FIELDS,
};

const FIELDS: &[Field] = &[
    field("system", Kind::Text, "`aws`, `entra` ..."),
    field("holder", Kind::Text, "identity that holds it"),
    field("object", Kind::Text, "id of the policy, group or role"),
    field("scope", Kind::Text, "where it holds; empty where the object itself says it"),
    field("id", Kind::Text, "id of the grant itself; empty where it has none"),
    field("streams", Kind::Json, "list of the logs that hold it: `importer` and `scope`"),
    field("granted", Kind::Time, "the last time that it was made; null where only its end is in the logs"),
    field("granted_by", Kind::Text, "who made it then"),
    field("request", Kind::Text, "the request under which it was made then"),
    field("standing", Kind::Text, "`standing`, `time_bound`, `eligible`, `jit_active` or `unknown`, as made then"),
    field("expiry", Kind::Text, "`at`, `never` or `unknown`"),
    field("expires", Kind::Time, "for `at`"),
    field("taken", Kind::Time, "the last time that it was taken away or ended"),
    field("makings", Kind::Count, "how many times it was made, at most 32"),
    field("evidence", Kind::Json, "makings and ends"),
];

/// The table of these grants.
pub(in crate::ledger) fn frame(rows: &[(&GrantName, &GrantLife)]) -> PolarsResult<DataFrame> {
    Builder::new(&TABLE, rows.len())
        .text("system", rows, |(name, _)| name.system.to_string())?
        .text("holder", rows, |(name, _)| name.holder.to_string())?
        .text("object", rows, |(name, _)| name.object.id().to_owned())?
        .text("scope", rows, |(name, _)| name.scope.to_string())?
        .text("id", rows, |(_, life)| life.id.to_string())?
        .text("streams", rows, |(_, life)| json(&life.streams))?
        .time("granted", rows, |(_, life)| life.made.last().map(|made| made.time))?
        .maybe("granted_by", rows, |(_, life)| life.made.last()?.by.as_deref())?
        .maybe("request", rows, |(_, life)| life.made.last()?.request.as_deref())?
        .text("standing", rows, |(_, life)| name(&life.made.last().map(|made| made.standing).unwrap_or_default()))?
        .text("expiry", rows, |(_, life)| expiry_name(life.made.last().map(|made| made.expiry).unwrap_or_default()))?
        .time("expires", rows, |(_, life)| life.made.last()?.expiry.at())?
        .time("taken", rows, |(_, life)| life.ended.last().map(|end| end.time))?
        .count("makings", rows, |(_, life)| life.made.len() as u64)?
        .text("evidence", rows, |(_, life)| {
            let made = life.made.iter().map(|made| &made.evidence);
            json(&stored(made.chain(life.ended.iter().map(|end| &end.evidence))))
        })?
        .finish()
}
