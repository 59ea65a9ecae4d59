//! What is staged: the index against `HEAD`, written by hand entry by entry.

use std::fs;
use std::path::Path;

use gix::ObjectId;
use overstay::model::GapReason;
use overstay::source::git::{Before, Error, Repository, StagedContent};
use overstay::source::{Options, Staged, StagedFile};

use super::index::{Entry, file, index};
use super::repo::Repo;
use super::{SECRET, reasons};

fn staged(repo: &Repo) -> Staged {
    Repository::open_at_head(&repo.root, "repo").unwrap().staged(None).unwrap()
}

fn paths(staged: &Staged) -> Vec<(&str, bool)> {
    staged.files.iter().map(|file| (file.path.as_str(), file.before.is_some())).collect()
}

/// A repository whose `HEAD` holds `a` and `d/b`.
fn committed() -> Repo {
    let repo = Repo::new();
    repo.head(repo.commit(&[("a", "one\n"), ("d/b", "two\n")], &[], 0));
    repo
}

#[test]
fn new_and_changed_files_are_staged_and_the_same_and_deleted_ones_are_not() {
    let repo = committed();
    let (one, new) = (repo.blob("one\n"), repo.blob("new\n"));
    repo.file("index", index(&[file("a", one), file("d/b", new), file("d/c", new)], &[]));
    assert_eq!(paths(&staged(&repo)), [("d/b", true), ("d/c", false)]);
    repo.file("index", index(&[file("a", one)], &[]));
    assert_eq!(paths(&staged(&repo)), []);
}

#[test]
fn before_the_first_commit_everything_is_new() {
    let repo = Repo::new();
    repo.file("index", index(&[file("a", repo.blob("one\n"))], &[]));
    assert_eq!(paths(&staged(&repo)), [("a", false)]);
}

#[test]
fn without_an_index_nothing_is_staged() {
    assert_eq!(staged(&committed()).entries, 0);
}

/// The cache tree of an index: name, number of entries and id of each tree, parents before children.
fn cache_tree(trees: &[(&str, usize, usize, ObjectId)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, entries, children, id) in trees {
        bytes.extend(name.as_bytes());
        bytes.extend(format!("\0{entries} {children}\n").as_bytes());
        bytes.extend(id.as_bytes());
    }
    bytes
}

#[test]
fn below_a_tree_that_the_index_knows_to_be_the_same_nothing_is_read() {
    let repo = committed();
    let (sub, root) = (repo.tree(&[("b", "two\n")]), repo.tree(&[("a", "one\n"), ("d/b", "two\n")]));
    fs::remove_file(repo.loose(sub)).unwrap();
    let entries = [file("a", repo.blob("one\n")), file("d/b", repo.blob("two\n"))];
    repo.file("index", index(&entries, &[(b"TREE", cache_tree(&[("", 2, 1, root), ("d", 1, 0, sub)]))]));
    let same = staged(&repo);
    assert_eq!((paths(&same), reasons(&same.gaps)), (vec![], vec![]));
    repo.file("index", index(&entries, &[]));
    assert_eq!(reasons(&staged(&repo).gaps), [(GapReason::Damaged, 1)], "the tree that is gone is needed without it");
}

#[test]
fn a_directory_that_a_sparse_index_holds_as_a_whole_is_compared_as_a_tree() {
    let repo = committed();
    let (one, other) = (repo.blob("one\n"), repo.tree(&[("b", "changed\n"), ("c", "new\n")]));
    let sparse = |id| Entry { path: "d/", mode: 0o040_000, id, stage: 0 };
    repo.file("index", index(&[file("a", one), sparse(repo.tree(&[("b", "two\n")]))], &[(b"sdir", vec![])]));
    assert_eq!(paths(&staged(&repo)), []);
    repo.file("index", index(&[file("a", one), sparse(other)], &[(b"sdir", vec![])]));
    assert_eq!(paths(&staged(&repo)), [("d/b", true), ("d/c", false)]);
}

#[test]
fn a_split_index_is_read_with_the_part_it_shares() {
    let repo = committed();
    let (one, two) = (repo.blob("one\n"), repo.blob("two\n"));
    let mut shared = index(&[file("a", one), file("d/b", two)], &[]);
    let checksum = [7; 20];
    let end = shared.len() - 20;
    shared[end..].copy_from_slice(&checksum);
    repo.file(&format!("sharedindex.{}", "07".repeat(20)), shared);
    let no_bits = [0_u32.to_be_bytes(), 0_u32.to_be_bytes(), 0_u32.to_be_bytes()].concat();
    let link = [checksum.as_slice(), &no_bits, &no_bits].concat();
    repo.file("index", index(&[file("e", repo.blob("new\n"))], &[(b"link", link)]));
    let split = staged(&repo);
    assert_eq!((paths(&split), split.entries), (vec![("e", false)], 3));
}

#[test]
fn a_conflict_and_a_submodule_are_said_once_and_not_examined() {
    let repo = committed();
    let (one, two) = (repo.blob("one\n"), repo.blob("two\n"));
    let side = |stage| Entry { path: "a", mode: 0o100_644, id: two, stage };
    let module = Entry { path: "m", mode: 0o160_000, id: one, stage: 0 };
    repo.file("index", index(&[side(1), side(2), side(3), file("d/b", two), module], &[]));
    let staged = staged(&repo);
    assert_eq!(paths(&staged), []);
    assert_eq!(reasons(&staged.gaps), [(GapReason::Skipped, 1), (GapReason::Skipped, 1)]);
}

#[test]
fn a_hook_can_name_another_index() {
    let repo = committed();
    repo.file("index", index(&[], &[]));
    let other = repo.temp.path().join("next-index");
    fs::write(&other, index(&[file("n", repo.blob("new\n"))], &[])).unwrap();
    let opened = Repository::open_at_head(&repo.root, "repo").unwrap();
    assert_eq!(paths(&opened.staged(Some(&other)).unwrap()), [("n", false)]);
}

#[test]
fn a_damaged_index_is_an_error_and_never_a_panic() {
    let repo = committed();
    let entries = [file("a", repo.blob("one\n")), file("d/b", repo.blob("new\n"))];
    let whole = index(&entries, &[(b"TREE", cache_tree(&[("", 9, 9, repo.blob("x"))]))]);
    for length in 0..whole.len() {
        repo.file("index", &whole[..length]);
        let opened = Repository::open_at_head(&repo.root, "repo").unwrap();
        let result = opened.staged(None);
        assert!(matches!(result, Ok(_) | Err(Error::Index(_) | Error::Internal)), "{result:?}");
    }
    repo.file("index", "no index at all");
    assert!(matches!(Repository::open_at_head(&repo.root, "repo").unwrap().staged(None), Err(Error::Index(_))));
}

#[test]
fn an_index_that_is_a_pipe_is_refused() {
    let repo = committed();
    super::repo::pipe(&repo.git.join("index"));
    assert!(Repository::open_at_head(&repo.root, "repo").is_err());
    let pipe = repo.temp.path().join("pipe");
    fs::remove_file(repo.git.join("index")).unwrap();
    super::repo::pipe(&pipe);
    let opened = Repository::open_at_head(&repo.root, "repo").unwrap();
    assert!(matches!(opened.staged(Some(Path::new(&pipe))), Err(Error::Unreadable { .. })));
}

#[test]
fn content_that_is_not_there_is_a_gap_and_the_other_files_are_examined() {
    let repo = committed();
    let gone = repo.blob("gone\n");
    fs::remove_file(repo.loose(gone)).unwrap();
    repo.file("index", index(&[file("g", gone), file("s", repo.blob(SECRET))], &[]));
    let opened = Repository::open_at_head(&repo.root, "repo").unwrap();
    let staged = opened.staged(None).unwrap();
    let found = |content: StagedContent<'_>, _: Before<'_>| match content {
        StagedContent::Text(text) => (text == SECRET.as_bytes()).then_some(()),
        StagedContent::Archive(..) => None,
    };
    let scanned = opened.scan_staged(&staged.files, &Options::default(), &found);
    let hits: Vec<&str> = scanned.hits.iter().map(|(file, _, ()): &(&StagedFile, _, ())| file.path.as_str()).collect();
    assert_eq!((hits, reasons(&scanned.gaps)), (vec!["s"], vec![(GapReason::Unreadable, 1)]));
}

#[test]
fn head_alone_is_found_in_loose_and_in_packed_references() {
    let repo = committed();
    let head = repo.open().facts().head;
    assert!(head.is_some());
    let alone = || Repository::open_at_head(&repo.root, "repo").unwrap().facts();
    assert_eq!((alone().head, alone().branch), (head.clone(), Some("refs/heads/main".to_owned())));
    fs::remove_file(repo.git.join("refs/heads/main")).unwrap();
    repo.file(
        "packed-refs",
        format!("# pack-refs with: peeled fully-peeled sorted \n{} refs/heads/main\n", head.clone().unwrap()),
    );
    assert_eq!(alone().head, head);
    repo.file("HEAD", format!("{}\n", head.clone().unwrap()));
    assert_eq!((alone().head, alone().branch), (head, None));
}
