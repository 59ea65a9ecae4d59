//! Invented estates with planted faults: every fault is found, nothing else is, and the shape of the log does not matter.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its own input has failed")]

#[path = "../examples/estate/estate.rs"]
mod estate;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use estate::{Estate, Layout, Options, Truth};
use overstay::check::CHECKS;
use overstay::model::FingerprintKey;
use overstay::report::Report;
use overstay::rules::check::CheckRules;
use overstay::rules::control::Controls;
use overstay::rules::policy::Policy;
use overstay::scan::{Request, Scope, Silent, run};

fn scanned(path: &Path, policy: &str, threads: usize) -> Report {
    let controls = Controls::embedded().unwrap();
    let rules = CheckRules::embedded(&controls).unwrap();
    let request = Request {
        command: "scan".to_owned(),
        paths: vec![PathBuf::from(path)],
        listed: None,
        scope: Scope::All,
        baseline: None,
        mappings: Vec::new(),
        policy: Policy::parse("overstay.yaml", policy, &rules).unwrap(),
        key: FingerprintKey::new(vec![7; 32]),
        as_of: None,
        history: true,
        archives: true,
        show_filtered: false,
        threads: Some(threads),
        ledger_dir: None,
    };
    run(&request, &Silent).unwrap().report
}

/// Check and subject of all findings.
fn found(report: &Report) -> BTreeSet<(String, String)> {
    report.findings.iter().map(|finding| (finding.check.clone(), finding.subject.id.clone())).collect()
}

/// What is wrong with the findings, a line each.
fn mistakes(truth: &[Truth], found: &BTreeSet<(String, String)>) -> Vec<String> {
    let known = |truth: &&Truth| found.contains(&(truth.check.to_owned(), truth.subject.clone()));
    let missed = truth.iter().filter(|truth| truth.is_fault && !known(truth));
    let missed = missed.map(|truth| format!("{} misses {}", truth.check, truth.subject));
    let faults: BTreeSet<(&str, &str)> =
        truth.iter().filter(|truth| truth.is_fault).map(|truth| (truth.check, truth.subject.as_str())).collect();
    let alarms = found.iter().filter(|(check, subject)| !faults.contains(&(check.as_str(), subject.as_str())));
    missed.chain(alarms.map(|(check, subject)| format!("{check} finds {subject}"))).collect()
}

#[test]
fn every_planted_fault_is_found_and_nothing_else_at_any_seed() {
    for seed in [11, 257, 90_210] {
        let folder = tempfile::tempdir().unwrap();
        let Estate { truth, policy } = estate::write(&Options::small(seed), Layout::Ndjson, folder.path()).unwrap();
        let report = scanned(folder.path(), &policy, 2);
        assert_eq!(mistakes(&truth, &found(&report)), Vec::<String>::new(), "seed {seed}");
        assert!(report.gaps.iter().all(|gap| !gap.reason.makes_incomplete()), "{:?}", report.gaps);
    }
}

#[test]
fn every_check_has_a_planted_fault_and_a_near_miss() {
    let folder = tempfile::tempdir().unwrap();
    let truth =
        estate::write(&Options { events: 1, ..Options::small(1) }, Layout::Ndjson, folder.path()).unwrap().truth;
    let lacks = |check: &str, is_fault| !truth.iter().any(|truth| truth.check == check && truth.is_fault == is_fault);
    let ids = CHECKS.iter().map(|check| check.id());
    let missing: Vec<_> = ids.filter(|id| lacks(id, true) || lacks(id, false)).collect();
    assert_eq!(missing, Vec::<&str>::new());
}

#[test]
fn the_same_log_in_any_shape_and_with_any_number_of_threads_gives_the_same_findings() {
    let options = Options { events: 6_000, credentials: 400, ..Options::small(5) };
    let mut first: Option<BTreeSet<(String, String)>> = None;
    let (zstd, parquet) = (Layout::Zstd(700), Layout::Parquet(900));
    for layout in [Layout::Ndjson, Layout::Gzip, zstd, Layout::Records, parquet, Layout::Csv, Layout::Bucket(100)] {
        for threads in [1, 2] {
            let folder = tempfile::tempdir().unwrap();
            let policy = estate::write(&options, layout, folder.path()).unwrap().policy;
            let report = scanned(folder.path(), &policy, threads);
            assert!(report.gaps.iter().all(|gap| !gap.reason.makes_incomplete()), "{layout:?} {:?}", report.gaps);
            let found = found(&report);
            assert!(found.len() > 10);
            assert_eq!(first.get_or_insert_with(|| found.clone()), &found, "{layout:?} with {threads} threads");
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let log = || {
        let folder = tempfile::tempdir().unwrap();
        estate::write(&Options { events: 500, ..Options::small(3) }, Layout::Ndjson, folder.path()).unwrap();
        std::fs::read(folder.path().join("trail.ndjson")).unwrap()
    };
    assert!(log() == log());
}
