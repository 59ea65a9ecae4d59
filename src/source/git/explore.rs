//! Decodes the blobs of a pack, each exactly once, and hands them to the examiner.
//!
//! Deltas are applied to the base that was just decoded, so nothing is inflated twice and no cache is needed. The deltas
//! that lead to most are taken last, when their base is no longer needed for others: so few bases are alive at a time
//! (the logarithm of their number) however the forest grows. Large branches are handed to other threads.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use gix::odb::pack::data::Entry;
use gix::odb::pack::data::entry::Header;
use gix::zlib::Inflate;
use rayon::prelude::*;

use super::delta::{self, Refusal};
use super::examine::{Examiner, Found, Loss};
use super::pack::{Forest, Pack, Position};
use super::pack_file::Window;
use crate::source::{Copied, Examine, text};

/// A branch with at least so many wanted blobs is a task of its own.
const BRANCH: u32 = 256;
/// Buffers larger than this are given back to the system.
const KEPT_BUFFER: usize = 4 * 1024 * 1024;
/// Small entries that follow each other are read together.
const READ_AHEAD: usize = 32 * 1024;
/// From this size on, the head of a blob decides whether it is worth inflating.
const SNIFF: u64 = 64 * 1024;

/// What an entry is to be applied to.
enum Base<T> {
    /// Nothing: it is whole, or its base is elsewhere.
    Root,
    /// The entry it is a delta of.
    Content(Arc<Content<T>>),
    /// Its base could not be had.
    Lost(Loss),
}

/// A decoded entry, and what is remembered of its text.
struct Content<T> {
    bytes: Vec<u8>,
    trace: Option<T>,
}

/// A pack while it is read.
pub(super) struct Exploration<'a, E> {
    pub(super) pack: &'a Pack,
    pub(super) forest: &'a Forest,
    pub(super) examiner: &'a Examiner<'a, E>,
    /// Finds an object anywhere, for deltas whose base is in another pack.
    pub(super) elsewhere: &'a (dyn Fn(&gix::oid) -> Option<Vec<u8>> + Sync),
}

/// What one thread needs to decode entries.
struct Worker<R> {
    window: Window,
    inflate: Inflate,
    instructions: Vec<u8>,
    /// What the last delta copied from its base.
    copied: Vec<Copied>,
    spare: Vec<Vec<u8>>,
    found: Found<R>,
}

impl<E: Examine> Exploration<'_, E> {
    /// Examines everything wanted in the pack.
    pub(super) fn run(&self) -> Found<E::Found> {
        let total = Mutex::new(Found::default());
        rayon::scope(|scope| {
            self.tasks().par_iter().for_each(|roots| self.explore(scope, roots, &Base::Root, &total));
        });
        let mut found = total.into_inner().unwrap_or_else(PoisonError::into_inner);
        for position in &self.forest.broken {
            if self.forest.is_wanted(*position) {
                found.lost.push((self.forest.id(self.pack, *position), Loss::Damaged));
            }
        }
        found
    }

    /// The roots, in runs of neighbours that are worth a task.
    fn tasks(&self) -> Vec<&[Position]> {
        let (mut tasks, mut rest, mut weight, mut length) = (Vec::new(), self.forest.roots.as_slice(), 0_u32, 0);
        for root in &self.forest.roots {
            weight = weight.saturating_add(self.forest.weight(*root));
            length += 1;
            if weight >= BRANCH {
                let (task, after) = rest.split_at(length);
                tasks.push(task);
                (rest, weight, length) = (after, 0, 0);
            }
        }
        tasks.push(rest);
        tasks
    }

    fn explore<'s>(
        &'s self,
        scope: &rayon::Scope<'s>,
        starts: &[Position],
        base: &Base<E::Trace>,
        total: &'s Mutex<Found<E::Found>>,
    ) {
        let mut worker = Worker {
            window: Window::new(READ_AHEAD),
            inflate: Inflate::default(),
            instructions: Vec::new(),
            copied: Vec::new(),
            spare: Vec::new(),
            found: Found::default(),
        };
        let mut stack: Vec<(Position, Base<E::Trace>)> =
            starts.iter().rev().map(|start| (*start, base.clone())).collect();
        while let Some((position, base)) = stack.pop() {
            let below = self.visit(position, base, &mut worker);
            let Some(below) = below else { continue };
            let heaviest_first = self.forest.children(position);
            for (rank, child) in heaviest_first.into_iter().enumerate() {
                if rank > 0 && self.forest.weight(child) >= BRANCH {
                    let below = below.clone();
                    scope.spawn(move |scope| self.explore(scope, &[child], &below, total));
                } else {
                    stack.push((child, below.clone()));
                }
            }
        }
        total.lock().unwrap_or_else(PoisonError::into_inner).merge(worker.found);
    }

    /// Decodes and examines one entry; what its own deltas apply to, if there are any.
    fn visit(&self, position: Position, base: Base<E::Trace>, worker: &mut Worker<E::Found>) -> Option<Base<E::Trace>> {
        let has_children = self.forest.weight(position) > u32::from(self.forest.is_wanted(position));
        let outcome = catch_unwind(AssertUnwindSafe(|| self.decode(position, &base, has_children, worker)));
        let below = match outcome.unwrap_or(Err(Loss::Internal)) {
            Ok(bytes) => {
                let mut trace = None;
                if self.forest.is_wanted(position) {
                    let id = self.forest.id(self.pack, position);
                    let known = base.trace().map(|trace| (trace, worker.copied.as_slice()));
                    trace = self.examiner.examine(id, &bytes, known, has_children, &mut worker.found);
                }
                if has_children {
                    Some(Base::Content(Arc::new(Content { bytes, trace })))
                } else {
                    worker.keep(bytes);
                    None
                }
            }
            Err(loss) => {
                if self.forest.is_wanted(position) {
                    worker.found.lose(self.forest.id(self.pack, position), loss);
                }
                has_children.then_some(Base::Lost(loss))
            }
        };
        if let Base::Content(content) = base
            && let Ok(content) = Arc::try_unwrap(content)
        {
            worker.keep(content.bytes);
        }
        below
    }

    fn decode(
        &self,
        position: Position,
        base: &Base<E::Trace>,
        has_children: bool,
        worker: &mut Worker<E::Found>,
    ) -> Result<Vec<u8>, Loss> {
        if let Base::Lost(loss) = base {
            return Err(loss.of_base());
        }
        let entry = self.pack.data.entry(self.forest.offset(position), &mut worker.window).ok_or(Loss::Damaged)?;
        let allowed = if has_children { self.examiner.base_limit() } else { self.examiner.limit() };
        if entry.header.is_base() {
            if entry.decompressed_size > SNIFF && !has_children && self.is_binary(&entry, worker) {
                return Err(Loss::Binary);
            }
            let mut out = worker.spare.pop().unwrap_or_default();
            self.inflate(&entry, allowed, worker, &mut out)?;
            return Ok(out);
        }
        let mut instructions = std::mem::take(&mut worker.instructions);
        let inflated = self.inflate(&entry, self.examiner.base_limit(), worker, &mut instructions);
        let mut out = worker.spare.pop().unwrap_or_default();
        let applied = inflated.and_then(|()| {
            let copied = &mut worker.copied;
            let refused = match (base, &entry.header) {
                (Base::Content(base), _) => delta::apply(&base.bytes, &instructions, allowed, &mut out, copied),
                (_, Header::RefDelta { base_id }) => {
                    let base = (self.elsewhere)(base_id).ok_or(Loss::Absent)?;
                    delta::apply(&base, &instructions, allowed, &mut out, copied)
                }
                _ => Err(Refusal::Damaged),
            };
            refused.map_err(Loss::from)
        });
        worker.instructions = if instructions.capacity() > KEPT_BUFFER { Vec::new() } else { instructions };
        applied.map(|()| out)
    }

    fn inflate(
        &self,
        entry: &Entry,
        allowed: u64,
        worker: &mut Worker<E::Found>,
        out: &mut Vec<u8>,
    ) -> Result<(), Loss> {
        if entry.decompressed_size > allowed {
            return Err(Loss::TooLarge);
        }
        let limit = usize::try_from(allowed).unwrap_or(usize::MAX);
        let inflated = self.pack.data.inflate(entry, limit, &mut worker.window, &mut worker.inflate, out);
        inflated.map(|_| ()).ok_or(Loss::Damaged)
    }

    /// Looks at the head of a whole blob.
    fn is_binary(&self, entry: &Entry, worker: &mut Worker<E::Found>) -> bool {
        let mut head = [0_u8; text::SAMPLE];
        let input = self.pack.data.bytes(entry.data_offset, 2 * text::SAMPLE, &mut worker.window);
        let Ok(input) = input else { return false };
        worker.inflate.reset();
        let length = worker.inflate.prefix(input, &mut head).map_or(0, |(_, _, length)| length);
        let Some(head) = head.get(..length) else { return false };
        self.examiner.archive(head).is_none() && text::detect(head) == text::Encoding::Binary
    }
}

impl<T> Base<T> {
    /// What is remembered of it, if there is anything.
    fn trace(&self) -> Option<&T> {
        match self {
            Self::Content(content) => content.trace.as_ref(),
            Self::Root | Self::Lost(_) => None,
        }
    }
}

impl<T> Clone for Base<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Root => Self::Root,
            Self::Content(content) => Self::Content(content.clone()),
            Self::Lost(loss) => Self::Lost(*loss),
        }
    }
}

impl<R> Worker<R> {
    fn keep(&mut self, buffer: Vec<u8>) {
        if self.spare.len() < 4 && buffer.capacity() <= KEPT_BUFFER {
            self.spare.push(buffer);
        }
    }
}
