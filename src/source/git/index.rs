//! What is staged: the files of the index that `HEAD` holds differently or not at all.
//!
//! The index remembers the trees of directories in which nothing was staged (its cache tree). Where one is the tree that
//! `HEAD` has, nothing below it is compared or read; so the work grows with what is staged and not with the repository.

mod compare;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use gix::objs::Kind as ObjectKind;

use super::examine::{Examiner, Found, Loss};
use super::reader::Lookup;
use super::{BlobId, Error, Repository};
use crate::model::{Gap, GapReason, Sha256Digest};
use crate::source::archive::Format;
use crate::source::file;
use crate::source::tally::{Kind, Tally};
use crate::source::{Copied, Examine, Options};

/// The most memory that an index may ask for. The largest known repositories need a tenth of it.
const MAX_BYTES: usize = 4 << 30;

const BINARY: Kind = Kind {
    reason: GapReason::Skipped,
    detail: "binary files among what is staged",
    effect: "secrets inside compiled, compressed or packed content are not found",
};

/// A file of the index that `HEAD` does not hold the same way at the same path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StagedFile {
    /// The path below the root of the repository, safe to show.
    pub path: String,
    /// What is staged.
    pub blob: BlobId,
    /// What `HEAD` holds at this path, if anything.
    pub before: Option<BlobId>,
}

/// What differs between `HEAD` and the index.
#[derive(Debug, Default)]
pub struct Staged {
    /// The files that would be new or changed by a commit, in order of their paths.
    pub files: Vec<StagedFile>,
    /// Files in the index, staged or not.
    pub entries: u64,
    /// What is in the index and has no content to examine: conflicts, submodules, files only announced.
    pub gaps: Vec<Gap>,
}

/// Gives the content that `HEAD` has where another is staged; nothing where it has none.
pub type Before<'a> = &'a dyn Fn() -> Option<Vec<u8>>;

/// What is staged of one file.
#[derive(Clone, Copy, Debug)]
pub enum StagedContent<'a> {
    /// Decoded text.
    Text(&'a [u8]),
    /// An archive of this format.
    Archive(Format, &'a [u8]),
}

/// Looks into what is staged.
type Look<'a, R> = &'a (dyn Fn(StagedContent<'_>, Before<'_>) -> Option<R> + Sync);

/// The result of examining what is staged.
#[derive(Debug)]
pub struct StagedScan<'a, R> {
    /// The files with a result, the digest of what is staged, and the result, in the order of the files.
    pub hits: Vec<(&'a StagedFile, Option<Sha256Digest>, R)>,
    /// Files examined.
    pub files: u64,
    /// Bytes examined.
    pub bytes: u64,
    /// Files not examined.
    pub gaps: Vec<Gap>,
}

impl Repository {
    /// Compares the index with `HEAD`. `index` is another index than the work tree's own, as git names one to a hook
    /// that it starts for `git commit FILE`. Without any index nothing is staged.
    pub fn staged(&self, index: Option<&Path>) -> Result<Staged, Error> {
        let own = self.layout.index();
        let path = index.unwrap_or(&own);
        if index.is_none() && path.symlink_metadata().is_err() {
            return Ok(Staged::default());
        }
        let source = |source| Error::Unreadable { path: path.to_owned(), source };
        drop(file::open_regular(path).map_err(source)?);
        let options = gix::index::decode::Options {
            thread_limit: Some(1),
            alloc_limit_bytes: Some(MAX_BYTES),
            ..Default::default()
        };
        // Git itself does not verify the checksum of an index that it reads.
        let read = || gix::index::File::at(path, self.format.hash, true, options);
        let compared = catch_unwind(AssertUnwindSafe(|| {
            let index = read().map_err(|error| Error::Index(error.to_string()))?;
            Ok(compare::compare(self, &index))
        }));
        compared.unwrap_or(Err(Error::Internal))
    }

    /// Calls `examine` with each file that is staged and is text or an archive, and with a way to what `HEAD` has in its
    /// place. Binary files are counted; a file that cannot be read or makes `examine` panic is a gap.
    pub fn scan_staged<'a, R: Send>(
        &self,
        staged: &'a [StagedFile],
        options: &Options,
        examine: Look<'_, R>,
    ) -> StagedScan<'a, R> {
        let (reader, mut content, mut tally) = (self.reader(), Vec::new(), Tally::default());
        let mut scan = StagedScan { hits: Vec::new(), files: 0, bytes: 0, gaps: Vec::new() };
        for file in staged {
            let before = || self.content_of(file.before?, options.max_file_bytes);
            let one = One { examine, before: &before, opens_archives: options.archives };
            let examiner = Examiner { max_bytes: options.max_file_bytes, examine: &one };
            let mut found = Found::default();
            match reader.read(file.blob.0, &mut content) {
                Lookup::Found(ObjectKind::Blob) => examiner.look(file.blob.0, &content, &mut found),
                Lookup::Absent => found.lose(file.blob.0, Loss::Absent),
                _ => found.lose(file.blob.0, Loss::Damaged),
            }
            scan.files += found.blobs;
            scan.bytes += found.bytes;
            tally.add_many(BINARY, found.binary, &file.path);
            for (_, loss) in found.lost {
                let (reason, detail) = in_words(loss);
                tally.fail(&file.path, reason, detail, "what is staged of it was not examined");
            }
            scan.hits.extend(found.hits.into_iter().map(|hit| (file, hit.sha256, hit.found)));
        }
        scan.gaps = tally.into_gaps(&self.name);
        scan
    }

    /// What a blob holds; nothing where it is not there or has more than `limit` bytes.
    fn content_of(&self, blob: BlobId, limit: u64) -> Option<Vec<u8>> {
        let mut content = Vec::new();
        let found = self.reader().read(blob.0, &mut content) == Lookup::Found(ObjectKind::Blob);
        (found && content.len() as u64 <= limit).then_some(content)
    }
}

/// One staged file and what is to be done with it.
struct One<'a, R> {
    examine: Look<'a, R>,
    before: &'a (dyn Fn() -> Option<Vec<u8>> + Sync),
    opens_archives: bool,
}

impl<R: Send> Examine for One<'_, R> {
    type Found = R;
    type Trace = ();

    fn examine(&self, text: &[u8], _base: Option<(&(), &[Copied])>, _keep: bool) -> (Option<R>, Option<()>) {
        ((self.examine)(StagedContent::Text(text), self.before), None)
    }

    fn opens_archives(&self) -> bool {
        self.opens_archives
    }

    fn open(&self, format: Format, content: &[u8]) -> Option<R> {
        (self.examine)(StagedContent::Archive(format, content), self.before)
    }
}

fn in_words(loss: Loss) -> (GapReason, &'static str) {
    match loss {
        Loss::TooLarge => (GapReason::TooLarge, "larger than the limit"),
        Loss::Absent => (GapReason::Unreadable, "the index names content that is not in the repository"),
        Loss::Binary | Loss::Damaged => (GapReason::Damaged, "its object does not decode"),
        Loss::Internal => (GapReason::Internal, "the examination itself failed"),
    }
}
