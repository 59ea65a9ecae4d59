//! Builds a git repository, or a plain tree, from a list of commits.

use std::collections::BTreeMap;
use std::path::Path;

use gix::objs::tree::{Entry, EntryKind};
use gix::objs::{Commit, Tree};
use jiff::Timestamp;
use serde::Deserialize;

use super::mint::Mint;
use super::{Error, write as write_file};

const MAIN: &str = "main";

/// One repository of the company.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Repository {
    /// In order; a commit on a branch that does not exist yet starts from the main branch.
    #[serde(default)]
    commits: Vec<Change>,
    /// Files that lie in the folder without being committed. Without commits this is a plain tree.
    #[serde(default)]
    uncommitted: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Change {
    author: String,
    date: Timestamp,
    message: String,
    #[serde(default)]
    branch: Option<String>,
    #[serde(default)]
    write: BTreeMap<String, String>,
    #[serde(default)]
    remove: Vec<String>,
}

/// A branch while it is built: its newest commit and the files in it.
#[derive(Clone, Default)]
struct Branch {
    tip: Option<gix::ObjectId>,
    files: BTreeMap<String, String>,
}

/// Writes `repository`, read from `source`, into the new folder `path`.
pub(super) fn write(path: &Path, source: &str, repository: Repository, mint: &mut Mint) -> Result<(), Error> {
    for (file, text) in &repository.uncommitted {
        write_file(&path.join(file), mint.expand(source, text)?.as_bytes())?;
    }
    if repository.commits.is_empty() {
        return Ok(());
    }
    let options = gix::open::Options::isolated();
    let git = gix::ThreadSafeRepository::init_opts(
        path,
        gix::create::Kind::WithWorktree,
        gix::create::Options::default(),
        options,
    )
    .map_err(|error| Error::git(path, error))?
    .to_thread_local();
    let mut branches: BTreeMap<String, Branch> = BTreeMap::new();
    for mut change in repository.commits {
        for text in change.write.values_mut() {
            *text = mint.expand(source, text)?;
        }
        let name = change.branch.clone().unwrap_or_else(|| MAIN.to_owned());
        let base = branches.get(&name).or_else(|| branches.get(MAIN)).cloned().unwrap_or_default();
        let branch = commit(&git, base, change).map_err(|error| Error::git(path, error))?;
        branches.insert(name, branch);
    }
    for (name, branch) in &branches {
        let Some(tip) = branch.tip else { continue };
        write_file(
            &git.git_dir().join("refs/heads").join(name),
            format!(
                "{tip}
"
            )
            .as_bytes(),
        )?;
    }
    check_out(&git, path, &branches.remove(MAIN).unwrap_or_default())
}

/// Puts the files of the main branch into the folder, with the index that goes with them.
fn check_out(git: &gix::Repository, path: &Path, main: &Branch) -> Result<(), Error> {
    for (file, text) in &main.files {
        write_file(&path.join(file), text.as_bytes())?;
    }
    let root = tree(git, &main.files).map_err(|error| Error::git(path, error))?;
    let mut index = git.index_from_tree(&root).map_err(|error| Error::git(path, error))?;
    index.write(gix::index::write::Options::default()).map_err(|error| Error::git(path, error))
}

fn commit(git: &gix::Repository, mut branch: Branch, change: Change) -> Result<Branch, gix::Error> {
    for file in &change.remove {
        branch.files.remove(file);
    }
    branch.files.extend(change.write);
    let name = change.author.split('@').next().unwrap_or_default();
    let person = gix::actor::Signature {
        name: name.into(),
        email: change.author.as_str().into(),
        time: gix::date::Time::new(change.date.as_second(), 0),
    };
    let commit = Commit {
        tree: tree(git, &branch.files)?,
        parents: branch.tip.into_iter().collect(),
        author: person.clone(),
        committer: person,
        encoding: None,
        message: format!("{}\n", change.message).into(),
        extra_headers: Vec::new(),
    };
    branch.tip = Some(git.write_object(&commit)?.detach());
    Ok(branch)
}

/// Writes the tree of `files`, whose names are paths below it, and the trees in it.
fn tree(git: &gix::Repository, files: &BTreeMap<String, String>) -> Result<gix::ObjectId, gix::Error> {
    let mut folders: BTreeMap<&str, BTreeMap<String, String>> = BTreeMap::new();
    let mut entries = Vec::new();
    for (file, text) in files {
        if let Some((folder, inner)) = file.split_once('/') {
            folders.entry(folder).or_default().insert(inner.to_owned(), text.clone());
        } else {
            let oid = git.write_blob(text.as_bytes())?.detach();
            entries.push(Entry { mode: EntryKind::Blob.into(), filename: file.as_str().into(), oid });
        }
    }
    for (folder, files) in folders {
        let oid = tree(git, &files)?;
        entries.push(Entry { mode: EntryKind::Tree.into(), filename: folder.into(), oid });
    }
    entries.sort();
    Ok(git.write_object(&Tree { entries })?.detach())
}
