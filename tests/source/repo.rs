//! Repositories written by hand: loose objects, references, `HEAD`. No git is installed or needed for it.

use std::fs;
use std::path::{Path, PathBuf};

use gix::ObjectId;
use gix::hash::Kind as Hash;
use gix::objs::{Kind, Write};
use overstay::source::Repository;
use tempfile::TempDir;

/// A repository in a temporary directory.
pub(crate) struct Repo {
    /// Goes away with the test.
    pub(crate) temp: TempDir,
    /// What is opened.
    pub(crate) root: PathBuf,
    /// Where `HEAD` and `objects` lie.
    pub(crate) git: PathBuf,
    hash: Hash,
}

impl Repo {
    /// An empty repository with a work tree.
    pub(crate) fn new() -> Self {
        Self::at("work", ".git", Hash::Sha1)
    }

    /// An empty bare repository.
    pub(crate) fn bare() -> Self {
        Self::at("bare", "", Hash::Sha1)
    }

    /// An empty repository whose objects are named by SHA-256.
    pub(crate) fn sha256() -> Self {
        let repo = Self::at("work", ".git", Hash::Sha256);
        repo.configure("[core]\n repositoryformatversion = 1\n[extensions]\n objectFormat = sha256\n");
        repo
    }

    fn at(root: &str, git: &str, hash: Hash) -> Self {
        let temp = TempDir::new().unwrap();
        let root = temp.path().join(root);
        let git = root.join(git);
        init(&git);
        Self { temp, root, git, hash }
    }

    /// Opens it.
    pub(crate) fn open(&self) -> Repository {
        Repository::open(&self.root, "repo").unwrap()
    }

    /// Replaces the configuration.
    pub(crate) fn configure(&self, config: &str) {
        self.file("config", config);
    }

    /// Writes a file into the git directory.
    pub(crate) fn file(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.git.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Writes an object.
    pub(crate) fn object(&self, kind: Kind, content: &[u8]) -> ObjectId {
        let objects = self.git.join("objects");
        gix::odb::loose::Store::at(objects, self.hash).write_buf(kind, content).unwrap()
    }

    /// The file of a loose object.
    pub(crate) fn loose(&self, id: ObjectId) -> PathBuf {
        let hex = id.to_string();
        self.git.join("objects").join(&hex[..2]).join(&hex[2..])
    }

    /// Writes a blob.
    pub(crate) fn blob(&self, content: impl AsRef<[u8]>) -> ObjectId {
        self.object(Kind::Blob, content.as_ref())
    }

    /// Writes a tree of entries as they are given.
    pub(crate) fn raw_tree(&self, entries: &[(&str, &[u8], ObjectId)]) -> ObjectId {
        let mut content = Vec::new();
        for (mode, name, id) in entries {
            content.extend_from_slice(mode.as_bytes());
            content.push(b' ');
            content.extend_from_slice(name);
            content.push(0);
            content.extend_from_slice(id.as_bytes());
        }
        self.object(Kind::Tree, &content)
    }

    /// Writes the blobs and trees of some files, paths with `/`.
    pub(crate) fn tree(&self, files: &[(&str, &str)]) -> ObjectId {
        let mut entries: Vec<(&str, Vec<u8>, ObjectId)> = Vec::new();
        let mut directories: Vec<&str> =
            files.iter().filter_map(|(path, _)| path.split_once('/')).map(|(top, _)| top).collect();
        directories.dedup();
        for directory in directories {
            let below: Vec<(&str, &str)> = files
                .iter()
                .filter_map(|(path, content)| Some((path.strip_prefix(directory)?.strip_prefix('/')?, *content)))
                .collect();
            entries.push(("40000", directory.as_bytes().to_vec(), self.tree(&below)));
        }
        for (path, content) in files.iter().filter(|(path, _)| !path.contains('/')) {
            entries.push(("100644", path.as_bytes().to_vec(), self.blob(content)));
        }
        entries.sort_by(|a, b| a.1.cmp(&b.1));
        let entries: Vec<(&str, &[u8], ObjectId)> =
            entries.iter().map(|(mode, name, id)| (*mode, name.as_slice(), *id)).collect();
        self.raw_tree(&entries)
    }

    /// Writes a commit that its author and committer date with the raw git date `date`.
    pub(crate) fn commit_at(&self, tree: ObjectId, parents: &[ObjectId], date: &str) -> ObjectId {
        let parents: Vec<String> = parents.iter().map(|id| format!("parent {id}\n")).collect();
        let who = format!("A U Thor <author@example.com> {date}");
        self.object(
            Kind::Commit,
            format!("tree {tree}\n{}author {who}\ncommitter {who}\n\nmessage\n", parents.concat()).as_bytes(),
        )
    }

    /// Writes a commit of some files, `minutes` after a fixed moment.
    pub(crate) fn commit(&self, files: &[(&str, &str)], parents: &[ObjectId], minutes: i64) -> ObjectId {
        self.commit_at(self.tree(files), parents, &format!("{} +0000", 1_700_000_000 + 60 * minutes))
    }

    /// Points a reference at an object.
    pub(crate) fn reference(&self, name: &str, id: ObjectId) {
        self.file(name, format!("{id}\n"));
    }

    /// Points the branch of `HEAD` at a commit.
    pub(crate) fn head(&self, id: ObjectId) {
        self.reference("refs/heads/main", id);
    }
}

/// Makes an empty git directory.
pub(crate) fn init(git: &Path) {
    for directory in ["objects/info", "objects/pack", "refs/heads", "refs/tags"] {
        fs::create_dir_all(git.join(directory)).unwrap();
    }
    fs::write(git.join("HEAD"), "ref: refs/heads/main\n").unwrap();
    fs::write(git.join("config"), "[core]\n\trepositoryformatversion = 0\n\tbare = false\n").unwrap();
}

/// Makes a named pipe.
pub(crate) fn pipe(path: &Path) {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    mknodat(CWD, path, FileType::Fifo, Mode::from_raw_mode(0o644), 0).unwrap();
}
