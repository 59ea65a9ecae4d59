//! What a check answers over its population.

use crate::model::{Finding, FindingBuilder, Inconclusive};

/// The answers of one check. A check that examines nothing has not said "clean".
#[derive(Clone, Debug, Default)]
pub struct Answers {
    /// How many subjects the check applies to.
    pub examined: u64,
    /// For which it fired.
    pub findings: Vec<Finding>,
    /// For which it could not tell, and why.
    pub inconclusive: Vec<Inconclusive>,
}

impl Answers {
    /// Takes over what was answered about other subjects.
    pub(in crate::check) fn append(&mut self, mut other: Self) {
        self.examined += other.examined;
        self.findings.append(&mut other.findings);
        self.inconclusive.append(&mut other.inconclusive);
    }

    /// The check applies to one more subject.
    pub(in crate::check) fn examine(&mut self) {
        self.examined += 1;
    }

    /// The check fired. A finding without evidence cannot be made, which is said instead.
    pub(in crate::check) fn found(&mut self, subject: &str, finding: FindingBuilder) {
        match finding.build() {
            Some(finding) => self.findings.push(finding),
            None => self.inconclusive(subject, "no record can be pointed to"),
        }
    }

    /// The check cannot tell about this subject.
    pub(in crate::check) fn inconclusive(&mut self, subject: &str, reason: impl Into<String>) {
        self.inconclusive.push(Inconclusive { subject: subject.to_owned(), reason: reason.into() });
    }
}
