//! The checks as SARIF rules, with what GitHub asks of one: help text, precision and a security severity.

use std::collections::BTreeMap;

use super::level;
use super::shape::{Configuration, Descriptor, DescriptorProperties, Markdown, Relationship, Text};
use super::taxonomy::Taxonomies;
use crate::model::{Control, Finding, Severity};
use crate::report::Report;
use crate::report::markdown::escape;
use crate::report::text::clip;
use crate::rules::check::CheckRule;

/// One rule for each check that ran, and for each that has findings, in order of their ids.
pub(super) fn descriptors(report: &Report, taxonomies: &Taxonomies) -> Vec<Descriptor> {
    let mut own: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for summary in &report.summaries {
        own.entry(&summary.check).or_default();
    }
    for finding in &report.findings {
        own.entry(&finding.check).or_default().push(finding);
    }
    let one = |(check, findings): (&str, Vec<&Finding>)| match report.rules.find(check) {
        Some(rule) => documented(rule, &findings, taxonomies),
        None => undocumented(check, &findings, taxonomies),
    };
    own.into_iter().map(one).collect()
}

/// A check of this version.
fn documented(rule: &CheckRule, findings: &[&Finding], taxonomies: &Taxonomies) -> Descriptor {
    let hint = format!("overstay explain {}", rule.id);
    let (what, why, fix) = (clip(&rule.what_it_does, 900), clip(&rule.why, 900), clip(&rule.fix, 900));
    let help = Markdown {
        text: format!("{what}\n\n{why}\n\nFix: {fix}\n\nMore: {hint}"),
        markdown: format!(
            "{}\n\n**Why it is bad.** {}\n\n**Use instead.** {}\n\nMore: `{hint}`",
            escape(&what),
            escape(&why),
            escape(&fix)
        ),
    };
    let mut descriptor = descriptor(&rule.id, &rule.title, help, rule.severity, findings, taxonomies);
    descriptor.full_description = Text { text: what };
    descriptor.properties.tags.extend(rule.catalogue.clone());
    descriptor
}

/// A check of another version, as a saved ledger may hold one.
fn undocumented(check: &str, findings: &[&Finding], taxonomies: &Taxonomies) -> Descriptor {
    let text = "A check that this version of overstay does not describe.";
    let help = Markdown { text: text.to_owned(), markdown: text.to_owned() };
    descriptor(check, check, help, Severity::Info, findings, taxonomies)
}

/// GitHub takes the severity from the rule: it is the worst among the rule's own and its findings', so that nothing
/// is understated.
fn descriptor(
    check: &str,
    title: &str,
    help: Markdown,
    own: Severity,
    findings: &[&Finding],
    taxonomies: &Taxonomies,
) -> Descriptor {
    let severity = findings.iter().map(|finding| finding.severity).fold(own, Severity::max);
    let controls: Vec<&Control> = findings.iter().flat_map(|finding| &finding.controls).collect();
    let related = taxonomies.taxa(controls).into_iter();
    Descriptor {
        id: check.to_owned(),
        name: check.to_owned(),
        short_description: Text { text: clip(title, 1000) },
        full_description: Text { text: clip(title, 1000) },
        help,
        default_configuration: Configuration { level: level(severity) },
        relationships: related.map(|target| Relationship { target, kinds: ["relevant"] }).collect(),
        properties: DescriptorProperties {
            precision: "high",
            security_severity: security_severity(severity),
            tags: ["security", "credentials"].map(str::to_owned).into(),
        },
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
