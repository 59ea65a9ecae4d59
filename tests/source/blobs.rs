//! Every distinct blob is examined once, wherever and however it is stored.

use std::sync::atomic::{AtomicU64, Ordering};

use gix::objs::Kind;
use overstay::model::{GapReason, Sha256Digest};
use overstay::source::Options;

use crate::pack::{PackWriter, blob_id};
use crate::repo::Repo;
use crate::{SECRET, reasons, secrets, secrets_with};

#[test]
fn a_hit_carries_the_blob_and_the_digest_of_its_content() {
    let repo = Repo::new();
    let content = format!("key = {SECRET}\n");
    let id = repo.blob(&content);
    let scan = secrets(&repo.open());
    assert_eq!(scan.hits.len(), 1);
    assert_eq!(scan.hits[0].id.to_string(), id.to_string());
    assert_eq!(scan.hits[0].sha256, Some(Sha256Digest::of(content.as_bytes())));
    assert_eq!(scan.hits[0].found, content);
}

#[test]
fn a_blob_no_commit_reaches_is_examined_too() {
    let repo = Repo::new();
    repo.head(repo.commit(&[("a", "nothing")], &[], 0));
    repo.blob(SECRET);
    assert_eq!(secrets(&repo.open()).hits.len(), 1);
}

#[test]
fn the_same_blob_in_two_packs_and_loose_is_examined_once() {
    let repo = Repo::bare();
    repo.blob(SECRET);
    for name in ["1", "2"] {
        let mut pack = PackWriter::default();
        pack.blob(SECRET.as_bytes());
        pack.blob(name.as_bytes());
        pack.write(&repo.git, name);
    }
    let calls = AtomicU64::new(0);
    let scan = repo.open().scan_blobs(&Options::default(), &|_: &[u8]| {
        calls.fetch_add(1, Ordering::Relaxed);
        None::<()>
    });
    assert_eq!((scan.blobs, calls.into_inner()), (3, 3));
}

#[test]
fn commits_trees_and_tags_are_not_examined() {
    let repo = Repo::bare();
    let mut pack = PackWriter::default();
    pack.other(Kind::Commit, SECRET.as_bytes());
    pack.other(Kind::Tag, SECRET.as_bytes());
    pack.write(&repo.git, "1");
    repo.object(Kind::Commit, format!("{SECRET} loose").as_bytes());
    let scan = secrets(&repo.open());
    assert_eq!((scan.hits.len(), scan.blobs, scan.gaps.len()), (0, 0, 0));
}

#[test]
fn a_chain_of_deltas_gives_every_version() {
    let repo = Repo::bare();
    let mut pack = PackWriter::default();
    let mut content = vec![b'x'; 300];
    let mut place = pack.blob(&content);
    for number in 0..60 {
        let tail = format!("{SECRET} {number}\n");
        place = pack.appended(place, &content, tail.as_bytes());
        content.extend_from_slice(tail.as_bytes());
    }
    pack.write(&repo.git, "1");
    let scan = secrets(&repo.open());
    assert_eq!((scan.blobs, scan.hits.len(), scan.gaps.len()), (61, 60, 0));
    assert!(scan.hits.iter().any(|hit| hit.found.as_bytes() == content), "the last version is whole");
}

#[test]
fn a_delta_may_come_before_its_base() {
    let repo = Repo::bare();
    let mut pack = PackWriter::default();
    pack.appended_to_id(blob_id(b"base "), b"base ", SECRET.as_bytes());
    pack.blob(b"base ");
    pack.write(&repo.git, "1");
    let scan = secrets(&repo.open());
    assert_eq!((scan.blobs, scan.hits.len(), scan.gaps.len()), (2, 1, 0));
}

#[test]
fn a_delta_may_rest_on_an_object_outside_its_pack() {
    let repo = Repo::bare();
    repo.blob("base ");
    let mut pack = PackWriter::default();
    pack.appended_to_id(blob_id(b"base "), b"base ", SECRET.as_bytes());
    pack.write(&repo.git, "1");
    assert_eq!(secrets(&repo.open()).hits.len(), 1);
}

#[test]
fn a_base_with_thousands_of_deltas_gives_the_same_with_one_thread_and_with_eight() {
    let repo = Repo::bare();
    let mut pack = PackWriter::default();
    let base = format!("{SECRET} ").into_bytes();
    let root = pack.blob(&base);
    for branch in 0..6 {
        let tail = format!("branch {branch} ").into_bytes();
        let place = pack.appended(root, &base, &tail);
        for leaf in 0..400 {
            pack.appended(place, &[base.clone(), tail.clone()].concat(), format!("leaf {leaf}").as_bytes());
        }
    }
    pack.write(&repo.git, "1");
    let scan = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| secrets(&repo.open()))
    };
    let (one, eight) = (scan(1), scan(8));
    assert_eq!(one.hits.len(), 1 + 6 + 6 * 400);
    assert_eq!(one.hits, eight.hits);
    assert_eq!((one.blobs, one.bytes, one.gaps), (eight.blobs, eight.bytes, eight.gaps));
}

#[test]
fn binary_blobs_are_counted_and_not_examined() {
    let repo = Repo::bare();
    repo.blob(format!("\0\x01\x02{SECRET}"));
    let mut pack = PackWriter::default();
    pack.blob(format!("\x7fELF\0\0{SECRET}").as_bytes());
    pack.blob(&[[0_u8, 1, 2, 3].as_slice(), &vec![b'x'; 100_000]].concat());
    pack.write(&repo.git, "1");
    let scan = secrets(&repo.open());
    assert_eq!((scan.blobs, scan.binary), (0, 3));
    assert_eq!(reasons(&scan.gaps), [(GapReason::Skipped, 3)]);
}

#[test]
fn a_blob_above_the_limit_is_said_unless_it_is_binary_anyway() {
    let repo = Repo::bare();
    repo.blob(format!("loose {SECRET} {}", "y".repeat(2000)));
    repo.blob(format!("\0loose {}", "y".repeat(2000)));
    let mut pack = PackWriter::default();
    pack.blob(format!("packed {SECRET} {}", "y".repeat(2000)).as_bytes());
    pack.write(&repo.git, "1");
    repo.blob(format!("small {SECRET}"));
    let scan = secrets_with(&repo.open(), &Options { max_file_bytes: 1000, ..Options::default() });
    assert_eq!((scan.hits.len(), scan.blobs, scan.binary), (1, 1, 1));
    assert_eq!(reasons(&scan.gaps), [(GapReason::Skipped, 1), (GapReason::TooLarge, 2)]);
}

#[test]
fn a_small_blob_that_is_a_delta_of_a_large_one_is_examined() {
    let repo = Repo::bare();
    let large = vec![b'z'; 5000];
    let mut pack = PackWriter::default();
    let place = pack.blob(&large);
    let small = format!("{SECRET}{}", "z".repeat(10));
    let mut delta = vec![0x88, 0x27, small.len() as u8, SECRET.len() as u8];
    delta.extend_from_slice(SECRET.as_bytes());
    delta.extend_from_slice(&[0b1001_0000, 10]);
    let distance = u8::try_from(pack.next_place() - place).unwrap();
    assert!(distance < 0x80);
    pack.entry(6, &[distance], &delta, blob_id(small.as_bytes()));
    pack.write(&repo.git, "1");
    let scan = secrets_with(&repo.open(), &Options { max_file_bytes: 1000, ..Options::default() });
    assert_eq!((scan.hits.len(), scan.blobs), (1, 1));
    assert_eq!(reasons(&scan.gaps), [(GapReason::TooLarge, 1)]);
}

#[test]
fn utf16_is_decoded_before_it_is_examined() {
    let repo = Repo::new();
    let text: Vec<u8> = std::iter::once(0xfeff).chain(SECRET.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    repo.blob(text);
    assert_eq!(secrets(&repo.open()).hits.len(), 1);
}

#[test]
fn an_empty_blob_is_a_blob() {
    let repo = Repo::new();
    repo.blob("");
    let scan = secrets(&repo.open());
    assert_eq!((scan.blobs, scan.bytes, scan.gaps.len()), (1, 0, 0));
}

#[test]
fn an_examination_that_panics_costs_one_blob() {
    let repo = Repo::new();
    repo.blob("good");
    repo.blob("bad");
    let scan = repo.open().scan_blobs(&Options::default(), &|text: &[u8]| {
        assert_ne!(text, b"bad", "this test makes the examination fail");
        Some(())
    });
    assert_eq!((scan.hits.len(), scan.blobs), (1, 1));
    assert_eq!(reasons(&scan.gaps), [(GapReason::Internal, 1)]);
}
