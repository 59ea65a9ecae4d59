//! Git bundles, through the whole pipeline.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its own input has failed")]
#![expect(dead_code, reason = "the builders are shared with the tests of the source layer")]

#[path = "archives/build.rs"]
mod build;
#[path = "source/bundle.rs"]
mod bundle;
#[path = "source/pack.rs"]
mod pack;
#[path = "source/repo.rs"]
mod repo;
#[path = "archives/run.rs"]
mod run;

use std::fs;
use std::path::PathBuf;

use gix::ObjectId;
use overstay::model::{Gap, GapReason, Place};
use overstay::report::Report;
use tempfile::TempDir;

use bundle::{add_loose, bundle};
use pack::PackWriter;
use repo::Repo;
use run::{evidence, key_id, scanned};

/// A history whose first commit brings the key into `a` and whose second takes it away; both commits.
fn history() -> (Repo, ObjectId, ObjectId) {
    let repo = Repo::new();
    let first = repo.commit(&[("a", &format!("\nid: {}\n", key_id())), ("d/same", "same\n")], &[], 0);
    let second = repo.commit(&[("a", "gone\n"), ("d/same", "same\n")], &[first], 1);
    repo.head(second);
    (repo, first, second)
}

/// All of that history in a bundle.
fn whole() -> (Vec<u8>, ObjectId) {
    let (repo, first, second) = history();
    let mut pack = PackWriter::default();
    add_loose(&repo, &mut pack);
    (bundle(&[("refs/heads/main", second)], &[], &pack.bytes()), first)
}

fn written(content: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.bundle");
    fs::write(&path, content).unwrap();
    (folder, path)
}

/// What was not examined against the will of who asked.
fn troubles(report: &Report) -> Vec<&Gap> {
    report.gaps.iter().filter(|gap| gap.reason != GapReason::Skipped).collect()
}

#[test]
fn a_bundle_is_read_like_the_repository_it_is_of() {
    let (content, first) = whole();
    let (_folder, path) = written(&content);
    let report = scanned(&path, true);
    let [piece] = evidence(&report)[..] else { panic!("one place: {:?}", report.gaps) };
    assert!(piece.input.name().ends_with("x.bundle!/a"), "{}", piece.input.name());
    let Place::Commit(at) = &piece.place else { panic!("{:?}", piece.place) };
    assert_eq!((at.line, at.author_date.is_some()), (2, true));
    assert_eq!((at.commit.as_str(), at.path.as_str()), (first.to_string().as_str(), "a"));
    assert_eq!(troubles(&report), Vec::<&Gap>::new());
    let summary = &report.inputs[0];
    assert_eq!((&*summary.format, summary.items), ("git", 3));
    assert!(summary.notes.contains(&"commits 2".to_owned()), "{:?}", summary.notes);
}

#[test]
fn differences_are_followed_whether_they_name_their_base_by_place_or_by_id() {
    let secret = format!("\nid: {}\n", key_id());
    let base = "line\n".repeat(100);
    let middle = format!("{base}{secret}");
    for by_id in [false, true] {
        let mut pack = PackWriter::default();
        let place = pack.blob(base.as_bytes());
        if by_id {
            // Out of order: the entry stands before its own base.
            let id = pack::blob_id(middle.as_bytes());
            pack = PackWriter::default();
            pack.appended_to_id(id, middle.as_bytes(), b"end\n");
            pack.appended_to_id(pack::blob_id(base.as_bytes()), base.as_bytes(), secret.as_bytes());
            pack.blob(base.as_bytes());
        } else {
            let next = pack.appended(place, base.as_bytes(), secret.as_bytes());
            pack.appended(next, middle.as_bytes(), b"end\n");
        }
        let (_folder, path) = written(&bundle(&[], &[], &pack.bytes()));
        let report = scanned(&path, true);
        assert_eq!((report.inputs[0].items, troubles(&report)), (3, vec![]), "by id: {by_id}");
        assert!(!evidence(&report).is_empty());
    }
}

#[test]
fn a_bundle_of_a_part_says_what_it_builds_on_and_counts_what_needs_it() {
    let (repo, first, _) = history();
    let absent = Repo::new().blob("not in the bundle\n");
    let mut pack = PackWriter::default();
    add_loose(&repo, &mut pack);
    let place = pack.appended_to_id(absent, b"not in the bundle\n", b"one\n");
    pack.appended(place, b"not in the bundle\none\n", b"two\n");
    let (_folder, path) = written(&bundle(&[("HEAD", first)], &[absent], &pack.bytes()));
    let report = scanned(&path, true);
    let told: Vec<(GapReason, u64)> = troubles(&report).iter().map(|gap| (gap.reason, gap.count)).collect();
    assert_eq!(told, [(GapReason::Absent, 1), (GapReason::Absent, 2)], "{:?}", report.gaps);
    assert_eq!(evidence(&report).len(), 1);
}

#[test]
fn a_bundle_that_is_cut_anywhere_costs_one_line() {
    let (content, _) = whole();
    let start = memchr::memmem::find(&content, b"PACK").unwrap();
    for length in (30..content.len() - 25).step_by(13).filter(|length| !(start..start + 14).contains(length)) {
        let (_folder, path) = written(&content[..length]);
        let report = scanned(&path, true);
        assert_eq!(troubles(&report).len(), 1, "cut to {length} of {}: {:?}", content.len(), report.gaps);
        assert!(report.is_incomplete());
    }
}

#[test]
fn what_stands_before_the_damage_is_examined() {
    let (content, _) = whole();
    let mut pack = PackWriter::default();
    pack.blob(format!("id: {}\n", key_id()).as_bytes());
    let at = pack.bytes().len() - 20;
    pack.blob(b"damaged\n");
    let start = memchr::memmem::find(&content, b"PACK").unwrap();
    let mut damaged = [&content[..start], &pack.bytes()].concat();
    damaged[start + at + 4] ^= 0xff;
    let (_folder, path) = written(&damaged);
    let report = scanned(&path, true);
    assert_eq!(evidence(&report).len(), 1);
    assert!(troubles(&report).iter().any(|gap| gap.detail.contains("ends early or is damaged") && gap.count == 1));
}

#[test]
fn a_bundle_in_a_folder_stays_closed_with_the_archives_and_one_that_is_named_does_not() {
    let (folder, path) = written(&whole().0);
    assert_eq!(evidence(&scanned(folder.path(), true)).len(), 1);
    let closed = scanned(folder.path(), false);
    assert_eq!(evidence(&closed).len(), 0);
    assert!(closed.gaps.iter().any(|gap| gap.detail.contains("not opened as asked for")), "{:?}", closed.gaps);
    assert_eq!(evidence(&scanned(&path, false)).len(), 1);
}

#[test]
fn a_bundle_in_an_archive_is_said_not_to_be_read() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("x.tgz"), build::gzip(&build::tar(&[("x.bundle", &whole().0)]))).unwrap();
    let report = scanned(folder.path(), true);
    let [gap] = troubles(&report)[..] else { panic!("{:?}", report.gaps) };
    assert!(gap.what.ends_with("x.tgz!/x.bundle") && gap.detail.contains("a git bundle"), "{gap:?}");
}
