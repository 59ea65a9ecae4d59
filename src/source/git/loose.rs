//! Objects that lie in files of their own.

use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use gix::ObjectId;
use gix::odb::loose::{Options, Store};
use gix::zlib::Inflate;
use rayon::prelude::*;

use super::examine::{Examiner, Found, Loss};
use crate::source::{Examine, file, text};

/// The longest header in front of a loose object's content: kind, space, decimal size, NUL.
const HEADER: usize = 64;

/// The loose objects below one directory, and whether all of it could be listed.
pub(super) struct Loose {
    store: Store,
    ids: Vec<ObjectId>,
    /// Why a part of the directory could not be listed.
    pub(super) unlisted: Vec<String>,
}

impl Loose {
    /// Lists the objects; `max_bytes` is the most memory that one of them may take.
    pub(super) fn list(objects: PathBuf, hash: gix::hash::Kind, max_bytes: u64) -> Self {
        let limit = usize::try_from(max_bytes).unwrap_or(usize::MAX);
        let store = Store::at_opts(objects, hash, Options { alloc_limit_bytes: Some(limit), ..Options::default() });
        let (mut ids, mut unlisted) = (Vec::new(), Vec::new());
        for id in store.iter() {
            match id {
                Ok(id) => ids.push(id),
                Err(error) => unlisted.push(error.to_string()),
            }
        }
        ids.sort_unstable();
        unlisted.sort();
        Self { store, ids, unlisted }
    }

    /// Whether an object is among them.
    pub(super) fn contains(&self, id: &ObjectId) -> bool {
        self.ids.binary_search(id).is_ok()
    }

    /// Examines the blobs among the objects that `is_wanted`.
    pub(super) fn run<E: Examine>(
        &self,
        examiner: &Examiner<'_, E>,
        is_wanted: &(dyn Fn(&ObjectId) -> bool + Sync),
    ) -> Found<E::Found> {
        let wanted = self.ids.par_iter().filter(|id| is_wanted(id));
        let parts = wanted.fold(Part::default, |mut part, id| {
            let read = catch_unwind(AssertUnwindSafe(|| self.read(*id, examiner.limit(), &mut part.buffer)));
            match read.unwrap_or(Err(Loss::Internal)) {
                Ok(true) => examiner.look(*id, &part.buffer, &mut part.found),
                Ok(false) => {}
                Err(loss) => part.found.lose(*id, loss),
            }
            part
        });
        parts.map(|part| part.found).reduce(Found::default, |mut all, part| {
            all.merge(part);
            all
        })
    }

    /// Reads an object if it is a blob; whether it is one.
    fn read(&self, id: ObjectId, limit: u64, buffer: &mut Vec<u8>) -> Result<bool, Loss> {
        let header = self.store.try_header(&id).map_err(|_| Loss::Damaged)?;
        let (size, kind) = header.ok_or(Loss::Absent)?;
        if kind != gix::objs::Kind::Blob {
            return Ok(false);
        }
        if size > limit {
            return Err(if self.is_binary(id) { Loss::Binary } else { Loss::TooLarge });
        }
        self.store.try_find(&id, buffer).map_err(|_| Loss::Damaged)?.ok_or(Loss::Absent)?;
        Ok(true)
    }

    /// Looks at the head of an object that is too large to be inflated.
    fn is_binary(&self, id: ObjectId) -> bool {
        let Ok(file) = file::open_regular(&self.store.object_path(&id)) else { return false };
        let (mut input, mut head) = (Vec::new(), [0_u8; HEADER + text::SAMPLE]);
        if file.take(4 * text::SAMPLE as u64).read_to_end(&mut input).is_err() {
            return false;
        }
        let length = Inflate::default().prefix(&input, &mut head).map_or(0, |(_, _, length)| length);
        let inflated = head.get(..length).unwrap_or_default();
        let content = inflated.iter().position(|byte| *byte == 0).and_then(|end| inflated.get(end + 1..));
        content.is_some_and(|content| text::detect(content) == text::Encoding::Binary)
    }
}

struct Part<R> {
    buffer: Vec<u8>,
    found: Found<R>,
}

impl<R> Default for Part<R> {
    fn default() -> Self {
        Self { buffer: Vec::new(), found: Found::default() }
    }
}
