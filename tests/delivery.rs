//! What a scan leaves behind: files, standard output and error, and the exit code.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// An access key id of the right form for an account that the tool can read off it; assembled, so that no scanner
/// of this repository takes it for a leak.
fn access_key_id() -> String {
    ["AKIA", "RTX3GSDS", "QWERTY23"].concat()
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// A tree with one finding.
fn leaky() -> TempDir {
    let folder = folder();
    fs::write(folder.path().join("deploy.env"), format!("AWS_ACCESS_KEY_ID={}\n", access_key_id())).expect("writes");
    folder
}

fn overstay(arguments: impl IntoIterator<Item = impl AsRef<OsStr>>, directory: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_overstay"));
    command.args(arguments).current_dir(directory).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("OVERSTAY_") || name == "CLICOLOR_FORCE" {
            command.env_remove(name);
        }
    }
    command.env("OVERSTAY_KEY", "ab".repeat(32));
    command
}

fn run(arguments: &[&str], directory: &Path) -> Output {
    overstay(arguments, directory).output().expect("the command starts")
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("the command ended by itself")
}

fn words(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

#[test]
fn findings_at_the_limit_are_exit_1_and_below_it_exit_0() {
    let tree = leaky();
    assert_eq!(code(&run(&["scan", ".", "--fail-on", "low"], tree.path())), 1);
    let clean = run(&["scan", ".", "--fail-on", "critical"], tree.path());
    assert_eq!(code(&clean), 0, "{}", words(&clean.stderr));
}

#[test]
fn an_empty_folder_is_exit_3_and_never_called_clean() {
    let output = run(&["scan", "."], folder().path());
    assert_eq!(code(&output), 3);
    assert!(words(&output.stdout).contains("Nothing was examined"), "{}", words(&output.stdout));
    assert!(words(&output.stderr).contains("nothing was examined: incomplete"), "{}", words(&output.stderr));
}

#[test]
fn findings_win_over_incompleteness_and_both_are_said() {
    let tree = leaky();
    fs::write(tree.path().join("unknown.json"), r#"{"Users": [{"x": 1}]}"#).expect("writes");
    let output = run(&["scan", ".", "unknown.json", "--fail-on", "low"], tree.path());
    let said = words(&output.stderr);
    assert_eq!(code(&output), 1, "{said}");
    assert!(said.contains("exit code 1") && said.contains("incomplete"), "{said}");
    assert_eq!(code(&run(&["scan", ".", "unknown.json", "--fail-on", "critical"], tree.path())), 3);
}

#[test]
fn the_exit_code_is_the_same_for_every_format() {
    let tree = leaky();
    for format in ["terminal", "json", "sarif", "markdown"] {
        assert_eq!(code(&run(&["scan", ".", "-f", format, "--fail-on", "low"], tree.path())), 1, "{format}");
    }
}

#[test]
fn several_formats_are_written_at_once_and_standard_output_holds_the_report_alone() {
    let (tree, out) = (leaky(), folder());
    let target = |name: &str| format!("{name}={}", out.path().join(name).display());
    let output = run(&["scan", ".", "-f", &target("sarif"), "-f", &target("markdown"), "-f", "json=-"], tree.path());
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON and nothing else");
    assert_eq!(document["schema"], "overstay-report/1");
    assert!(fs::read_to_string(out.path().join("sarif")).expect("was written").contains("\"2.1.0\""));
    assert!(fs::read_to_string(out.path().join("markdown")).expect("was written").starts_with("# overstay"));
    assert_eq!(fs::read_dir(out.path()).expect("reads").count(), 2, "no temporary file stays");
}

#[test]
fn a_report_that_cannot_be_written_is_exit_2_and_the_others_are_written() {
    let (tree, out) = (leaky(), folder());
    let good = format!("markdown={}", out.path().join("good.md").display());
    let bad = format!("json={}", out.path().join("missing/bad.json").display());
    let output = run(&["scan", ".", "-f", &bad, "-f", &good], tree.path());
    assert_eq!(code(&output), 2);
    assert!(words(&output.stderr).contains("bad.json"), "{}", words(&output.stderr));
    assert!(out.path().join("good.md").is_file());
}

#[cfg(unix)]
#[test]
fn a_report_is_not_written_through_a_symbolic_link() {
    let (tree, out) = (leaky(), folder());
    let (victim, link) = (out.path().join("victim"), out.path().join("link"));
    fs::write(&victim, "precious").expect("writes");
    std::os::unix::fs::symlink(&victim, &link).expect("links");
    let output = run(&["scan", ".", "-f", &format!("json={}", link.display())], tree.path());
    assert_eq!(code(&output), 2);
    assert_eq!(fs::read_to_string(&victim).expect("reads"), "precious");
}

#[cfg(unix)]
#[test]
fn a_device_stays_a_device() {
    let output = run(&["scan", ".", "-f", "json=/dev/null"], leaky().path());
    assert!(fs::metadata("/dev/null").is_ok_and(|null| !null.is_file()), "{}", words(&output.stderr));
    assert_eq!(code(&output), 1, "{}", words(&output.stderr));
}

#[test]
fn a_reader_that_goes_away_ends_the_command_quietly() {
    let tree = leaky();
    let mut child = overstay(["rules", "list"], tree.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("the command ends");
    assert_eq!((code(&output), words(&output.stderr)), (0, String::new()));
}

#[test]
fn a_secret_is_in_no_output_whatever_the_format() {
    let tree = folder();
    let secret = ["ghp_", "c4n4ryc4n4ryc4n4ryc4n4ryc4n4ry", "2Jq8zT"].concat();
    fs::write(tree.path().join("a.env"), format!("GITHUB_TOKEN={secret}\nPASSWORD='{secret}'\n")).expect("writes");
    for format in ["terminal", "json", "sarif", "markdown"] {
        let output = run(&["scan", ".", "--all", "--persona", "audit", "--show-filtered", "-f", format], tree.path());
        let said = words(&output.stdout) + &words(&output.stderr);
        assert!(said.contains("a.env"), "{format}: the secret was not even found: {said}");
        assert!(!said.contains(&secret[4..]), "{format}");
    }
}

#[test]
fn the_default_persona_says_what_it_holds_back_and_an_audit_shows_it() {
    let tree = folder();
    fs::create_dir(tree.path().join("tests")).expect("a folder");
    let text = format!("db_password = \"{}\"\n", ["xK2m", "Q9vL", "p4Rt", "Zw8n"].concat());
    fs::write(tree.path().join("tests/settings.py"), text).expect("writes");
    let by_default = words(&run(&["scan", ".", "--fail-on", "low"], tree.path()).stdout);
    assert!(by_default.contains("held back      1 more finding of low confidence"), "{by_default}");
    assert!(!by_default.contains("settings.py"), "{by_default}");
    let audit = words(&run(&["scan", ".", "--persona", "audit", "--all"], tree.path()).stdout);
    assert!(audit.contains("tests/settings.py:1") && audit.contains("it lies in a test or its data"), "{audit}");
    let wrong = run(&["scan", ".", "--persona", "audti"], tree.path());
    assert_eq!(code(&wrong), 2);
    assert!(words(&wrong.stderr).contains("`audit`"), "{}", words(&wrong.stderr));
}

#[test]
fn what_filters_set_aside_can_be_shown_in_every_format_for_people_and_programs() {
    let tree = folder();
    fs::write(tree.path().join("a.env"), "DB_PASSWORD=changeme-please\n").expect("writes");
    for format in ["terminal", "json", "markdown"] {
        let quiet = words(&run(&["scan", ".", "-f", format], tree.path()).stdout);
        assert!(!quiet.contains("a.env"), "{format}: {quiet}");
        let shown = words(&run(&["scan", ".", "--show-filtered", "-f", format], tree.path()).stdout);
        let named = shown.contains("a.env") && shown.contains("placeholder");
        assert!(named && !shown.contains("changeme"), "{format}: {shown}");
    }
}

#[test]
fn one_and_eight_threads_give_the_same_bytes() {
    let (one, eight) = (folder(), folder());
    for (out, threads) in [(&one, "1"), (&eight, "8")] {
        let target = |name: &str| format!("{name}={}", out.path().join(name).display());
        let arguments = ["scan", ".", "--threads", threads, "-f", &target("json"), "-f", &target("sarif")];
        run(&arguments, leaky().path());
    }
    for name in ["json", "sarif"] {
        let read = |out: &TempDir| fs::read(out.path().join(name)).expect("was written");
        assert_eq!(read(&one), read(&eight), "{name}");
    }
}

#[test]
fn a_saved_ledger_gives_the_findings_of_its_scan() {
    let (tree, out) = (leaky(), folder());
    let ledger = out.path().join("ledger").display().to_string();
    let scanned = run(&["scan", ".", "--ledger", &ledger, "-f", "json", "--fail-on", "low"], tree.path());
    let reported = run(&["report", "--ledger", &ledger, "-f", "json", "--fail-on", "low"], tree.path());
    assert_eq!((code(&scanned), code(&reported)), (1, 1), "{}", words(&reported.stderr));
    assert_eq!(words(&scanned.stdout), words(&reported.stdout));
}

#[test]
fn a_policy_inside_a_scanned_tree_is_not_obeyed() {
    let (tree, elsewhere) = (leaky(), folder());
    fs::write(tree.path().join("overstay.yaml"), "ignore: ['**']\n").expect("writes");
    let path = tree.path().display().to_string();
    assert_eq!(code(&run(&["scan", &path, "--fail-on", "low"], elsewhere.path())), 1);
}

#[test]
fn the_demo_is_exit_1_and_valid_against_both_schemas() {
    let out = folder();
    let target = |name: &str| format!("{name}={}", out.path().join(name).display());
    let output = run(&["demo", "-f", &target("json"), "-f", &target("sarif")], out.path());
    assert_eq!(code(&output), 1, "{}", words(&output.stderr));
    let schemas = [
        ("json", include_str!("../reports/report.schema.json")),
        ("sarif", include_str!("../fixtures/schemas/sarif-schema-2.1.0.json")),
    ];
    for (name, schema) in schemas {
        let document = fs::read(out.path().join(name)).expect("was written");
        let document = serde_json::from_slice(&document).expect("is JSON");
        let schema = serde_json::from_str(schema).expect("the schema is JSON");
        let validator = jsonschema::validator_for(&schema).expect("the schema is one");
        let faults: Vec<String> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
        assert_eq!(faults, Vec::<String>::new(), "{name}");
    }
}
