//! Every name that keeps commits alive: branches, tags, stashes, remote branches, notes, and `HEAD` of each work tree.

use std::collections::BTreeMap;
use std::path::Path;

use gix::ObjectId;
use gix::bstr::{BString, ByteSlice};
use gix::refs::Target;
use gix::refs::file::Store;

use super::layout::Layout;
use crate::source::file;

/// How many symbolic references may lead to each other.
const MAX_HOPS: usize = 8;

/// The references of a repository as they were when it was opened.
#[derive(Debug, Default)]
pub(super) struct References {
    /// The object `HEAD` names; nothing before the first commit.
    pub(super) head: Option<ObjectId>,
    /// The branch `HEAD` stands for; nothing where it is detached.
    pub(super) branch: Option<BString>,
    /// Objects named by any reference or by any work tree's `HEAD`: sorted, each once. Tags are not followed yet.
    pub(super) targets: Vec<ObjectId>,
    /// How many references there are, `HEAD` not counted.
    pub(super) count: u64,
    /// References that could not be read.
    pub(super) broken: u64,
}

impl References {
    /// Reads all references.
    pub(super) fn read(layout: &Layout, hash: gix::hash::Kind) -> Self {
        let store = store(layout, hash);
        let mut references = Self::default();
        let named = references.collect(&store);
        references.count = named.len() as u64;
        let head = head_of(&layout.git_dir);
        references.branch = match &head {
            Some(Target::Symbolic(name)) => Some(name.as_bstr().to_owned()),
            _ => None,
        };
        references.head = head.and_then(|target| follow(target, &named));
        let heads = other_heads(&layout.common_dir).into_iter().filter_map(|target| follow(target, &named));
        let mut targets: Vec<ObjectId> = named.values().filter_map(|target| follow(target.clone(), &named)).collect();
        targets.extend(heads.chain(references.head));
        targets.extend(stashes(&layout.common_dir));
        targets.sort();
        targets.dedup();
        references.targets = targets;
        references
    }

    /// What a bundle names. Where it does not name `HEAD`, the first branch that `HEAD` usually stands for takes its place.
    pub(super) fn of_bundle(named: &[(BString, ObjectId)]) -> Self {
        let find = |wanted: &str| named.iter().find(|(name, _)| name == wanted);
        let usual = ["refs/heads/main", "refs/heads/master"].into_iter().find_map(find);
        let chosen = usual.or_else(|| named.iter().find(|(name, _)| name != "HEAD"));
        let (head, branch) = match (find("HEAD"), chosen) {
            (Some((_, head)), chosen) => {
                (Some(*head), chosen.filter(|(_, id)| id == head).map(|(name, _)| name.clone()))
            }
            (None, Some((name, id))) => (Some(*id), Some(name.clone())),
            (None, None) => (None, None),
        };
        let mut targets: Vec<ObjectId> = named.iter().map(|(_, id)| *id).collect();
        targets.sort_unstable();
        targets.dedup();
        let count = named.iter().filter(|(name, _)| name != "HEAD").count() as u64;
        Self { head, branch, targets, count, broken: 0 }
    }

    /// Reads `HEAD` and the branch it stands for, and no other reference.
    pub(super) fn read_head(layout: &Layout, hash: gix::hash::Kind) -> Self {
        let mut references = Self::default();
        let (store, mut target) = (store(layout, hash), head_of(&layout.git_dir));
        if let Some(Target::Symbolic(name)) = &target {
            references.branch = Some(name.as_bstr().to_owned());
        }
        for _ in 0..MAX_HOPS {
            match target {
                Some(Target::Object(id)) => {
                    references.head = Some(id);
                    references.targets = vec![id];
                    break;
                }
                Some(Target::Symbolic(name)) => {
                    let found = store.try_find(name.as_ref());
                    references.broken += u64::from(found.is_err());
                    target = found.ok().flatten().map(|reference| reference.target);
                }
                None => break,
            }
        }
        references
    }

    fn collect(&mut self, store: &Store) -> BTreeMap<BString, Target> {
        let mut named = BTreeMap::new();
        let Ok(platform) = store.iter() else {
            self.broken += 1;
            return named;
        };
        let Ok(all) = platform.all() else {
            self.broken += 1;
            return named;
        };
        for reference in all {
            match reference {
                Ok(reference) => {
                    named.insert(reference.name.as_bstr().to_owned(), reference.target);
                }
                Err(_) => self.broken += 1,
            }
        }
        named
    }
}

fn store(layout: &Layout, hash: gix::hash::Kind) -> Store {
    let options = gix::refs::store::init::Options::default();
    if layout.is_linked_worktree {
        Store::for_linked_worktree_opts(layout.git_dir.clone(), layout.common_dir.clone(), hash, options)
    } else {
        Store::at_opts(layout.git_dir.clone(), hash, options)
    }
}

/// `HEAD` of one git directory.
fn head_of(git_dir: &Path) -> Option<Target> {
    let content = file::read_small(&git_dir.join("HEAD"), 64 * 1024).ok()?;
    let line = content.trim_ascii();
    match line.strip_prefix(b"ref:") {
        Some(name) => {
            let name = BString::from(name.trim_ascii());
            gix::refs::FullName::try_from(name).ok().map(Target::Symbolic)
        }
        None => ObjectId::from_hex(line).ok().map(Target::Object),
    }
}

/// `HEAD` of the main work tree and of every linked one.
fn other_heads(common_dir: &Path) -> Vec<Target> {
    let linked = std::fs::read_dir(common_dir.join("worktrees")).into_iter().flatten().filter_map(Result::ok);
    let mut directories: Vec<_> = linked.map(|entry| entry.path()).collect();
    directories.push(common_dir.to_owned());
    directories.iter().filter_map(|directory| head_of(directory)).collect()
}

/// Stashes below the newest one live only in the reference's log: the second word of each line.
fn stashes(common_dir: &Path) -> Vec<ObjectId> {
    let log = file::read_small(&common_dir.join("logs/refs/stash"), 4 * 1024 * 1024).unwrap_or_default();
    let words = log.lines().filter_map(|line| line.split(|byte| *byte == b' ').nth(1));
    words.filter_map(|word| ObjectId::from_hex(word).ok()).collect()
}

fn follow(mut target: Target, named: &BTreeMap<BString, Target>) -> Option<ObjectId> {
    for _ in 0..MAX_HOPS {
        match target {
            Target::Object(id) => return Some(id),
            Target::Symbolic(name) => target = named.get(name.as_bstr())?.clone(),
        }
    }
    None
}
