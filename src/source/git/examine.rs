//! What happens to one blob once it is decoded, and what is counted when it cannot be.

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use gix::ObjectId;

use super::BlobId;
use super::delta::Refusal;
use crate::model::Sha256Digest;
use crate::source::archive::{self, Format};
use crate::source::text::{self, Decoded};
use crate::source::{Copied, Examine};

/// A whole object may be this large where others are deltas of it, even if it is too large to be examined itself.
const BASE_LIMIT: u64 = 256 * 1024 * 1024;

/// A blob in which something was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlobHit<R> {
    /// The blob.
    pub id: BlobId,
    /// The digest of its content, where what was found is evidence.
    pub sha256: Option<Sha256Digest>,
    /// What was found.
    pub found: R,
}

/// Why a blob was not examined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Loss {
    Binary,
    TooLarge,
    Damaged,
    /// Its base or itself is not there.
    Absent,
    Internal,
}

impl Loss {
    /// What the loss of a base means for a delta on it.
    pub(super) fn of_base(self) -> Self {
        match self {
            Self::Binary => Self::Damaged,
            other => other,
        }
    }
}

impl From<Refusal> for Loss {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Damaged => Self::Damaged,
            Refusal::TooLarge => Self::TooLarge,
        }
    }
}

/// What was found so far, by one thread or by all.
pub(super) struct Found<R> {
    pub(super) hits: Vec<BlobHit<R>>,
    pub(super) blobs: u64,
    pub(super) bytes: u64,
    pub(super) binary: u64,
    pub(super) lost: Vec<(ObjectId, Loss)>,
}

impl<R> Default for Found<R> {
    fn default() -> Self {
        Self { hits: Vec::new(), blobs: 0, bytes: 0, binary: 0, lost: Vec::new() }
    }
}

impl<R> Found<R> {
    pub(super) fn merge(&mut self, other: Self) {
        self.hits.extend(other.hits);
        self.blobs += other.blobs;
        self.bytes += other.bytes;
        self.binary += other.binary;
        self.lost.extend(other.lost);
    }

    /// Counts a blob that was not examined. Binary ones are too many to be remembered one by one.
    pub(super) fn lose(&mut self, id: ObjectId, loss: Loss) {
        match loss {
            Loss::Binary => self.binary += 1,
            loss => self.lost.push((id, loss)),
        }
    }
}

/// Decides what is examined, and examines it.
pub(super) struct Examiner<'a, E: ?Sized> {
    pub(super) max_bytes: u64,
    pub(super) examine: &'a E,
}

/// What is remembered of the base of a delta, and what the delta copies from it.
pub(super) type Version<'a, E> = Option<(&'a <E as Examine>::Trace, &'a [Copied])>;

impl<E: Examine + ?Sized> Examiner<'_, E> {
    /// The most bytes of a blob that is examined.
    pub(super) fn limit(&self) -> u64 {
        self.max_bytes
    }

    /// The most bytes of a blob that others are deltas of.
    pub(super) fn base_limit(&self) -> u64 {
        self.max_bytes.max(BASE_LIMIT)
    }

    /// Examines a decoded blob on its own.
    pub(super) fn look(&self, id: ObjectId, content: &[u8], found: &mut Found<E::Found>) {
        self.examine(id, content, None, false, found);
    }

    /// Examines a decoded blob. What is remembered of it for its own deltas comes back where `keep` asks for it.
    pub(super) fn examine(
        &self,
        id: ObjectId,
        content: &[u8],
        base: Version<'_, E>,
        keep: bool,
        found: &mut Found<E::Found>,
    ) -> Option<E::Trace> {
        match self.judge(id, content, base, keep) {
            Ok((hit, trace)) => {
                found.blobs += 1;
                found.bytes += content.len() as u64;
                found.hits.extend(hit);
                trace
            }
            Err(loss) => {
                found.lose(id, loss);
                None
            }
        }
    }

    fn judge(&self, id: ObjectId, content: &[u8], base: Version<'_, E>, keep: bool) -> Result<Judged<E>, Loss> {
        let archive = self.archive(content);
        if archive.is_none() && text::detect(content) == text::Encoding::Binary {
            return Err(Loss::Binary);
        }
        if content.len() as u64 > self.limit() {
            return Err(Loss::TooLarge);
        }
        if let Some(format) = archive {
            let opened = catch_unwind(AssertUnwindSafe(|| self.examine.open(format, content)));
            return Ok((self.hit(id, content, opened.map_err(|_panic| Loss::Internal)?)?, None));
        }
        let Decoded::Text(text) = text::decode(content) else { return Err(Loss::Binary) };
        // Deltas speak of the bytes of blobs, so a text that begins elsewhere or is decoded has no part in them.
        let same = text.len() == content.len() && matches!(text, Cow::Borrowed(_));
        let examine = || self.examine.examine(&text, base.filter(|_| same), keep && same);
        let result = catch_unwind(AssertUnwindSafe(examine));
        let (found, trace) = result.map_err(|_panic| Loss::Internal)?;
        Ok((self.hit(id, content, found)?, trace))
    }

    /// The format of a blob that begins as an archive does and is to be opened.
    pub(super) fn archive(&self, head: &[u8]) -> Option<Format> {
        if self.examine.opens_archives() { archive::recognise(head) } else { None }
    }

    fn hit(&self, id: ObjectId, content: &[u8], found: Option<E::Found>) -> Result<Option<BlobHit<E::Found>>, Loss> {
        let Some(found) = found else { return Ok(None) };
        let is_evidence = self.examine.is_evidence(&found);
        if is_evidence && !is_named_right(id, content) {
            return Err(Loss::Damaged);
        }
        let sha256 = is_evidence.then(|| Sha256Digest::of(content));
        Ok(Some(BlobHit { id: BlobId(id), sha256, found }))
    }
}

type Judged<E> = (Option<BlobHit<<E as Examine>::Found>>, Option<<E as Examine>::Trace>);

/// Whether the content is what the id names. Asked only for evidence: it must hold when somebody looks it up.
fn is_named_right(id: ObjectId, content: &[u8]) -> bool {
    gix::objs::compute_hash(id.kind(), gix::objs::Kind::Blob, content).is_ok_and(|computed| computed == id)
}
