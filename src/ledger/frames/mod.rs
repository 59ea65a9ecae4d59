//! The ledger as polars tables, each built after its description.

use jiff::Timestamp;
use polars::prelude::{Column, DataFrame, NamedFrom, PolarsError, PolarsResult, Series};
use serde::Serialize;

use super::schema::{Kind, Table};
use crate::model::{CredentialId, Expiry, LastUse};

pub(super) mod coverage;
pub(super) mod credentials;
pub(super) mod findings;
pub(super) mod grant_lives;
pub(super) mod grants;
pub(super) mod identities;
pub(super) mod policies;
pub(super) mod requests;
pub(super) mod tasks;
pub(super) mod timelines;

/// All tables, in the order in which they are written.
pub(super) static TABLES: &[&Table] = &[
    &credentials::TABLE,
    &identities::TABLE,
    &grants::TABLE,
    &policies::TABLE,
    &timelines::TABLE,
    &requests::TABLE,
    &tasks::TABLE,
    &grant_lives::TABLE,
    &findings::TABLE,
    &coverage::TABLE,
];

/// Builds a table column by column. A column that does not fit the description is an error.
pub(super) struct Builder {
    table: &'static Table,
    rows: usize,
    columns: Vec<Column>,
}

/// The values of one column.
pub(super) enum Values {
    Text(Vec<Option<String>>),
    Count(Vec<Option<u64>>),
    Number(Vec<Option<i64>>),
    Time(Vec<Option<Timestamp>>),
    Flag(Vec<bool>),
}

impl Builder {
    /// A table of `rows` rows, still without columns.
    pub(super) fn new(table: &'static Table, rows: usize) -> Self {
        Self { table, rows, columns: Vec::new() }
    }

    /// Adds the next column.
    pub(super) fn column(mut self, name: &str, values: Values) -> PolarsResult<Self> {
        let series = match values {
            Values::Text(values) => Series::new(name.into(), values),
            Values::Count(values) => Series::new(name.into(), values),
            Values::Number(values) => Series::new(name.into(), values),
            Values::Flag(values) => Series::new(name.into(), values),
            Values::Time(values) => {
                let micros: Vec<Option<i64>> = values.into_iter().map(|time| Some(time?.as_microsecond())).collect();
                Series::new(name.into(), micros).cast(&Kind::Time.dtype())?
            }
        };
        let described = self.table.fields.get(self.columns.len());
        if described.is_none_or(|field| field.name != name || field.kind.dtype() != *series.dtype()) {
            return Err(PolarsError::SchemaMismatch(format!("{}.{name} is not as described", self.table.name).into()));
        }
        self.columns.push(series.into());
        Ok(self)
    }

    /// A text column of `value` for every row.
    pub(super) fn text<T>(self, name: &str, rows: &[T], value: impl Fn(&T) -> String) -> PolarsResult<Self> {
        self.column(name, Values::Text(rows.iter().map(|row| Some(value(row))).collect()))
    }

    /// A text column that may be empty.
    pub(super) fn maybe<'a, T>(
        self,
        name: &str,
        rows: &'a [T],
        value: impl Fn(&'a T) -> Option<&'a str>,
    ) -> PolarsResult<Self> {
        self.column(name, Values::Text(rows.iter().map(|row| value(row).map(str::to_owned)).collect()))
    }

    /// A column of counts.
    pub(super) fn count<T>(self, name: &str, rows: &[T], value: impl Fn(&T) -> u64) -> PolarsResult<Self> {
        self.column(name, Values::Count(rows.iter().map(|row| Some(value(row))).collect()))
    }

    /// A column of numbers that may be empty.
    pub(super) fn number<T>(self, name: &str, rows: &[T], value: impl Fn(&T) -> Option<i64>) -> PolarsResult<Self> {
        self.column(name, Values::Number(rows.iter().map(value).collect()))
    }

    /// A column of times that may be empty.
    pub(super) fn time<T>(self, name: &str, rows: &[T], value: impl Fn(&T) -> Option<Timestamp>) -> PolarsResult<Self> {
        self.column(name, Values::Time(rows.iter().map(value).collect()))
    }

    /// A column of flags.
    pub(super) fn flag<T>(self, name: &str, rows: &[T], value: impl Fn(&T) -> bool) -> PolarsResult<Self> {
        self.column(name, Values::Flag(rows.iter().map(value).collect()))
    }

    /// The table, complete.
    pub(super) fn finish(self) -> PolarsResult<DataFrame> {
        if self.columns.len() != self.table.fields.len() {
            return Err(PolarsError::SchemaMismatch(format!("{} lacks columns", self.table.name).into()));
        }
        DataFrame::new(self.rows, self.columns)
    }
}

/// A value as JSON text. The types that are written have text keys only, so this cannot fail; if it ever did, the
/// column would say `null`.
pub(super) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned())
}

/// The name that serde gives a plain enum value: `high`, `in-head`.
pub(super) fn name(value: &impl Serialize) -> String {
    json(value).trim_matches('"').to_owned()
}

/// `at`, `never` or `unknown`.
pub(super) fn expiry_name(expiry: Expiry) -> String {
    match expiry {
        Expiry::At(_) => "at",
        Expiry::Never => "never",
        Expiry::Unknown => "unknown",
    }
    .to_owned()
}

/// `at`, `never`, `not-in-window` or `unknown`.
pub(super) fn last_use_name(last_use: LastUse) -> String {
    match last_use {
        LastUse::At(_) => "at",
        LastUse::Never => "never",
        LastUse::NotInWindow => "not-in-window",
        LastUse::Unknown => "unknown",
    }
    .to_owned()
}

/// `issued`, `fingerprint`, `hashed` or `derived`.
pub(super) fn id_kind(id: &CredentialId) -> String {
    match id {
        CredentialId::Issued { .. } => "issued",
        CredentialId::Fingerprint { .. } => "fingerprint",
        CredentialId::Hashed { .. } => "hashed",
        CredentialId::Derived { .. } => "derived",
    }
    .to_owned()
}
