//! What was examined, and what was not and why. "Not examined" is never "clean".

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::evidence::Place;

/// A log stream whose completeness can be judged by itself: one importer and one account, audit device or cluster.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StreamKey {
    /// The importer, such as `aws-cloudtrail`.
    pub importer: Arc<str>,
    /// The account, device or cluster; empty where the records do not say.
    pub scope: Arc<str>,
}

/// What the scope ends in of a log that holds neither issuance nor revocation: uses, what the system does by itself, what
/// it denied.
const BESIDE: [&str; 4] = [" data events", " data access", " system events", " denied by policy"];

impl StreamKey {
    /// The stream of `importer` for `scope`.
    pub fn new(importer: &str, scope: &str) -> Self {
        Self { importer: importer.into(), scope: scope.into() }
    }

    /// Whether issuance and revocation would be in it.
    pub fn holds_changes(&self) -> bool {
        !BESIDE.iter().any(|end| self.scope.ends_with(end))
    }

    /// The log that would hold the uses of what is issued in this one, where its system writes them to another one.
    pub fn of_uses(&self) -> Option<Self> {
        (&*self.importer == "gcp-audit" && self.holds_changes())
            .then(|| Self::new(&self.importer, &format!("{} data access", self.scope)))
    }

    /// The log that would hold further uses, which most do not keep because it costs extra: data events of CloudTrail.
    pub fn of_further_uses(&self) -> Option<Self> {
        (&*self.importer == "aws-cloudtrail" && self.holds_changes())
            .then(|| Self::new(&self.importer, format!("{} data events", self.scope).trim_start()))
    }
}

/// Why something was not examined, and how bad that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GapReason {
    /// Left out by a rule of the tool or of the policy: binary content, git internals, an ignore glob. Not an error.
    Skipped,
    /// A part of the history is not there (shallow or partial clone). Said, not an error.
    Absent,
    /// Could not be opened or read.
    Unreadable,
    /// Larger than the limit.
    TooLarge,
    /// Nested deeper than the limit.
    TooDeep,
    /// Damaged: truncated, half a record, a bad checksum, invalid encoding.
    Damaged,
    /// Named by the user, and no importer knows it.
    UnknownFormat,
    /// The tool itself failed on it.
    Internal,
}

impl GapReason {
    /// Whether something that was asked for was not examined, so that the run is incomplete (exit code 3).
    pub fn makes_incomplete(self) -> bool {
        !matches!(self, Self::Skipped | Self::Absent)
    }
}

/// One line of "not examined".
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Gap {
    /// The input, and the place in it where that helps: `logs/trail.json.gz record 17`.
    pub what: Box<str>,
    /// The class of the reason.
    pub reason: GapReason,
    /// The reason in words: "gzip stream ends early after 1204 records".
    pub detail: Box<str>,
    /// What it means for the answer: "events after 2026-01-02 are missing".
    pub effect: Box<str>,
    /// How many things this line stands for (files skipped alike); 1 for a single one.
    pub count: u64,
}

/// A look-alike that was recognised and not reported. Its value stays where it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Filtered {
    /// The name of the filter, such as `placeholder`.
    pub filter: Box<str>,
    /// The rule that matched.
    pub rule: Box<str>,
    /// The input, as evidence names it.
    pub input: Box<str>,
    /// The place in the input.
    pub place: Place,
}

/// One line of "examined".
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct InputSummary {
    /// The input as the user would write it: a file, a tree, a repository.
    pub name: Box<str>,
    /// `tree`, `git`, or the importer's id.
    pub format: Box<str>,
    /// SHA-256 in hexadecimal for a single file; absent for trees and repositories.
    pub sha256: Option<String>,
    /// Bytes read (after decompression).
    pub bytes: u64,
    /// Files, blobs or records read.
    pub items: u64,
    /// Records that were read and did not matter (log importers).
    pub ignored: u64,
    /// Counted facts worth a line, such as `commits 3911`, `HEAD 3f2a...`, `shallow`.
    pub notes: Vec<String>,
}
