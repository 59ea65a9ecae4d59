//! Archives in trees and in histories, through the whole pipeline.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its own input has failed")]
#![expect(dead_code, reason = "the repository builder is shared with the tests of the source layer")]

#[path = "archives/build.rs"]
mod build;
#[path = "source/repo.rs"]
mod repo;
#[path = "archives/run.rs"]
mod run;

use std::fs;

use overstay::model::{GapReason, MemberPlace, Place, Sha256Digest};
use overstay::report::{self, Look, Report};

use build::{gzip, layout, tar};
use repo::Repo;
use run::{evidence, key_id, scanned};

fn written(format: &str, report: &Report) -> String {
    let mut out = Vec::new();
    report::find(format).unwrap().write(report, &mut out, &Look::default()).unwrap();
    String::from_utf8(out).unwrap()
}

fn bundle() -> Vec<u8> {
    let configuration = format!("# two lines\nid: {} \n", key_id());
    gzip(&tar(&[("conf/db.yml", configuration.as_bytes()), ("logo.png", b"\x89PNG\0\0\0")]))
}

#[test]
fn a_secret_in_an_archive_of_a_tree_is_evidence_in_the_archive_with_its_digest_and_the_member() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("bundle.tgz"), bundle()).unwrap();
    let report = scanned(folder.path(), true);
    let [piece] = evidence(&report)[..] else { panic!("one place") };
    assert!(piece.input.name().ends_with("/bundle.tgz"), "{}", piece.input.name());
    assert_eq!(piece.input.sha256(), Some(Sha256Digest::of(&bundle())));
    let member = "conf/db.yml".to_owned();
    assert_eq!(piece.place, Place::Member(Box::new(MemberPlace { member, line: 2, column: 5, introduced: None })));
    assert!(report.inputs[0].notes.contains(&"members 2".to_owned()), "{:?}", report.inputs);
    for format in ["terminal", "markdown", "json", "sarif"] {
        assert!(written(format, &report).contains("conf/db.yml"), "{format} names the member");
    }
}

#[test]
fn archives_stay_closed_where_that_is_asked_for_and_it_is_said() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("bundle.tgz"), bundle()).unwrap();
    let report = scanned(folder.path(), false);
    assert_eq!(evidence(&report).len(), 0);
    assert!(report.gaps.iter().any(|gap| gap.detail.contains("not opened as asked for") && gap.count == 1));
}

#[test]
fn an_archive_in_a_history_is_opened_and_attributed_to_its_commit() {
    let repo = Repo::new();
    let blob = repo.blob(bundle());
    let with = repo.commit_at(repo.raw_tree(&[("100644", b"bundle.tgz", blob)]), &[], "1700000000 +0000");
    let without = repo.commit(&[("README", "gone\n")], &[with], 1);
    repo.head(without);
    fs::remove_file(repo.root.join("bundle.tgz")).unwrap_or_default();
    let report = scanned(&repo.root, true);
    let [piece] = evidence(&report)[..] else { panic!("one place") };
    let Some(MemberPlace { member, introduced: Some(introduced), line: 2, .. }) = member(&piece.place) else {
        panic!("{:?}", piece.place)
    };
    assert_eq!((member.as_str(), introduced.path.as_str()), ("conf/db.yml", "bundle.tgz"));
    assert_eq!(introduced.commit, with.to_string());
    assert!(report.gaps.iter().any(|gap| &*gap.detail == "binary members of archives" && gap.count == 1));
    assert_eq!(evidence(&scanned(&repo.root, false)).len(), 0);
}

#[test]
fn a_file_deleted_by_a_later_layer_of_an_image_is_said_to_be_in_the_image_still() {
    let lower = tar(&[("app/.env", format!("id: {} \n", key_id()).as_bytes())]);
    let upper = tar(&[("app/.wh..env", b"")]);
    let manifest = br#"[{"Layers":["blobs/sha256/aa","blobs/sha256/bb"]}]"#;
    let image = tar(&[("blobs/sha256/aa", &lower), ("blobs/sha256/bb", &gzip(&upper)), ("manifest.json", manifest)]);
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("image.tar"), image).unwrap();
    let report = scanned(folder.path(), true);
    let [piece] = evidence(&report)[..] else { panic!("one place") };
    assert!(piece.shows.contains("blobs/sha256/bb deletes the file, but the layer keeps it"), "{}", piece.shows);
}

/// A layout of two layers, of which the upper deletes the file with the key that the lower brings.
fn deleting() -> Vec<(String, Vec<u8>)> {
    let lower = gzip(&tar(&[("app/.env", format!("id: {} \n", key_id()).as_bytes())]));
    layout("1.0", &[lower, gzip(&tar(&[("app/.wh..env", b"")]))])
}

#[test]
fn a_layer_of_an_oci_layout_in_an_archive_is_told_with_its_image_and_what_deletes_the_file() {
    let files = deleting();
    let folder = tempfile::tempdir().unwrap();
    for reversed in [false, true] {
        let mut members: Vec<(&str, &[u8])> =
            files.iter().map(|(path, content)| (path.as_str(), content.as_slice())).collect();
        if reversed {
            members.reverse();
        }
        fs::write(folder.path().join("image.tar"), tar(&members)).unwrap();
        let report = scanned(folder.path(), true);
        let [piece] = evidence(&report)[..] else { panic!("one place") };
        let Some(MemberPlace { member, .. }) = member(&piece.place) else { panic!("{:?}", piece.place) };
        assert_eq!(*member, format!("{}!/app/.env", files[0].0));
        let told = format!("in layer 1 of 2 of the image 1.0 (linux/arm64); {} deletes the file", files[1].0);
        assert!(piece.shows.contains(&told), "{}", piece.shows);
    }
}

#[test]
fn a_layer_of_an_oci_layout_in_a_directory_is_told_in_the_same_way() {
    let files = deleting();
    let folder = tempfile::tempdir().unwrap();
    for (path, content) in &files {
        let path = folder.path().join("app").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    let report = scanned(folder.path(), true);
    let [piece] = evidence(&report)[..] else { panic!("one place") };
    assert!(piece.input.name().ends_with(&format!("/app/{}", files[0].0)), "{}", piece.input.name());
    let told = format!("in layer 1 of 2 of the image 1.0 (linux/arm64); {} deletes the file", files[1].0);
    assert!(piece.shows.contains(&told), "{}", piece.shows);
    let screen = written("terminal", &report);
    let screen = screen.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ");
    assert!(screen.contains("in layer 1 of 2 of the image 1.0") && screen.contains("deletes the file"), "{screen}");
    fs::remove_file(folder.path().join("app/index.json")).unwrap();
    let report = scanned(folder.path(), true);
    assert!(!evidence(&report)[0].shows.contains("layer"), "without an index nothing is said of layers");
}

#[test]
fn a_parquet_file_in_an_archive_is_said_not_to_be_examined() {
    let columns = fs::read("fixtures/import/aws-cloudtrail/athena.parquet").unwrap();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("logs.tar"), tar(&[("trail.parquet", &columns), ("a.txt", b"words")])).unwrap();
    let report = scanned(folder.path(), true);
    let said = report.gaps.iter().find(|gap| gap.detail.starts_with("Parquet files in archives"));
    let said = said.unwrap_or_else(|| panic!("{:?}", report.gaps));
    assert!(said.detail.contains("logs.tar") && said.count == 1, "{said:?}");
    assert!(said.effect.contains("unpack them"), "{said:?}");
    assert!(!report.gaps.iter().any(|gap| gap.detail.starts_with("binary members")), "{:?}", report.gaps);
}

#[test]
fn an_export_in_an_archive_is_said_not_to_be_imported() {
    let record = r#"{"Records":[{"eventVersion":"1.08","eventTime":"2026-01-01T00:00:00Z","eventSource":"iam.amazonaws.com","eventName":"ListUsers","awsRegion":"us-east-1","userIdentity":{"type":"Root"},"eventID":"1"}]}"#;
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("logs.tar"), tar(&[("trail.json", record.as_bytes())])).unwrap();
    let report = scanned(folder.path(), true);
    let said = report.gaps.iter().find(|gap| gap.detail.starts_with("exports and logs in archives"));
    assert_eq!(said.map(|gap| (gap.reason, gap.count)), Some((GapReason::Skipped, 1)), "{:?}", report.gaps);
}

#[test]
fn a_damaged_archive_costs_one_line_and_makes_the_run_incomplete() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("cut.tgz"), &bundle()[..60]).unwrap();
    let report = scanned(folder.path(), true);
    let damaged: Vec<_> = report.gaps.iter().filter(|gap| gap.reason == GapReason::Damaged).collect();
    assert_eq!(damaged.len(), 1, "{:?}", report.gaps);
    assert!(report.is_incomplete());
}

fn member(place: &Place) -> Option<&MemberPlace> {
    match place {
        Place::Member(member) => Some(member),
        _ => None,
    }
}
