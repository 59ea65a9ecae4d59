//! One finding as a SARIF result.

use super::location::{self, Artifacts};
use super::shape::{Descriptor, Outcome, OutcomeProperties, Suppression, Text};
use super::taxonomy::Taxonomies;
use super::{Standing, level};
use crate::model::{Evidence, Exception, Finding, Written};
use crate::report::place;
use crate::report::text::clip;

/// GitHub shows 100 locations of a result.
const MOST_LOCATIONS: usize = 100;

/// The result of a finding. Its place is the first piece of evidence that is a line of text, else the first piece.
pub(super) fn of(
    finding: &Finding,
    standing: Standing<'_>,
    rules: &[Descriptor],
    taxonomies: &Taxonomies,
    artifacts: &mut Artifacts,
) -> Outcome {
    let primary = finding.evidence.iter().position(location::is_text).unwrap_or(0);
    let (main, others) = split(&finding.evidence, primary);
    let related = others.iter().take(MOST_LOCATIONS - 1);
    let hash: String = finding.id.to_string().chars().take(16).collect();
    Outcome {
        rule_id: finding.check.clone(),
        rule_index: rules.iter().position(|rule| rule.id == finding.check).unwrap_or_default(),
        level: level(finding.severity),
        message: Text { text: message(finding) },
        locations: main.into_iter().map(|piece| location::of(piece, 0, artifacts)).collect(),
        related_locations: (1..).zip(related).map(|(id, piece)| location::of(piece, id, artifacts)).collect(),
        partial_fingerprints: [
            ("primaryLocationLineHash", format!("{hash}:1")),
            ("overstay/v1", finding.id.to_string()),
        ]
        .into(),
        taxa: taxonomies.taxa(&finding.controls),
        baseline_state: standing.baseline,
        suppressions: standing.suppressed.map(|by| by.iter().map(suppression).collect()),
        properties: OutcomeProperties {
            catalogue: finding.catalogue.clone(),
            severity: finding.severity.name(),
            severity_reason: finding.severity_reason.clone(),
            confidence: finding.confidence.name(),
            subject: finding.subject.clone(),
            controls: finding.controls.clone(),
            more_evidence: others.len().saturating_sub(MOST_LOCATIONS - 1),
        },
    }
}

fn suppression(exception: &Exception) -> Suppression {
    let Exception { owner, approver, reason, expires, at, .. } = exception;
    let approved = approver.as_ref().map(|approver| format!(", approved by {approver}")).unwrap_or_default();
    let text = format!("{reason}; {at}, owned by {owner}{approved}, until {expires}");
    Suppression {
        kind: match exception.written {
            Written::InSource => "inSource",
            Written::Policy => "external",
        },
        status: "accepted",
        justification: clip(&text, 1000),
    }
}

/// The piece at `index`, and all others in order.
fn split(evidence: &[Evidence], index: usize) -> (Option<&Evidence>, Vec<&Evidence>) {
    let others = evidence.iter().enumerate().filter(|(at, _)| *at != index).map(|(_, piece)| piece);
    (evidence.get(index), others.collect())
}

/// The sentence, the records that a line number cannot point at, and what to do.
fn message(finding: &Finding) -> String {
    let mut text = clip(&finding.message, 2000);
    let records = finding.evidence.iter().filter(|piece| !location::is_text(piece)).take(5);
    for piece in records {
        let line = format!("{}: {} {}", piece.shows, place::full(piece), place::record(piece));
        text.push('\n');
        text.push_str(clip(&line, 300).trim_end());
    }
    if !finding.fix.is_empty() {
        text.push_str("\nFix: ");
        text.push_str(&clip(&finding.fix, 1000));
    }
    // SARIF reads `[text](target)` in a message as a link; text from inputs must not make one.
    text.replace("](", "] (")
}
