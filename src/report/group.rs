//! Findings about one subject belong together: people fix a credential, not a check.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::model::{Control, Evidence, Finding, Severity, Subject, SubjectKind};

/// All findings about one subject; never empty.
#[derive(Clone, Debug)]
pub struct Group<'a> {
    /// The worst finding; the first of the worst ones where several are alike.
    pub worst: &'a Finding,
    /// The other ones, worst first.
    pub others: Vec<&'a Finding>,
}

impl<'a> Group<'a> {
    /// What the findings are about.
    pub fn subject(&self) -> &'a Subject {
        &self.worst.subject
    }

    /// The worst severity.
    pub fn severity(&self) -> Severity {
        self.worst.severity
    }

    /// All findings, worst first.
    pub fn findings(&self) -> impl Iterator<Item = &'a Finding> + '_ {
        std::iter::once(self.worst).chain(self.others.iter().copied())
    }

    /// The facts of all findings in reading order, the worst finding's first; a line that was there is not repeated.
    pub fn facts(&self) -> Vec<(&'a str, &'a str)> {
        let mut facts: Vec<(&str, &str)> = Vec::new();
        for (label, value) in self.findings().flat_map(|finding| &finding.facts) {
            if !facts.iter().any(|known| known.0 == label) {
                facts.push((label, value));
            }
        }
        facts
    }

    /// The evidence of all findings, the worst finding's first, each place once.
    pub fn evidence(&self) -> Vec<&'a Evidence> {
        let mut seen = BTreeSet::new();
        let all = self.findings().flat_map(|finding| &finding.evidence);
        all.filter(|piece| seen.insert((piece.input.name(), &piece.place))).collect()
    }

    /// The clauses that the findings bear on, each once, in the order of the findings.
    pub fn controls(&self) -> Vec<&'a Control> {
        let mut controls: Vec<&Control> = Vec::new();
        for control in self.findings().flat_map(|finding| &finding.controls) {
            if !controls.contains(&control) {
                controls.push(control);
            }
        }
        controls
    }
}

/// Findings by subject: the worst subject first, among equals the one with most findings, then by id.
pub fn by_subject(findings: &[Finding]) -> Vec<Group<'_>> {
    let mut sorted: Vec<&Finding> = findings.iter().collect();
    sorted.sort_by(|a, b| order(a).cmp(&order(b)));
    let mut groups: Vec<Group<'_>> = Vec::new();
    for finding in sorted {
        match groups.last_mut().filter(|group| same(group.subject(), &finding.subject)) {
            Some(group) => group.others.push(finding),
            None => groups.push(Group { worst: finding, others: Vec::new() }),
        }
    }
    groups.sort_by_key(|group| Reverse((group.severity(), group.others.len())));
    groups
}

type Order<'a> = (SubjectKind, &'a str, Reverse<Severity>, bool, &'a str, String);

/// Among equally bad findings those of the catalogue speak first: they say what the inputs tell together.
fn order(finding: &Finding) -> Order<'_> {
    let Subject { kind, id, .. } = &finding.subject;
    (*kind, id, Reverse(finding.severity), finding.catalogue.is_none(), &finding.check, finding.id.to_string())
}

fn same(one: &Subject, other: &Subject) -> bool {
    (one.kind, &one.id) == (other.kind, &other.id)
}
