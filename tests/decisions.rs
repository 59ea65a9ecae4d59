//! What an organisation lives with: baselines, and exceptions in the policy and in comments.

#![expect(clippy::unwrap_used, reason = "a test that cannot write its own input has failed")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// Key ids of the right form that belong to nobody; assembled, so that no scanner takes them for leaks.
fn key_id(number: u8) -> String {
    ["AKIA", "RTX3GSDSQWERT", "Y2", &char::from(b'A' + number).to_string()].concat()
}

fn line(number: u8) -> String {
    format!("key = {}\n", key_id(number))
}

fn overstay(arguments: &[&str], directory: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_overstay"));
    command.args(arguments).current_dir(directory).stdin(Stdio::null());
    for name in ["OVERSTAY_CONFIG", "OVERSTAY_KEY_FILE", "GIT_INDEX_FILE"] {
        command.env_remove(name);
    }
    command.env("OVERSTAY_KEY", "ab".repeat(32)).output().unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The report as JSON, with the exit code.
fn scan(arguments: &[&str], directory: &Path) -> (Value, i32) {
    let arguments = [&["scan", ".", "--as-of", "2026-06-30", "-f", "json"], arguments].concat();
    let output = overstay(&arguments, directory);
    let report = serde_json::from_slice(&output.stdout);
    (report.unwrap_or_else(|error| panic!("{error}: {}", said(&output))), code(&output))
}

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        write(&folder, path, text);
    }
    folder
}

fn write(folder: &TempDir, path: &str, text: &str) {
    let path = folder.path().join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// The public ids of the subjects of some findings.
fn ids(findings: &Value) -> Vec<&str> {
    findings.as_array().unwrap().iter().map(|finding| finding["subject"]["id"].as_str().unwrap()).collect()
}

fn suppressed(report: &Value) -> Vec<&str> {
    let all = report["suppressed"].as_array().unwrap().iter();
    all.map(|suppressed| suppressed["finding"]["subject"]["id"].as_str().unwrap()).collect()
}

fn warnings(report: &Value) -> String {
    let texts: Vec<&str> = report["warnings"].as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect();
    texts.join("\n")
}

fn create(folder: &TempDir) {
    let output = overstay(&["baseline", "create", "--baseline", "known.jsonl", "."], folder.path());
    assert_eq!(code(&output), 0, "{}", said(&output));
}

const BASELINE: [&str; 2] = ["--baseline", "known.jsonl"];

#[test]
fn with_a_baseline_only_what_is_new_counts_and_what_is_known_is_listed() {
    let folder = folder(&[("a", &line(0)), ("d/b", &line(1))]);
    create(&folder);
    let (report, exit) = scan(&BASELINE, folder.path());
    assert_eq!((ids(&report["findings"]), exit), (vec![], 0));
    assert_eq!(ids(&report["baseline"]["known"]), [key_id(0), key_id(1)]);
    write(&folder, "a", &format!("\n\n{}{}", line(0), line(2)));
    fs::remove_file(folder.path().join("d/b")).unwrap();
    let (report, exit) = scan(&BASELINE, folder.path());
    assert_eq!((ids(&report["findings"]), exit), (vec![key_id(2).as_str()], 1));
    assert_eq!(
        (ids(&report["baseline"]["known"]), &report["baseline"]["fixed"]),
        (vec![key_id(0).as_str()], &Value::from(1))
    );
}

#[test]
fn a_known_secret_at_a_new_path_is_new() {
    let folder = folder(&[("a", &line(0))]);
    create(&folder);
    write(&folder, "copy", &line(0));
    let (report, exit) = scan(&BASELINE, folder.path());
    assert_eq!((ids(&report["findings"]), exit), (vec![key_id(0).as_str()], 1));
}

#[test]
fn a_baseline_holds_no_secret_no_line_number_and_no_time_and_is_the_same_for_moved_lines() {
    let folder =
        folder(&[("a", &format!("token = ghp_{}\n", "wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx")), ("b", &line(0))]);
    create(&folder);
    let first = fs::read_to_string(folder.path().join("known.jsonl")).unwrap();
    assert!(!first.contains("ghp_") && !first.contains(&key_id(0)), "{first}");
    assert!(first.lines().skip(1).is_sorted() && first.lines().count() > 1, "{first}");
    write(&folder, "b", &format!("\n\n   {}", line(0)));
    create(&folder);
    assert_eq!(fs::read_to_string(folder.path().join("known.jsonl")).unwrap(), first);
}

#[test]
fn prune_removes_what_is_fixed_and_nothing_else() {
    let folder = folder(&[("a", &line(0)), ("d/b", &line(1))]);
    create(&folder);
    let lines = || fs::read_to_string(folder.path().join("known.jsonl")).unwrap().lines().count() - 1;
    let prune = |path: &str| overstay(&["baseline", "prune", "--baseline", "known.jsonl", path], folder.path());
    assert_eq!((code(&prune(".")), lines()), (0, 2));
    fs::write(folder.path().join("a"), "nothing\n").unwrap();
    assert_eq!((code(&prune("d")), lines()), (0, 2), "the scan of d tells nothing about a");
    assert_eq!((code(&prune(".")), lines()), (0, 1));
    fs::write(folder.path().join("d/b"), "nothing\n").unwrap();
    fs::write(folder.path().join("bad.json"), "{\"error\": 1}").unwrap();
    let incomplete = overstay(&["baseline", "prune", "--baseline", "known.jsonl", ".", "bad.json"], folder.path());
    assert_eq!((code(&incomplete), lines()), (3, 1), "{}", said(&incomplete));
}

#[test]
fn a_baseline_of_another_key_is_an_error_and_no_silent_mismatch() {
    let folder = folder(&[("a", &line(0))]);
    create(&folder);
    let other = folder.path().join("other.key");
    fs::write(&other, "cd".repeat(32)).unwrap();
    let output = overstay(&["scan", ".", "--baseline", "known.jsonl", "--key-file", "other.key"], folder.path());
    assert_eq!(code(&output), 2);
    assert!(said(&output).contains("OVERSTAY_KEY"), "{}", said(&output));
    assert_eq!(code(&overstay(&["scan", ".", "--baseline", "nowhere"], folder.path())), 2);
}

/// An exception in the policy for the first key, with one field changed or removed.
fn policy(field: &str, value: Option<&str>) -> String {
    let mut fields = vec![
        ("rule", "aws-access-key-id"),
        ("path", "a"),
        ("owner", "ann"),
        ("requester", "bob"),
        ("approver", "cid"),
        ("reason", "a test account"),
        ("expires", "2026-06-30"),
    ];
    fields.retain(|(name, _)| *name != field);
    fields.extend(value.map(|value| (field, value)));
    let lines: Vec<String> = fields.iter().map(|(name, value)| format!("{name}: \"{value}\"\n")).collect();
    format!("exceptions:\n  - {}", lines.join("    "))
}

#[test]
fn an_exception_hides_what_it_names_until_the_end_of_its_last_day_and_is_listed() {
    let folder = folder(&[("a", &line(0)), ("b", &line(1)), ("overstay.yaml", &policy("", None))]);
    let (report, _) = scan(&[], folder.path());
    assert_eq!((suppressed(&report), ids(&report["findings"])), (vec![key_id(0).as_str()], vec![key_id(1).as_str()]));
    let by = &report["suppressed"][0]["by"][0];
    assert_eq!((&by["owner"], &by["approver"], &by["written"]), (&"ann".into(), &"cid".into(), &"policy".into()));
    assert_eq!(report["expired"], Value::Array(vec![]));
}

#[test]
fn an_expired_exception_fails_the_run_whatever_the_severity_and_names_what_it_hid() {
    let folder = folder(&[("a", &line(0)), ("overstay.yaml", &policy("expires", Some("2026-06-29")))]);
    let (report, exit) = scan(&["--fail-on", "critical"], folder.path());
    assert_eq!((suppressed(&report), exit), (vec![], 1));
    assert_eq!(report["expired"][0]["hid"][0], format!("hardcoded-secret {}", key_id(0)));
    assert_eq!(ids(&report["findings"]), [key_id(0)]);
    fs::write(folder.path().join("a"), "nothing\n").unwrap();
    let (report, exit) = scan(&[], folder.path());
    assert_eq!((report["expired"].as_array().unwrap().len(), exit), (0, 0));
    assert!(warnings(&report).contains("expired on 2026-06-29 and hides nothing; remove it"), "{}", warnings(&report));
}

#[test]
fn an_exception_that_is_not_complete_hides_nothing_and_is_said() {
    for (field, value, said) in [
        ("owner", None, "no owner"),
        ("approver", None, "no approver"),
        ("approver", Some("bob"), "the approver is"),
        ("reason", Some(""), "no reason"),
        ("expires", Some("soon"), "write 2026-12-31"),
        ("rule", Some("aws-acess-key-id"), "did you mean `aws-access-key-id`?"),
    ] {
        let folder = folder(&[("a", &line(0)), ("overstay.yaml", &policy(field, value))]);
        let (report, exit) = scan(&[], folder.path());
        assert_eq!((suppressed(&report), exit), (vec![], 1), "{field} {value:?}");
        assert!(warnings(&report).contains(said), "{field} {value:?}: {}", warnings(&report));
    }
}

#[test]
fn an_unknown_field_of_an_exception_is_an_error_with_the_nearest() {
    let folder = folder(&[("a", &line(0)), ("overstay.yaml", &policy("aprover", Some("x")))]);
    let output = overstay(&["scan", "."], folder.path());
    assert_eq!(code(&output), 2);
    assert!(said(&output).contains("did you mean `approver`?"), "{}", said(&output));
}

#[test]
fn an_exception_for_a_path_does_not_cover_another_place_of_the_same_secret() {
    let folder = folder(&[("a", &line(0)), ("b", &line(0)), ("overstay.yaml", &policy("", None))]);
    let (report, _) = scan(&[], folder.path());
    assert_eq!((suppressed(&report), ids(&report["findings"])), (vec![], vec![key_id(0).as_str()]));
}

#[test]
fn an_exception_that_matches_nothing_is_said_by_a_whole_scan_only() {
    let folder = folder(&[("b", &line(1)), ("overstay.yaml", &policy("", None))]);
    assert!(warnings(&scan(&[], folder.path()).0).contains("exceptions[0]: matches nothing"));
    fs::write(folder.path().join("list"), "b\n").unwrap();
    let arguments = ["scan", "--files-from", "list", "--as-of", "2026-06-30", "-f", "json"];
    let output = overstay(&arguments, folder.path());
    assert_eq!(warnings(&serde_json::from_slice(&output.stdout).unwrap()), "");
}

#[test]
fn without_a_time_no_exception_can_be_judged_and_none_holds() {
    let folder = folder(&[("a", &line(0)), ("overstay.yaml", &policy("", None))]);
    let output = overstay(&["scan", ".", "-f", "json"], folder.path());
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((suppressed(&report), code(&output)), (vec![], 1));
    assert!(warnings(&report).contains("give --as-of"), "{}", warnings(&report));
}

fn marker(rule: &str) -> String {
    ["# overstay:", "allow=", rule, " exp=2026-12-31 owner=ann reason=\"a test account\"\n"].concat()
}

#[test]
fn a_marker_on_the_line_or_above_it_allows_the_secret_of_its_rule() {
    let own = format!("{} {}", line(0).trim_end(), marker("aws-access-key-id"));
    let above = format!("{}{}", marker("aws-access-key-id"), line(1));
    let folder = folder(&[("own", &own), ("above", &above)]);
    let (report, exit) = scan(&[], folder.path());
    assert_eq!((suppressed(&report), exit), (vec![key_id(0).as_str(), &key_id(1)], 0));
    assert_eq!(report["suppressed"][0]["by"][0]["at"], "own:1");
    assert_eq!(warnings(&report), "");
}

#[test]
fn a_marker_reaches_no_further_and_for_no_other_rule() {
    let above = marker("aws-access-key-id");
    let two_above = format!("{above}\n{}", line(0));
    let shared = format!("{} {above}{}", line(1).trim_end(), line(2));
    let other = format!("{}{}", marker("github-classic-token"), line(3));
    let folder = folder(&[("a", &two_above), ("b", &shared), ("c", &other)]);
    let (report, _) = scan(&[], folder.path());
    assert_eq!(suppressed(&report), [key_id(1)]);
    assert_eq!(ids(&report["findings"]), [key_id(0), key_id(2), key_id(3)]);
    let warnings = warnings(&report);
    assert!(warnings.contains("a:1: overstay:allow=aws-access-key-id stands beside no such secret"), "{warnings}");
    assert!(warnings.contains("c:1: "), "{warnings}");
}

#[test]
fn a_secret_that_is_allowed_at_one_line_and_lies_at_another_counts() {
    let text = format!("{}{}\n{}", marker("aws-access-key-id"), line(0), line(0));
    let (report, _) = scan(&[], folder(&[("a", &text)]).path());
    assert_eq!((suppressed(&report), ids(&report["findings"])), (vec![], vec![key_id(0).as_str()]));
}

#[test]
fn an_incomplete_marker_hides_nothing_and_is_said() {
    let text = format!("{}{}", ["# overstay:", "allow=aws-access-key-id owner=ann\n"].concat(), line(0));
    let (report, exit) = scan(&[], folder(&[("a", &text)]).path());
    assert_eq!((suppressed(&report), exit), (vec![], 1));
    assert!(
        warnings(&report).contains("a:1: overstay:allow: no exp, no reason; it hides nothing"),
        "{}",
        warnings(&report)
    );
}

/// A token with the checksum that its provider gives it.
fn token() -> String {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let body = "wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO";
    let mut rest = crc32fast::hash(body.as_bytes());
    let mut checksum = Vec::new();
    for _ in 0..6 {
        checksum.insert(0, DIGITS[(rest % 62) as usize]);
        rest /= 62;
    }
    ["gh", "p_", body, &String::from_utf8(checksum).unwrap()].concat()
}

#[test]
fn a_secret_inside_of_a_marker_is_in_no_output() {
    let begin = ["# overstay:", "allow=github-classic-token exp=2026-12-31 owner=ann reason="].concat();
    for text in [format!("{begin}\"it is {}\"\n", token()), format!("{begin}\"oops {}\n", token())] {
        let folder = folder(&[("a", &text)]);
        for format in ["json", "sarif", "markdown", "terminal"] {
            let arguments = ["scan", ".", "--as-of", "2026-06-30", "--all", "-f", format];
            let output = overstay(&arguments, folder.path());
            let all = [output.stdout.clone(), output.stderr.clone()].concat();
            let all = String::from_utf8_lossy(&all);
            assert!(all.contains("it hides nothing") && !all.contains("wWPw5k4aXc"), "{format}: {all}");
            assert_eq!(code(&output), 1, "{all}");
        }
    }
}

#[test]
fn an_expired_marker_fails_the_run() {
    let text = format!("{}{}", marker("aws-access-key-id").replace("2026-12-31", "2026-01-31"), line(0));
    let (report, exit) = scan(&["--fail-on", "critical"], folder(&[("a", &text)]).path());
    assert_eq!((suppressed(&report), exit), (vec![], 1));
    assert_eq!(report["expired"][0]["exception"]["at"], "a:1");
}

#[test]
fn markers_of_other_tools_hide_nothing() {
    let markers = ["gitleaks:allow", "nosec", "pragma: allowlist secret", "noqa", "trufflehog:ignore", "ggignore"];
    let lines: Vec<String> =
        (0..).zip(markers).map(|(number, marker)| format!("{} # {marker}", line(number).trim_end())).collect();
    let (report, exit) = scan(&[], folder(&[("a", &lines.join("\n"))]).path());
    assert_eq!((ids(&report["findings"]).len(), exit), (markers.len(), 1));
}

#[test]
fn every_format_lists_what_is_suppressed_expired_and_known() {
    let exceptions = format!("{}{}", policy("", None), policy("path", Some("b")).replace("exceptions:\n", ""));
    let exceptions = exceptions.replacen("2026-06-30", "2026-06-29", 1);
    let folder = folder(&[("a", &line(0)), ("b", &line(1)), ("c", &line(2)), ("overstay.yaml", "")]);
    fs::remove_file(folder.path().join("a")).unwrap();
    fs::remove_file(folder.path().join("b")).unwrap();
    create(&folder);
    write(&folder, "a", &line(0));
    write(&folder, "b", &line(1));
    write(&folder, "overstay.yaml", &exceptions);
    let targets = ["-f", "json=j", "-f", "sarif=s", "-f", "markdown=m", "-f", "terminal=t", "--all"];
    let arguments = [&["scan", ".", "--as-of", "2026-06-30", "--baseline", "known.jsonl"], targets.as_slice()].concat();
    let output = overstay(&arguments, folder.path());
    assert_eq!(code(&output), 1, "{}", said(&output));
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    for name in ["j", "m", "t"] {
        for expected in [&key_id(0), &key_id(1), "expired on 2026-06-29", "exceptions[1]"] {
            let text = read(name).replace('\\', "").split_whitespace().collect::<Vec<_>>().join(" ");
            let is_json = name == "j" && expected.starts_with("expired");
            assert!(text.contains(expected) || is_json, "{name}: {expected}: {text}");
        }
    }
    assert!(read("t").contains("1 new, 1 known, 0 fixed") && read("t").contains(&key_id(2)), "{}", read("t"));
    let sarif: Value = serde_json::from_str(&read("s")).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let states: Vec<(&Value, usize)> = results
        .iter()
        .map(|result| (&result["baselineState"], result["suppressions"].as_array().unwrap().len()))
        .collect();
    assert_eq!(states, [(&"new".into(), 0), (&"unchanged".into(), 0), (&Value::Null, 1)]);
    assert_eq!(results[2]["suppressions"][0]["kind"], "external");
    assert!(results[2]["suppressions"][0]["justification"].as_str().unwrap().contains("a test account"));
}

#[test]
fn a_saved_ledger_knows_what_was_suppressed() {
    let folder = folder(&[("a", &line(0)), ("overstay.yaml", &policy("", None))]);
    assert_eq!(scan(&["--ledger", "ledger"], folder.path()).1, 0);
    let output = overstay(&["report", "--ledger", "ledger", "-f", "json"], folder.path());
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((suppressed(&report), code(&output)), (vec![key_id(0).as_str()], 0));
}
