//! Runs the pipeline over a path.

use std::path::Path;

use overstay::model::{Evidence, FingerprintKey};
use overstay::report::Report;
use overstay::rules::check::CheckRules;
use overstay::rules::control::Controls;
use overstay::rules::policy::Policy;
use overstay::scan::{Request, Scope, Silent, run};

/// An access key id that belongs to account 111122223333 and to nobody.
pub(crate) fn key_id() -> String {
    ["AKIA", "RTX3GSDSAAAABBBB"].concat()
}

/// The report of a run over a path.
pub(crate) fn scanned(path: &Path, archives: bool) -> Report {
    let rules = CheckRules::embedded(&Controls::embedded().unwrap()).unwrap();
    let request = Request {
        command: "scan".to_owned(),
        paths: vec![path.to_owned()],
        listed: None,
        scope: Scope::All,
        policy: Policy::defaults(&rules).unwrap(),
        key: FingerprintKey::new(vec![7; 32]),
        as_of: None,
        history: true,
        archives,
        show_filtered: false,
        baseline: None,
        mappings: Vec::new(),
        threads: Some(2),
        ledger_dir: None,
    };
    run(&request, &Silent).unwrap().report
}

/// The evidence for secrets in code, in its order.
pub(crate) fn evidence(report: &Report) -> Vec<&Evidence> {
    let findings = report.findings.iter().filter(|finding| finding.check == "hardcoded-secret");
    findings.flat_map(|finding| &finding.evidence).collect()
}
