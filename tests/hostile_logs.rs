//! Logs as they come in practice, and as somebody who wants to hide would make them: what is wrong is counted, located and
//! explained, the rest is read, and the order of files and records changes no answer.

#![expect(clippy::unwrap_used, reason = "a test that cannot write its own input has failed")]

#[path = "hostile_logs/stories.rs"]
mod stories;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use flate2::Compression;
use flate2::write::GzEncoder;
use overstay::model::{FingerprintKey, Gap, GapReason};
use overstay::report::Report;
use overstay::rules::check::CheckRules;
use overstay::rules::control::Controls;
use overstay::rules::policy::Policy;
use overstay::scan::{Request, Scope, Silent, run};
use serde_json::{Value, json};

use stories::{REVOKED, STORIES, Story};

/// The report about a folder with these files.
fn scanned(files: &[(&str, Vec<u8>)]) -> Report {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        fs::write(folder.path().join(name), content).unwrap();
    }
    let rules = CheckRules::embedded(&Controls::embedded().unwrap()).unwrap();
    let request = Request {
        command: "scan".to_owned(),
        paths: vec![PathBuf::from(folder.path())],
        listed: None,
        scope: Scope::All,
        baseline: None,
        mappings: Vec::new(),
        policy: Policy::defaults(&rules).unwrap(),
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

fn joined(lines: &[String]) -> Vec<u8> {
    let mut text = lines.join("\n");
    text.push('\n');
    text.into_bytes()
}

/// Check, subject and words of all findings.
fn found(report: &Report) -> BTreeSet<(String, String, String)> {
    let told = |finding: &overstay::model::Finding| {
        (finding.check.clone(), finding.subject.id.clone(), finding.message.clone())
    };
    report.findings.iter().map(told).collect()
}

/// What the whole hour says: among it, that the credential was accepted after its revocation.
fn whole(story: &Story) -> BTreeSet<(String, String, String)> {
    let report = scanned(&[("whole.log", joined(&story.lines()))]);
    assert!(damage(&report).is_empty(), "{}: {:?}", story.format, report.gaps);
    let found = found(&report);
    assert!(found.iter().any(|(check, ..)| check == "use-after-revocation"), "{}: {found:?}", story.format);
    found
}

/// The lines of "not examined" that make the run incomplete.
fn damage(report: &Report) -> Vec<&Gap> {
    report.gaps.iter().filter(|gap| gap.reason.makes_incomplete()).collect()
}

#[test]
fn half_a_line_at_the_end_of_a_rotating_file_is_one_gap_with_its_place_and_the_rest_is_read() {
    for story in &STORIES {
        let mut lines = story.lines();
        let last = lines.last_mut().unwrap();
        last.truncate(last.len() / 2);
        let report = scanned(&[("rotating.log", joined(&lines))]);
        let [gap] = damage(&report)[..] else { panic!("{}: {:?}", story.format, report.gaps) };
        assert!(gap.what.contains("rotating.log record 59 at byte "), "{}: {gap:?}", story.format);
        assert_eq!((gap.reason, gap.count), (GapReason::Damaged, 1), "{}", story.format);
        assert!(found(&report).iter().any(|(check, ..)| check == "use-after-revocation"), "{}", story.format);
    }
}

#[test]
fn a_line_that_is_split_over_two_files_is_told_for_both_and_costs_one_record() {
    for story in &STORIES {
        let text = joined(&story.lines());
        let (first, second) = text.split_at(text.len() / 2);
        let report = scanned(&[("log.1", first.to_vec()), ("log.2", second.to_vec())]);
        let gaps = damage(&report);
        for name in ["log.1 record", "log.2 record"] {
            assert_eq!(gaps.iter().filter(|gap| gap.what.contains(name)).count(), 1, "{}: {gaps:?}", story.format);
        }
        assert_eq!(found(&report), whole(story), "{}", story.format);
    }
}

#[test]
fn copies_and_overlapping_windows_change_no_answer() {
    for story in &STORIES {
        let lines = story.lines();
        let all = joined(&lines);
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(&all).unwrap();
        let files = [
            ("a.log", all.clone()),
            ("copy.log", all),
            ("packed.log.gz", packed.finish().unwrap()),
            ("start.log", joined(&lines[..45])),
            ("end.log", joined(&lines[15..])),
        ];
        let report = scanned(&files);
        assert!(damage(&report).is_empty(), "{}: {:?}", story.format, report.gaps);
        assert!(report.gaps.iter().any(|gap| gap.detail.contains("the same bytes as")), "{:?}", report.gaps);
        assert_eq!(found(&report), whole(story), "{}", story.format);
    }
}

#[test]
fn the_order_of_records_and_of_files_changes_no_answer() {
    for story in &STORIES {
        let expected = whole(story);
        for seed in 1..=4_usize {
            // 61 is prime, so each multiplier gives another order.
            let order = (1..=60).map(|place| (place * (seed * 13 + 2)) % 61 - 1);
            let lines = story.lines();
            let shuffled: Vec<String> = order.map(|place| lines[place].clone()).collect();
            let names = ["e.log", "b.log", "d.log", "a.log", "c.log"];
            let files: Vec<(&str, Vec<u8>)> =
                shuffled.chunks(12).enumerate().map(|(at, part)| (names[(at + seed) % 5], joined(part))).collect();
            let report = scanned(&files);
            assert!(damage(&report).is_empty(), "{}: {:?}", story.format, report.gaps);
            assert_eq!(found(&report), expected, "{} in order {seed}", story.format);
        }
    }
}

#[test]
fn a_use_that_clocks_may_explain_is_no_use_after_the_end() {
    for story in &STORIES {
        let until = |seconds: u64| {
            let mut lines: Vec<String> = story.lines()[..=usize::try_from(REVOKED).unwrap()].to_vec();
            let time = format!("2026-03-01T10:{:02}:{:02}Z", REVOKED + seconds / 60, seconds % 60);
            lines.push((story.record)(REVOKED + 1, &time).to_string());
            let found = found(&scanned(&[("skewed.log", joined(&lines))]));
            found.iter().any(|(check, ..)| check == "use-after-revocation")
        };
        assert!(!until(290), "{}", story.format);
        assert!(until(310), "{}", story.format);
    }
}

#[test]
fn a_forged_record_of_the_far_future_changes_no_answer_and_is_told() {
    for story in &STORIES {
        let mut lines = story.lines();
        lines.insert(7, (story.record)(61, "2999-03-01T10:00:00Z").to_string());
        let report = scanned(&[("forged.log", joined(&lines))]);
        assert_eq!(report.as_of.to_string(), "2026-03-01T10:59:00Z", "{}", story.format);
        let [gap] = damage(&report)[..] else { panic!("{}: {:?}", story.format, report.gaps) };
        assert!(gap.what.starts_with(story.format) && gap.detail.contains("2999-03-01 10:00 UTC"), "{gap:?}");
    }
}

#[test]
fn a_record_of_a_hundred_megabytes_is_one_gap_and_the_rest_is_read() {
    for story in &STORIES {
        let mut record = story.at(30);
        record["padding"] = "x".repeat(100 << 20).into();
        let mut lines = story.lines();
        lines.insert(31, record.to_string());
        let report = scanned(&[("large.log", joined(&lines))]);
        let [gap] = damage(&report)[..] else { panic!("{}: {:?}", story.format, report.gaps) };
        assert_eq!((gap.reason, gap.count), (GapReason::TooLarge, 1), "{gap:?}");
        assert!(gap.what.contains("large.log record 31"), "{gap:?}");
        assert_eq!(found(&report), whole(story), "{}", story.format);
    }
}

/// The record with every value but its time made another type.
fn mistyped(record: &Value, time: &str) -> Value {
    fn change(value: &Value, at: &str, time: &str) -> Value {
        match value {
            _ if at == time => value.clone(),
            Value::Object(members) => {
                members.iter().map(|(key, value)| (key.clone(), change(value, &format!("{at}/{key}"), time))).collect()
            }
            Value::String(text) => json!([{ "was": text }]),
            Value::Null => json!(0),
            other => json!(other.to_string()),
        }
    }
    change(record, "", time)
}

#[test]
fn a_record_whose_fields_have_the_wrong_type_costs_itself_only() {
    for story in &STORIES {
        let mut lines = story.lines();
        lines.insert(5, mistyped(&story.at(5), story.time).to_string());
        lines.insert(6, mistyped(&story.at(6), "none").to_string());
        let report = scanned(&[("mistyped.log", joined(&lines))]);
        assert_eq!(found(&report), whole(story), "{}", story.format);
        let input = report.inputs.iter().find(|input| *input.format == *story.format).unwrap();
        assert_eq!(input.items, 62, "{}", story.format);
        let counted = input.ignored > 0 || !input.notes.is_empty();
        assert!(counted || !damage(&report).is_empty(), "{}: {input:?} {:?}", story.format, report.gaps);
    }
}
