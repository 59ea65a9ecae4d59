//! What every check is about, as data: documentation, severity, thresholds, and the clauses it bears on.

use serde::Deserialize;

use crate::model::Severity;
use crate::yaml;

use super::control::{self, Controls};
use super::embedded;

/// A file of `rules/checks` that says something impossible.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file is no YAML of the right form.
    #[error(transparent)]
    Yaml(#[from] yaml::Error),
    /// A citation was refused.
    #[error(transparent)]
    Control(#[from] control::Error),
    /// Two files describe one check.
    #[error("rules/checks: {0} is described twice")]
    Twice(String),
    /// There is no check at all.
    #[error("rules/checks holds no check")]
    Empty,
}

/// What a check needs to be read before it can answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Needs {
    /// Source code.
    Code,
    /// An export of identities or credentials.
    Export,
    /// An issuance log.
    Log,
    /// The list of just-in-time roles or mounts in `overstay.yaml`.
    Policy,
    /// A log of requests for access and of the decisions about them.
    Requests,
    /// A log of tasks: CI runs, jobs, runs of agents.
    Tasks,
    /// A log of grants being made and taken away.
    Grants,
}

impl Needs {
    /// All of them, in the order in which people get them.
    pub const ALL: [Self; 7] =
        [Self::Code, Self::Export, Self::Log, Self::Grants, Self::Requests, Self::Tasks, Self::Policy];

    /// What it is, in words.
    pub fn say(self) -> &'static str {
        match self {
            Self::Code => "source code",
            Self::Export => "an export of identities or credentials",
            Self::Log => "an issuance log",
            Self::Policy => "the list of just-in-time roles or mounts in overstay.yaml",
            Self::Requests => "a log of requests for access and of decisions",
            Self::Tasks => "a log of tasks: CI runs, jobs, runs of agents",
            Self::Grants => "a log of grants being made and taken away",
        }
    }
}

/// In what a threshold is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Days of 24 hours.
    Days,
    /// Hours.
    Hours,
    /// Minutes.
    Minutes,
    /// Seconds.
    Seconds,
    /// Things.
    Count,
    /// A factor.
    Times,
    /// Records an hour.
    PerHour,
    /// Hundredths.
    Percent,
}

/// A threshold with its default.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Parameter {
    /// Its name in `overstay.yaml`, below `thresholds` and the check's id.
    pub name: String,
    /// The value that is in force without a policy.
    pub default: u64,
    /// In what it is counted.
    pub unit: Unit,
    /// What it limits.
    pub meaning: String,
}

/// One check as its YAML file describes it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CheckRule {
    /// Its id, kebab-case.
    pub id: String,
    /// Its number in the catalogue (`A01` to `J06`), where it has one.
    pub catalogue: Option<String>,
    /// One line.
    pub title: String,
    /// The severity where nothing is known beyond the fault itself.
    pub severity: Severity,
    /// One step up where the identity is an effective administrator.
    #[serde(default)]
    pub raised_for_admin: bool,
    /// The answer rests on the absence of an event, so that it needs coverage.
    pub absence: bool,
    /// What has to be read for an answer; any one of the inner lists is enough.
    pub inputs: Vec<Vec<Needs>>,
    /// What it does.
    pub what_it_does: String,
    /// Why the fault is bad.
    pub why: String,
    /// The fault, as an example.
    pub example: String,
    /// What to do instead.
    pub fix: String,
    /// Thresholds.
    #[serde(default)]
    pub parameters: Vec<Parameter>,
    /// Clauses it bears on, as `framework key/id`.
    pub controls: Vec<String>,
    /// Where to read on.
    pub references: Vec<String>,
}

/// One heading of a check's documentation and the paragraphs or list below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// The heading, one of [`CheckRule::HEADINGS`].
    pub heading: &'static str,
    /// One entry a line or paragraph.
    pub lines: Vec<String>,
}

/// All checks, in order of their ids.
#[derive(Clone, Debug)]
pub struct CheckRules {
    rules: Vec<CheckRule>,
}

impl CheckRules {
    /// The checks inside the binary, their citations proven against `controls`.
    pub fn embedded(controls: &Controls) -> Result<Self, Error> {
        Self::read(embedded::yaml("rules/checks/"), controls)
    }

    /// Checks from files, given as name and text.
    pub fn read<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>, controls: &Controls) -> Result<Self, Error> {
        let mut rules = Vec::<CheckRule>::new();
        for (name, text) in files {
            let rule: CheckRule = yaml::parse(name, text)?;
            controls.admit(&rule.id, &rule.controls)?;
            rules.push(rule);
        }
        rules.sort_by(|a, b| a.id.cmp(&b.id));
        if let Some(pair) = rules.windows(2).find(|pair| pair[0].id == pair[1].id) {
            return Err(Error::Twice(pair[0].id.clone()));
        }
        if rules.is_empty() { Err(Error::Empty) } else { Ok(Self { rules }) }
    }

    /// All of them, in order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &CheckRule> {
        self.rules.iter()
    }

    /// The check with this id or this catalogue number.
    pub fn find(&self, id: &str) -> Option<&CheckRule> {
        self.rules.iter().find(|rule| rule.id == id || rule.catalogue.as_deref() == Some(id))
    }
}

impl CheckRule {
    /// The headings of a check's documentation, in order.
    pub const HEADINGS: [&'static str; 7] =
        ["What it does", "Why it is bad", "Example", "Use instead", "Parameters", "Controls", "References"];

    /// The threshold of this name.
    pub fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| parameter.name == name)
    }

    /// The documentation under its fixed headings.
    pub fn explain(&self, controls: &Controls) -> Vec<Section> {
        let parameters = self.parameters.iter().map(Parameter::line).collect();
        let clauses = controls.resolve(&self.controls).iter().map(control_line).collect();
        let bodies = [
            paragraphs(&self.what_it_does),
            paragraphs(&self.why),
            self.example.trim_end().lines().map(str::to_owned).collect(),
            paragraphs(&self.fix),
            or_none(parameters),
            or_none(clauses),
            self.references.clone(),
        ];
        let sections = Self::HEADINGS.into_iter().zip(bodies);
        sections.map(|(heading, lines)| Section { heading, lines }).collect()
    }
}

impl Unit {
    /// `1 day`, `300 seconds`, `4 times`, `60 an hour`.
    pub fn say(self, value: u64) -> String {
        let noun = match self {
            Self::Days => "day",
            Self::Hours => "hour",
            Self::Minutes => "minute",
            Self::Seconds => "second",
            Self::Count => return value.to_string(),
            Self::Times => return format!("{value} times"),
            Self::PerHour => return format!("{value} an hour"),
            Self::Percent => return format!("{value}%"),
        };
        if value == 1 { format!("1 {noun}") } else { format!("{value} {noun}s") }
    }
}

impl Parameter {
    fn line(&self) -> String {
        format!("{}: {} (default {})", self.name, self.meaning, self.unit.say(self.default))
    }
}

fn control_line(control: &crate::model::Control) -> String {
    let id = control.published_id.as_deref().unwrap_or("not published");
    let asked = &control.requested_label;
    let label = if asked == id { String::new() } else { format!(" (asked for as {asked})") };
    format!("{id} ({} {}){label}: {}", control.framework, control.version, control.title)
}

fn paragraphs(text: &str) -> Vec<String> {
    text.split("\n\n").map(|paragraph| paragraph.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

fn or_none(lines: Vec<String>) -> Vec<String> {
    if lines.is_empty() { vec!["none".to_owned()] } else { lines }
}
