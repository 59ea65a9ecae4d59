//! Repositories of every shape are found, opened and described.

use std::fs;

use overstay::model::{GapReason, Presence};
use overstay::source::{Options, Repository, Root, Shape, classify, tree};

use crate::repo::{Repo, init};
use crate::{SECRET, reasons, secrets};

/// The presence of the only secret.
fn presence(repository: &Repository) -> Presence {
    let hits = secrets(repository).hits;
    let attribution = repository.attribute(&[hits[0].id]);
    attribution.origins[&hits[0].id][0].presence
}

#[test]
fn a_work_tree_is_a_repository_and_a_plain_directory_is_not() {
    let repo = Repo::new();
    repo.head(repo.commit(&[("key", SECRET)], &[], 0));
    assert_eq!(classify(&repo.root).unwrap(), Root::Git(repo.root.clone()));
    assert_eq!(classify(repo.temp.path()).unwrap(), Root::Tree(repo.temp.path().to_owned()));
    let facts = repo.open().facts();
    assert_eq!((facts.is_bare, facts.branch.as_deref(), facts.references), (false, Some("refs/heads/main"), 1));
    assert_eq!(presence(&repo.open()), Presence::InHead);
}

#[test]
fn a_bare_repository_is_one() {
    let repo = Repo::bare();
    repo.head(repo.commit(&[("key", SECRET)], &[], 0));
    assert_eq!(Shape::of(&repo.root), Some(Shape::Bare));
    assert!(repo.open().facts().is_bare);
    assert_eq!(presence(&repo.open()), Presence::InHead);
}

#[test]
fn a_linked_worktree_has_its_own_head_and_the_common_objects() {
    let repo = Repo::new();
    let main = repo.commit(&[("key", SECRET)], &[], 0);
    repo.head(main);
    let linked = repo.temp.path().join("linked");
    fs::create_dir(&linked).unwrap();
    fs::write(linked.join(".git"), format!("gitdir: {}\n", repo.git.join("worktrees/linked").display())).unwrap();
    repo.file("worktrees/linked/commondir", "../..\n");
    repo.file("worktrees/linked/gitdir", format!("{}\n", linked.join(".git").display()));
    repo.file("worktrees/linked/HEAD", format!("{}\n", repo.commit(&[("other", "x")], &[main], 1)));
    assert_eq!(classify(&linked).unwrap(), Root::Git(linked.clone()));
    let repository = Repository::open(&linked, "linked").unwrap();
    let facts = repository.facts();
    assert!(facts.is_linked_worktree && facts.branch.is_none());
    assert_eq!(repository.layout().common_dir, repo.open().layout().common_dir, "one repository, one identity");
    assert_eq!(presence(&repository), Presence::HistoryOnly);
}

#[test]
fn the_detached_head_of_another_worktree_keeps_its_commits() {
    let repo = Repo::new();
    repo.head(repo.commit(&[("a", "1")], &[], 0));
    repo.file("worktrees/linked/HEAD", format!("{}\n", repo.commit(&[("key", SECRET)], &[], 1)));
    assert_eq!(presence(&repo.open()), Presence::HistoryOnly);
}

#[test]
fn a_submodule_checkout_is_a_repository_of_its_own() {
    let repo = Repo::new();
    let module = repo.git.join("modules/sub");
    init(&module);
    let checkout = repo.root.join("sub");
    fs::create_dir(&checkout).unwrap();
    fs::write(checkout.join(".git"), "gitdir: ../.git/modules/sub\n").unwrap();
    fs::write(checkout.join("file"), SECRET).unwrap();
    assert_eq!(Shape::of(&checkout), Some(Shape::GitFile));
    assert!(Repository::open(&checkout, "sub").is_ok());
    let tree = tree::walk(&repo.root, "repo", &Options::default());
    assert_eq!(tree.repositories, [checkout]);
    assert!(tree.files.is_empty(), "{:?}", tree.files);
}

#[test]
fn a_git_file_that_leads_nowhere_is_an_error_that_says_so() {
    let repo = Repo::new();
    let checkout = repo.root.join("sub");
    fs::create_dir(&checkout).unwrap();
    fs::write(checkout.join(".git"), "gitdir: ../nowhere\n").unwrap();
    let error = Repository::open(&checkout, "sub").err().expect("no git directory");
    let gap = error.gap("sub");
    assert_eq!((gap.reason, &*gap.what), (GapReason::Damaged, "sub"));
}

#[test]
fn a_repository_without_commits_is_examined_and_empty() {
    let repo = Repo::new();
    let repository = repo.open();
    let scan = secrets(&repository);
    assert_eq!((scan.blobs, scan.gaps.len(), repository.gaps().len()), (0, 0, 0));
    assert_eq!(repository.facts().head, None);
    assert_eq!(repository.notes()[0], "no commit yet at HEAD");
    assert!(repository.head_paths().is_empty());
}

#[test]
fn a_detached_head_is_a_head() {
    let repo = Repo::new();
    let commit = repo.commit(&[("key", SECRET)], &[], 0);
    repo.file("HEAD", format!("{commit}\n"));
    let facts = repo.open().facts();
    assert_eq!((facts.head, facts.branch), (Some(commit.to_string()), None));
    assert_eq!(presence(&repo.open()), Presence::InHead);
}

#[test]
fn a_shallow_clone_is_said_and_its_boundary_is_no_damage() {
    let repo = Repo::new();
    let absent = gix::ObjectId::from_hex(b"1234567890123456789012345678901234567890").unwrap();
    let boundary = repo.commit(&[("key", SECRET)], &[absent], 0);
    repo.head(repo.commit(&[("other", "x")], &[boundary], 1));
    repo.file("shallow", format!("{boundary}\n"));
    let repository = repo.open();
    assert!(repository.facts().is_shallow);
    assert_eq!(reasons(&repository.gaps()), [(GapReason::Absent, 1)]);
    let hits = secrets(&repository).hits;
    let attribution = repository.attribute(&[hits[0].id]);
    assert!(attribution.gaps.is_empty(), "{:?}", attribution.gaps);
    assert_eq!(attribution.origins[&hits[0].id][0].commit, boundary.to_string());
}

#[test]
fn a_parent_that_is_gone_without_a_reason_is_damage() {
    let repo = Repo::new();
    let absent = gix::ObjectId::from_hex(b"1234567890123456789012345678901234567890").unwrap();
    repo.head(repo.commit(&[("key", SECRET)], &[absent], 0));
    assert_eq!(reasons(&repo.open().attribute(&[]).gaps), [(GapReason::Damaged, 1)]);
}

#[test]
fn a_partial_clone_counts_what_it_lacks() {
    let repo = Repo::new();
    let gone = repo.blob("never fetched");
    repo.head(repo.commit(&[("a", "never fetched"), ("b", "never fetched"), ("key", SECRET)], &[], 0));
    fs::remove_file(repo.loose(gone)).unwrap();
    repo.configure("[core]\n repositoryformatversion = 1\n[extensions]\n partialClone = origin\n");
    let repository = repo.open();
    assert!(repository.facts().is_partial);
    let scan = secrets(&repository);
    assert_eq!((scan.hits.len(), reasons(&scan.gaps)), (1, vec![(GapReason::Absent, 1)]));
}

#[test]
fn a_repository_with_sha256_is_read_like_any_other() {
    let repo = Repo::sha256();
    let commit = repo.commit(&[("dir/key", SECRET)], &[], 0);
    repo.head(commit);
    let repository = repo.open();
    assert_eq!(repository.facts().hash, "sha256");
    let hits = secrets(&repository).hits;
    let origin = &repository.attribute(&[hits[0].id]).origins[&hits[0].id][0];
    assert_eq!((origin.commit.as_str(), origin.presence), (commit.to_string().as_str(), Presence::InHead));
}

#[test]
fn an_object_format_of_the_future_is_one_clear_gap() {
    let repo = Repo::new();
    repo.configure("[core]\n repositoryformatversion = 1\n[extensions]\n objectFormat = sha512\n");
    let gap = Repository::open(&repo.root, "repo").err().expect("unknown format").gap("repo");
    assert_eq!(gap.reason, GapReason::UnknownFormat);
    assert!(gap.detail.contains("sha512"), "{gap:?}");
}

#[test]
fn reference_tables_are_said_and_blobs_are_examined_all_the_same() {
    let repo = Repo::new();
    repo.blob(SECRET);
    repo.file("reftable/tables.list", "");
    repo.file("HEAD", "ref: refs/heads/.invalid\n");
    let repository = repo.open();
    assert_eq!(reasons(&repository.gaps()), [(GapReason::UnknownFormat, 1)]);
    assert_eq!(secrets(&repository).hits.len(), 1);
}

#[test]
fn objects_borrowed_from_another_repository_are_examined_once_and_said() {
    let (lender, borrower) = (Repo::bare(), Repo::new());
    lender.blob(SECRET);
    borrower.blob(SECRET);
    lender.blob(format!("another {SECRET}"));
    borrower.file("objects/info/alternates", format!("{}\n", lender.git.join("objects").display()));
    let repository = borrower.open();
    let scan = secrets(&repository);
    assert_eq!((scan.hits.len(), scan.blobs), (2, 2));
    assert!(repository.notes().iter().any(|note| note.contains("borrows objects from 1")), "{:?}", repository.notes());
}
