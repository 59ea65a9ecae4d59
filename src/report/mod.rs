//! Turns the answer of a run into a document. A reporter decides the form only: all of them say the same.

mod control;
mod escape;
mod exception;
pub mod group;
mod json;
pub mod layout;
mod markdown;
pub mod paint;
mod place;
mod sarif;
mod terminal;
mod text;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::time::Duration;

use jiff::Timestamp;

use crate::ledger::PopulationRow;
pub use crate::ledger::store::StreamWindow;
use crate::model::{CheckSummary, Filtered, Finding, Gap, InputSummary, Metric, Severity, Triage};
use crate::rules::check::{CheckRules, Needs};

pub(crate) use place::full as full_place;
pub use text::{counted, plain};

/// Everything that a report may say. No clock and no host name: the same inputs give the same bytes.
#[derive(Clone, Debug)]
pub struct Report {
    /// The version of the tool.
    pub version: String,
    /// The command that was run: `scan`, `demo` or `report`.
    pub command: String,
    /// The time as of which everything is judged.
    pub as_of: Timestamp,
    /// Where that time comes from: `--as-of`, or which newest piece of evidence.
    pub as_of_source: String,
    /// The public name of the fingerprint key; reports with the same one can be compared.
    pub key_id: String,
    /// SHA-256 of the rules in force, in hexadecimal.
    pub rules_sha256: String,
    /// What the checks are about, for formats that explain them.
    pub rules: CheckRules,
    /// Those that count. Sorted: severity (worst first), check, subject, id.
    pub findings: Vec<Finding>,
    /// What became of the findings that do not count.
    pub triage: Triage,
    /// One for each check, in order of the checks.
    pub summaries: Vec<CheckSummary>,
    /// What was examined.
    pub inputs: Vec<InputSummary>,
    /// What was not examined, and why.
    pub gaps: Vec<Gap>,
    /// The log streams and how much of time each covers.
    pub streams: Vec<StreamWindow>,
    /// What was recognised and left out on purpose, counted by reason.
    pub set_aside: BTreeMap<String, u64>,
    /// The places of what was set aside, where they were asked for: at most ten thousand, without any value.
    pub filtered: Vec<Filtered>,
    /// All credentials of the ledger, counted: the denominators of the findings.
    pub population: Vec<PopulationRow>,
    /// Figures about the whole estate.
    pub metrics: Vec<Metric>,
    /// What was read of what checks need; not written to any file.
    pub met: BTreeSet<Needs>,
    /// How long the run took. Shown on a terminal, never written to a file.
    pub elapsed: Option<Duration>,
}

impl Report {
    /// Whether not a single file, blob or record was read.
    pub fn is_empty(&self) -> bool {
        self.inputs.iter().all(|input| input.items == 0)
    }

    /// Whether something that was asked for was not examined, or nothing was.
    pub fn is_incomplete(&self) -> bool {
        self.is_empty() || self.gaps.iter().any(|gap| gap.reason.makes_incomplete())
    }

    /// How many findings are at or above `severity`.
    pub fn at_or_above(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity >= severity).count()
    }

    /// How many findings of low confidence the persona holds back.
    pub fn held_back(&self) -> u64 {
        self.summaries.iter().map(|summary| summary.held_back).sum()
    }

    /// How many findings have exactly this severity.
    pub fn of_severity(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }
}

/// How a terminal wants it. Formats for files ignore this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Whether colours may be used.
    pub colour: bool,
    /// Columns.
    pub width: u16,
    /// Whether findings of low and info severity, and all cards, are shown.
    pub all: bool,
}

impl Default for Look {
    fn default() -> Self {
        Self { colour: false, width: 100, all: false }
    }
}

/// One output format.
pub trait Reporter: Sync {
    /// The name after `--format`.
    fn id(&self) -> &'static str;
    /// What it is for, in a few words.
    fn title(&self) -> &'static str;
    /// Writes the whole report.
    fn write(&self, report: &Report, out: &mut dyn Write, look: &Look) -> io::Result<()>;
}

/// All output formats.
pub static REPORTERS: &[&dyn Reporter] = &[&terminal::Terminal, &json::Json, &sarif::Sarif, &markdown::Markdown];

/// The format of this name.
pub fn find(id: &str) -> Option<&'static dyn Reporter> {
    REPORTERS.iter().find(|reporter| reporter.id() == id).copied()
}
