//! SARIF 2.1.0 for code scanning, inside GitHub's documented limits; what a limit cuts off is said in the document.
//!
//! `partialFingerprints.primaryLocationLineHash` is the field by which GitHub follows an alert over commits. CodeQL
//! fills it with an unsalted rolling hash of the line's text; for a line that holds a secret that hash is a means to
//! guess the secret. Here it has the same form, `hash:index`, and is cut from the finding's keyed fingerprint:
//! it survives moved lines and says nothing about the line. `upload-sarif` keeps it, with a note that its own differs.

use std::io::{self, Write};

use super::escape::write_json;
use super::{Look, Report, Reporter};
use crate::model::{Exception, Finding, Severity};

mod location;
mod notice;
mod result;
mod rule;
mod shape;
mod taxonomy;

use location::Artifacts;
use shape::{Driver, Invocation, Log, Run, RunProperties, Tool};
use taxonomy::Taxonomies;

/// GitHub shows the first 5,000 results of a run.
const MOST_RESULTS: usize = 5000;

/// The `sarif` format.
pub(super) struct Sarif;

impl Reporter for Sarif {
    fn id(&self) -> &'static str {
        "sarif"
    }

    fn title(&self) -> &'static str {
        "SARIF 2.1.0, for code scanning"
    }

    fn write(&self, report: &Report, out: &mut dyn Write, _look: &Look) -> io::Result<()> {
        let log = Log {
            schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
            version: "2.1.0",
            runs: [run(report)],
        };
        write_json(&log, out)
    }
}

fn run(report: &Report) -> Run {
    let all = standings(report);
    let kept = all.get(..MOST_RESULTS).unwrap_or(&all);
    let findings: Vec<&Finding> = kept.iter().map(|(finding, _)| *finding).collect();
    let taxonomies = Taxonomies::of(&findings);
    let rules = rule::descriptors(report, &taxonomies);
    let mut artifacts = Artifacts::default();
    let results = kept
        .iter()
        .map(|(finding, standing)| result::of(finding, *standing, &rules, &taxonomies, &mut artifacts))
        .collect();
    Run {
        tool: Tool {
            driver: Driver {
                name: "overstay",
                semantic_version: report.version.clone(),
                supported_taxonomies: taxonomies.references(),
                rules,
            },
        },
        column_kind: "unicodeCodePoints",
        invocations: [Invocation {
            execution_successful: !report.is_incomplete(),
            tool_execution_notifications: notice::of(report, all.len() - kept.len()),
        }],
        results,
        artifacts: artifacts.into_list(),
        taxonomies: taxonomies.into_components(),
        properties: RunProperties {
            as_of: report.as_of,
            as_of_source: report.as_of_source.clone(),
            key_id: report.key_id.clone(),
            rules_sha256: report.rules_sha256.clone(),
            findings: report.findings.len(),
            set_aside: report.set_aside.clone(),
        },
    }
}

/// What a result says of itself besides the finding.
#[derive(Clone, Copy, Default)]
struct Standing<'a> {
    /// `new` or `unchanged` where there is a baseline.
    baseline: Option<&'static str>,
    /// The exceptions that cover it. SARIF wants a list from every result where any has one.
    suppressed: Option<&'a [Exception]>,
}

/// All findings with their standing: those that count, those that a baseline knows, those that exceptions cover; each
/// kind in the order in which a limit may cut it.
fn standings(report: &Report) -> Vec<(&Finding, Standing<'_>)> {
    let triage = &report.triage;
    let none = (!triage.suppressed.is_empty()).then_some([].as_slice());
    let with = |baseline| Standing { baseline, suppressed: none };
    let new = with(triage.baseline.is_some().then_some("new"));
    let mut all: Vec<(&Finding, Standing<'_>)> =
        worst_first(&report.findings).into_iter().map(|finding| (finding, new)).collect();
    all.extend(worst_first(triage.known()).into_iter().map(|finding| (finding, with(Some("unchanged")))));
    all.extend(triage.suppressed.iter().map(|suppressed| {
        let standing = Standing { baseline: None, suppressed: Some(&suppressed.by) };
        (&suppressed.finding, standing)
    }));
    all
}

/// The findings in the order in which a limit may cut them.
fn worst_first(findings: &[Finding]) -> Vec<&Finding> {
    let mut sorted: Vec<&Finding> = findings.iter().collect();
    sorted.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    sorted
}

/// SARIF's word for a severity.
fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}
