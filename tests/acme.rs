//! The whole pipeline over the synthetic company: everything planted is found, nothing else is, nothing leaks, and the
//! bytes do not depend on the number of threads.

#[path = "acme/answers.rs"]
mod answers;
#[path = "acme/leaks.rs"]
mod leaks;

use std::path::Path;
use std::sync::OnceLock;

use overstay::demo::{self, Company};
use overstay::model::{Finding, Severity};
use overstay::report::{Look, REPORTERS, Report};
use overstay::rules::check::CheckRules;
use overstay::rules::control::Controls;
use overstay::rules::policy::Policy;
use overstay::scan::{self, Request, Scope, Silent};

use answers::{Answer, Answers};

/// The company on disk and the report about it, made once for all tests.
struct Run {
    _dir: tempfile::TempDir,
    company: Company,
    answers: Answers,
    report: Report,
}

fn run() -> &'static Run {
    static RUN: OnceLock<Run> = OnceLock::new();
    RUN.get_or_init(|| {
        let dir = tempfile::tempdir().expect("a folder");
        let company = demo::materialise(dir.path()).expect("the company");
        let report = scanned(&company, None, None);
        Run { _dir: dir, answers: Answers::read(&company), company, report }
    })
}

fn scanned(company: &Company, threads: Option<usize>, ledger_dir: Option<&Path>) -> Report {
    let controls = Controls::embedded().expect("controls");
    let rules = CheckRules::embedded(&controls).expect("rules");
    let request = Request {
        command: "overstay demo".to_owned(),
        paths: company.paths.clone(),
        listed: None,
        scope: Scope::All,
        baseline: None,
        mappings: Vec::new(),
        policy: Policy::parse("overstay.yaml", demo::policy_text(), &rules).expect("the policy"),
        key: company.key.clone(),
        as_of: None,
        history: true,
        archives: true,
        show_filtered: false,
        threads,
        ledger_dir: ledger_dir.map(Path::to_owned),
    };
    scan::run(&request, &Silent).expect("a run").report
}

/// The report in every format, by the format's id.
fn written(report: &Report) -> Vec<(&'static str, Vec<u8>)> {
    let look = Look { all: true, ..Look::default() };
    let write = |reporter: &&'static dyn overstay::report::Reporter| {
        let mut bytes = Vec::new();
        reporter.write(report, &mut bytes, &look).expect("a report");
        (reporter.id(), bytes)
    };
    REPORTERS.iter().map(write).collect()
}

/// The secrets of the company. The id of a lease is public: the audit log of Vault writes it in the clear.
fn watch(company: &Company) -> leaks::Watch {
    let secret = |minted: &&demo::Minted| !minted.public && !minted.marker.starts_with("base62 lease-");
    let secrets = company.minted.iter().filter(secret);
    leaks::Watch::new(secrets.map(|minted| (minted.marker.as_str(), minted.value.expose())))
}

fn line(finding: &Finding) -> String {
    let (severity, confidence) = (finding.severity.name(), finding.confidence.name());
    format!(
        "{severity} {} {} ({}; confidence {confidence})",
        finding.check, finding.subject.id, finding.severity_reason
    )
}

#[test]
fn every_planted_fault_is_found_with_its_severity() {
    let Run { report, answers, .. } = run();
    let found = |answer: &&Answer| {
        let mut hits = report.findings.iter().filter(|finding| answer.matches(finding));
        hits.any(|finding| Some(finding.severity) == answer.severity && finding.confidence == answer.confidence)
    };
    let missed: Vec<String> = answers
        .faults
        .iter()
        .filter(|answer| !found(answer))
        .map(|answer| {
            let close: Vec<_> = report.findings.iter().filter(|finding| answer.matches(finding)).map(line).collect();
            format!("{answer}: found {close:?}")
        })
        .collect();
    assert!(missed.is_empty(), "{} of {} missed:\n{}", missed.len(), answers.faults.len(), missed.join("\n"));
}

#[test]
fn no_near_miss_is_hit() {
    let Run { report, answers, .. } = run();
    let hit: Vec<String> = answers
        .near_misses
        .iter()
        .flat_map(|answer| report.findings.iter().filter(|finding| answer.matches(finding)))
        .map(line)
        .collect();
    assert!(hit.is_empty(), "{}", hit.join("\n"));
}

#[test]
fn nothing_else_is_reported() {
    let Run { report, answers, .. } = run();
    let planted = |finding: &&Finding| answers.faults.iter().any(|answer| answer.matches(finding));
    let more: Vec<String> = report.findings.iter().filter(|finding| !planted(finding)).map(line).collect();
    assert!(more.is_empty(), "{}", more.join("\n"));
}

/// That each check is planted somewhere is what `tests/estate.rs` demands.
#[test]
fn every_check_with_a_planted_fault_has_a_near_miss() {
    let answers = &run().answers;
    let near = |check: &str| answers.near_misses.iter().any(|answer| answer.check == check);
    let alone: Vec<_> = answers.faults.iter().filter(|answer| !near(&answer.check)).map(|fault| &fault.check).collect();
    assert_eq!(alone, Vec::<&String>::new());
}

#[test]
fn every_place_of_a_near_miss_lies_in_the_company() {
    let Run { answers, company, .. } = run();
    let files = || company.paths.iter().flat_map(walkdir::WalkDir::new).filter_map(Result::ok);
    for place in answers.near_misses.iter().filter_map(|answer| answer.place.as_ref()) {
        assert!(files().any(|entry| entry.path().ends_with(place)), "{place} is not part of the company");
    }
}

#[test]
fn a_leak_in_any_form_would_be_found() {
    use base64::Engine as _;

    let minted = &run().company.minted;
    let token = minted.iter().find(|minted| minted.marker == "github-token release").expect("a token");
    let value = token.value.expose();
    let digest = overstay::model::Sha256Digest::of(value.as_bytes()).to_string();
    let encoded = base64::engine::general_purpose::STANDARD.encode(value);
    let tail = value[value.len() - 24..].to_owned();
    for leak in [value.to_owned(), digest, encoded, tail] {
        let outputs = [("a log".to_owned(), format!("error near \"{leak}\"").into_bytes())];
        assert!(!watch(&run().company).find(&outputs).is_empty());
    }
}

#[test]
fn the_card_of_the_deploy_key_tells_the_whole_story() {
    let report = &run().report;
    let id = demo::resolve("@{aws-key ci-deploy}").expect("an id");
    let finding = report
        .findings
        .iter()
        .find(|finding| finding.check == "live-leaked-secret" && finding.subject.id == id)
        .expect("the finding");
    let card: Vec<String> = finding.facts.iter().map(|(label, value)| format!("{label}: {value}")).collect();
    let card = card.join("\n");
    for part in
        ["deploy.yml", "2023-04-02", "2023-03-30", "ci-deploy", "AdministratorAccess", "deployers", "ci-deploy-jit"]
    {
        assert!(card.contains(part), "`{part}` is not on the card:\n{card}");
    }
    assert!(card.contains("3 networks"), "{card}");
    assert_eq!(finding.subject.principal.as_deref(), Some("arn:aws:iam::111122223333:user/ci-deploy"));
    let inputs: Vec<&str> = finding.evidence.iter().map(|piece| piece.input.name()).collect();
    for part in ["payments-api", "credential-report", "account-authorization.json", "CloudTrail"] {
        assert!(inputs.iter().any(|name| name.contains(part)), "no evidence from {part}: {inputs:?}");
    }
}

#[test]
fn every_piece_of_evidence_has_the_digest_of_its_input_where_that_is_more_than_a_secret() {
    let evidence = run().report.findings.iter().flat_map(|finding| &finding.evidence);
    let without = evidence.filter(|piece| piece.input.sha256().is_none()).map(|piece| {
        let name = piece.input.name();
        name.rsplit('/').next().unwrap_or_default()
    });
    let without: std::collections::BTreeSet<&str> = without.collect();
    assert_eq!(without.into_iter().collect::<Vec<_>>(), [".npmrc", "id_backup", "id_build", "run.env", "vault.env"]);
}

#[test]
fn a_key_that_lies_in_history_only_is_not_said_to_be_in_head() {
    let report = &run().report;
    let id = demo::resolve("@{aws-key legacy-export}").expect("an id");
    let finding = report.findings.iter().find(|finding| finding.subject.id == id).expect("the finding");
    assert!(finding.message.contains("history only"), "{}", finding.message);
    assert_eq!(finding.severity, Severity::Low);
}

#[test]
fn the_documentation_key_is_counted_and_not_reported() {
    let report = &run().report;
    assert_eq!(report.set_aside.get("documentation-key"), Some(&1));
    assert!(report.findings.iter().all(|finding| !finding.subject.id.contains("EXAMPLE")));
}

#[test]
fn what_cannot_be_told_is_inconclusive_and_not_clean() {
    let report = &run().report;
    let id = demo::resolve("@{aws-key staging-deploy 444455556666}").expect("an id");
    let summary = report.summaries.iter().find(|summary| summary.check == "unrevoked-credential").expect("a summary");
    assert!(summary.inconclusive.iter().any(|case| case.subject == id), "{:?}", summary.inconclusive);
}

#[test]
fn all_of_the_company_is_examined() {
    let report = &run().report;
    assert!(!report.is_incomplete(), "{:?}", report.gaps);
    let formats: Vec<&str> = report.inputs.iter().map(|input| &*input.format).collect();
    for format in [
        "git",
        "tree",
        "aws-account-authorization",
        "aws-credential-report",
        "aws-access-keys",
        "aws-cloudtrail",
        "vault-audit",
    ] {
        assert!(formats.contains(&format), "no input was read as {format}");
    }
}

#[test]
fn one_thread_and_eight_write_the_same_bytes() {
    let company = &run().company;
    let (one, eight) = (scanned(company, Some(1), None), scanned(company, Some(8), None));
    for ((format, one), (_, eight)) in written(&one).into_iter().zip(written(&eight)) {
        if format == "terminal" {
            continue; // says how long the run took
        }
        assert!(one == eight, "{format} differs between one thread and eight");
    }
}

#[test]
fn no_secret_of_the_company_leaves_in_any_form() {
    let Run { report, company, .. } = run();
    let dir = tempfile::tempdir().expect("a folder");
    scanned(company, None, Some(dir.path()));
    let mut outputs: Vec<(String, Vec<u8>)> =
        written(report).into_iter().map(|(format, bytes)| (format.to_owned(), bytes)).collect();
    let saved = walkdir::WalkDir::new(dir.path()).into_iter().filter_map(Result::ok);
    for entry in saved.filter(|entry| entry.file_type().is_file()) {
        outputs.push((entry.path().display().to_string(), leaks::content(entry.path())));
    }
    let id = demo::resolve("@{aws-key ci-deploy}").expect("an id");
    let tables = outputs.iter().filter(|(name, _)| name.ends_with(".parquet"));
    let shown = tables.filter(|(_, bytes)| memchr::memmem::find(bytes, id.as_bytes()).is_some()).count();
    assert!(shown > 0, "the tables do not even show what they may");
    outputs.push(("Debug".to_owned(), format!("{company:?} {:?} {:?}", report.findings, report.gaps).into_bytes()));
    let leaks = watch(company).find(&outputs);
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
}

#[test]
fn no_secret_leaves_where_every_input_is_cut_in_half() {
    let dir = tempfile::tempdir().expect("a folder");
    let company = demo::materialise(dir.path()).expect("the company");
    let files = walkdir::WalkDir::new(dir.path()).into_iter().filter_map(Result::ok);
    for entry in files.filter(|entry| entry.file_type().is_file() && entry.path() != company.policy) {
        let bytes = std::fs::read(entry.path()).expect("a file");
        // Objects of git are written read-only: take the file away before writing it anew.
        std::fs::remove_file(entry.path()).expect("the own folder");
        std::fs::write(entry.path(), &bytes[..bytes.len() / 2]).expect("the own folder");
    }
    let report = scanned(&company, None, None);
    assert!(report.is_incomplete());
    let mut outputs: Vec<(String, Vec<u8>)> =
        written(&report).into_iter().map(|(format, bytes)| (format.to_owned(), bytes)).collect();
    outputs.push(("Debug".to_owned(), format!("{:?} {:?}", report.findings, report.gaps).into_bytes()));
    let leaks = watch(&company).find(&outputs);
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
}

#[test]
fn no_secret_stands_in_what_the_command_says() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_overstay"))
        .args(["demo", "-f", "json=-"])
        .output()
        .expect("the binary");
    assert_eq!(output.status.code(), Some(1));
    assert!(!output.stderr.is_empty() && !output.stdout.is_empty());
    let outputs = [("stdout".to_owned(), output.stdout), ("stderr".to_owned(), output.stderr)];
    let leaks = watch(&run().company).find(&outputs);
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
}
