//! One thread's access to commits, tags and trees.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use gix::ObjectId;
use gix::objs::{Find as _, Kind};

use super::Repository;
use super::packs::{Packs, Unpacker};
use super::wanted::prefix;

/// The trees of which a thread remembers one bit.
const VERDICTS: usize = 8192;
/// The most memory that one commit, tag or tree may take; larger ones count as damaged.
pub(super) const MAX_BYTES: usize = 256 * 1024 * 1024;

/// What was found under an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lookup {
    /// It is in the buffer.
    Found(Kind),
    /// It is not in the database.
    Absent,
    /// It is there and does not decode.
    Damaged,
}

/// Reads objects for one thread.
pub(super) struct Reader {
    packs: Arc<Packs>,
    unpacker: RefCell<Unpacker>,
    /// For what is in no pack, or damaged there. A bundle is one pack and nothing else.
    handle: Option<gix::odb::HandleArc>,
    buffers: Vec<Vec<u8>>,
    verdicts: Vec<Option<(ObjectId, bool)>>,
}

impl Repository {
    /// A reader for one thread. Objects that are not there are not looked for again.
    pub(super) fn reader(&self) -> Reader {
        let handle = self.store.as_ref().map(|store| {
            let mut handle = store.to_cache_arc();
            handle.refresh_never();
            handle
        });
        let packs =
            Arc::clone(self.packs.get_or_init(|| Arc::new(Packs::open(&self.object_directories(), self.format.hash))));
        Reader { packs, unpacker: RefCell::default(), handle, buffers: Vec::new(), verdicts: Vec::new() }
    }
}

impl Reader {
    /// Reads an object of whatever kind into `buffer`.
    pub(super) fn read(&self, id: ObjectId, buffer: &mut Vec<u8>) -> Lookup {
        let found =
            catch_unwind(AssertUnwindSafe(|| match self.packs.read(&id, &mut self.unpacker.borrow_mut(), buffer) {
                Some(kind) => Ok(Some(kind)),
                None => match &self.handle {
                    Some(handle) => handle.try_find(&id, buffer).map(|found| found.map(|data| data.kind)),
                    None => Ok(None),
                },
            }));
        match found {
            Ok(Ok(Some(kind))) => Lookup::Found(kind),
            Ok(Ok(None)) => Lookup::Absent,
            Ok(Err(_)) | Err(_) => Lookup::Damaged,
        }
    }

    /// Whether an object is there at all.
    pub(super) fn holds(&self, id: ObjectId) -> bool {
        self.handle.as_ref().is_some_and(|handle| gix::objs::Exists::exists(handle, &id))
            || self.packs.iter().any(|pack| pack.index.lookup(&id).is_some())
    }

    /// What was remembered of a tree, unless another took its place.
    pub(super) fn verdict(&self, tree: &gix::oid) -> Option<bool> {
        let (id, verdict) = self.verdicts.get(prefix(tree) as usize % VERDICTS)?.as_ref()?;
        (id.as_bytes() == tree.as_bytes()).then_some(*verdict)
    }

    /// Remembers one bit about a tree. A reader serves one question, so the bit means the same every time.
    pub(super) fn remember(&mut self, tree: ObjectId, verdict: bool) {
        self.verdicts.resize(VERDICTS, None);
        if let Some(slot) = self.verdicts.get_mut(prefix(&tree) as usize % VERDICTS) {
            *slot = Some((tree, verdict));
        }
    }

    /// A buffer to read into; give it back with [`Self::give_back`].
    pub(super) fn buffer(&mut self) -> Vec<u8> {
        self.buffers.pop().unwrap_or_default()
    }

    /// Keeps a buffer for later use.
    pub(super) fn give_back(&mut self, buffer: Vec<u8>) {
        self.buffers.push(buffer);
    }
}
