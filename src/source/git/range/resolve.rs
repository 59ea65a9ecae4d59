//! A revision as people write it, resolved to a commit.

use std::panic::{AssertUnwindSafe, catch_unwind};

use gix::ObjectId;

use crate::source::git::{Error, Repository};
use crate::source::name::shown;

/// How many names of references are looked at for a suggestion.
const MOST_NAMES: usize = 10_000;

/// The commit that `rev` names: a branch, a tag, an id or its beginning, `HEAD~3`, `@{upstream}`.
pub(super) fn commit(repository: &Repository, rev: &str) -> Result<ObjectId, Error> {
    let resolved = catch_unwind(AssertUnwindSafe(|| resolve(repository, rev)));
    resolved.unwrap_or(Err(Error::Internal))
}

fn resolve(repository: &Repository, rev: &str) -> Result<ObjectId, Error> {
    let path = repository.layout.work_tree.as_ref().unwrap_or(&repository.layout.git_dir);
    // Isolated: no configuration but the repository's own is read, and nothing in that starts anything.
    let opened = gix::open_opts(path, gix::open::Options::isolated()).map_err(|_| Error::Internal)?;
    let named = opened.rev_parse_single(rev).ok().and_then(|id| id.object().ok());
    let commit = named.and_then(|object| object.peel_to_commit().ok()).map(|commit| commit.id);
    commit.ok_or_else(|| Error::Revision {
        given: shown(rev.as_bytes()),
        repository: repository.name.clone(),
        known: names(&opened),
        is_shallow: !repository.shallow_boundary().is_empty(),
    })
}

/// The references as people call them: `main`, `origin/main`, `v1.2`.
fn names(opened: &gix::Repository) -> Vec<String> {
    let Ok(references) = opened.references() else { return Vec::new() };
    let Ok(all) = references.all() else { return Vec::new() };
    all.filter_map(Result::ok).take(MOST_NAMES).map(|reference| shown(reference.name().shorten())).collect()
}
