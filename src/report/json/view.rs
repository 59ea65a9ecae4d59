//! The shape of the JSON document, field by field in the order in which it is written.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Serialize, Serializer};

use crate::ledger::PopulationRow;
use crate::model::{
    CheckSummary, Compared, Confidence, Control, Evidence, Exception, Filtered, Finding, Gap, Inconclusive,
    InputSummary, Lapsed, Metric, Place, RecordId, Severity, StandingClass, Subject, Suppressed,
};
use crate::report::{Report, StreamWindow};

/// The whole document.
#[derive(Serialize)]
pub(super) struct Document<'a> {
    schema: &'static str,
    run: Run<'a>,
    findings: Vec<FindingView<'a>>,
    baseline: Option<BaselineView<'a>>,
    suppressed: Vec<SuppressedView<'a>>,
    expired: &'a [Lapsed],
    warnings: &'a [String],
    checks: Vec<CheckView<'a>>,
    coverage: Coverage<'a>,
    population: &'a [PopulationRow],
    metrics: &'a [Metric],
    set_aside: &'a BTreeMap<String, u64>,
    #[serde(skip_serializing_if = "<[Filtered]>::is_empty")]
    filtered: &'a [Filtered],
}

impl<'a> Document<'a> {
    pub(super) fn of(report: &'a Report) -> Self {
        Self {
            schema: "overstay-report/1",
            run: Run::of(report),
            findings: report.findings.iter().map(FindingView::of).collect(),
            baseline: report.triage.baseline.as_ref().map(|baseline| BaselineView::of(baseline, report)),
            suppressed: report.triage.suppressed.iter().map(SuppressedView::of).collect(),
            expired: &report.triage.lapsed,
            warnings: &report.triage.warnings,
            checks: report.summaries.iter().map(CheckView::of).collect(),
            coverage: Coverage {
                complete: !report.is_incomplete(),
                inputs: &report.inputs,
                gaps: &report.gaps,
                streams: report.streams.iter().map(StreamView::of).collect(),
            },
            population: &report.population,
            metrics: &report.metrics,
            set_aside: &report.set_aside,
            filtered: &report.filtered,
        }
    }
}

#[derive(Serialize)]
struct Run<'a> {
    version: &'a str,
    as_of: Timestamp,
    as_of_source: &'a str,
    key_id: &'a str,
    rules_sha256: &'a str,
}

impl<'a> Run<'a> {
    fn of(report: &'a Report) -> Self {
        Self {
            version: &report.version,
            as_of: report.as_of,
            as_of_source: &report.as_of_source,
            key_id: &report.key_id,
            rules_sha256: &report.rules_sha256,
        }
    }
}

#[derive(Serialize)]
struct FindingView<'a> {
    id: String,
    check: &'a str,
    catalogue: Option<&'a str>,
    severity: Severity,
    severity_reason: &'a str,
    confidence: Confidence,
    standing: StandingClass,
    subject: &'a Subject,
    message: &'a str,
    facts: Vec<Fact<'a>>,
    fix: &'a str,
    evidence: Vec<EvidenceView<'a>>,
    controls: &'a [Control],
}

impl<'a> FindingView<'a> {
    fn of(finding: &'a Finding) -> Self {
        Self {
            id: finding.id.to_string(),
            check: &finding.check,
            catalogue: finding.catalogue.as_deref(),
            severity: finding.severity,
            severity_reason: &finding.severity_reason,
            confidence: finding.confidence,
            standing: finding.standing,
            subject: &finding.subject,
            message: &finding.message,
            facts: finding.facts.iter().map(|(label, value)| Fact { label, value }).collect(),
            fix: &finding.fix,
            evidence: finding.evidence.iter().map(EvidenceView::of).collect(),
            controls: &finding.controls,
        }
    }
}

#[derive(Serialize)]
struct BaselineView<'a> {
    file: &'a str,
    new: usize,
    known: Vec<FindingView<'a>>,
    fixed: Option<u64>,
}

impl<'a> BaselineView<'a> {
    fn of(baseline: &'a Compared, report: &'a Report) -> Self {
        Self {
            file: &baseline.file,
            new: report.findings.len(),
            known: baseline.known.iter().map(FindingView::of).collect(),
            fixed: baseline.fixed,
        }
    }
}

#[derive(Serialize)]
struct SuppressedView<'a> {
    finding: FindingView<'a>,
    by: &'a [Exception],
}

impl<'a> SuppressedView<'a> {
    fn of(suppressed: &'a Suppressed) -> Self {
        Self { finding: FindingView::of(&suppressed.finding), by: &suppressed.by }
    }
}

#[derive(Serialize)]
struct Fact<'a> {
    label: &'a str,
    value: &'a str,
}

#[derive(Serialize)]
struct EvidenceView<'a> {
    shows: &'a str,
    input: &'a str,
    sha256: Option<String>,
    place: &'a Place,
    record_id: Option<&'a RecordId>,
}

impl<'a> EvidenceView<'a> {
    fn of(evidence: &'a Evidence) -> Self {
        Self {
            shows: &evidence.shows,
            input: evidence.input.name(),
            sha256: evidence.input.sha256().map(|digest| digest.to_string()),
            place: &evidence.place,
            record_id: evidence.record_id.as_ref(),
        }
    }
}

#[derive(Serialize)]
struct CheckView<'a> {
    check: &'a str,
    catalogue: Option<&'a str>,
    title: &'a str,
    examined: u64,
    fired: u64,
    held_back: u64,
    inconclusive: &'a [Inconclusive],
    #[serde(serialize_with = "as_map")]
    parameters: &'a [(String, String)],
}

impl<'a> CheckView<'a> {
    fn of(summary: &'a CheckSummary) -> Self {
        Self {
            check: &summary.check,
            catalogue: summary.catalogue.as_deref(),
            title: &summary.title,
            examined: summary.examined,
            fired: summary.fired,
            held_back: summary.held_back,
            inconclusive: &summary.inconclusive,
            parameters: &summary.parameters,
        }
    }
}

fn as_map<S: Serializer>(pairs: &[(String, String)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().map(|(name, value)| (name, value)))
}

#[derive(Serialize)]
struct Coverage<'a> {
    complete: bool,
    inputs: &'a [InputSummary],
    gaps: &'a [Gap],
    streams: Vec<StreamView<'a>>,
}

#[derive(Serialize)]
struct StreamView<'a> {
    importer: &'a str,
    scope: &'a str,
    from: Timestamp,
    to: Timestamp,
    records: u64,
    holes: Vec<Hole>,
}

#[derive(Serialize)]
struct Hole {
    from: Timestamp,
    to: Timestamp,
}

impl<'a> StreamView<'a> {
    fn of(stream: &'a StreamWindow) -> Self {
        Self {
            importer: &stream.importer,
            scope: &stream.scope,
            from: stream.from,
            to: stream.to,
            records: stream.records,
            holes: stream.holes.iter().map(|&(from, to)| Hole { from, to }).collect(),
        }
    }
}
