//! Runs the real binary over a folder and measures what that took.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// Far above what any of these inputs needs, far below what an unbounded reader takes.
const MOST_MEMORY_KIB: u64 = 400 * 1024;
/// A run that takes longer hangs.
const MOST_TIME: Duration = Duration::from_mins(5);

/// A folder with one good file and room for bad ones.
pub(crate) struct Site {
    dir: tempfile::TempDir,
}

/// What a run left.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) report: Value,
    pub(crate) stderr: String,
}

impl Site {
    /// The good file holds a temporary key id: a finding of low severity that shows that the rest was examined.
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let site = Self { dir };
        site.file("good.env", format!("AWS_ACCESS_KEY_ID={}\n", good_id()).as_bytes());
        site
    }

    /// The folder that is scanned.
    pub(crate) fn path(&self) -> PathBuf {
        self.dir.path().join("site")
    }

    /// Writes a file.
    pub(crate) fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(&path, bytes).expect("a file");
        path
    }

    /// Scans the folder, and `named` files beside it.
    pub(crate) fn scan(&self, named: &[&Path]) -> Ran {
        self.run(Command::new(env!("CARGO_BIN_EXE_overstay")), named)
    }

    /// Scans with a command that was prepared.
    pub(crate) fn run(&self, mut command: Command, named: &[&Path]) -> Ran {
        let report = self.dir.path().join("report.json");
        let child = command
            .arg("scan")
            .arg(self.path())
            .args(named)
            .args(["--quiet", "--no-progress", "-f"])
            .arg(format!("json={}", report.display()))
            .current_dir(self.dir.path())
            .env_clear()
            .env("OVERSTAY_KEY", "5a".repeat(32))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary");
        let (code, stderr) = watched(child);
        assert!(!stderr.contains("panicked"), "{stderr}");
        let text = fs::read_to_string(&report).unwrap_or_else(|error| panic!("no report ({error}): {code:?} {stderr}"));
        Ran { code, report: serde_json::from_str(&text).expect("JSON"), stderr }
    }

    /// The folder that holds the scanned one.
    pub(crate) fn above(&self) -> &Path {
        self.dir.path()
    }
}

impl Ran {
    /// The lines of "not examined" that make the run incomplete.
    pub(crate) fn gaps(&self) -> Vec<&Value> {
        let gaps = self.report["coverage"]["gaps"].as_array().expect("gaps");
        gaps.iter().filter(|gap| !matches!(gap["reason"].as_str(), Some("skipped" | "absent"))).collect()
    }

    /// Asserts that one line says that `name` was not examined for `reason`, that the good file was, and exit code 3.
    #[track_caller]
    pub(crate) fn assert_one_gap(&self, name: &str, reason: &str) {
        let gaps = self.gaps();
        assert_eq!(gaps.len(), 1, "{gaps:#?}");
        assert!(gaps[0]["what"].as_str().is_some_and(|what| what.contains(name)), "{:#?}", gaps[0]);
        assert_eq!(gaps[0]["reason"], reason, "{:#?}", gaps[0]);
        for part in ["detail", "effect"] {
            assert!(gaps[0][part].as_str().is_some_and(|text| text.len() > 8), "{:#?}", gaps[0]);
        }
        self.assert_rest_examined();
        assert_eq!(self.code, Some(3), "{}", self.stderr);
        assert_eq!(self.report["coverage"]["complete"], false);
    }

    /// Asserts that nothing was left unexamined.
    #[track_caller]
    pub(crate) fn assert_complete(&self) {
        assert!(self.gaps().is_empty(), "{:#?}", self.gaps());
        self.assert_rest_examined();
        assert_eq!(self.code, Some(0), "{}", self.stderr);
    }

    #[track_caller]
    fn assert_rest_examined(&self) {
        let id = good_id();
        let findings = self.report["findings"].as_array().expect("findings");
        assert!(findings.iter().any(|finding| finding["subject"]["id"] == *id), "the good file was not examined");
    }
}

/// An id of a temporary key, from parts.
pub(crate) fn good_id() -> String {
    overstay::demo::resolve("@{aws-session hostile}").expect("an id")
}

/// Waits for the end; fails where memory or time pass their bound.
fn watched(mut child: Child) -> (Option<i32>, String) {
    let started = Instant::now();
    let stderr = child.stderr.take().expect("a pipe");
    let reader = std::thread::spawn(move || std::io::read_to_string(stderr).unwrap_or_default());
    let mut peak = 0;
    let status = loop {
        peak = peak.max(peak_kib(child.id()).unwrap_or(0));
        if let Some(status) = child.try_wait().expect("a status") {
            break status;
        }
        if peak > MOST_MEMORY_KIB || started.elapsed() > MOST_TIME {
            child.kill().expect("the end");
            panic!("{peak} KiB after {:?}", started.elapsed());
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    assert!(peak <= MOST_MEMORY_KIB, "{peak} KiB");
    (status.code(), reader.join().unwrap_or_default())
}

/// The most memory that a process has held so far; nothing where the system does not say.
fn peak_kib(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
