//! Repositories made to harm their reader: nothing runs, nothing hangs, nothing explodes.

use std::fs;
use std::os::unix::fs::symlink;

use gix::ObjectId;
use overstay::model::GapReason;
use overstay::source::git::Error;
use overstay::source::{Options, Repository, tree};

use crate::repo::{Repo, pipe};
use crate::{SECRET, reasons, secrets};

/// Opens, examines and assigns, as a run does.
fn run(repo: &Repo) -> usize {
    let repository = repo.open();
    let hits = secrets(&repository).hits;
    let ids: Vec<_> = hits.iter().map(|hit| hit.id).collect();
    assert_eq!(repository.attribute(&ids).origins.len(), hits.len());
    hits.len()
}

#[test]
fn nothing_that_the_configuration_asks_for_happens() {
    let repo = Repo::new();
    repo.head(repo.commit(&[("key", SECRET), (".gitattributes", "* filter=evil diff=evil\n")], &[], 0));
    let marker = repo.temp.path().join("executed");
    let touch = format!("touch {}", marker.display());
    let waiting = repo.temp.path().join("pipe");
    pipe(&waiting);
    repo.configure(&format!(
        "[core]\n fsmonitor = {touch}\n hooksPath = {0}/hooks\n sshCommand = {touch}\n pager = {touch}\n worktree = /\n\
         [include]\n path = {1}\n[includeIf \"gitdir:/**\"]\n path = {1}\n[alias]\n log = !{touch}\n\
         [filter \"evil\"]\n smudge = {touch}\n clean = {touch}\n process = {touch}\n[diff \"evil\"]\n textconv = {touch}\n",
        repo.git.display(),
        waiting.display(),
    ));
    repo.file("hooks/post-checkout", format!("#!/bin/sh\n{touch}\n"));
    assert_eq!(run(&repo), 1);
    assert!(!marker.exists());
    assert_eq!(repo.open().layout().work_tree.as_deref(), Some(repo.root.as_path()), "core.worktree has no effect");
}

#[test]
fn a_configuration_that_is_no_configuration_changes_nothing() {
    let repo = Repo::new();
    repo.head(repo.commit(&[("key", SECRET)], &[], 0));
    repo.file("config", b"[[[\0\xff = ".as_slice());
    assert_eq!(run(&repo), 1);
}

#[test]
fn replacements_do_not_hide_what_is_there() {
    let repo = Repo::new();
    let secret = repo.blob(SECRET);
    let commit = repo.commit(&[("key", SECRET)], &[], 0);
    repo.head(commit);
    repo.reference(&format!("refs/replace/{secret}"), repo.blob("harmless"));
    repo.reference(&format!("refs/replace/{commit}"), repo.commit(&[("key", "harmless")], &[], 1));
    let repository = repo.open();
    let hits = secrets(&repository).hits;
    assert_eq!(repository.attribute(&[hits[0].id]).origins[&hits[0].id][0].commit, commit.to_string());
}

#[test]
fn a_pipe_among_gits_files_is_refused_and_not_waited_for() {
    for name in [
        "refs/heads/pipe",
        "objects/pack/pack-1.idx",
        "objects/12/34567890123456789012345678901234567890",
        "packed-refs",
    ] {
        let repo = Repo::new();
        let path = repo.git.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        pipe(&path);
        let opened = Repository::open(&repo.root, "repo");
        assert!(matches!(opened.err(), Some(Error::Special(_))), "{name}");
    }
}

#[test]
fn a_link_to_an_endless_device_is_refused() {
    let repo = Repo::new();
    fs::remove_file(repo.git.join("HEAD")).unwrap();
    symlink("/dev/zero", repo.git.join("HEAD")).unwrap();
    assert!(matches!(Repository::open(&repo.root, "repo").err(), Some(Error::Special(_))));
}

#[test]
fn a_git_file_that_is_a_pipe_is_no_repository() {
    let repo = Repo::new();
    let checkout = repo.root.join("sub");
    fs::create_dir(&checkout).unwrap();
    pipe(&checkout.join(".git"));
    let tree = tree::walk(&repo.root, "repo", &Options::default());
    assert!(tree.repositories.is_empty());
    assert!(tree.gaps.iter().any(|gap| gap.detail.contains("pipes")), "{:?}", tree.gaps);
}

#[test]
fn a_reference_of_many_megabytes_is_not_read() {
    let repo = Repo::new();
    repo.file("refs/heads/large", vec![b'a'; 1024 * 1024]);
    assert!(matches!(Repository::open(&repo.root, "repo").err(), Some(Error::Oversize { .. })));
}

#[test]
fn alternates_in_a_circle_end_as_one_gap() {
    let repo = Repo::new();
    repo.file("objects/info/alternates", format!("{}\n", repo.git.join("objects").display()));
    let error = Repository::open(&repo.root, "repo").err().expect("a circle");
    assert_eq!(error.gap("repo").reason, GapReason::Damaged);
}

#[test]
fn a_tree_that_unfolds_to_ten_thousand_million_files_is_cut_off() {
    let repo = Repo::new();
    let mut tree = repo.raw_tree(&[("100644", b"key", repo.blob(SECRET))]);
    let names: Vec<String> = (0..10).map(|n| n.to_string()).collect();
    for _level in 0..10 {
        let entries: Vec<(&str, &[u8], ObjectId)> = names.iter().map(|name| ("40000", name.as_bytes(), tree)).collect();
        tree = repo.raw_tree(&entries);
    }
    repo.head(repo.commit_at(tree, &[], "1700000000 +0000"));
    let repository = repo.open();
    let hits = secrets(&repository).hits;
    let attribution = repository.attribute(&[hits[0].id]);
    assert_eq!(attribution.origins[&hits[0].id].len(), 1000);
    assert!(reasons(&attribution.gaps).iter().any(|(reason, _)| *reason == GapReason::TooLarge));
}

#[test]
fn a_tree_three_thousand_levels_deep_is_cut_off() {
    let repo = Repo::new();
    let mut tree = repo.raw_tree(&[("100644", b"key", repo.blob(SECRET))]);
    let mut commits = Vec::new();
    for level in 0..3000 {
        tree = repo.raw_tree(&[("40000", b"d", tree)]);
        if level % 200 == 0 {
            commits.push(repo.commit_at(tree, &commits, "1700000000 +0000"));
        }
    }
    repo.head(repo.commit_at(tree, &commits, "1700000000 +0000"));
    let repository = repo.open();
    let hits = secrets(&repository).hits;
    let attribution = repository.attribute(&[hits[0].id]);
    assert!(
        reasons(&attribution.gaps).iter().any(|(reason, _)| *reason == GapReason::TooDeep),
        "{:?}",
        attribution.gaps
    );
    assert!(repository.head_paths().is_empty());
}

#[test]
fn a_chain_of_five_thousand_deltas_needs_no_stack() {
    let repo = Repo::bare();
    let mut pack = crate::pack::PackWriter::default();
    let mut content = SECRET.as_bytes().to_vec();
    let mut place = pack.blob(&content);
    for _ in 0..5_000 {
        place = pack.appended(place, &content, b"x");
        content.push(b'x');
    }
    pack.write(&repo.git, "1");
    assert_eq!(secrets(&repo.open()).hits.len(), 5_001);
}

#[test]
fn passwords_in_gits_own_files_are_offered_for_scanning() {
    let repo = Repo::new();
    repo.configure("[remote \"origin\"]\n url = https://user:password@example.com/\n");
    repo.file("logs/HEAD", "clone: from https://user:password@example.com/\n");
    repo.file("hooks/pre-push", "#!/bin/sh\n");
    repo.file("hooks/pre-push.sample", "#!/bin/sh\n");
    let names: Vec<String> = repo.open().own_files().iter().map(|file| file.name.to_string()).collect();
    assert_eq!(names, ["repo/.git/config", "repo/.git/hooks/pre-push", "repo/.git/logs/HEAD"]);
}
