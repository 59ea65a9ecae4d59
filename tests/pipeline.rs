//! How the pipeline puts files, histories and exports together.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its own input has failed")]
#![expect(dead_code, reason = "the repository builder is shared with the tests of the source layer")]

#[path = "source/repo.rs"]
mod repo;

use std::fs;
use std::path::{Path, PathBuf};

use overstay::check::CHECKS;
use overstay::model::{Finding, FingerprintKey, Place};
use overstay::report::Report;
use overstay::rules::check::CheckRules;
use overstay::rules::control::Controls;
use overstay::rules::policy::Policy;
use overstay::scan::{Request, Scope, Silent, run};

use repo::Repo;

/// An access key id that belongs to account 111122223333 and to nobody.
fn key_id() -> String {
    ["AKIA", "RTX3GSDSAAAABBBB"].concat()
}

fn scanned(paths: &[&Path], policy: &str) -> Report {
    let controls = Controls::embedded().unwrap();
    let rules = CheckRules::embedded(&controls).unwrap();
    let request = Request {
        command: "scan".to_owned(),
        paths: paths.iter().map(PathBuf::from).collect(),
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
        threads: Some(2),
        ledger_dir: None,
    };
    run(&request, &Silent).unwrap().report
}

fn of_key(report: &Report) -> Option<&Finding> {
    report.findings.iter().find(|finding| finding.check == "hardcoded-secret" && finding.subject.id == key_id())
}

/// A repository in which a file holds the key in three versions, at lines 1, 2 and 3.
fn edited_twice() -> (Repo, String) {
    let repo = Repo::new();
    let version = |lines: usize| format!("{}key: {}\n", "\n".repeat(lines), key_id());
    let first = repo.commit(&[("deploy.yml", &version(0))], &[], 0);
    let second = repo.commit(&[("deploy.yml", &version(1))], &[first], 1);
    let third = repo.commit(&[("deploy.yml", &version(2))], &[second], 2);
    repo.head(third);
    (repo, first.to_string())
}

#[test]
fn a_secret_in_many_versions_of_a_file_is_one_place_with_its_first_commit_and_its_line_in_head() {
    let (repo, first) = edited_twice();
    let report = scanned(&[&repo.root], "fail-on: high\n");
    let finding = of_key(&report).expect("the key is found");
    assert!(finding.message.ends_with("lies in code, in 1 place."), "{}", finding.message);
    let places: Vec<(bool, u64)> = finding
        .evidence
        .iter()
        .filter_map(|piece| match &piece.place {
            Place::Commit(at) => Some((at.commit == first, at.line)),
            _ => None,
        })
        .collect();
    assert_eq!(places.len(), 2, "{places:?}");
    assert!(places.contains(&(true, 1)) && places.contains(&(false, 3)), "{places:?}");
}

#[test]
fn code_alone_is_judged_as_of_its_newest_commit() {
    let repo = Repo::new();
    let old = repo.commit(&[("a.yml", &format!("key: {}\n", key_id()))], &[], 0);
    repo.head(repo.commit(&[("a.yml", "nothing\n")], &[old], 90));
    let (before, after) = (repo.open().head_time(), scanned(&[&repo.root], "").as_of);
    assert_eq!(before, Some(after));
}

#[test]
fn an_ignore_glob_reaches_into_history_and_is_said() {
    let (repo, _) = edited_twice();
    let report = scanned(&[&repo.root], "ignore: ['deploy.*']\n");
    assert!(of_key(&report).is_none());
    assert!(report.gaps.iter().any(|gap| gap.detail.contains("ignore rule") && gap.count == 3), "{:?}", report.gaps);
}

#[test]
fn a_key_id_alone_is_reported_with_the_doubt_that_it_is_half_a_credential() {
    let (repo, _) = edited_twice();
    let report = scanned(&[&repo.root], "");
    let finding = of_key(&report).expect("the key is found");
    assert_eq!(finding.confidence.name(), "medium");
    assert!(finding.facts.iter().any(|(label, value)| label == "Doubt" && value.contains("secret key")));
}

#[test]
fn an_export_inside_a_repository_is_text_and_beside_it_an_export() {
    let export = format!(
        r#"{{"AccessKeyMetadata":[{{"UserName":"ci","AccessKeyId":"{}","Status":"Active","CreateDate":"2024-01-02T03:04:05Z"}}]}}"#,
        key_id()
    );
    let repo = Repo::new();
    repo.head(repo.commit(&[("testdata/keys.json", &export)], &[], 0));
    let inside = scanned(&[&repo.root], "");
    assert!(inside.inputs.iter().all(|input| &*input.format != "aws-access-keys"));

    let beside = repo.temp.path().join("keys.json");
    fs::write(&beside, &export).unwrap();
    let both = scanned(&[&repo.root, &beside], "");
    assert!(both.inputs.iter().any(|input| &*input.format == "aws-access-keys"));
    let finding = of_key(&both).expect("one finding for code and export");
    assert!(finding.severity_reason.contains("active in"), "{}", finding.severity_reason);
}

#[test]
fn a_copy_of_a_log_is_said_and_not_counted_twice() {
    let dir = tempfile::tempdir().unwrap();
    let record = r#"{"eventVersion":"1.08","eventTime":"2026-01-02T03:04:05Z","eventSource":"sts.amazonaws.com","eventName":"GetCallerIdentity","awsRegion":"eu-west-1","eventID":"0b7a8f0e-0000-4000-8000-000000000001","recipientAccountId":"111122223333","userIdentity":{"type":"IAMUser"}}"#;
    for name in ["a.json", "b.json"] {
        fs::write(dir.path().join(name), format!("{record}\n")).unwrap();
    }
    let report = scanned(&[dir.path()], "");
    assert_eq!(report.streams.iter().map(|stream| stream.records).sum::<u64>(), 1);
    assert!(report.gaps.iter().any(|gap| gap.what.ends_with("b.json") && gap.detail.contains("the same bytes as")));
}

#[test]
fn data_of_no_known_format_in_a_folder_is_said_and_does_not_make_the_run_incomplete() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("iam.json"), r#"{"bindings":[{"role":"roles/owner","members":["user:a@example.com"]}]}"#)
        .unwrap();
    let report = scanned(&[dir.path()], "");
    let gap = report.gaps.iter().find(|gap| gap.detail.contains("no importer knows")).expect("one line");
    assert!(gap.detail.contains("iam.json") && !gap.reason.makes_incomplete(), "{gap:?}");
}

#[test]
fn every_check_answers_for_every_run() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("a.txt"), "nothing\n").unwrap();
    assert_eq!(scanned(&[dir.path()], "").summaries.len(), CHECKS.len());
}

/// A comment that allows the key on its line or below it.
fn marker() -> String {
    ["# overstay:", "allow=aws-access-key-id exp=2030-12-31 owner=ann reason=\"a test account\"\n"].concat()
}

#[test]
fn a_marker_in_head_covers_the_older_versions_of_the_file_that_nobody_can_change_any_more() {
    let repo = Repo::new();
    let bare = format!("key: {}\n", key_id());
    let first = repo.commit(&[("a.yml", &bare)], &[], 0);
    repo.head(repo.commit(&[("a.yml", &format!("{}{bare}", marker()))], &[first], 1));
    let report = scanned(&[&repo.root], "");
    assert!(of_key(&report).is_none());
    assert_eq!(report.triage.suppressed.len(), 1);
    assert_eq!(report.triage.suppressed[0].by[0].at, format!("{}/a.yml:1", repo.root.display()));
    assert_eq!(report.triage.warnings, Vec::<String>::new());
}

#[test]
fn a_marker_that_only_history_holds_covers_nothing() {
    let repo = Repo::new();
    let bare = format!("key: {}\n", key_id());
    let first = repo.commit(&[("a.yml", &format!("{}{bare}", marker()))], &[], 0);
    repo.head(repo.commit(&[("a.yml", "nothing\n")], &[first], 1));
    assert!(of_key(&scanned(&[&repo.root], "")).is_some());
    repo.head(repo.commit(&[("a.yml", &bare)], &[first], 2));
    assert!(of_key(&scanned(&[&repo.root], "")).is_some(), "HEAD decides, and its version bears no marker");
}

#[test]
fn an_export_in_which_secrets_may_stand_is_imported_and_read_as_text() {
    let folder = tempfile::tempdir().unwrap();
    let pod = format!(
        r#"{{"apiVersion":"v1","kind":"List","items":[{{"apiVersion":"v1","kind":"ServiceAccount","metadata":{{"name":"a","namespace":"b"}}}},
        {{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"p","namespace":"b","uid":"u"}},"spec":{{"containers":[{{"env":[{{"name":"KEY","value":"{}"}}]}}]}}}}]}}"#,
        key_id()
    );
    let file = folder.path().join("objects.json");
    fs::write(&file, pod).unwrap();
    for path in [folder.path(), &file] {
        let report = scanned(&[path], "");
        assert!(report.inputs.iter().any(|input| &*input.format == "kubernetes"), "{}", path.display());
        assert!(of_key(&report).is_some(), "{}", path.display());
    }
}

/// A folder with two files of a trail and the digest that lists them, the first of which is `first` by now.
fn trail_with_digest(first: Option<&str>) -> tempfile::TempDir {
    use std::io::Write as _;

    let folder = tempfile::tempdir().unwrap();
    let record = |id: &str| {
        format!(
            r#"{{"Records":[{{"eventVersion":"1.09","eventTime":"2026-01-20T10:00:00Z","eventSource":"s3.amazonaws.com","eventName":"ListBuckets","awsRegion":"eu-west-1","recipientAccountId":"111122223333","eventID":"{id}","userIdentity":{{"type":"IAMUser","accountId":"111122223333"}}}}]}}"#
        )
    };
    let put = |name: &str, text: &str| {
        let file = fs::File::create(folder.path().join(name)).unwrap();
        let mut zip = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
        zip.write_all(text.as_bytes()).unwrap();
        zip.finish().unwrap();
    };
    let entry = |name: &str, text: &str| {
        let hash = overstay::model::Sha256Digest::of(text.as_bytes());
        format!(
            r#"{{"s3Bucket":"b","s3Object":"AWSLogs/111122223333/CloudTrail/{name}","hashValue":"{hash}","hashAlgorithm":"SHA-256"}}"#
        )
    };
    let (one, two) = ("111122223333_CloudTrail_a.json.gz", "111122223333_CloudTrail_b.json.gz");
    let digest = format!(
        r#"{{"awsAccountId":"111122223333","digestStartTime":"2026-01-20T10:00:00Z","digestEndTime":"2026-01-20T11:00:00Z","logFiles":[{},{}]}}"#,
        entry(one, &record("1")),
        entry(two, &record("2"))
    );
    if let Some(first) = first {
        put(one, &record(first));
    }
    put(two, &record("2"));
    put("111122223333_CloudTrail-Digest_eu-west-1.json.gz", &digest);
    folder
}

fn tampered(folder: &tempfile::TempDir) -> Vec<String> {
    let report = scanned(&[folder.path()], "");
    let findings = report.findings.into_iter().filter(|finding| finding.check == "tampered-log");
    findings.map(|finding| finding.message).collect()
}

#[test]
fn files_of_a_trail_that_are_as_their_digest_says_are_no_finding() {
    assert_eq!(tampered(&trail_with_digest(Some("1"))), Vec::<String>::new());
}

#[test]
fn a_file_of_a_trail_that_was_changed_after_its_delivery_is_found_through_its_compression() {
    let found = tampered(&trail_with_digest(Some("9")));
    assert_eq!(
        found,
        ["aws-cloudtrail/111122223333 is not what its digests say: 1 file changed after it was delivered."]
    );
}

#[test]
fn a_file_of_a_trail_that_is_missing_beside_its_neighbours_is_found() {
    let found = tampered(&trail_with_digest(None));
    assert_eq!(found, ["aws-cloudtrail/111122223333 is not what its digests say: 1 file missing."]);
}
