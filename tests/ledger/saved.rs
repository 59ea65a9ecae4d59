//! A ledger on disk: what is read back is what was written, and nothing else is touched.

use std::fs;
use std::path::Path;

use overstay::access::{Estate, Question, judges};
use overstay::ledger::store::{self, Error, Run, Saved, StreamWindow};
use overstay::ledger::{Fold, Joining, Ledger, PopulationRow, schema};
use overstay::model::{
    CheckSummary, Compared, Control, Effect, Exception, Finding, FindingBuilder, FingerprintKey, Gap, GapReason, Grant,
    GrantObject, IdentityKind, Inconclusive, InputSummary, Lapsed, Relation, Severity, Sink, Subject, SubjectKind,
    Suppressed, Triage, Verdict, Written,
};

use crate::facts::*;

const MADE: &str = "2025-02-01T10:00:00Z";

/// A ledger with something in every table.
fn ledger() -> Ledger {
    let mut fold = Fold::new();
    leaked(&mut fold, KEY);
    report(&mut fold, CI, 1, MADE);
    listed(&mut fold, KEY, "ci", MADE);
    identity(&mut fold, CI, IdentityKind::User);
    grant(&mut fold, CI, GrantObject::AssumeRole(ROLE.into()));
    attach(&mut fold, CI, ADMIN);
    let trail = Trail::new();
    trail.used(&mut fold, "2026-05-01T00:00:00Z", KEY);
    trail.used(&mut fold, "2026-05-01T09:00:00.123456789Z", KEY);
    trail.session(&mut fold, "2026-05-01T09:00:00Z", "ASIAIAAAAAAAAAAAAAAA", CI);
    fold.set_aside("documentation-key", 3);
    fold.gap(Gap {
        what: "broken.json.gz".into(),
        reason: GapReason::Damaged,
        detail: "gzip stream ends early".into(),
        effect: "later events are missing".into(),
        count: 1,
    });
    fold.examined(InputSummary {
        name: "trail.json".into(),
        format: "aws-cloudtrail".into(),
        sha256: None,
        bytes: 10,
        items: 2,
        ignored: 0,
        notes: vec!["gzip".into()],
    });
    fold.finish(&Joining::default())
}

fn finding() -> Finding {
    let id = FingerprintKey::new(vec![7; 32]).fingerprint("finding", b"x");
    let subject = Subject {
        kind: SubjectKind::Credential,
        class: "aws-access-key-id".into(),
        id: KEY.into(),
        title: "AWS access key".into(),
        principal: Some(CI.into()),
    };
    let mut finding = FindingBuilder::new("unrevoked-credential", id, subject, Severity::Critical, "administrator")
        .message("it is old")
        .fact("age", "482 days")
        .evidence([place("report.csv", "active key"), place("src/deploy.sh", "key id in code")])
        .build()
        .expect("evidence");
    finding.catalogue = Some("A01".into());
    finding.controls.push(Control {
        requested_label: "NHI-07".into(),
        framework: "OWASP NHI Top 10".into(),
        published_id: Some("NHI7:2025".into()),
        version: "2025".into(),
        title: "Long-Lived Secrets".into(),
        relation: Relation::Primary,
    });
    finding
}

fn summary() -> CheckSummary {
    CheckSummary {
        check: "unrevoked-credential".into(),
        catalogue: Some("A01".into()),
        title: "Unrevoked".into(),
        examined: 2,
        fired: 1,
        held_back: 3,
        inconclusive: vec![Inconclusive { subject: "x".into(), reason: "no log".into() }],
        parameters: vec![("min-age".into(), "30 days".into())],
    }
}

fn run() -> Run {
    Run { key_id: "0a1b2c3d".into(), rules_sha256: "ff".repeat(32) }
}

fn answers<'a>(findings: &'a [Finding], summaries: &'a [CheckSummary], triage: &'a Triage) -> store::Answers<'a> {
    store::Answers { findings, summaries, metrics: &[], triage }
}

fn write(dir: &Path) -> Result<(), Error> {
    store::write(dir, &ledger(), &answers(&[finding()], &[summary()], &Triage::default()), &run())
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).expect("a folder");
    let name = |entry: std::io::Result<fs::DirEntry>| entry.expect("an entry").file_name().into_string().expect("text");
    let mut names: Vec<String> = entries.map(name).collect();
    names.sort();
    names
}

#[test]
fn what_a_report_shows_is_read_back_as_it_was_written() {
    let folder = folder();
    let dir = folder.path().join("ledger");
    write(&dir).expect("written");
    let ledger = ledger();
    let wanted = Saved {
        version: env!("CARGO_PKG_VERSION").into(),
        as_of: ledger.as_of,
        as_of_source: ledger.as_of_source.clone(),
        run: run(),
        findings: vec![finding()],
        triage: Triage::default(),
        summaries: vec![summary()],
        inputs: ledger.inputs.clone(),
        gaps: ledger.gaps.clone(),
        streams: StreamWindow::all(&ledger),
        set_aside: ledger.set_aside.clone(),
        population: ledger.population(),
        metrics: Vec::new(),
    };
    assert_eq!(wanted.streams[0].holes.len(), 1);
    assert_eq!(format!("{:#?}", store::open(&dir).expect("read")), format!("{wanted:#?}"));
}

#[test]
fn who_may_do_what_is_read_back_as_far_as_it_is_evaluated() {
    let folder = folder();
    let dir = folder.path().join("ledger");
    let ledger = finish(|fold| {
        bounded_identity(fold, CI, IdentityKind::User, Some("cap"));
        policy(fold, "cap", vec![statement(Effect::Allow, "s3:*", "*")]);
        attach(fold, CI, ADMIN);
        grant(fold, CI, GrantObject::AssumeRole(ROLE.into()));
    });
    store::write(&dir, &ledger, &answers(&[], &[], &Triage::default()), &run()).expect("written");
    let saved = store::open_access(&dir).expect("read");
    assert_eq!(saved.identities[CI].boundary.as_deref(), Some("cap"));
    assert_eq!(saved.identities[CI].evidence, ledger.identities[CI].evidence);
    assert_eq!(saved.policies["cap"].statements, ledger.policies["cap"].statements);
    assert_eq!(saved.policies["cap"].evidence, ledger.policies["cap"].evidence);
    let held = |grants: &[Grant]| grants.iter().map(|it| (it.holder.clone(), it.object.clone())).collect::<Vec<_>>();
    assert_eq!(held(&saved.grants), held(&ledger.grants));
    let verdict = |estate: &Estate<'_>, action| {
        judges(estate)["aws"].decide(&Question { principal: CI, action, resource: None }).verdict
    };
    for (action, wanted) in [("s3:GetObject", Verdict::Allowed), ("iam:CreateUser", Verdict::Denied)] {
        assert_eq!(verdict(&saved.estate(), action), wanted);
        assert_eq!(verdict(&ledger.estate(), action), wanted);
    }
}

#[test]
fn what_does_not_count_is_read_back_as_it_was_written() {
    let folder = folder();
    let dir = folder.path().join("ledger");
    let mut known = finding();
    known.id = FingerprintKey::new(vec![9; 32]).fingerprint("finding", b"another");
    let exception = Exception {
        target: "idle-credential".into(),
        covers: "subject AKIA".into(),
        written: Written::Policy,
        at: "overstay.yaml exceptions[0]".into(),
        owner: "ann".into(),
        requester: Some("bob".into()),
        approver: Some("cid".into()),
        reason: "until the move".into(),
        expires: "2026-12-31".parse().expect("a day"),
    };
    let wanted = Triage {
        suppressed: vec![Suppressed { finding: finding(), by: vec![exception.clone()] }],
        lapsed: vec![Lapsed { exception, hid: vec!["idle-credential AKIA".into()] }],
        warnings: vec!["one".into(), "two".into()],
        baseline: Some(Compared { file: "known.jsonl".into(), known: vec![known.clone()], fixed: Some(3) }),
    };
    store::write(&dir, &ledger(), &answers(&[finding(), known], &[summary()], &wanted), &run()).expect("written");
    let saved = store::open(&dir).expect("read");
    assert!(saved.findings.is_empty());
    assert_eq!(format!("{:#?}", saved.triage), format!("{wanted:#?}"));
}

#[test]
fn the_same_ledger_gives_the_same_bytes() {
    let folder = folder();
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    write(&one).expect("written");
    write(&two).expect("written");
    for name in names(&one) {
        assert_eq!(fs::read(one.join(&name)).unwrap(), fs::read(two.join(&name)).unwrap(), "{name}");
    }
    assert_eq!(names(&one).len(), 11);
}

#[test]
fn an_empty_ledger_can_be_saved_and_read() {
    let folder = folder();
    let dir = folder.path().join("ledger");
    store::write(&dir, &finish(|_| {}), &answers(&[], &[], &Triage::default()), &run()).expect("written");
    let saved = store::open(&dir).expect("read");
    assert!(saved.findings.is_empty() && saved.population.is_empty());
}

#[test]
fn a_saved_ledger_is_replaced_and_nothing_is_left_beside_it() {
    let folder = folder();
    let dir = folder.path().join("ledger");
    write(&dir).expect("written");
    store::write(&dir, &finish(|_| {}), &answers(&[], &[], &Triage::default()), &run()).expect("replaced");
    assert!(store::open(&dir).expect("read").findings.is_empty());
    assert_eq!(names(folder.path()), ["ledger"]);
}

#[test]
fn a_folder_that_is_no_saved_ledger_is_left_alone() {
    let folder = folder();
    fs::write(folder.path().join("thesis.txt"), "years of work").unwrap();
    assert!(matches!(write(folder.path()), Err(Error::Foreign { .. })));
    assert_eq!(names(folder.path()), ["thesis.txt"]);
}

#[test]
fn a_saved_ledger_with_a_foreign_file_in_it_is_left_alone() {
    let folder = folder();
    let dir = folder.path().join("ledger");
    write(&dir).expect("written");
    fs::write(dir.join("thesis.txt"), "years of work").unwrap();
    let error = write(&dir).expect_err("foreign");
    assert!(error.to_string().contains("it holds thesis.txt"), "{error}");
    assert!(dir.join("thesis.txt").exists());
}

#[test]
fn a_foreign_manifest_does_not_make_a_ledger() {
    let folder = folder();
    fs::write(folder.path().join("manifest.json"), r#"{"name":"a web app"}"#).unwrap();
    assert!(matches!(write(folder.path()), Err(Error::Foreign { .. })));
}

#[test]
fn an_existing_empty_folder_may_be_used() {
    let folder = folder();
    let dir = folder.path().join("ledger");
    fs::create_dir(&dir).unwrap();
    write(&dir).expect("written");
}

#[test]
fn a_ledger_without_its_manifest_is_incomplete() {
    let folder = folder();
    let dir = folder.path().join("ledger");
    write(&dir).expect("written");
    fs::remove_file(dir.join("manifest.json")).unwrap();
    assert!(matches!(store::open(&dir), Err(Error::Io { .. })));
}

#[test]
fn a_file_that_was_changed_is_named() {
    let folder = folder();
    let dir = folder.path().join("ledger");
    write(&dir).expect("written");
    let path = dir.join("findings.parquet");
    let mut bytes = fs::read(&path).unwrap();
    bytes[10] ^= 1;
    fs::write(&path, bytes).unwrap();
    let error = store::open(&dir).expect_err("changed");
    assert!(error.to_string().contains("findings.parquet: changed since it was written"), "{error}");
}

#[test]
fn a_file_that_is_no_parquet_is_an_error_even_if_the_manifest_vouches_for_it() {
    let folder = folder();
    let dir = folder.path().join("ledger");
    write(&dir).expect("written");
    let digest = |bytes: &[u8]| overstay::model::Sha256Digest::of(bytes).to_string();
    let (path, list) = (dir.join("findings.parquet"), dir.join("manifest.json"));
    let real = fs::read(&path).unwrap();
    for forged in [&b"PAR1"[..], &[0; 64], &real[..real.len() / 2], b""] {
        let text = fs::read_to_string(&list).unwrap().replace(&digest(&fs::read(&path).unwrap()), &digest(forged));
        fs::write(&list, text).unwrap();
        fs::write(&path, forged).unwrap();
        assert!(matches!(store::open(&dir), Err(Error::Damaged { .. })));
    }
}

#[test]
fn a_ledger_of_another_schema_is_not_guessed_at() {
    let folder = folder();
    let dir = folder.path().join("ledger");
    write(&dir).expect("written");
    let list = dir.join("manifest.json");
    fs::write(&list, fs::read_to_string(&list).unwrap().replace("\"schema\": 1", "\"schema\": 2")).unwrap();
    assert!(matches!(store::open(&dir), Err(Error::Version { found: 2, .. })));
    write(&dir).expect("replaced by this version");
}

#[test]
fn credentials_that_are_alike_are_counted_together() {
    let row = |kind: &str, title: &str, standing: &str, status: &str, seen_in: &str, count| PopulationRow {
        kind: kind.into(),
        title: title.into(),
        standing: standing.into(),
        status: status.into(),
        seen_in: seen_in.into(),
        count,
    };
    let ledger = finish(|fold| {
        leaked(fold, KEY);
        listed(fold, KEY, "ci", MADE);
        let trail = Trail::new();
        trail.session(fold, "2026-05-01T09:00:00Z", "ASIAIAAAAAAAAAAAAAAA", CI);
        trail.session(fold, "2026-05-01T09:00:00Z", "ASIAIBBBBBBBBBBBBBBB", CI);
    });
    let key = row("aws-access-key-id", "AWS access key", "standing", "active", "code+export", 1);
    let session = row("aws-temporary-access-key-id", "AWS temporary access key", "ephemeral", "unknown", "log", 2);
    assert_eq!(ledger.population(), [key, session]);
}

/// `OVERSTAY_WRITE=1 cargo test --test ledger` writes the documentation anew.
#[test]
fn the_documented_schema_is_the_one_in_force() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("reports/ledger-schema.md");
    if std::env::var_os("OVERSTAY_WRITE").is_some() {
        fs::write(&path, schema::markdown()).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap_or_default(), schema::markdown(), "run with OVERSTAY_WRITE=1");
}
