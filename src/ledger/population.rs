//! How many credentials there are, by type, standing, status and where they were seen.

use std::collections::BTreeMap;

use polars::prelude::*;
use serde::{Deserialize, Serialize};

use super::{CredentialRow, Ledger, frames};

/// Credentials that are alike, counted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PopulationRow {
    /// The type: a secret rule's id.
    pub kind: String,
    /// The human name of the type.
    pub title: String,
    /// `standing`, `ephemeral` or `depends`.
    pub standing: String,
    /// `active`, `inactive` or `unknown`.
    pub status: String,
    /// `code`, `export`, `log`, joined by `+`.
    pub seen_in: String,
    /// How many.
    pub count: u64,
}

/// The columns that make credentials alike.
const ALIKE: [&str; 5] = ["kind", "title", "standing", "status", "seen_in"];

impl Ledger {
    /// All credentials, counted by type, standing, status and where they were seen, in that order.
    pub fn population(&self) -> Vec<PopulationRow> {
        let mut alike: BTreeMap<_, (&CredentialRow, u64)> = BTreeMap::new();
        for row in &self.credentials {
            let seen = (row.exposures.is_empty(), row.exports.is_empty(), row.timeline.is_none());
            alike.entry((&row.kind, &row.title, row.standing, row.status, seen)).or_insert((row, 0)).1 += 1;
        }
        let mut rows: Vec<PopulationRow> =
            alike.into_values().map(|(row, count)| PopulationRow::of(row, count)).collect();
        rows.sort();
        rows
    }
}

impl PopulationRow {
    /// `count` credentials that are like this one.
    fn of(row: &CredentialRow, count: u64) -> Self {
        Self {
            kind: row.kind.to_string(),
            title: row.title.to_string(),
            standing: frames::name(&row.standing),
            status: frames::name(&row.status),
            seen_in: frames::credentials::seen_in(row),
            count,
        }
    }
}

/// Counts the rows of a saved table of credentials, with the same result.
pub(super) fn count(credentials: DataFrame) -> PolarsResult<Vec<PopulationRow>> {
    let counted = credentials
        .lazy()
        .group_by(ALIKE.map(col))
        .agg([len().cast(DataType::UInt64).alias("count")])
        .sort(ALIKE, SortMultipleOptions::default())
        .collect()?;
    let texts = ALIKE.map(|name| counted.column(name).and_then(|column| column.str().cloned()));
    let [kind, title, standing, status, seen_in] = texts;
    let (kind, title, standing, status, seen_in) = (kind?, title?, standing?, status?, seen_in?);
    let text = |column: &StringChunked, row: usize| column.get(row).unwrap_or_default().to_owned();
    let counts = counted.column("count")?.u64()?;
    let row = |(row, number): (usize, Option<u64>)| PopulationRow {
        kind: text(&kind, row),
        title: text(&title, row),
        standing: text(&standing, row),
        status: text(&status, row),
        seen_in: text(&seen_in, row),
        count: number.unwrap_or_default(),
    };
    Ok(counts.iter().enumerate().map(row).collect())
}
