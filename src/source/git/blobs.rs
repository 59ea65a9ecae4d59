//! Examines every distinct blob of a repository once, whether a commit reaches it or not.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use gix::ObjectId;
use gix::objs::Find as _;

use super::Repository;
use super::examine::{BlobHit, Examiner, Found, Loss};
use super::explore::Exploration;
use super::loose::Loose;
use super::pack::Pack;
use super::pack_index::PackIndex;
use crate::model::{Gap, GapReason};
use crate::source::name::shown;
use crate::source::tally::{Kind, Tally};
use crate::source::{Examine, Options};

const BINARY: Kind = Kind {
    reason: GapReason::Skipped,
    detail: "binary blobs",
    effect: "secrets inside compiled, compressed or packed content are not found",
};
const TOO_LARGE: Kind = Kind {
    reason: GapReason::TooLarge,
    detail: "blobs larger than the limit",
    effect: "their content was not examined",
};
const DAMAGED: Kind = Kind {
    reason: GapReason::Damaged,
    detail: "objects that do not decode",
    effect: "their content was not examined, if they are blobs",
};
const ABSENT: Kind = Kind {
    reason: GapReason::Absent,
    detail: "blobs stored as a difference to an object that is not here",
    effect: "their content was not examined",
};
const FAILED: Kind = Kind {
    reason: GapReason::Internal,
    detail: "blobs on which the examination itself failed",
    effect: "their content was not examined",
};

/// The result of examining all blobs.
#[derive(Debug)]
pub struct BlobScan<R> {
    /// The blobs with a result, in the order of their ids.
    pub hits: Vec<BlobHit<R>>,
    /// Blobs examined.
    pub blobs: u64,
    /// Bytes examined, after decompression.
    pub bytes: u64,
    /// Blobs that hold no text.
    pub binary: u64,
    /// Blobs not examined.
    pub gaps: Vec<Gap>,
}

impl Repository {
    /// Hands the decoded text of every distinct blob in the object database, reached by a commit or not, to `examine`,
    /// and keeps what it finds. Whatever does not decode costs a line and nothing else. Results do not depend on threads.
    pub fn scan_blobs<E: Examine>(&self, options: &Options, examine: &E) -> BlobScan<E::Found> {
        let examiner = Examiner { max_bytes: options.max_file_bytes, examine };
        let mut scan = Scan {
            repository: self,
            examiner,
            seen: Seen::default(),
            total: Found::default(),
            tally: Tally::default(),
        };
        if self.bundle.is_some()
            && let Some(packs) = self.packs.get()
        {
            for pack in packs.iter() {
                let lost = scan.explore(pack);
                scan.seen.lost.extend(lost);
            }
        }
        let directories = self.object_directories();
        for objects in &directories {
            scan.packs_in(&objects.join("pack"));
        }
        for objects in directories {
            scan.loose_in(objects);
        }
        scan.finish()
    }
}

struct Scan<'a, E: Examine> {
    repository: &'a Repository,
    examiner: Examiner<'a, E>,
    seen: Seen,
    total: Found<E::Found>,
    tally: Tally,
}

/// The parts of the database that were read, which say what need not be read again.
#[derive(Default)]
struct Seen {
    packs: Vec<PackIndex>,
    loose: Vec<Loose>,
    /// Objects that could not be examined: another copy of them may be sound.
    lost: BTreeSet<(ObjectId, Loss)>,
}

impl Seen {
    /// Whether no part held the object so far, or only a copy that could not be examined.
    fn is_wanted(&self, id: &ObjectId) -> bool {
        let held = self.packs.iter().any(|index| index.lookup(id).is_some())
            || self.loose.iter().any(|loose| loose.contains(id));
        !held || self.lost.range((*id, Loss::Binary)..=(*id, Loss::Internal)).next().is_some()
    }

    /// Notes what a part lost. What was lost before and is held by this part has had its second chance.
    fn note(&mut self, lost: Vec<(ObjectId, Loss)>, holds: &dyn Fn(&ObjectId) -> bool) {
        self.lost.retain(|(id, _)| !holds(id));
        self.lost.extend(lost);
    }
}

impl<E: Examine> Scan<'_, E> {
    fn packs_in(&mut self, directory: &Path) {
        for path in self.listed(directory) {
            let named = |end: &str| path.extension().is_some_and(|extension| extension == end);
            if named("pack") && path.with_extension("idx").symlink_metadata().is_err() {
                self.damaged(&path, "a pack without its index", "no object in it was examined");
            }
            if !named("idx") {
                continue;
            }
            match Pack::open(&path, self.repository.format.hash) {
                Ok(pack) => self.pack(pack, &path),
                Err(error) => self.damaged(&path, &error, "no object in this pack was examined"),
            }
        }
    }

    fn listed(&mut self, directory: &Path) -> Vec<PathBuf> {
        let entries = match std::fs::read_dir(directory) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Vec::new(),
            Err(error) => {
                self.tally.fail(
                    &self.name_of(directory),
                    GapReason::Unreadable,
                    error.to_string(),
                    "no pack in it was examined",
                );
                return Vec::new();
            }
        };
        let mut paths: Vec<PathBuf> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
        paths.sort();
        paths
    }

    fn pack(&mut self, pack: Pack, path: &Path) {
        if pack.data.objects != pack.index.objects() {
            self.damaged(
                path,
                "the pack and its index disagree on the number of objects",
                "some objects may not have been examined",
            );
        }
        let lost = self.explore(&pack);
        self.seen.note(lost, &|id| pack.index.lookup(id).is_some());
        self.seen.packs.push(pack.index);
    }

    /// Examines what is wanted of a pack; what it lost comes back.
    fn explore(&mut self, pack: &Pack) -> Vec<(ObjectId, Loss)> {
        let forest = pack.forest(&|id| self.seen.is_wanted(id));
        let store = &self.repository.store;
        let elsewhere = |id: &gix::oid| {
            let (mut handle, mut buffer) = (store.as_ref()?.to_cache_arc(), Vec::new());
            handle.refresh_never();
            let kind = handle.try_find(id, &mut buffer).ok().flatten().map(|object| object.kind);
            (kind == Some(gix::objs::Kind::Blob)).then_some(buffer)
        };
        let exploration = Exploration { pack, forest: &forest, examiner: &self.examiner, elsewhere: &elsewhere };
        let found = exploration.run();
        self.add(found)
    }

    fn loose_in(&mut self, objects: PathBuf) {
        let name = self.name_of(&objects);
        let loose = Loose::list(objects, self.repository.format.hash, self.examiner.limit());
        for error in &loose.unlisted {
            let effect = "some objects may not have been examined";
            self.tally.fail(&name, GapReason::Unreadable, shown(error.as_bytes()), effect);
        }
        let seen = &self.seen;
        let found = loose.run(&self.examiner, &|id| seen.is_wanted(id));
        let lost = self.add(found);
        self.seen.note(lost, &|id| loose.contains(id));
        self.seen.loose.push(loose);
    }

    /// Adds what a part of the database gave; what it lost comes back.
    fn add(&mut self, mut found: Found<E::Found>) -> Vec<(ObjectId, Loss)> {
        let lost = std::mem::take(&mut found.lost);
        self.total.merge(found);
        lost
    }

    fn damaged(&mut self, path: &Path, detail: &str, effect: &str) {
        self.tally.fail(&self.name_of(path), GapReason::Damaged, shown(detail.as_bytes()), effect);
    }

    /// A file of the object database as it is shown: without the directories above the repository.
    fn name_of(&self, path: &Path) -> String {
        let inside = path.strip_prefix(&self.repository.layout.common_dir).unwrap_or(path);
        format!("{}: {}", self.repository.name, shown(inside.as_os_str().as_encoded_bytes()))
    }

    fn finish(mut self) -> BlobScan<E::Found> {
        self.repository.count_absent(&mut self.tally);
        self.tally.add_many(BINARY, self.total.binary, "");
        for (id, loss) in &self.seen.lost {
            let kind = match loss {
                Loss::Binary => BINARY,
                Loss::TooLarge => TOO_LARGE,
                Loss::Damaged => DAMAGED,
                Loss::Absent => ABSENT,
                Loss::Internal => FAILED,
            };
            self.tally.add(kind, &id.to_string());
        }
        let Found { mut hits, blobs, bytes, binary, .. } = self.total;
        hits.sort_by_key(|hit| hit.id);
        BlobScan { hits, blobs, bytes, binary, gaps: self.tally.into_gaps(&self.repository.name) }
    }
}
