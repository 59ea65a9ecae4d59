//! A range of commits: what `HEAD` reaches and another revision does not.

use overstay::model::{GapReason, Presence};
use overstay::source::git::{Error, Repository};
use overstay::source::{Options, Origin};

use super::repo::Repo;
use super::{SECRET, reasons};

/// The places of all blobs that commits since `rev` bring in and that hold [`SECRET`], as commit, path and presence.
fn places(repository: &Repository, rev: &str) -> Vec<(String, String, Presence)> {
    let range = repository.since(rev).unwrap();
    let found = |text: &[u8]| String::from_utf8_lossy(text).contains(SECRET).then_some(());
    let scan = repository.scan_range(&range, &Options::default(), &found);
    let ids: Vec<_> = scan.hits.iter().map(|hit| hit.id).collect();
    let attribution = repository.attribute_range(&range, &ids);
    let mut origins: Vec<&Origin> = attribution.origins.values().flatten().collect();
    origins.sort_by_key(|origin| (&origin.path, &origin.commit));
    let place = |origin: &Origin| (origin.commit.clone(), origin.path.clone(), origin.presence);
    origins.into_iter().map(place).collect()
}

fn secret(number: u32) -> String {
    format!("{SECRET} {number}\n")
}

#[test]
fn only_what_commits_of_the_range_bring_in_is_examined_and_attributed_to_them() {
    let repo = Repo::new();
    let first = repo.commit(&[("old", &secret(1))], &[], 0);
    let second = repo.commit(&[("old", &secret(1)), ("d/new", &secret(2)), ("gone", &secret(3))], &[first], 1);
    let third = repo.commit(&[("old", &secret(1)), ("d/new", &secret(2))], &[second], 2);
    repo.head(third);
    repo.reference("refs/tags/start", first);
    let new = ("d/new".to_owned(), Presence::InHead);
    let gone = ("gone".to_owned(), Presence::HistoryOnly);
    let expected: Vec<_> = [new, gone].map(|(path, presence)| (second.to_string(), path, presence)).into();
    for rev in ["start", "HEAD~2", "main~2", &first.to_string(), &first.to_string()[..10]] {
        assert_eq!(places(&repo.open(), rev), expected, "{rev}");
        assert_eq!(repo.open().since(rev).unwrap().commits, 2);
    }
}

#[test]
fn a_range_that_ends_where_it_begins_is_empty() {
    let repo = Repo::new();
    repo.head(repo.commit(&[("a", &secret(1))], &[], 0));
    assert_eq!(repo.open().since("HEAD").unwrap().commits, 0);
    assert_eq!(places(&repo.open(), "HEAD"), []);
}

#[test]
fn a_branch_is_compared_with_where_it_left_and_not_with_what_came_after() {
    let repo = Repo::new();
    let base = repo.commit(&[("a", "1\n")], &[], 0);
    let main = repo.commit(&[("a", "1\n"), ("theirs", &secret(1))], &[base], 1);
    let mine = repo.commit(&[("a", "1\n"), ("mine", &secret(2))], &[base], 2);
    repo.reference("refs/remotes/origin/main", main);
    repo.head(mine);
    assert_eq!(places(&repo.open(), "origin/main"), [(mine.to_string(), "mine".to_owned(), Presence::InHead)]);
}

#[test]
fn what_a_merge_only_joins_is_not_its_own_and_what_it_invents_is() {
    let repo = Repo::new();
    let base = repo.commit(&[("a", "1\n")], &[], 0);
    let side = repo.commit(&[("a", "1\n"), ("side", &secret(1))], &[base], 1);
    let main = repo.commit(&[("a", "2\n")], &[base], 2);
    let merge = repo.commit(&[("a", "2\n"), ("side", &secret(1)), ("evil", &secret(2))], &[main, side], 3);
    repo.head(merge);
    repo.reference("refs/heads/side", side);
    assert_eq!(places(&repo.open(), "side"), [(merge.to_string(), "evil".to_owned(), Presence::InHead)]);
    assert_eq!(places(&repo.open(), "HEAD~1").len(), 2, "since main both the side branch and the merge are new");
}

#[test]
fn a_commit_with_a_false_date_is_never_left_out() {
    let repo = Repo::new();
    let base = repo.commit(&[("a", "1\n")], &[], 1000);
    let backdated = repo.commit_at(repo.tree(&[("a", "1\n"), ("new", &secret(1))]), &[base], "1 +0000");
    let tip = repo.commit(&[("a", "2\n"), ("new", &secret(1))], &[backdated], 1001);
    repo.head(tip);
    assert_eq!(places(&repo.open(), "HEAD~2"), [(backdated.to_string(), "new".to_owned(), Presence::InHead)]);
    assert_eq!(repo.open().since("HEAD~1").unwrap().commits, 1);
}

#[test]
fn an_unknown_revision_is_an_error_that_knows_the_references() {
    let repo = Repo::new();
    repo.head(repo.commit(&[("a", "1\n")], &[], 0));
    match repo.open().since("mian") {
        Err(Error::Revision { given, known, is_shallow, .. }) => {
            assert_eq!((given.as_str(), known, is_shallow), ("mian", vec!["main".to_owned()], false));
        }
        other => panic!("{:?}", other.map(|range| range.commits)),
    }
}

#[test]
fn a_tree_or_a_range_is_no_revision() {
    let repo = Repo::new();
    repo.head(repo.commit(&[("a", "1\n")], &[], 0));
    for rev in ["HEAD^{tree}", "HEAD..HEAD", "", "--upload-pack=x", "HEAD:a"] {
        assert!(matches!(repo.open().since(rev), Err(Error::Revision { .. })), "{rev}");
    }
}

#[test]
fn at_the_end_of_a_shallow_clone_everything_counts_as_brought_in_and_that_is_said() {
    let repo = Repo::new();
    let lost = repo.commit(&[("old", &secret(1))], &[], 0);
    let first = repo.commit(&[("old", &secret(1))], &[lost], 1);
    let other = repo.commit(&[("b", "x\n")], &[], 2);
    repo.head(first);
    repo.reference("refs/heads/other", other);
    repo.file("shallow", format!("{first}\n"));
    std::fs::remove_file(repo.loose(lost)).unwrap();
    let range = repo.open().since("other").unwrap();
    assert_eq!((range.commits, reasons(&range.gaps)), (1, vec![(GapReason::Absent, 1)]));
    assert_eq!(places(&repo.open(), "other").len(), 1);
    assert!(matches!(repo.open().since(&lost.to_string()), Err(Error::Revision { is_shallow: true, .. })));
}

#[test]
fn a_missing_parent_is_said() {
    let repo = Repo::new();
    let lost = repo.commit(&[("old", &secret(1))], &[], 0);
    let tip = repo.commit(&[("old", &secret(1)), ("new", &secret(2))], &[lost], 1);
    repo.head(tip);
    repo.reference("refs/heads/other", repo.commit(&[("b", "x\n")], &[], 2));
    std::fs::remove_file(repo.loose(lost)).unwrap();
    assert_eq!(reasons(&repo.open().since("other").unwrap().gaps), [(GapReason::Damaged, 1)]);
}
