//! The chain by which a log can be proven: what lists say about files, and what the files that were read hold.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Evidence, ListedFile, Sha256Digest};

use super::bounded::keep_smallest;

/// How many files and how many entries of lists are kept.
const MOST: usize = 100_000;

/// The files that were read and the lists that name files. Reading a file again changes nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chain {
    /// The content of files that a list may name, by the last part of their name: a copy that was changed is another
    /// content under one name.
    pub files: BTreeMap<Box<str>, BTreeSet<(Sha256Digest, Evidence)>>,
    /// What lists say.
    pub listed: BTreeSet<ListedFile>,
}

impl Chain {
    pub(super) fn file(&mut self, name: &str, sha256: Sha256Digest, evidence: Evidence) {
        self.files.entry(name.into()).or_default().insert((sha256, evidence));
        self.bound();
    }

    pub(super) fn list(&mut self, listed: ListedFile) {
        self.listed.insert(listed);
        keep_smallest(&mut self.listed, MOST);
    }

    /// Takes over what another fold knows.
    pub(super) fn join(&mut self, other: Self) {
        for (name, contents) in other.files {
            self.files.entry(name).or_default().extend(contents);
        }
        self.bound();
        self.listed.extend(other.listed);
        keep_smallest(&mut self.listed, MOST);
    }

    fn bound(&mut self) {
        while self.files.len() > MOST {
            self.files.pop_last();
        }
    }
}
