//! `fixtures/acme/answers.yaml`, with ids in place of labels.

use std::fmt;

use overstay::demo::{self, Company};
use overstay::model::{Confidence, Finding, Place, Severity};
use serde::Deserialize;

/// What a run has to find and what it has to leave alone.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Answers {
    pub(crate) faults: Vec<Answer>,
    pub(crate) near_misses: Vec<Answer>,
}

/// A check and what it is about: a subject's id, the identity it belongs to, or a place in the evidence.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Answer {
    pub(crate) check: String,
    pub(crate) subject: Option<String>,
    pub(crate) principal: Option<String>,
    pub(crate) place: Option<String>,
    pub(crate) severity: Option<Severity>,
    #[serde(default)]
    pub(crate) confidence: Confidence,
    pub(crate) why: Option<String>,
}

impl Answers {
    pub(crate) fn read(company: &Company) -> Self {
        let mut answers: Self = overstay::yaml::parse("answers.yaml", demo::answers_text()).expect("the answers");
        for answer in answers.faults.iter_mut().chain(&mut answers.near_misses) {
            assert!(answer.subject.is_some() || answer.principal.is_some() || answer.place.is_some());
            answer.subject = answer.subject.take().map(|subject| id(company, &subject));
        }
        assert!(answers.faults.iter().all(|fault| fault.severity.is_some()));
        assert!(answers.near_misses.iter().all(|miss| miss.severity.is_none() && miss.why.is_some()));
        answers
    }
}

impl Answer {
    pub(crate) fn matches(&self, finding: &Finding) -> bool {
        let says = |wanted: &Option<String>, is: Option<&str>| wanted.as_deref().is_none_or(|id| is == Some(id));
        let lies = |place: &str| {
            finding.evidence.iter().any(|piece| match &piece.place {
                Place::Commit(at) => at.path.ends_with(place),
                _ => piece.input.name().ends_with(place),
            })
        };
        finding.check == self.check
            && says(&self.subject, Some(&finding.subject.id))
            && says(&self.principal, finding.subject.principal.as_deref())
            && self.place.as_deref().is_none_or(lies)
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let about = self.subject.as_ref().or(self.principal.as_ref()).or(self.place.as_ref());
        write!(f, "{} {}", self.check, about.map_or("", |about| about))
    }
}

/// The id under which a report names the subject: public ids as they are, secrets by their fingerprint.
fn id(company: &Company, text: &str) -> String {
    let Some(marker) = text.strip_prefix("@{").and_then(|rest| rest.strip_suffix('}')) else { return text.to_owned() };
    let minted = company.minted.iter().find(|minted| minted.marker == marker);
    let minted = minted.unwrap_or_else(|| panic!("nothing in the company is called `{marker}`"));
    if minted.public {
        return minted.value.expose().to_owned();
    }
    let fingerprint = if marker.starts_with("github-token") {
        company.key.github_token(&minted.value)
    } else {
        company.key.fingerprint("secret", minted.value.expose().as_bytes())
    };
    format!("#{}", fingerprint.short())
}
