//! Where the command looks: the standard input, lists of paths, what is staged, the commits since a revision.

#![expect(clippy::unwrap_used, reason = "a test that cannot write its own input has failed")]
#![expect(dead_code, reason = "the builders are shared with other tests")]

#[path = "archives/build.rs"]
mod build;
#[path = "source/index.rs"]
mod index;
#[path = "source/repo.rs"]
mod repo;

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use overstay::model::Sha256Digest;
use serde_json::Value;
use tempfile::TempDir;

use build::{gzip, tar};
use index::{file, index};
use repo::Repo;

/// Key ids of the right form that belong to nobody; assembled, so that no scanner takes them for leaks.
fn key_id(number: u8) -> String {
    ["AKIA", "RTX3GSDSQWERT", "Y2", &char::from(b'A' + number).to_string()].concat()
}

fn line(number: u8) -> String {
    format!("key = {}\n", key_id(number))
}

fn overstay(arguments: &[&str], directory: &Path, input: &[u8]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_overstay"));
    command.arg("scan").args(arguments).current_dir(directory);
    for name in ["OVERSTAY_CONFIG", "OVERSTAY_KEY_FILE", "GIT_INDEX_FILE"] {
        command.env_remove(name);
    }
    command.env("OVERSTAY_KEY", "ab".repeat(32));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A command that refuses its arguments does not read to the end.
    let _refused = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The report as JSON.
fn report(arguments: &[&str], directory: &Path, input: &[u8]) -> Value {
    let output = overstay(&[arguments, &["-f", "json"]].concat(), directory, input);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", said(&output)))
}

/// Every secret with a place of it: its id, the input and the line.
fn places(report: &Value) -> Vec<(String, String, u64)> {
    let findings = report["findings"].as_array().unwrap().iter();
    let secrets = findings.filter(|finding| finding["check"] == "hardcoded-secret");
    let places = secrets.flat_map(|finding| {
        let id = finding["subject"]["id"].as_str().unwrap();
        finding["evidence"].as_array().unwrap().iter().map(move |piece| {
            let input = piece["input"].as_str().unwrap().to_owned();
            (id.to_owned(), input, piece["place"]["line"].as_u64().unwrap())
        })
    });
    let mut places: Vec<_> = places.collect();
    places.sort();
    places
}

fn gaps(report: &Value) -> Vec<(&str, u64)> {
    let gaps = report["coverage"]["gaps"].as_array().unwrap().iter();
    gaps.map(|gap| (gap["reason"].as_str().unwrap(), gap["count"].as_u64().unwrap())).collect()
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn the_standard_input_is_read_as_one_text() {
    let found = report(&["-"], folder().path(), format!("first\n{}", line(0)).as_bytes());
    assert_eq!(places(&found), [(key_id(0), "stdin".to_owned(), 2)]);
}

#[test]
fn an_export_on_the_standard_input_is_imported() {
    let export = format!(
        r#"{{"AccessKeyMetadata": [{{"UserName": "ci", "AccessKeyId": "{}", "Status": "Active", "CreateDate": "2020-01-02T03:04:05+00:00"}}]}}"#,
        key_id(0)
    );
    let found = report(&["-"], folder().path(), export.as_bytes());
    assert_eq!(found["coverage"]["inputs"][0]["format"], "aws-access-keys", "{found}");
    assert_eq!(places(&found), []);
}

#[test]
fn a_parquet_file_on_the_standard_input_says_the_same_as_on_disk() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/import/aws-cloudtrail/athena.parquet");
    let folder = folder();
    let piped = report(&["-"], folder.path(), &fs::read(&path).unwrap());
    let named = report(&[path.to_str().unwrap()], folder.path(), b"");
    let found = |report: &Value| {
        let findings = report["findings"].as_array().unwrap().iter();
        findings.map(|finding| (finding["check"].clone(), finding["message"].clone())).collect::<Vec<_>>()
    };
    assert!(!found(&piped).is_empty() && found(&piped) == found(&named), "{:?}", found(&piped));
    let digest = |report: &Value| report["coverage"]["inputs"][0]["sha256"].as_str().unwrap().to_owned();
    assert_eq!(digest(&piped), digest(&named));
}

#[test]
fn an_empty_or_binary_standard_input_is_not_clean() {
    for input in [b"".as_slice(), b"\x7fELF\0\0\0\x01\x02\0\0"] {
        let output = overstay(&["-"], folder().path(), input);
        assert_eq!(code(&output), 3, "{}", said(&output));
    }
}

#[test]
fn an_archive_on_the_standard_input_is_read_as_it_comes() {
    let archive = tar(&[("a", b"x\n"), ("d/b", format!("\n{}", line(0)).as_bytes())]);
    for input in [archive.clone(), gzip(&archive)] {
        let found = report(&["-"], folder().path(), &input);
        assert_eq!(places(&found), [(key_id(0), "stdin".to_owned(), 2)]);
        let (evidence, summary) = (&found["findings"][0]["evidence"][0], &found["coverage"]["inputs"][0]);
        assert_eq!(evidence["place"]["member"], "d/b");
        assert_eq!(evidence["sha256"], Sha256Digest::of(&input).to_string());
        assert_eq!((&summary["bytes"], &summary["items"]), (&Value::from(input.len()), &Value::from(1)));
    }
}

#[test]
fn a_damaged_archive_on_the_standard_input_is_one_gap_and_has_no_digest() {
    let archive = gzip(&tar(&[("b", line(0).as_bytes()), ("c", line(1).repeat(900).as_bytes())]));
    let found = report(&["-"], folder().path(), &archive[..archive.len() - 30]);
    assert_eq!((gaps(&found), found["coverage"]["inputs"][0]["sha256"].clone()), (vec![("damaged", 1)], Value::Null));
    assert_eq!(places(&found)[0], (key_id(0), "stdin".to_owned(), 1));
}

#[test]
fn an_archive_on_the_standard_input_stays_closed_where_that_is_asked_for() {
    let output = overstay(&["-", "--no-archives"], folder().path(), &gzip(line(0).as_bytes()));
    assert_eq!(code(&output), 3, "{}", said(&output));
}

#[test]
fn a_file_called_minus_is_named_with_its_folder() {
    let folder = folder();
    fs::write(folder.path().join("-"), line(0)).unwrap();
    assert_eq!(places(&report(&["./-"], folder.path(), b"")), [(key_id(0), "./-".to_owned(), 1)]);
}

#[test]
fn a_list_names_files_and_folders_and_what_has_gone_is_a_gap() {
    let folder = folder();
    fs::create_dir(folder.path().join("d")).unwrap();
    fs::write(folder.path().join("a b"), line(0)).unwrap();
    fs::write(folder.path().join("d/c"), line(1)).unwrap();
    fs::write(folder.path().join("other"), line(2)).unwrap();
    let expected = [(key_id(0), "a b".to_owned(), 1), (key_id(1), "d/c".to_owned(), 1)];
    for list in ["a b\nd\ngone\na b\n", "a b\0d\0gone\0"] {
        let found = report(&["--files-from", "-"], folder.path(), list.as_bytes());
        assert_eq!((places(&found), gaps(&found)), (expected.to_vec(), vec![("unreadable", 1)]));
    }
    fs::write(folder.path().join("list"), "d\n").unwrap();
    let both = report(&["a b", "--files-from", "list"], folder.path(), b"");
    assert_eq!(places(&both), expected);
}

#[test]
fn an_empty_list_is_an_error_and_never_clean() {
    let output = overstay(&["--files-from", "-"], folder().path(), b"\n\n");
    assert_eq!(code(&output), 2);
    assert!(said(&output).contains("names no path"), "{}", said(&output));
}

#[test]
fn a_policy_that_lies_beside_a_listed_file_is_not_obeyed() {
    let folder = folder();
    fs::create_dir(folder.path().join("d")).unwrap();
    fs::write(folder.path().join("d/overstay.yaml"), "ignore: ['**']\n").unwrap();
    fs::write(folder.path().join("d/c"), line(1)).unwrap();
    let found = report(&["--files-from", "-"], folder.path(), b"d/c\n");
    assert_eq!(places(&found), [(key_id(1), "d/c".to_owned(), 1)]);
}

/// A repository in which `HEAD` has a key in `a`, and another one is staged below it and in a new file.
fn staging() -> Repo {
    let repo = Repo::new();
    repo.head(repo.commit(&[("a", &line(0)), ("same", &line(3))], &[], 0));
    let changed = repo.blob(format!("\n{}{}", line(0), line(1)));
    let entries = [file("a", changed), file("d/new", repo.blob(line(2))), file("same", repo.blob(line(3)))];
    repo.file("index", index(&entries, &[]));
    fs::write(repo.root.join("untracked"), line(4)).unwrap();
    repo
}

#[test]
fn what_is_staged_is_reported_at_its_line_and_what_was_there_before_is_counted() {
    let repo = staging();
    let found = report(&["--staged"], &repo.root, b"");
    let expected = [(key_id(1), "a".to_owned(), 3), (key_id(2), "d/new".to_owned(), 1)];
    assert_eq!(places(&found), expected);
    assert_eq!(found["set_aside"]["not-staged"], 1);
    let facts = found["findings"][0]["facts"].to_string();
    assert!(facts.contains("a:3; staged, not committed yet"), "{facts}");
    assert_eq!(found["coverage"]["complete"], true);
}

#[test]
fn a_line_that_changes_around_a_secret_is_a_part_of_the_change() {
    let repo = staging();
    let entries = [file("a", repo.blob(format!("export {}", line(0)))), file("same", repo.blob(line(3)))];
    repo.file("index", index(&entries, &[]));
    assert_eq!(places(&report(&["--staged"], &repo.root, b"")), [(key_id(0), "a".to_owned(), 1)]);
}

#[test]
fn a_second_copy_of_a_line_is_new() {
    let repo = staging();
    let entries = [file("a", repo.blob(line(0).repeat(3))), file("same", repo.blob(line(3)))];
    repo.file("index", index(&entries, &[]));
    let found = report(&["--staged"], &repo.root, b"");
    assert_eq!((places(&found).len(), &found["set_aside"]["not-staged"]), (2, &Value::from(1)));
}

#[test]
fn an_archive_that_is_staged_is_opened_and_what_the_old_one_held_is_counted() {
    let repo = Repo::new();
    let first = tar(&[("same", line(0).as_bytes()), ("gone", line(1).as_bytes())]);
    let old = repo.blob(gzip(&first));
    repo.head(repo.commit_at(repo.raw_tree(&[("100644", b"a.tgz", old)]), &[], "1700000000 +0000"));
    let second = tar(&[("same", line(0).as_bytes()), ("new", line(2).as_bytes())]);
    repo.file("index", index(&[file("a.tgz", repo.blob(gzip(&second)))], &[]));
    let found = report(&["--staged"], &repo.root, b"");
    assert_eq!(places(&found), [(key_id(2), "a.tgz".to_owned(), 1)]);
    assert_eq!(found["findings"][0]["evidence"][0]["place"]["member"], "new");
    assert_eq!(found["set_aside"]["not-staged"], 1);
    let closed = report(&["--staged", "--no-archives"], &repo.root, b"");
    assert_eq!((places(&closed), gaps(&closed)), (vec![], vec![("skipped", 1)]));
}

#[test]
fn nothing_staged_is_clean_where_the_index_was_read() {
    let repo = staging();
    repo.file("index", index(&[file("a", repo.blob(line(0)))], &[]));
    let output = overstay(&["--staged"], &repo.root, b"");
    assert_eq!(code(&output), 0, "{}", said(&output));
}

#[test]
fn a_hook_works_from_a_folder_of_the_repository_and_obeys_the_index_that_git_names() {
    let repo = staging();
    let below = repo.root.join("deep/er");
    fs::create_dir_all(&below).unwrap();
    assert_eq!(places(&report(&["--staged"], &below, b"")).len(), 2);
    assert_eq!(places(&report(&["--staged", "deep"], &repo.root, b"")).len(), 2);
    fs::write(repo.git.join("next-index"), index(&[file("n", repo.blob(line(5)))], &[])).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_overstay"));
    command.args(["scan", "--staged", "-f", "json"]).current_dir(&repo.root).env("OVERSTAY_KEY", "ab".repeat(32));
    let output = command.env("GIT_INDEX_FILE", ".git/next-index").output().unwrap();
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(places(&found), [(key_id(5), "n".to_owned(), 1)]);
}

#[test]
fn the_hooks_for_the_pre_commit_framework_run_and_fail_on_what_is_staged() {
    #[derive(serde::Deserialize)]
    struct Hook {
        entry: String,
        language: String,
        pass_filenames: bool,
    }
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(".pre-commit-hooks.yaml")).unwrap();
    let hooks: Vec<Hook> = serde_yaml::from_str(&text).unwrap();
    assert_eq!(hooks.iter().map(|hook| hook.language.as_str()).collect::<Vec<_>>(), ["system", "rust"]);
    let repo = staging();
    for hook in hooks {
        let arguments = hook.entry.strip_prefix("overstay scan ").unwrap();
        let output = overstay(&arguments.split(' ').collect::<Vec<_>>(), &repo.root, b"");
        assert_eq!((code(&output), hook.pass_filenames), (1, false), "{}", said(&output));
    }
}

#[test]
fn staged_outside_of_a_repository_is_an_error() {
    let output = overstay(&["--staged"], folder().path(), b"");
    assert_eq!(code(&output), 2);
    assert!(said(&output).contains("is a git repository"), "{}", said(&output));
}

#[test]
fn commits_since_a_revision_are_examined_and_the_work_tree_is_not() {
    let repo = staging();
    let first = repo.open().facts().head.unwrap().parse().unwrap();
    let second = repo.commit(&[("a", &line(0)), ("b", &format!("\n{}", line(6)))], &[first], 1);
    repo.head(second);
    let found = report(&["--since", "HEAD~1"], &repo.root, b"");
    assert_eq!(places(&found), [(key_id(6), "b".to_owned(), 2)]);
    assert_eq!(found["findings"][0]["evidence"][0]["place"]["commit"], second.to_string());
    assert_eq!(code(&overstay(&["--since", "HEAD~1"], &repo.root, b"")), 1);
}

#[test]
fn an_empty_range_is_incomplete_and_an_unknown_revision_an_error_with_the_nearest() {
    let repo = staging();
    assert_eq!(code(&overstay(&["--since", "main"], &repo.root, b"")), 3);
    let output = overstay(&["--since", "mian"], &repo.root, b"");
    assert_eq!(code(&output), 2);
    assert!(said(&output).contains("did you mean `main`?"), "{}", said(&output));
}

#[test]
fn a_submodule_is_examined_once_however_it_is_reached() {
    let repo = staging();
    let module = repo.root.join("m");
    fs::create_dir_all(&module).unwrap();
    let git = repo.git.join("modules/m");
    repo::init(&git);
    fs::write(module.join(".git"), "gitdir: ../.git/modules/m\n").unwrap();
    fs::write(module.join("c"), line(7)).unwrap();
    for paths in [[".", "."], [".", "m"], ["m", "."]] {
        let found = report(&paths, &repo.root, b"");
        let of_module: Vec<_> = places(&found).into_iter().filter(|(id, ..)| *id == key_id(7)).collect();
        assert_eq!(of_module, [(key_id(7), "m/c".to_owned(), 1)], "{paths:?}");
        let inputs = found["coverage"]["inputs"].as_array().unwrap().iter();
        assert_eq!(inputs.filter(|input| input["name"] == "m" && input["format"] == "git").count(), 1, "{paths:?}");
    }
}
