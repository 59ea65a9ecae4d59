//! Who brought a blob in, where, and whether it is still there.

use gix::ObjectId;
use overstay::model::Presence;
use overstay::source::{Origin, Repository};

use crate::repo::Repo;
use crate::{SECRET, secrets};

/// The places of the only blob with the secret.
fn origins(repository: &Repository) -> Vec<Origin> {
    let hits = secrets(repository).hits;
    assert_eq!(hits.len(), 1, "the test plants one blob");
    let attribution = repository.attribute(&[hits[0].id]);
    assert!(attribution.gaps.is_empty(), "{:?}", attribution.gaps);
    attribution.origins[&hits[0].id].clone()
}

/// Commit, path and presence of each place.
fn places(repository: &Repository) -> Vec<(String, String, Presence)> {
    origins(repository).into_iter().map(|origin| (origin.commit, origin.path, origin.presence)).collect()
}

fn place(commit: ObjectId, path: &str, presence: Presence) -> (String, String, Presence) {
    (commit.to_string(), path.to_owned(), presence)
}

#[test]
fn a_secret_added_and_removed_is_history_of_the_commit_that_added_it() {
    let repo = Repo::new();
    let before = repo.commit(&[("a", "1")], &[], 0);
    let added = repo.commit(&[("a", "1"), ("conf/key", SECRET)], &[before], 1);
    let kept = repo.commit(&[("a", "2"), ("conf/key", SECRET)], &[added], 2);
    repo.head(repo.commit(&[("a", "2")], &[kept], 3));
    assert_eq!(places(&repo.open()), [place(added, "conf/key", Presence::HistoryOnly)]);
    let date = origins(&repo.open())[0].author_date;
    assert_eq!(date.map(|date| date.to_string()).as_deref(), Some("2023-11-14T22:14:20Z"));
}

#[test]
fn a_blob_at_two_paths_has_two_places_with_their_own_commits() {
    let repo = Repo::new();
    let first = repo.commit(&[("old", SECRET)], &[], 0);
    let second = repo.commit(&[("new/copy", SECRET), ("old", SECRET)], &[first], 1);
    repo.head(repo.commit(&[("new/copy", SECRET)], &[second], 2));
    let expected = [place(first, "old", Presence::HistoryOnly), place(second, "new/copy", Presence::InHead)];
    assert_eq!(places(&repo.open()), expected);
}

#[test]
fn a_secret_removed_and_added_again_is_the_first_commits() {
    let repo = Repo::new();
    let first = repo.commit(&[("key", SECRET)], &[], 0);
    let removed = repo.commit(&[("other", "x")], &[first], 1);
    repo.head(repo.commit(&[("key", SECRET)], &[removed], 2));
    assert_eq!(places(&repo.open()), [place(first, "key", Presence::InHead)]);
}

#[test]
fn what_a_merge_invents_is_the_merges() {
    let repo = Repo::new();
    let root = repo.commit(&[("a", "1")], &[], 0);
    let left = repo.commit(&[("a", "left")], &[root], 1);
    let right = repo.commit(&[("a", "right")], &[root], 2);
    let merge = repo.commit(&[("a", SECRET)], &[left, right], 3);
    repo.head(merge);
    assert_eq!(places(&repo.open()), [place(merge, "a", Presence::InHead)]);
}

#[test]
fn what_a_merge_only_joins_is_the_branchs() {
    let repo = Repo::new();
    let root = repo.commit(&[("a", "1")], &[], 0);
    let left = repo.commit(&[("a", "left")], &[root], 1);
    let right = repo.commit(&[("a", "1"), ("dir/key", SECRET)], &[root], 2);
    repo.head(repo.commit(&[("a", "left"), ("dir/key", SECRET)], &[left, right], 3));
    assert_eq!(places(&repo.open()), [place(right, "dir/key", Presence::InHead)]);
}

#[test]
fn two_branches_with_the_same_file_are_told_apart_by_date() {
    let repo = Repo::new();
    let root = repo.commit(&[("a", "1")], &[], 0);
    let late = repo.commit(&[("key", SECRET)], &[root], 20);
    let early = repo.commit(&[("a", "2"), ("key", SECRET)], &[root], 10);
    repo.head(late);
    repo.reference("refs/heads/other", early);
    assert_eq!(places(&repo.open()), [place(early, "key", Presence::InHead)]);
}

#[test]
fn a_forged_date_cannot_put_a_commit_before_its_parent() {
    let repo = Repo::new();
    let parent = repo.commit(&[("key", SECRET)], &[], 50);
    let child = repo.commit(&[("other", "x")], &[parent], 1);
    repo.head(repo.commit(&[("key", SECRET)], &[child], 2));
    assert_eq!(origins(&repo.open())[0].commit, parent.to_string());
}

#[test]
fn a_branch_that_was_never_merged_is_history() {
    let repo = Repo::new();
    let root = repo.commit(&[("a", "1")], &[], 0);
    repo.head(root);
    let branch = repo.commit(&[("key", SECRET)], &[root], 1);
    repo.file(
        "packed-refs",
        format!("# pack-refs with: peeled fully-peeled sorted \n{branch} refs/remotes/origin/topic\n"),
    );
    assert_eq!(places(&repo.open()), [place(branch, "key", Presence::HistoryOnly)]);
}

#[test]
fn an_annotated_tag_keeps_its_commits() {
    let repo = Repo::new();
    let commit = repo.commit(&[("key", SECRET)], &[], 0);
    let tag =
        repo.object(gix::objs::Kind::Tag, format!("object {commit}\ntype commit\ntag v1\n\nmessage\n").as_bytes());
    repo.reference("refs/tags/v1", tag);
    assert_eq!(places(&repo.open()), [place(commit, "key", Presence::HistoryOnly)]);
}

#[test]
fn a_stash_below_the_newest_is_found_in_its_log() {
    let repo = Repo::new();
    let root = repo.commit(&[("a", "1")], &[], 0);
    let old = repo.commit(&[("key", SECRET)], &[root], 1);
    let new = repo.commit(&[("a", "2")], &[root], 2);
    repo.head(root);
    repo.reference("refs/stash", new);
    let who = "A U Thor <author@example.com> 1700000000 +0000\tWIP";
    repo.file("logs/refs/stash", format!("{:040} {old} {who}\n{old} {new} {who}\n", 0));
    assert_eq!(places(&repo.open()), [place(old, "key", Presence::HistoryOnly)]);
}

#[test]
fn a_blob_no_commit_reaches_says_so() {
    let repo = Repo::new();
    repo.head(repo.commit(&[("a", "1")], &[], 0));
    repo.blob(SECRET);
    let origins = origins(&repo.open());
    assert_eq!(origins.len(), 1);
    assert_eq!((origins[0].presence, origins[0].commit.as_str()), (Presence::Unreachable, ""));
}

#[test]
fn dates_out_of_all_bounds_are_absent_and_harm_nothing() {
    for date in ["9223372036854775807 +0000", "99999999999999999999999 +0000", "-99999999999999999 +0000", "soon", ""] {
        let repo = Repo::new();
        let commit = repo.commit_at(repo.tree(&[("key", SECRET)]), &[], date);
        repo.head(commit);
        let origins = origins(&repo.open());
        assert_eq!((origins[0].commit.clone(), origins[0].author_date), (commit.to_string(), None), "{date}");
    }
}

#[test]
fn a_date_before_the_epoch_is_kept() {
    let repo = Repo::new();
    repo.head(repo.commit_at(repo.tree(&[("key", SECRET)]), &[], "-86400 +0000"));
    assert_eq!(origins(&repo.open())[0].author_date.map(jiff::Timestamp::as_second), Some(-86_400));
}

#[test]
fn a_path_cannot_steer_a_terminal() {
    let repo = Repo::new();
    let tree = repo.raw_tree(&[("100644", b"\x1b[2J\xff", repo.blob(SECRET))]);
    repo.head(repo.commit_at(tree, &[], "1700000000 +0000"));
    assert_eq!(origins(&repo.open())[0].path, "\\u{1b}[2J\u{fffd}");
}

#[test]
fn the_files_of_head_are_listed_with_their_blobs() {
    let repo = Repo::new();
    repo.head(repo.commit(&[("a", "1"), ("dir/sub/b", SECRET)], &[], 0));
    let repository = repo.open();
    let paths = repository.head_paths();
    assert_eq!(paths.keys().collect::<Vec<_>>(), ["a", "dir/sub/b"]);
    assert_eq!(repository.blob_id(SECRET.as_bytes()), paths.get("dir/sub/b").copied());
}

#[test]
fn commits_are_counted_once() {
    let repo = Repo::new();
    let root = repo.commit(&[("a", SECRET)], &[], 0);
    let left = repo.commit(&[("a", "left")], &[root], 1);
    let right = repo.commit(&[("a", "right")], &[root], 2);
    repo.head(repo.commit(&[("a", "both")], &[left, right], 3));
    repo.reference("refs/heads/same", left);
    assert_eq!(repo.open().attribute(&[]).commits, 4);
}
