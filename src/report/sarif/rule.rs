//! The checks as SARIF rules, with what GitHub asks of one: help text, precision and a security severity.

use std::collections::BTreeSet;

use super::level;
use super::shape::{Configuration, Descriptor, DescriptorProperties, Markdown, Relationship, Text};
use super::taxonomy::Taxonomies;
use crate::model::{Control, Finding, Severity};
use crate::report::Report;
use crate::report::markdown::escape;
use crate::report::text::clip;

/// One rule for each check that ran, and for each that has findings.
pub(super) fn descriptors(report: &Report, taxonomies: &Taxonomies) -> Vec<Descriptor> {
    let mut rules: Vec<Descriptor> = report
        .summaries
        .iter()
        .map(|summary| {
            descriptor(&summary.check, summary.catalogue.as_deref(), &summary.title, &report.findings, taxonomies)
        })
        .collect();
    let known: BTreeSet<String> = rules.iter().map(|rule| rule.id.clone()).collect();
    let stray: BTreeSet<&str> = report.findings.iter().map(|finding| finding.check.as_str()).collect();
    for check in stray.into_iter().filter(|check| !known.contains(*check)) {
        rules.push(descriptor(check, None, check, &report.findings, taxonomies));
    }
    rules
}

/// GitHub takes the severity from the rule: it is the worst one among the rule's findings, so that nothing is
/// understated.
fn descriptor(
    check: &str,
    catalogue: Option<&str>,
    title: &str,
    findings: &[Finding],
    taxonomies: &Taxonomies,
) -> Descriptor {
    let own: Vec<&Finding> = findings.iter().filter(|finding| finding.check == check).collect();
    let severity = own.iter().map(|finding| finding.severity).max().unwrap_or(Severity::Medium);
    let fix = own.first().map_or("", |finding| finding.fix.as_str());
    let controls: Vec<&Control> = own.iter().flat_map(|finding| &finding.controls).collect();
    Descriptor {
        id: check.to_owned(),
        name: check.to_owned(),
        short_description: Text { text: clip(title, 1000) },
        full_description: Text { text: clip(title, 1000) },
        help: help(check, title, fix),
        default_configuration: Configuration { level: level(severity) },
        relationships: taxonomies
            .taxa(controls)
            .into_iter()
            .map(|target| Relationship { target, kinds: ["relevant"] })
            .collect(),
        properties: DescriptorProperties {
            precision: "high",
            security_severity: security_severity(severity),
            tags: ["security", "credentials"].into_iter().chain(catalogue).map(str::to_owned).collect(),
        },
    }
}

fn help(check: &str, title: &str, fix: &str) -> Markdown {
    let fix = if fix.is_empty() { String::new() } else { format!(" {}", clip(fix, 800)) };
    let (title, hint) = (clip(title, 800), format!("overstay explain {check}"));
    Markdown {
        text: format!("{title}.{fix} More: {hint}"),
        markdown: format!("**{}**{}\n\nMore: `{hint}`", escape(&title), escape(&fix)),
    }
}

/// A number in GitHub's bands: above 9.0 critical, from 7.0 high, from 4.0 medium, below low.
fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.5",
        Severity::Info => "0.5",
    }
}
