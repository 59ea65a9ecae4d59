//! A check's answer about one subject. A finding without evidence cannot be made.

use serde::{Deserialize, Serialize};

use super::credential::StandingClass;
use super::evidence::Evidence;
use super::secret::Fingerprint;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Hygiene.
    Low,
    /// To be planned.
    Medium,
    /// To be fixed soon.
    High,
    /// To be fixed now.
    Critical,
}

impl Severity {
    /// All values, worst first.
    pub const ALL: [Self; 5] = [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Info];

    /// The lower-case name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// One step down, at least info.
    #[must_use]
    pub fn lowered(self) -> Self {
        match self {
            Self::Critical => Self::High,
            Self::High => Self::Medium,
            Self::Medium => Self::Low,
            Self::Low | Self::Info => Self::Info,
        }
    }

    /// One step up, at most critical.
    #[must_use]
    pub fn raised(self) -> Self {
        match self {
            Self::Info => Self::Low,
            Self::Low => Self::Medium,
            Self::Medium => Self::High,
            Self::High | Self::Critical => Self::Critical,
        }
    }
}

/// How sure a statement is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// Something speaks against it, which is said.
    Low,
    /// Nothing speaks against it.
    Medium,
    /// The form, a checksum or another input confirms it.
    #[default]
    High,
}

impl Confidence {
    /// The lower-case name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubjectKind {
    /// A credential.
    Credential,
    /// An identity.
    Identity,
    /// A log stream.
    Stream,
    /// A request for access.
    Request,
    /// A grant, as a log shows it being made.
    Grant,
}

/// What a finding is about, in public terms only.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Subject {
    /// What kind of thing it is.
    pub kind: SubjectKind,
    /// The type of the thing: a secret rule's id for credentials, the identity kind, the importer of a stream.
    pub class: String,
    /// The public id, or `#` and the first digits of the keyed fingerprint.
    pub id: String,
    /// The human name of the type.
    pub title: String,
    /// The identity it belongs to, where known.
    pub principal: Option<String>,
}

/// How the label that was asked for relates to the published id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Relation {
    /// The same text under the same id.
    Exact,
    /// The published requirement that the label means.
    Primary,
    /// A published requirement that the finding also touches.
    Secondary,
    /// A published requirement of a framework nobody asked for by label.
    Related,
    /// The label was not found in any publication.
    Unverifiable,
}

/// One clause of a framework that a finding bears on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Control {
    /// The label asked for, such as `NHI-03`; equal to the published id where no other label is in use.
    pub requested_label: String,
    /// The framework that publishes the id, such as `OWASP NHI Top 10`.
    pub framework: String,
    /// The id as published, such as `NHI7:2025`; absent where none was found.
    pub published_id: Option<String>,
    /// The published version, such as `2025`.
    pub version: String,
    /// The short title.
    pub title: String,
    /// How label and published id relate.
    pub relation: Relation,
}

/// A check's answer about one subject.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The check's id, kebab-case.
    pub check: String,
    /// The catalogue number (`A01` to `J06`), where the check is one of those.
    pub catalogue: Option<String>,
    /// Stable id: keyed, independent of line numbers and of time.
    pub id: Fingerprint,
    /// One sentence: what is wrong with this subject.
    pub message: String,
    /// How bad.
    pub severity: Severity,
    /// Why this severity: the check's default, or what the correlation found.
    pub severity_reason: String,
    /// How sure.
    pub confidence: Confidence,
    /// Whether the subject ends by itself.
    pub standing: StandingClass,
    /// What it is about.
    pub subject: Subject,
    /// What is known, as label and value in reading order: the lines of the correlation card.
    pub facts: Vec<(String, String)>,
    /// What to do.
    pub fix: String,
    /// At least one piece, in reading order.
    pub evidence: Vec<Evidence>,
    /// The clauses it bears on.
    pub controls: Vec<Control>,
}

impl Finding {
    /// The check of which a finding is a secret lying in text, and its places are where that secret lies.
    pub const SECRET_IN_CODE: &'static str = "hardcoded-secret";
}

/// Collects the parts of a finding; only [`FindingBuilder::build`] makes one, and only with evidence.
#[derive(Clone, Debug)]
pub struct FindingBuilder {
    finding: Finding,
}

impl FindingBuilder {
    /// Starts a finding of `check` about `subject`. `id` identifies check and subject, keyed.
    pub fn new(check: &str, id: Fingerprint, subject: Subject, severity: Severity, reason: &str) -> Self {
        Self {
            finding: Finding {
                check: check.to_owned(),
                catalogue: None,
                id,
                message: String::new(),
                severity,
                severity_reason: reason.to_owned(),
                confidence: Confidence::High,
                standing: StandingClass::Depends,
                subject,
                facts: Vec::new(),
                fix: String::new(),
                evidence: Vec::new(),
                controls: Vec::new(),
            },
        }
    }

    /// Sets the sentence.
    #[must_use]
    pub fn message(mut self, message: impl Into<String>) -> Self {
        self.finding.message = message.into();
        self
    }

    /// Sets the confidence.
    #[must_use]
    pub fn confidence(mut self, confidence: Confidence) -> Self {
        self.finding.confidence = confidence;
        self
    }

    /// Sets whether the subject ends by itself.
    #[must_use]
    pub fn standing(mut self, standing: StandingClass) -> Self {
        self.finding.standing = standing;
        self
    }

    /// Adds a line of what is known.
    #[must_use]
    pub fn fact(mut self, label: &str, value: impl Into<String>) -> Self {
        self.finding.facts.push((label.to_owned(), value.into()));
        self
    }

    /// Adds evidence; a piece that is there already is not repeated.
    #[must_use]
    pub fn evidence(mut self, evidence: impl IntoIterator<Item = Evidence>) -> Self {
        for piece in evidence {
            if !self.finding.evidence.contains(&piece) {
                self.finding.evidence.push(piece);
            }
        }
        self
    }

    /// The finding, or nothing where no evidence was given.
    pub fn build(self) -> Option<Finding> {
        (!self.finding.evidence.is_empty()).then_some(self.finding)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FingerprintKey, Input, Place};

    fn builder() -> FindingBuilder {
        let id = FingerprintKey::new(vec![0]).fingerprint("finding", b"x");
        let subject = Subject {
            kind: SubjectKind::Credential,
            class: "aws-access-key-id".into(),
            id: "AKIA".into(),
            title: "key".into(),
            principal: None,
        };
        FindingBuilder::new("unrevoked-credential", id, subject, Severity::High, "default")
    }

    #[test]
    fn a_finding_without_evidence_cannot_be_built() {
        assert!(builder().build().is_none());
    }

    #[test]
    fn the_same_evidence_is_listed_once() {
        let input = Input::of("a", b"");
        let piece = Evidence::new("line", &input, Place::Line { line: 1, column: 1 });
        let finding = builder().evidence([piece.clone(), piece]).build().expect("has evidence");
        assert_eq!(finding.evidence.len(), 1);
    }
}
