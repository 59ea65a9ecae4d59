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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FindingBuilder, FingerprintKey, Input, Place};

    fn finding(check: &str, subject: &str, severity: Severity, lines: &[u64]) -> Finding {
        let subject = Subject {
            kind: SubjectKind::Credential,
            class: "aws-access-key-id".to_owned(),
            id: subject.to_owned(),
            title: "AWS access key".to_owned(),
            principal: None,
        };
        let id = FingerprintKey::new(vec![7; 32]).fingerprint("finding", format!("{check}{subject:?}").as_bytes());
        let input = Input::of("a.env", b"");
        let place = |line: &u64| Evidence::new("place", &input, Place::Line { line: *line, column: 1 });
        let builder = FindingBuilder::new(check, id, subject, severity, "default").fact("Check", check);
        builder.evidence(lines.iter().map(place)).build().unwrap()
    }

    #[test]
    fn findings_about_one_subject_are_one_group_led_by_the_worst() {
        let findings = [
            finding("a", "AKIA1", Severity::Medium, &[1]),
            finding("b", "AKIA2", Severity::High, &[1]),
            finding("c", "AKIA1", Severity::Critical, &[1, 2]),
        ];
        let groups = by_subject(&findings);
        let names = |group: &Group<'_>| group.findings().map(|finding| finding.check.clone()).collect::<Vec<_>>();
        assert_eq!(groups.iter().map(names).collect::<Vec<_>>(), [vec!["c", "a"], vec!["b"]]);
    }

    #[test]
    fn among_equally_bad_subjects_the_one_with_most_findings_comes_first() {
        let findings = [
            finding("a", "AKIA1", Severity::High, &[1]),
            finding("a", "AKIA2", Severity::High, &[1]),
            finding("b", "AKIA2", Severity::Low, &[1]),
        ];
        assert_eq!(by_subject(&findings)[0].subject().id, "AKIA2");
    }

    #[test]
    fn among_equally_bad_findings_one_of_the_catalogue_speaks_first() {
        let mut known = finding("z", "AKIA1", Severity::High, &[1]);
        known.catalogue = Some("I08".to_owned());
        let findings = [finding("a", "AKIA1", Severity::High, &[1]), known];
        assert_eq!(by_subject(&findings)[0].worst.check, "z");
    }

    #[test]
    fn a_place_and_a_fact_that_two_findings_share_are_shown_once() {
        let findings = [finding("a", "AKIA1", Severity::High, &[1, 2]), finding("b", "AKIA1", Severity::Low, &[2, 3])];
        let groups = by_subject(&findings);
        assert_eq!(groups[0].evidence().len(), 3);
        assert_eq!(groups[0].facts(), [("Check", "a")]);
    }
}
