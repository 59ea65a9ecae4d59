//! Baselines: what was known at some time, so that only what is new fails.
//!
//! A line is one finding, told by its keyed id, and for a secret in code by the path as well: the same secret at a new
//! path is new. There is no line number, no time and no secret in it, and lines are sorted, so that two people can
//! change it at once.

mod file;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::model::{CheckSummary, Finding, Fingerprint};

pub use file::Error;

/// One line: a finding, or one place of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The check.
    pub check: String,
    /// For a secret in code the path, without line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The type of the subject, for people: a secret rule's id, an identity kind.
    #[serde(rename = "type")]
    pub kind: String,
    /// The id of the finding.
    pub finding: Fingerprint,
}

/// What was known at some time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Baseline {
    /// The file that it was read from, as the user wrote it; empty where it was made of findings.
    pub file: String,
    /// The public name of the key under which the ids were made.
    pub key_id: String,
    /// The lines.
    pub entries: BTreeSet<Entry>,
}

/// What a run has looked at, so that it can tell what is gone.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// Whether places in code are gone where they were not found: all of the history and the work tree was looked at.
    pub code: bool,
    /// The paths that the run was given, as prefixes of the paths of places.
    pub roots: Vec<String>,
    /// The checks that had something to look at.
    pub checks: BTreeSet<String>,
}

impl Entry {
    /// The lines of a finding: one for each path of a secret in code, else one.
    pub fn of(finding: &Finding) -> BTreeSet<Self> {
        let entry = |path: Option<String>| Self {
            check: finding.check.clone(),
            path,
            kind: finding.subject.class.clone(),
            finding: finding.id,
        };
        if finding.check != Finding::SECRET_IN_CODE {
            return [entry(None)].into();
        }
        let path = |name: &str| name.trim_start_matches("./").to_owned();
        let code = finding.evidence.iter().filter(|piece| piece.is_in_code());
        code.map(|piece| entry(Some(path(piece.input.name())))).collect()
    }
}

impl Baseline {
    /// A baseline of these findings.
    pub fn of<'a>(findings: impl IntoIterator<Item = &'a Finding>, key_id: &str) -> Self {
        Self {
            file: String::new(),
            key_id: key_id.to_owned(),
            entries: findings.into_iter().flat_map(Entry::of).collect(),
        }
    }

    /// Whether all of a finding is in it.
    pub fn knows(&self, finding: &Finding) -> bool {
        Entry::of(finding).is_subset(&self.entries)
    }

    /// The lines that `now` does not have any more, as far as a run could have found them.
    pub fn fixed(&self, now: &Self, reach: &Reach) -> BTreeSet<Entry> {
        self.entries.difference(&now.entries).filter(|entry| reach.covers(entry)).cloned().collect()
    }

    /// The same baseline without these lines.
    #[must_use]
    pub fn without(&self, fixed: &BTreeSet<Entry>) -> Self {
        let entries = self.entries.difference(fixed).cloned().collect();
        Self { file: self.file.clone(), key_id: self.key_id.clone(), entries }
    }
}

impl Reach {
    /// What a run reached that was given `roots` and of which the checks answered this.
    pub fn of(code: bool, roots: impl Iterator<Item = String>, summaries: &[CheckSummary]) -> Self {
        let looked = summaries.iter().filter(|summary| summary.examined > 0);
        Self { code, roots: roots.collect(), checks: looked.map(|summary| summary.check.clone()).collect() }
    }

    fn covers(&self, entry: &Entry) -> bool {
        match &entry.path {
            Some(path) => self.code && self.roots.iter().any(|root| lies_in(path, root)),
            None => self.checks.contains(&entry.check),
        }
    }
}

/// Whether a path lies at or below a root, both as they were written.
fn lies_in(path: &str, root: &str) -> bool {
    let root = root.trim_start_matches("./").trim_end_matches('/');
    match root {
        "." | "" => !path.starts_with('/') && !path.starts_with("../"),
        root => path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Evidence, FindingBuilder, FingerprintKey, Input, Place, Severity, Subject, SubjectKind};

    fn finding(check: &str, id: &str, paths: &[&str]) -> Finding {
        let key = FingerprintKey::new(vec![7; 32]);
        let subject = Subject {
            kind: SubjectKind::Credential,
            class: "acme-token".to_owned(),
            id: id.to_owned(),
            title: "Acme token".to_owned(),
            principal: None,
        };
        let place = |(line, path): (u64, &&str)| {
            Evidence::new(Evidence::IN_CODE, &Input::of(*path, b""), Place::Line { line, column: 1 })
        };
        let id = key.fingerprint("finding", [check, id].concat().as_bytes());
        let builder = FindingBuilder::new(check, id, subject, Severity::High, "default");
        builder.evidence((1..).zip(paths).map(place)).build().unwrap()
    }

    fn secret(id: &str, paths: &[&str]) -> Finding {
        finding(Finding::SECRET_IN_CODE, id, paths)
    }

    fn now(findings: &[Finding]) -> Baseline {
        Baseline::of(findings, "key")
    }

    fn everywhere() -> Reach {
        Reach { code: true, roots: vec![".".to_owned()], checks: ["idle-credential".to_owned()].into() }
    }

    #[test]
    fn a_secret_is_known_at_its_path_whatever_the_line_and_new_at_another() {
        let baseline = Baseline::of(&[secret("a", &["x", "y"])], "key");
        assert!(baseline.knows(&secret("a", &["y", "./x"])));
        assert!(baseline.knows(&secret("a", &["y"])));
        assert!(!baseline.knows(&secret("a", &["y", "z"])));
        assert!(!baseline.knows(&secret("b", &["x"])));
    }

    #[test]
    fn a_finding_of_another_check_is_known_by_its_id_alone() {
        let baseline = Baseline::of(&[finding("idle-credential", "a", &["x"])], "key");
        assert!(baseline.knows(&finding("idle-credential", "a", &["other"])));
        assert!(!baseline.knows(&finding("shared-credential", "a", &["x"])));
    }

    #[test]
    fn what_is_gone_is_fixed_as_far_as_the_run_could_have_found_it() {
        let known = [secret("a", &["x", "d/y"]), finding("idle-credential", "b", &["x"])];
        let baseline = Baseline::of(&known, "key");
        assert_eq!(baseline.fixed(&now(&[]), &everywhere()).len(), 3);
        assert_eq!(baseline.fixed(&now(&[secret("a", &["x"])]), &everywhere()).len(), 2);
        let below = Reach { roots: vec!["./d/".to_owned()], checks: BTreeSet::new(), ..everywhere() };
        let fixed = baseline.fixed(&now(&[]), &below);
        assert_eq!(baseline.without(&fixed).entries.len(), 2);
        assert_eq!(fixed.iter().map(|entry| entry.path.as_deref()).collect::<Vec<_>>(), [Some("d/y")]);
        assert!(baseline.fixed(&now(&[]), &Reach { code: false, checks: BTreeSet::new(), ..everywhere() }).is_empty());
    }

    #[test]
    fn a_root_is_a_prefix_of_whole_parts_of_a_path() {
        assert!(lies_in("a/b", "a") && lies_in("a", "a") && lies_in("a/b", ".") && lies_in("/x/a", "/x"));
        assert!(!lies_in("ab", "a") && !lies_in("../a", ".") && !lies_in("/a", "."));
    }
}
