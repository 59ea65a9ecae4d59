//! What is broken costs a line; everything else is examined.

use std::fs;

use overstay::model::GapReason;

use crate::pack::{PackWriter, blob_id};
use crate::repo::Repo;
use crate::{SECRET, reasons, secrets};

fn noise(seed: u32, length: usize) -> String {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(1);
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from(b'a' + (state >> 24) as u8 % 26)
    };
    (0..length).map(|_| next()).collect()
}

#[test]
fn a_truncated_pack_gives_what_is_left_of_it() {
    let repo = Repo::bare();
    let mut pack = PackWriter::default();
    let places: Vec<u32> = (0..10).map(|n| pack.blob(format!("{SECRET} {}", noise(n, 500)).as_bytes())).collect();
    let path = pack.write(&repo.git, "1");
    let content = fs::read(&path).unwrap();
    fs::write(&path, &content[..places[6] as usize + 40]).unwrap();
    repo.blob(format!("loose {SECRET}"));
    let scan = secrets(&repo.open());
    assert_eq!(scan.hits.len(), 6 + 1);
    assert_eq!(reasons(&scan.gaps), [(GapReason::Damaged, 4)]);
}

#[test]
fn a_pack_cut_to_nothing_is_one_gap() {
    let repo = Repo::bare();
    let mut pack = PackWriter::default();
    pack.blob(b"gone");
    let path = pack.write(&repo.git, "1");
    fs::write(&path, b"PACK").unwrap();
    repo.blob(SECRET);
    let scan = secrets(&repo.open());
    assert_eq!(scan.hits.len(), 1);
    assert_eq!(reasons(&scan.gaps), [(GapReason::Damaged, 1)]);
    assert!(scan.gaps[0].what.contains("pack-1"), "{:?}", scan.gaps);
}

#[test]
fn a_damaged_index_is_one_gap() {
    let repo = Repo::bare();
    let mut pack = PackWriter::default();
    pack.blob(b"gone");
    let path = pack.write(&repo.git, "1");
    fs::write(path.with_extension("idx"), b"\xfftOc\0\0\0\x02 and nothing more").unwrap();
    repo.blob(SECRET);
    let scan = secrets(&repo.open());
    assert_eq!((scan.hits.len(), reasons(&scan.gaps)), (1, vec![(GapReason::Damaged, 1)]));
}

#[test]
fn a_pack_without_index_is_one_gap() {
    let repo = Repo::bare();
    let mut pack = PackWriter::default();
    pack.blob(b"gone");
    let path = pack.write(&repo.git, "1");
    fs::remove_file(path.with_extension("idx")).unwrap();
    let scan = secrets(&repo.open());
    assert_eq!(reasons(&scan.gaps), [(GapReason::Damaged, 1)]);
}

#[test]
fn damage_in_one_pack_is_made_good_by_another_copy() {
    let repo = Repo::bare();
    let content = format!("{SECRET} {}", noise(1, 500));
    let mut pack = PackWriter::default();
    pack.blob(content.as_bytes());
    let path = pack.write(&repo.git, "1");
    let mut bytes = fs::read(&path).unwrap();
    bytes[40] ^= 0xff;
    fs::write(&path, bytes).unwrap();
    assert_eq!(reasons(&secrets(&repo.open()).gaps), [(GapReason::Damaged, 1)]);
    repo.blob(&content);
    let scan = secrets(&repo.open());
    assert_eq!((scan.hits.len(), scan.gaps.len()), (1, 0));
}

#[test]
fn everything_below_a_damaged_base_is_counted() {
    let repo = Repo::bare();
    let base = noise(7, 300).into_bytes();
    let mut pack = PackWriter::default();
    let place = pack.blob(&base);
    let below = pack.appended(place, &base, b" one");
    pack.appended(below, &[base.as_slice(), b" one"].concat(), b" two");
    pack.blob(SECRET.as_bytes());
    let path = pack.write(&repo.git, "1");
    let mut bytes = fs::read(&path).unwrap();
    bytes[60] ^= 0xff;
    fs::write(&path, bytes).unwrap();
    let scan = secrets(&repo.open());
    assert_eq!(scan.hits.len(), 1);
    assert_eq!(reasons(&scan.gaps), [(GapReason::Damaged, 3)]);
}

#[test]
fn deltas_that_rest_on_each_other_end_as_damage() {
    let repo = Repo::bare();
    let (first, second) = (blob_id(b"first"), blob_id(b"second"));
    let mut pack = PackWriter::default();
    pack.entry(7, second.as_bytes(), b"\x01\x01\x01x", first);
    pack.entry(7, first.as_bytes(), b"\x01\x01\x01x", second);
    pack.blob(SECRET.as_bytes());
    pack.write(&repo.git, "1");
    let scan = secrets(&repo.open());
    assert_eq!(scan.hits.len(), 1);
    assert_eq!(reasons(&scan.gaps), [(GapReason::Damaged, 2)]);
}

#[test]
fn a_base_that_is_nowhere_is_said() {
    let repo = Repo::bare();
    let mut pack = PackWriter::default();
    pack.appended_to_id(blob_id(b"nowhere"), b"nowhere", b"tail");
    pack.write(&repo.git, "1");
    assert_eq!(reasons(&secrets(&repo.open()).gaps), [(GapReason::Absent, 1)]);
}

#[test]
fn an_entry_that_promises_too_much_takes_no_memory() {
    let repo = Repo::bare();
    let mut pack = PackWriter::default();
    pack.blob(SECRET.as_bytes());
    let path = pack.write(&repo.git, "1");
    let mut bytes = fs::read(&path).unwrap();
    let end = bytes.len();
    bytes.splice(12..13, [0xbf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]);
    bytes.truncate(end);
    fs::write(&path, bytes).unwrap();
    assert_eq!(reasons(&secrets(&repo.open()).gaps), [(GapReason::TooLarge, 1)]);
}

#[test]
fn a_loose_object_cut_short_is_one_gap() {
    let repo = Repo::bare();
    let id = repo.blob(format!("{SECRET} {}", noise(3, 3000)));
    repo.blob(SECRET);
    let path = repo.loose(id);
    let content = fs::read(&path).unwrap();
    fs::remove_file(&path).unwrap();
    fs::write(&path, &content[..content.len() / 2]).unwrap();
    let empty = repo.loose(repo.blob("soon empty"));
    fs::remove_file(&empty).unwrap();
    fs::write(&empty, b"").unwrap();
    let scan = secrets(&repo.open());
    assert_eq!(scan.hits.len(), 1);
    assert_eq!(reasons(&scan.gaps), [(GapReason::Damaged, 2)]);
}

#[test]
fn a_hit_under_a_wrong_name_is_no_evidence() {
    let repo = Repo::bare();
    let real = repo.loose(repo.blob(SECRET));
    let false_name = repo.loose(blob_id(b"something else"));
    fs::create_dir_all(false_name.parent().unwrap()).unwrap();
    fs::rename(real, false_name).unwrap();
    let scan = secrets(&repo.open());
    assert_eq!((scan.hits.len(), reasons(&scan.gaps)), (0, vec![(GapReason::Damaged, 1)]));
}

#[test]
fn an_unreadable_reference_is_one_gap_and_the_others_hold() {
    let repo = Repo::new();
    let commit = repo.commit(&[("a", SECRET)], &[], 0);
    repo.head(commit);
    repo.file("refs/heads/broken", "not an object id\n");
    let repository = repo.open();
    assert_eq!(reasons(&repository.gaps()), [(GapReason::Damaged, 1)]);
    let hits = secrets(&repository).hits;
    assert_eq!(repository.attribute(&[hits[0].id]).origins[&hits[0].id][0].commit, commit.to_string());
}

#[test]
fn a_tree_that_is_gone_is_said_when_blobs_are_assigned() {
    let repo = Repo::new();
    let tree = repo.tree(&[("dir/a", SECRET), ("b", "x")]);
    repo.head(repo.commit_at(tree, &[], "1700000000 +0000"));
    fs::remove_file(repo.loose(repo.tree(&[("a", SECRET)]))).unwrap();
    let repository = repo.open();
    let hits = secrets(&repository).hits;
    assert_eq!(reasons(&repository.attribute(&[hits[0].id]).gaps), [(GapReason::Damaged, 1)]);
}
