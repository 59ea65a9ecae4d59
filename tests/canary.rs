//! No secret stands in anything that the program writes: every example of every rule, every type and file of the
//! corpus, plain, encoded, packed, committed and in damaged exports, through every way in and every way out.

#![expect(clippy::unwrap_used, reason = "the builder of repositories is shared with the tests of the source layer")]
#![expect(dead_code, reason = "corpus and builders are shared with other tests")]

#[path = "corpus/cases.rs"]
mod cases;
#[path = "corpus/keys.rs"]
mod keys;
#[path = "acme/leaks.rs"]
mod leaks;
#[path = "corpus/make.rs"]
mod make;
#[path = "canary/plant.rs"]
mod plant;
#[path = "corpus/read.rs"]
mod read;
#[path = "source/repo.rs"]
mod repo;

use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use leaks::Watch;
use overstay::model::{Evidence, FingerprintKey, Input, Place, Presence};
use overstay::report::REPORTERS;
use overstay::rules::secret::SecretRules;
use overstay::secret::Engine;
use plant::{Planted, Site};

static SITE: LazyLock<Site> = LazyLock::new(Site::new);
static WATCH: LazyLock<Watch> = LazyLock::new(|| watch(&SITE.planted));

fn watch(planted: &[Planted]) -> Watch {
    Watch::new(planted.iter().map(|plant| (plant.name.as_str(), plant.value.as_str())))
}

/// What one run writes: standard output and error, a file in each format, the saved ledger.
fn run(arguments: &[&OsStr], directory: &Path, input: &[u8]) -> Vec<(String, Vec<u8>)> {
    let out = tempfile::tempdir().expect("a folder");
    let mut command = Command::new(env!("CARGO_BIN_EXE_overstay"));
    // Everything that can be shown: an audit, and what was set aside.
    command.arg("scan").args(arguments).args(["--all", "--show-filtered", "--persona", "audit"]);
    command.arg("--ledger").arg(out.path().join("ledger"));
    for reporter in REPORTERS {
        command.arg("-f").arg(format!("{}={}", reporter.id(), out.path().join(reporter.id()).display()));
    }
    command.current_dir(directory).env_clear().env("OVERSTAY_KEY", "5a".repeat(32));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary");
    let mut pipe = child.stdin.take().expect("a pipe");
    let input = input.to_owned();
    let writer = std::thread::spawn(move || pipe.write_all(&input));
    let output = child.wait_with_output().expect("an end");
    let _refused = writer.join().expect("a thread");
    let mut outputs = vec![("standard output".to_owned(), output.stdout), ("standard error".to_owned(), output.stderr)];
    for entry in walkdir::WalkDir::new(out.path()).into_iter().filter_map(Result::ok) {
        if entry.file_type().is_file() {
            let name = entry.path().strip_prefix(out.path()).expect("below").display().to_string();
            outputs.push((name, leaks::content(entry.path())));
        }
    }
    outputs
}

/// Asserts that a run wrote a report in each format, with findings, and nothing that is watched.
#[track_caller]
fn assert_silent(outputs: &[(String, Vec<u8>)], watch: &Watch, findings: usize) {
    let json = outputs.iter().find(|(name, _)| name == "json").map(|(_, bytes)| bytes.as_slice());
    let said = String::from_utf8_lossy(&outputs[1].1).into_owned();
    let report: serde_json::Value = serde_json::from_slice(json.unwrap_or_else(|| panic!("{said}"))).expect("JSON");
    let found = report["findings"].as_array().map_or(0, Vec::len);
    assert!(found >= findings, "only {found} findings: the secrets were not read. {said}");
    for reporter in REPORTERS {
        assert!(outputs.iter().any(|(name, bytes)| name == reporter.id() && !bytes.is_empty()), "{}", reporter.id());
    }
    assert!(outputs.iter().any(|(name, _)| name.ends_with(".parquet")), "the ledger was not saved");
    let leaks = watch.find(outputs);
    assert!(leaks.is_empty(), "{} leaks:\n{}", leaks.len(), leaks[..leaks.len().min(40)].join("\n"));
}

#[test]
fn every_rule_and_every_type_of_the_corpus_is_watched() {
    assert!(SITE.planted.len() > 400, "{}", SITE.planted.len());
}

#[test]
fn no_secret_of_a_tree_leaves_plain_encoded_or_packed() {
    assert_silent(&run(&[OsStr::new("site")], SITE.dir.path(), b""), &WATCH, 250);
}

#[test]
fn no_secret_of_a_history_leaves() {
    let repo = plant::repository(&SITE.planted);
    assert_silent(&run(&[repo.root.as_os_str()], repo.temp.path(), b""), &WATCH, 250);
}

#[test]
fn no_secret_of_the_standard_input_leaves() {
    let input: Vec<u8> = SITE.planted.iter().flat_map(|plant| format!("{}\n", plant.text).into_bytes()).collect();
    assert_silent(&run(&[OsStr::new("-")], SITE.dir.path(), &input), &WATCH, 250);
}

#[test]
fn no_secret_leaves_by_a_baseline() {
    let file = SITE.dir.path().join("baseline.jsonl");
    let output = Command::new(env!("CARGO_BIN_EXE_overstay"))
        .args(["baseline", "create", "site", "--persona", "audit", "--baseline"])
        .arg(&file)
        .current_dir(SITE.dir.path())
        .env_clear()
        .env("OVERSTAY_KEY", "5a".repeat(32))
        .output()
        .expect("the binary");
    let baseline = fs::read(&file).expect("a baseline");
    let lines = memchr::memchr_iter(b'\n', &baseline).count();
    assert!(lines > 250, "{lines} lines: {}", String::from_utf8_lossy(&output.stderr));
    let outputs = [("standard error", output.stderr), ("standard output", output.stdout), ("baseline", baseline)];
    let leaks = WATCH.find(&outputs.map(|(name, bytes)| (name.to_owned(), bytes)));
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
}

#[test]
fn no_secret_leaves_by_the_message_about_the_damage_that_it_does_to_an_export() {
    let token = SITE.planted.iter().find(|plant| plant.name == "github-classic-token 0").expect("a token");
    let dir = tempfile::tempdir().expect("a folder");
    let exports = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/import");
    let damaged = plant::damage(&exports, &dir.path().join("site"), &token.value);
    assert!(damaged > 100, "{damaged}");
    // In the middle of a name it is part of the name. What is said about damage must not repeat it.
    let mut outputs = run(&[OsStr::new("site")], dir.path(), b"");
    let json = outputs.iter().find(|(name, _)| name == "json").expect("a report");
    let report: serde_json::Value = serde_json::from_slice(&json.1).expect("JSON");
    let gaps = report["coverage"]["gaps"].as_array().expect("gaps");
    let damage = gaps.iter().filter(|gap| gap["reason"] == "damaged").count();
    assert!(damage > 50, "{damage} damaged: {gaps:#?}");
    outputs.retain(|(name, _)| name == "standard error");
    outputs.push(("the gaps".to_owned(), report["coverage"]["gaps"].to_string().into_bytes()));
    let leaks = WATCH.find(&outputs);
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
}

#[test]
fn no_secret_in_a_broken_policy_or_list_leaves_by_the_error() {
    let dir = tempfile::tempdir().expect("a folder");
    fs::write(dir.path().join("code.txt"), "nothing\n").expect("a file");
    let policies =
        ["{}", "ignore: {}", "{}: 1", "ignore:\n  - [{}", "thresholds:\n  {}: x", "- {}", "fail-on: {}", "\t{}"];
    let mut outputs = Vec::new();
    for plant in SITE.planted.iter().filter(|plant| !plant.value.contains('\n')).step_by(151) {
        for policy in policies {
            fs::write(dir.path().join("bad.yaml"), policy.replace("{}", &plant.value)).expect("a file");
            outputs.extend(run(&["code.txt", "--config", "bad.yaml"].map(OsStr::new), dir.path(), b""));
        }
        fs::write(dir.path().join("key"), &plant.value).expect("a file");
        outputs.extend(run(&["code.txt", "--key-file", "key"].map(OsStr::new), dir.path(), b""));
    }
    let said =
        |name: &str, bytes: &[u8]| name == "standard error" && memchr::memmem::find(bytes, b"bad.yaml").is_some();
    assert!(outputs.iter().any(|(name, bytes)| said(name, bytes)), "no policy was refused");
    let leaks = WATCH.find(&outputs);
    assert!(leaks.is_empty(), "{} leaks:\n{}", leaks.len(), leaks[..leaks.len().min(40)].join("\n"));
}

#[test]
fn no_debug_of_what_the_engine_gives_shows_a_secret() {
    let rules = SecretRules::embedded().expect("the rules");
    let engine = Engine::new(&rules, &FingerprintKey::new(b"canary".to_vec())).expect("the engine");
    let place = Evidence::new("secret in code", &Input::of("x", b""), Place::Line { line: 1, column: 1 });
    let shown = SITE.planted.iter().map(|plant| {
        let examined = engine.examine(plant.text.as_bytes());
        let credentials: Vec<_> = examined
            .matches
            .iter()
            .map(|found| engine.credential(found, place.clone(), Presence::Tree, None))
            .collect();
        (plant.name.clone(), format!("{examined:?} {credentials:?} {credentials:#?} {engine:?}").into_bytes())
    });
    let leaks = WATCH.find(&shown.collect::<Vec<_>>());
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
}
