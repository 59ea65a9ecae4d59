//! A figure about the whole estate, with what it is a share of and what it rests on.

use serde::{Deserialize, Serialize};

/// In what a figure is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MetricUnit {
    /// A share: the numerator of the denominator.
    Share,
    /// One number against another, such as static against short-lived.
    Ratio,
    /// Minutes; the denominator says over how many things they were added up.
    Minutes,
    /// Hours; the denominator says over how many things they were added up.
    Hours,
    /// Days; the denominator says over how many things.
    Days,
    /// Things.
    Count,
}

/// One figure. Where it cannot be known, `unknown` says why and no number is given.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Metric {
    /// Its id, kebab-case.
    pub id: String,
    /// What it says, in a few words.
    pub title: String,
    /// In what it is counted.
    pub unit: MetricUnit,
    /// What is counted.
    pub numerator: Option<u64>,
    /// Of how many.
    pub denominator: Option<u64>,
    /// Its parts: percentiles, causes, months; in reading order.
    pub parts: Vec<(String, u64)>,
    /// On what it rests: the inputs and the time that they cover.
    pub coverage: String,
    /// Why there is no number.
    pub unknown: Option<String>,
}

impl Metric {
    /// A figure that nothing is known about yet.
    pub fn new(id: &str, title: &str, unit: MetricUnit, coverage: String) -> Self {
        Self {
            id: id.to_owned(),
            title: title.to_owned(),
            unit,
            numerator: None,
            denominator: None,
            parts: Vec::new(),
            coverage,
            unknown: None,
        }
    }

    /// The number, and of how many.
    #[must_use]
    pub fn of(mut self, numerator: u64, denominator: u64) -> Self {
        (self.numerator, self.denominator) = (Some(numerator), Some(denominator));
        self
    }

    /// One more part.
    #[must_use]
    pub fn part(mut self, name: impl Into<String>, value: u64) -> Self {
        self.parts.push((name.into(), value));
        self
    }

    /// No number, and why.
    #[must_use]
    pub fn unknown(mut self, why: impl Into<String>) -> Self {
        self.unknown = Some(why.into());
        self
    }

    /// The figure as people read it: `40% (2 of 5)`, `312 hours over 48`, `unknown: no log was read`.
    pub fn say(&self) -> String {
        let (Some(numerator), Some(denominator)) = (self.numerator, self.denominator) else {
            return format!("unknown: {}", self.unknown.as_deref().unwrap_or("nothing to measure"));
        };
        match self.unit {
            MetricUnit::Share => {
                let percent = numerator.saturating_mul(100).checked_div(denominator).unwrap_or_default();
                format!("{percent}% ({numerator} of {denominator})")
            }
            MetricUnit::Ratio => format!("{numerator} : {denominator}"),
            MetricUnit::Minutes => format!("{numerator} minutes over {denominator}"),
            MetricUnit::Hours => format!("{numerator} hours over {denominator}"),
            MetricUnit::Days => format!("{numerator} days over {denominator}"),
            MetricUnit::Count => format!("{numerator} of {denominator}"),
        }
    }
}
