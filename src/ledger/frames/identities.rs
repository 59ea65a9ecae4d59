//! The table of identities.

use polars::prelude::{DataFrame, PolarsResult};
use serde::Serialize;

use super::credentials::{privilege, reason};
use super::{Builder, json, last_use_name, name};
use crate::ledger::schema::{Field, Kind, Table, field};
use crate::ledger::store::json::{StoredEvidence, stored};
use crate::ledger::subject::{IdentityRow, Privilege};
use crate::model::{Path, Step};

/// One row an identity.
pub(in crate::ledger) static TABLE: Table = Table {
    name: "identities",
    about: "One row is one identity that an export describes, in order of ids.",
    fields: FIELDS,
};

const FIELDS: &[Field] = &[
    field("id", Kind::Text, "such as an ARN"),
    field("system", Kind::Text, "`aws`, `vault` ..."),
    field("account", Kind::Text, "account, tenant or cluster; null where not known"),
    field("name", Kind::Text, "short name"),
    field(
        "kind",
        Kind::Text,
        "`user`, `root`, `role`, `group`, `workload`, `application`, `scope`, `public` or `unknown`",
    ),
    field("created", Kind::Time, "null where not known"),
    field("last_use", Kind::Text, "`at`, `never`, `not-in-window` or `unknown`"),
    field("last_used", Kind::Time, "for `at`"),
    field("privilege", Kind::Text, "`admin`, `limited`, `unknown` or `not-examined`"),
    field("privilege_reason", Kind::Text, "how it is an administrator, or why that is not known"),
    field("privilege_evidence", Kind::Json, "the grants and policies that say so, for `admin`"),
    field("boundary", Kind::Text, "id of the permissions boundary that caps it; null without"),
    field("status", Kind::Text, "`active`, `inactive` or `unknown`"),
    field("facts", Kind::Json, "further facts: list of name and value"),
    field("policies", Kind::Json, "list of the ids of the policies in force, direct and by groups"),
    field(
        "paths",
        Kind::Json,
        "shortest ways to more privilege: list of `to`, `unless` and `steps` (`method`, `from`, `to`, `how`, `evidence`)",
    ),
    field("evidence", Kind::Json, "where it was seen"),
];

/// The table of these identities.
pub(in crate::ledger) fn frame(rows: &[&IdentityRow]) -> PolarsResult<DataFrame> {
    Builder::new(&TABLE, rows.len())
        .text("id", rows, |row| row.id.to_string())?
        .text("system", rows, |row| row.system.to_string())?
        .maybe("account", rows, |row| row.account.as_deref())?
        .text("name", rows, |row| row.name.to_string())?
        .text("kind", rows, |row| name(&row.kind))?
        .time("created", rows, |row| row.created)?
        .text("last_use", rows, |row| last_use_name(row.last_use))?
        .time("last_used", rows, |row| row.last_use.at())?
        .text("privilege", rows, |row| privilege(&row.privilege).to_owned())?
        .maybe("privilege_reason", rows, |row| reason(&row.privilege))?
        .text("privilege_evidence", rows, |row| match &row.privilege {
            Privilege::Admin { evidence, .. } => json(&stored(evidence)),
            _ => "[]".to_owned(),
        })?
        .maybe("boundary", rows, |row| row.boundary.as_deref())?
        .text("status", rows, |row| name(&row.status))?
        .text("facts", rows, |row| json(&row.facts))?
        .text("policies", rows, |row| json(&row.policies))?
        .text("paths", rows, |row| json(&row.paths.iter().map(StoredPath::of).collect::<Vec<_>>()))?
        .text("evidence", rows, |row| json(&stored(&row.evidence)))?
        .finish()
}

/// A path as it is written.
#[derive(Serialize)]
struct StoredPath<'a> {
    to: &'a str,
    unless: &'a str,
    steps: Vec<StoredStep<'a>>,
}

/// One step of it.
#[derive(Serialize)]
struct StoredStep<'a> {
    method: &'a str,
    from: &'a str,
    to: &'a str,
    how: &'a str,
    evidence: Vec<StoredEvidence>,
}

impl<'a> StoredPath<'a> {
    fn of(path: &'a Path) -> Self {
        let Path { to, unless, steps, .. } = path;
        Self { to, unless, steps: steps.iter().map(StoredStep::of).collect() }
    }
}

impl<'a> StoredStep<'a> {
    fn of(step: &'a Step) -> Self {
        let Step { method, from, to, how, evidence } = step;
        Self { method, from, to, how, evidence: stored(evidence) }
    }
}
