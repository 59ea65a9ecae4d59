//! The tables of a saved ledger, as data: the frames are built after them and their documentation is written from them.

use std::fmt::Write;

use polars::prelude::{DataType, TimeUnit};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// UTF-8 text.
    Text,
    /// JSON as UTF-8 text.
    Json,
    /// A whole number from 0.
    Count,
    /// A whole number.
    Number,
    /// Microseconds since 1970, in UTC.
    Time,
    /// True or false.
    Flag,
}

/// One column of a table.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// What it means, when it is empty, and its unit.
    pub about: &'static str,
}

/// One table, which is one Parquet file.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// Its name; the file has `.parquet` behind it.
    pub name: &'static str,
    /// What one row is.
    pub about: &'static str,
    /// Its columns in order.
    pub fields: &'static [Field],
}

/// A column, in one line.
pub(super) const fn field(name: &'static str, kind: Kind, about: &'static str) -> Field {
    Field { name, kind, about }
}

impl Kind {
    /// The type of the column in polars, and so in Parquet.
    pub(super) fn dtype(self) -> DataType {
        match self {
            Self::Text | Self::Json => DataType::String,
            Self::Count => DataType::UInt64,
            Self::Number => DataType::Int64,
            Self::Time => DataType::Datetime(TimeUnit::Microseconds, None),
            Self::Flag => DataType::Boolean,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "JSON text",
            Self::Count => "u64",
            Self::Number => "i64",
            Self::Time => "timestamp (us, UTC)",
            Self::Flag => "boolean",
        }
    }
}

impl Table {
    /// The name of its file.
    pub fn file(&self) -> String {
        format!("{}.parquet", self.name)
    }
}

/// The documentation of all tables, in Markdown.
pub fn markdown() -> String {
    let mut text = String::from(INTRODUCTION);
    for table in super::frames::TABLES {
        // Writing into a String cannot fail.
        let _ = write!(text, "\n## {}\n\n{}\n\n| column | type | meaning |\n|---|---|---|\n", table.name, table.about);
        for field in table.fields {
            let _ = writeln!(text, "| `{}` | {} | {} |", field.name, field.kind.name(), field.about);
        }
    }
    text
}

const INTRODUCTION: &str = "\
# The saved ledger

`--ledger DIR` writes one Parquet file (Zstandard) a table and, last, `manifest.json`: the version of the tool and of
this schema, the time of judgement, and SHA-256 and row count of every file. A directory without a manifest is
incomplete. The same inputs give the same bytes.

No column holds a secret or an unsalted hash of one: credentials are named by their public id, or by `#` and the first
digits of a keyed fingerprint. `sha256` inside `evidence` is the digest of the input file. Times in columns are cut to
microseconds; JSON columns carry them in full. An `evidence` list holds objects of `shows`, `input`, `sha256` (null where
the input was not read to its end), `place` and `record_id`.
";
