//! Directory trees: what is read, what is left out, and what is said about it.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;

use globset::{Glob, GlobSetBuilder};
use overstay::model::{GapReason, Sha256Digest};
use overstay::source::{Options, Root, Tree, TreeScan, classify, tree};
use tempfile::TempDir;

use crate::repo::{Repo, pipe};
use crate::{SECRET, reasons};

fn write(root: &Path, path: &str, content: impl AsRef<[u8]>) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

fn walk(root: &Path) -> Tree {
    tree::walk(root, "src", &Options::default())
}

fn names(tree: &Tree) -> Vec<&str> {
    tree.files.iter().map(|file| &*file.name).collect()
}

fn scan(tree: &Tree, options: &Options) -> TreeScan<String> {
    tree.par_scan(options, &|_file, text| {
        let text = String::from_utf8_lossy(text);
        text.contains(SECRET).then(|| text.into_owned())
    })
}

#[test]
fn files_come_in_the_order_of_their_names_as_the_user_writes_them() {
    let root = TempDir::new().unwrap();
    for name in ["b.txt", "a/z.txt", "a/b/c.txt", ".env"] {
        write(root.path(), name, name);
    }
    assert_eq!(names(&walk(root.path())), ["src/.env", "src/a/b/c.txt", "src/a/z.txt", "src/b.txt"]);
    assert!(walk(root.path()).gaps.is_empty());
}

#[test]
fn a_hit_carries_the_digest_of_the_bytes_on_disk() {
    let root = TempDir::new().unwrap();
    let utf16: Vec<u8> = std::iter::once(0xfeff).chain(SECRET.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    write(root.path(), "export.csv", &utf16);
    let scan = scan(&walk(root.path()), &Options::default());
    assert_eq!(scan.hits[0].found, SECRET);
    assert_eq!(scan.hits[0].sha256, Sha256Digest::of(&utf16));
    assert_eq!((scan.files, scan.bytes), (1, utf16.len() as u64));
}

#[test]
fn binary_files_are_counted_on_one_line() {
    let root = TempDir::new().unwrap();
    for number in 0..5 {
        write(root.path(), &format!("{number}.bin"), format!("\0{SECRET}"));
    }
    write(root.path(), "text", SECRET);
    let scan = scan(&walk(root.path()), &Options::default());
    assert_eq!((scan.hits.len(), scan.files), (1, 1));
    assert_eq!(reasons(&scan.gaps), [(GapReason::Skipped, 5)]);
    assert_eq!(&*scan.gaps[0].detail, "binary files: src/0.bin, src/1.bin, src/2.bin, ...");
}

#[test]
fn a_file_above_the_limit_is_said_unless_it_is_binary_anyway() {
    let root = TempDir::new().unwrap();
    write(root.path(), "large.txt", format!("{SECRET}{}", "x".repeat(20_000)));
    write(root.path(), "large.bin", format!("\0{}", "x".repeat(20_000)));
    write(root.path(), "just", "x".repeat(10_000));
    let scan = scan(&walk(root.path()), &Options { max_file_bytes: 10_000, ..Options::default() });
    assert_eq!((scan.hits.len(), scan.files), (0, 1));
    assert_eq!(reasons(&scan.gaps), [(GapReason::Skipped, 1), (GapReason::TooLarge, 1)]);
}

#[test]
fn an_empty_file_is_examined() {
    let root = TempDir::new().unwrap();
    write(root.path(), "empty", "");
    let scan = scan(&walk(root.path()), &Options::default());
    assert_eq!((scan.files, scan.bytes, scan.gaps.len()), (1, 0, 0));
}

#[test]
fn a_file_whose_size_is_stated_as_zero_is_read_all_the_same() {
    let tree = tree::walk(Path::new("/proc/self/status"), "status", &Options::default());
    assert_eq!(tree.files[0].bytes, 0);
    let scan = tree.par_scan(&Options::default(), &|_, text| Some(text.len()));
    assert!(scan.hits[0].found > 100);
}

#[test]
fn pipes_and_sockets_are_never_opened() {
    let root = TempDir::new().unwrap();
    pipe(&root.path().join("pipe"));
    let _socket = UnixListener::bind(root.path().join("socket")).unwrap();
    write(root.path(), "file", SECRET);
    let tree = walk(root.path());
    assert_eq!(names(&tree), ["src/file"]);
    assert_eq!(reasons(&tree.gaps), [(GapReason::Skipped, 2)]);
}

#[test]
fn a_pipe_that_takes_the_place_of_a_file_is_refused() {
    let root = TempDir::new().unwrap();
    write(root.path(), "file", SECRET);
    let tree = walk(root.path());
    fs::remove_file(root.path().join("file")).unwrap();
    pipe(&root.path().join("file"));
    assert_eq!(reasons(&scan(&tree, &Options::default()).gaps), [(GapReason::Unreadable, 1)]);
}

#[test]
fn a_file_that_is_gone_is_one_line_with_its_name() {
    let root = TempDir::new().unwrap();
    write(root.path(), "gone", SECRET);
    write(root.path(), "here", SECRET);
    let tree = walk(root.path());
    fs::remove_file(root.path().join("gone")).unwrap();
    let scan = scan(&tree, &Options::default());
    assert_eq!(scan.hits.len(), 1);
    assert_eq!((scan.gaps[0].reason, &*scan.gaps[0].what), (GapReason::Unreadable, "src/gone"));
}

#[test]
fn a_tree_that_is_not_there_is_one_gap() {
    let tree = walk(Path::new("/nowhere/at/all"));
    assert_eq!(reasons(&tree.gaps), [(GapReason::Unreadable, 1)]);
}

#[test]
fn links_are_not_followed_and_loops_are_harmless() {
    let root = TempDir::new().unwrap();
    let outside = TempDir::new().unwrap();
    write(outside.path(), "secret", SECRET);
    write(root.path(), "dir/file", "x");
    symlink("..", root.path().join("dir/loop")).unwrap();
    symlink("self", root.path().join("self")).unwrap();
    symlink(outside.path(), root.path().join("out")).unwrap();
    let tree = walk(root.path());
    assert_eq!(names(&tree), ["src/dir/file"]);
    assert_eq!(reasons(&tree.gaps), [(GapReason::Skipped, 3)]);
}

#[test]
fn a_link_that_the_user_names_is_followed() {
    let root = TempDir::new().unwrap();
    write(root.path(), "real/file", SECRET);
    let link = root.path().join("link");
    symlink("real", &link).unwrap();
    assert_eq!(classify(&link).unwrap(), Root::Tree(link.clone()));
    assert_eq!(names(&walk(&link)), ["src/file"]);
}

#[test]
fn ignored_paths_are_counted() {
    let root = TempDir::new().unwrap();
    for name in ["docs/a.md", "docs/b.md", "fixtures/deep/key", "main.rs"] {
        write(root.path(), name, SECRET);
    }
    let globs = ["**/*.md", "fixtures"].iter().fold(GlobSetBuilder::new(), |mut set, glob| {
        set.add(Glob::new(glob).unwrap());
        set
    });
    let options = Options { ignore: globs.build().unwrap(), ..Options::default() };
    let tree = tree::walk(root.path(), ".", &options);
    assert_eq!(names(&tree), ["main.rs"]);
    assert_eq!(reasons(&tree.gaps), [(GapReason::Skipped, 3)]);
}

#[test]
fn installed_dependencies_are_left_out_said_and_examined_on_request() {
    let root = TempDir::new().unwrap();
    write(root.path(), "node_modules/left-pad/index.js", SECRET);
    write(root.path(), "target/CACHEDIR.TAG", "");
    write(root.path(), "target/debug/out", SECRET);
    write(root.path(), "env/prod/key", SECRET);
    let tree = walk(root.path());
    assert_eq!(names(&tree), ["src/env/prod/key"]);
    assert_eq!(reasons(&tree.gaps), [(GapReason::Skipped, 2)]);
    let all = tree::walk(root.path(), "src", &Options { vendored: true, ..Options::default() });
    assert_eq!((all.files.len(), all.gaps.len()), (4, 0));
}

#[test]
fn repositories_inside_are_handed_back_and_not_descended_into() {
    let root = TempDir::new().unwrap();
    let (work, bare) = (Repo::new(), Repo::bare());
    write(&work.root, "file", SECRET);
    fs::rename(&work.root, root.path().join("inner")).unwrap();
    fs::rename(&bare.root, root.path().join("mirror")).unwrap();
    write(root.path(), "file", "x");
    let tree = walk(root.path());
    assert_eq!(names(&tree), ["src/file"]);
    assert_eq!(tree.repositories, [root.path().join("inner"), root.path().join("mirror")]);
}

#[test]
fn the_git_directory_of_the_root_is_no_part_of_the_tree() {
    let repo = Repo::new();
    write(&repo.root, "file", SECRET);
    let tree = walk(&repo.root);
    assert_eq!(names(&tree), ["src/file"]);
    assert_eq!(reasons(&tree.gaps), [(GapReason::Skipped, 1)]);
}

#[test]
fn a_directory_that_only_calls_itself_git_hides_nothing() {
    let root = TempDir::new().unwrap();
    write(root.path(), "sub/.git/key", SECRET);
    write(root.path(), "sub/file", SECRET);
    let tree = walk(root.path());
    assert_eq!(names(&tree), ["src/sub/.git/key", "src/sub/file"]);
    assert!(tree.repositories.is_empty());
}

#[test]
fn an_examination_that_panics_costs_one_file() {
    let root = TempDir::new().unwrap();
    write(root.path(), "bad", "bad");
    write(root.path(), "good", "good");
    let scan = walk(root.path()).par_scan(&Options::default(), &|_, text| {
        assert_ne!(text, b"bad", "this test makes the examination fail");
        Some(())
    });
    assert_eq!((scan.hits.len(), scan.files), (1, 1));
    assert_eq!((scan.gaps[0].reason, &*scan.gaps[0].what), (GapReason::Internal, "src/bad"));
}

#[test]
fn a_pipe_named_by_the_user_is_an_error_and_a_file_is_a_file() {
    let root = TempDir::new().unwrap();
    pipe(&root.path().join("pipe"));
    write(root.path(), "file", "");
    assert!(classify(&root.path().join("pipe")).is_err());
    assert!(classify(&root.path().join("nothing")).is_err());
    assert_eq!(classify(&root.path().join("file")).unwrap(), Root::File(root.path().join("file")));
}
