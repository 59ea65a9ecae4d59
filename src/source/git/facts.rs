//! What can be said about a repository before anything in it is examined.

use super::Repository;
use crate::model::{Gap, GapReason};
use crate::source::name::shown;
use crate::source::{File, file};

/// Plain statements about a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a plain fact that is said or not said")]
pub struct Facts {
    /// The commit that `HEAD` names, in hexadecimal; nothing before the first commit.
    pub head: Option<String>,
    /// The branch that `HEAD` stands for; nothing where it is detached.
    pub branch: Option<String>,
    /// It has no work tree.
    pub is_bare: bool,
    /// It is one of several work trees that share a repository.
    pub is_linked_worktree: bool,
    /// History is cut off at some commits.
    pub is_shallow: bool,
    /// Objects may be missing, because a server is expected to have them.
    pub is_partial: bool,
    /// References: branches, tags, remote branches, stashes, notes.
    pub references: u64,
    /// Object databases of other repositories that it borrows from.
    pub alternates: usize,
    /// `sha1` or `sha256`.
    pub hash: String,
}

impl Repository {
    /// Plain statements about it.
    pub fn facts(&self) -> Facts {
        Facts {
            head: self.references.head.map(|id| id.to_string()),
            branch: self.references.branch.as_ref().map(|name| shown(name)),
            is_bare: self.layout.work_tree.is_none(),
            is_linked_worktree: self.layout.is_linked_worktree,
            is_shallow: self.shallow_commits() > 0,
            is_partial: self.format.promised,
            references: self.references.count,
            alternates: self.alternates.len(),
            hash: self.format.hash.to_string(),
        }
    }

    /// The facts as short notes for the summary of what was examined.
    pub fn notes(&self) -> Vec<String> {
        let facts = self.facts();
        let head = match (&facts.head, &facts.branch) {
            (Some(id), Some(branch)) => format!("HEAD {id} ({branch})"),
            (Some(id), None) => format!("HEAD {id} (detached)"),
            (None, _) => "no commit yet at HEAD".to_owned(),
        };
        let mut notes = vec![head, format!("references {}", facts.references)];
        let said = [
            (facts.is_bare && self.bundle.is_none(), "bare"),
            (self.bundle.is_some(), "bundle"),
            (facts.is_linked_worktree, "linked worktree"),
            (facts.is_shallow, "shallow"),
            (facts.is_partial, "partial clone"),
            (facts.hash != "sha1", "object format sha256"),
        ];
        notes.extend(said.into_iter().filter(|(holds, _)| *holds).map(|(_, note)| note.to_owned()));
        if facts.alternates > 0 {
            notes.push(format!("borrows objects from {} other repositories", facts.alternates));
        }
        notes
    }

    /// What is known to be missing from the start: history behind a shallow boundary, unreadable references.
    pub fn gaps(&self) -> Vec<Gap> {
        let mut gaps = self.bundle.iter().flat_map(|bundle| bundle.gaps(&self.name)).collect::<Vec<_>>();
        let mut say = |reason, detail: &str, effect: &str, count| {
            let (what, detail) = (self.name.as_str().into(), detail.into());
            gaps.push(Gap { what, reason, detail, effect: effect.into(), count });
        };
        let shallow = self.shallow_commits();
        if shallow > 0 {
            let detail = "shallow clone: history is cut off";
            say(
                GapReason::Absent,
                detail,
                "older versions of its files are not examined, and first commits may be older",
                shallow,
            );
        }
        if self.format.reftable {
            let detail = "references are kept in tables (reftable), which are not read";
            say(GapReason::UnknownFormat, detail, "blobs are examined, but not assigned to commits", 1);
        }
        if self.references.broken > 0 {
            let effect = "commits that only these reach count as unreachable";
            say(GapReason::Damaged, "unreadable references", effect, self.references.broken);
        }
        gaps
    }

    /// Git's own text files that people leave secrets in: the configuration (passwords in URLs), hooks, and the log that
    /// holds the URL of the clone. They are no part of the history and are meant to be scanned as files.
    pub fn own_files(&self) -> Vec<File> {
        let mut paths = vec![self.layout.common_dir.join("config"), self.layout.git_dir.join("config.worktree")];
        paths.push(self.layout.git_dir.join("logs/HEAD"));
        let hooks =
            std::fs::read_dir(self.layout.common_dir.join("hooks")).into_iter().flatten().filter_map(Result::ok);
        let hooks = hooks.map(|entry| entry.path()).filter(|path| path.extension().is_none_or(|end| end != "sample"));
        paths.extend(hooks);
        let mut files: Vec<File> = paths.into_iter().filter_map(|path| self.own_file(path)).collect();
        files.sort();
        files
    }

    fn own_file(&self, path: std::path::PathBuf) -> Option<File> {
        let metadata = path.symlink_metadata().ok().filter(std::fs::Metadata::is_file)?;
        let below =
            path.strip_prefix(&self.layout.common_dir).or_else(|_| path.strip_prefix(&self.layout.git_dir)).ok()?;
        let inside = if self.layout.work_tree.is_some() { ".git/" } else { "" };
        let name =
            format!("{}/{inside}{}", self.name.trim_end_matches('/'), shown(below.as_os_str().as_encoded_bytes()));
        Some(File { name: name.into(), path, bytes: metadata.len() })
    }

    /// Commits whose parents are not here, as `shallow` lists them.
    fn shallow_commits(&self) -> u64 {
        let list = file::read_small(&self.layout.common_dir.join("shallow"), 64 * 1024 * 1024).unwrap_or_default();
        list.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()).count() as u64
    }
}
