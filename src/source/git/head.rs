//! The files of the commit that `HEAD` names.

use std::collections::BTreeMap;

use gix::ObjectId;
use gix::objs::{CommitRefIter, Kind, TreeRefIter};
use jiff::Timestamp;

use super::reader::{Lookup, Reader};
use super::trees::MAX_DEPTH;
use super::{BlobId, Repository};
use crate::source::name::shown;

/// More files than this are not listed: trees that contain themselves many times over stand for any number.
const MAX_FILES: usize = 5_000_000;

impl Repository {
    /// The files of the commit that `HEAD` names: path below the work tree, safe to show, and blob. Empty before the first
    /// commit; trees that cannot be read are left out, so a path that is missing here says nothing.
    pub fn head_paths(&self) -> BTreeMap<String, BlobId> {
        let mut reader = self.reader();
        let mut files = BTreeMap::new();
        let mut pending: Vec<(ObjectId, String, usize)> = Vec::new();
        pending.extend(self.head_tree(&mut reader).map(|tree| (tree, String::new(), 0)));
        while let Some((tree, path, depth)) = pending.pop() {
            let mut buffer = reader.buffer();
            if reader.read(tree, &mut buffer) == Lookup::Found(Kind::Tree) {
                for entry in TreeRefIter::from_bytes(&buffer, tree.kind()).map_while(Result::ok) {
                    let path = format!("{path}{}", shown(entry.filename));
                    if entry.mode.is_tree() && depth < MAX_DEPTH {
                        pending.push((entry.oid.to_owned(), format!("{path}/"), depth + 1));
                    } else if entry.mode.is_blob() {
                        files.insert(path, BlobId(entry.oid.to_owned()));
                    }
                    if files.len() + pending.len() > MAX_FILES {
                        return files;
                    }
                }
            }
            reader.give_back(buffer);
        }
        files
    }

    /// The id that git gives to this content here.
    pub fn blob_id(&self, content: &[u8]) -> Option<BlobId> {
        gix::objs::compute_hash(self.format.hash, Kind::Blob, content).ok().map(BlobId)
    }

    /// When the commit that `HEAD` names was committed, as it says itself.
    pub fn head_time(&self) -> Option<Timestamp> {
        let (head, mut buffer) = (self.references.head?, Vec::new());
        match self.reader().read(head, &mut buffer) {
            Lookup::Found(Kind::Commit) => {
                let committer = CommitRefIter::from_bytes(&buffer, head.kind()).committer().ok()?;
                Timestamp::from_second(committer.time().ok()?.seconds).ok()
            }
            _ => None,
        }
    }

    pub(super) fn head_tree(&self, reader: &mut Reader) -> Option<ObjectId> {
        let mut buffer = Vec::new();
        let head = self.references.head?;
        match reader.read(head, &mut buffer) {
            Lookup::Found(Kind::Commit) => CommitRefIter::from_bytes(&buffer, head.kind()).tree_id().ok(),
            _ => None,
        }
    }
}
