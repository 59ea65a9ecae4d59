//! What a check answered over its whole population: how many subjects, how many fired, and what could not be told.

use serde::{Deserialize, Serialize};

/// A subject for which a check could not answer, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Inconclusive {
    /// The public id of the subject.
    pub subject: String,
    /// Why, in words: "aws-cloudtrail/111122223333 covers 2026-01-02 to 2026-02-01 only".
    pub reason: String,
}

/// One check's answer over its population.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CheckSummary {
    /// The check's id.
    pub check: String,
    /// The catalogue number, where the check is one of those.
    pub catalogue: Option<String>,
    /// The check's title.
    pub title: String,
    /// How many subjects the check applies to. None is "not examined", never "clean".
    pub examined: u64,
    /// For how many it fired.
    pub fired: u64,
    /// How many findings of low confidence the persona holds back.
    #[serde(default)]
    pub held_back: u64,
    /// For which ones it could not tell.
    pub inconclusive: Vec<Inconclusive>,
    /// The thresholds that were in force, as name and value.
    pub parameters: Vec<(String, String)>,
}
