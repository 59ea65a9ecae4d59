//! Findings that do not count, and why: an exception covers them, or they were known before.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::finding::Finding;

/// Where an exception is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Written {
    /// In a comment beside what it covers.
    InSource,
    /// In the policy.
    Policy,
}

/// A decision to live with findings for a time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Exception {
    /// The secret rule or check it speaks of.
    pub target: String,
    /// What it covers, in words: `path deploy/**`, `subject AKIA...`, `this line`.
    pub covers: String,
    /// Where it is written.
    pub written: Written,
    /// The place in words: `overstay.yaml exceptions[1]`, `deploy.yml:11`.
    pub at: String,
    /// Who has to end it.
    pub owner: String,
    /// Who asked for it; in a comment nobody is named, for whoever reviews the change sees it.
    pub requester: Option<String>,
    /// Who allowed it: neither the owner nor the requester.
    pub approver: Option<String>,
    /// Why.
    pub reason: String,
    /// The last day on which it holds, in UTC.
    pub expires: Date,
}

/// A finding that exceptions in force cover.
#[derive(Clone, Debug)]
pub struct Suppressed {
    /// The finding as it would have been reported.
    pub finding: Finding,
    /// The exceptions, at least one.
    pub by: Vec<Exception>,
}

/// An exception that has expired and still covers findings, which count again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Lapsed {
    /// The exception.
    pub exception: Exception,
    /// What it hid: check and public id of the subject of each finding.
    pub hid: Vec<String>,
}

/// The findings against a baseline.
#[derive(Clone, Debug, Default)]
pub struct Compared {
    /// The file of the baseline, as the user wrote it.
    pub file: String,
    /// Findings that the baseline has: still open, and not new.
    pub known: Vec<Finding>,
    /// Lines of the baseline that nothing matches any more; nothing where this run cannot tell.
    pub fixed: Option<u64>,
}

/// What became of the findings that do not count.
#[derive(Clone, Debug, Default)]
pub struct Triage {
    /// Findings that an exception covers, in order of the findings.
    pub suppressed: Vec<Suppressed>,
    /// Expired exceptions. Each makes the run fail.
    pub lapsed: Vec<Lapsed>,
    /// What is wrong with exceptions: a missing field, a bad date, nothing that matches.
    pub warnings: Vec<String>,
    /// What a baseline tells, where one was given.
    pub baseline: Option<Compared>,
}

impl Triage {
    /// Whether every finding counts and nothing is to be said.
    pub fn is_empty(&self) -> bool {
        self.suppressed.is_empty() && self.lapsed.is_empty() && self.warnings.is_empty() && self.baseline.is_none()
    }

    /// The findings that a baseline has.
    pub fn known(&self) -> &[Finding] {
        self.baseline.as_ref().map_or(&[], |baseline| &baseline.known)
    }
}
