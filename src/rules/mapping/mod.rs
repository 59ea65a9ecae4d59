//! Mappings: formats of issuance logs described as data, in `rules/import/` and in files of an organisation's own.
//!
//! `rules/import/README.md` describes the language. Everything is checked when a mapping is read; evaluating it cannot
//! fail.

mod compile;
pub mod condition;
pub mod event;
pub mod expression;
pub mod outline;
pub mod pointer;
#[cfg(test)]
mod tests;
mod written;

use serde::Deserialize as _;

use super::embedded;
use super::nearest::with_suggestion;
use crate::yaml;

use compile::Compiler;
use event::Event;
use expression::Expression;
use outline::Outline;

/// A mapping that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file is no YAML of the right form; an unknown key comes with the nearest known one.
    #[error("{}", with_suggestion(.0))]
    Yaml(String),
    /// A key says what cannot be.
    #[error("{file}: {key}: {flaw}")]
    Flaw {
        /// The file as the user would name it.
        file: String,
        /// The key.
        key: String,
        /// What is wrong.
        flaw: String,
    },
}

/// A format of a log, as data.
#[derive(Clone, Debug)]
pub struct Mapping {
    /// The id, in kebab case.
    pub id: Box<str>,
    /// The human name of the format.
    pub title: Box<str>,
    /// The command or setting that produces such a file.
    pub how_to_export: Box<str>,
    /// Where the format is documented.
    pub source: Vec<Box<str>>,
    /// What rests on the documentation alone, and what is assumed.
    pub assumed: Box<str>,
    /// The objects by which its files are recognised.
    pub shapes: Vec<Shape>,
    /// Its files are CSV tables, or the same rows as objects.
    pub is_table: bool,
    /// The keys of lists whose elements are the records.
    pub lists: Vec<Box<str>>,
    /// Whether values of secrets may stand in its files.
    pub may_hold_secrets: bool,
    /// The account, cluster or tenant that a record belongs to.
    pub stream: Option<Expression>,
    /// When a record was written.
    pub time: Expression,
    /// The record's own id.
    pub record_id: Option<Expression>,
    /// What the system calls what the record tells; records of no event are counted by it.
    pub name: Expression,
    /// What records stand for; one record may stand for several events.
    pub events: Vec<Event>,
    /// What is read of a record.
    pub outline: Outline,
}

/// An object by which a format is recognised; see `import::Shape`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// The key of the list it must stand in.
    pub list: Option<Box<str>>,
    /// Keys it must have.
    pub keys: Vec<Box<str>>,
}

impl Mapping {
    /// Reads a mapping. `file` is its name for messages.
    pub fn parse(file: &str, text: &str) -> Result<Self, Error> {
        let written = yaml::parse(file, text).map_err(|error| Error::Yaml(error.to_string()))?;
        Compiler::compile(file, written)
    }

    /// The mappings inside the binary, in order of their files.
    pub fn embedded() -> Result<Vec<Self>, Error> {
        let files: Vec<(String, serde_json::Value)> =
            serde_json::from_str(embedded::MAPPINGS).map_err(|error| Error::Yaml(error.to_string()))?;
        let read = |(file, value): (String, serde_json::Value)| {
            let written = written::File::deserialize(value).map_err(|error| Error::Yaml(format!("{file}: {error}")))?;
            Compiler::compile(&file, written)
        };
        files.into_iter().map(read).collect()
    }
}
