//! Reads the files of a tree in parallel and hands their text to a function.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rayon::prelude::*;

use super::Tree;
use crate::model::{Gap, GapReason, Sha256Digest};
use crate::source::archive::Format;
use crate::source::file::ReadError;
use crate::source::tally::{Kind, Tally};
use crate::source::text::{self, Decoded};
use crate::source::{File, Options};

const BINARY: Kind = Kind {
    reason: GapReason::Skipped,
    detail: "binary files",
    effect: "secrets inside compiled or packed content are not found",
};
const ARCHIVES: Kind = Kind {
    reason: GapReason::Skipped,
    detail: "archives and compressed files, not opened as asked for",
    effect: "secrets in them are not found",
};
/// What a file of columns (Parquet) begins with. Rows of a log may stand in it.
const COLUMNS: &[u8] = b"PAR1";
/// A buffer that one large file made larger than this is given back.
const KEPT_BUFFER: usize = 4 * 1024 * 1024;

/// A file in which something was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit<R> {
    /// The file.
    pub file: File,
    /// The digest of its bytes as they were read.
    pub sha256: Sha256Digest,
    /// What was found.
    pub found: R,
}

/// The result of reading a tree.
#[derive(Debug)]
pub struct TreeScan<R> {
    /// The files with a result, in the order of the tree.
    pub hits: Vec<Hit<R>>,
    /// Files examined.
    pub files: u64,
    /// Bytes examined, as they lie on disk.
    pub bytes: u64,
    /// Files that are archives, in the order of the tree, for [`crate::source::archive`] to read. Empty where the options
    /// say that they are not opened.
    pub archives: Vec<(File, Format)>,
    /// Files not examined.
    pub gaps: Vec<Gap>,
}

/// What a reader of files is shown.
#[derive(Clone, Copy, Debug)]
pub enum Content<'a> {
    /// Decoded text.
    Text(&'a [u8]),
    /// Something that is not read as text: compressed, too large, or binary after a beginning like JSON.
    Closed,
}

/// What a reader of files says of one.
#[derive(Debug)]
pub enum Verdict<R> {
    /// There is nothing to report. What is closed is then treated as such.
    Nothing,
    /// This was found.
    Found(R),
    /// It is read by others: it is neither counted nor a gap here.
    Elsewhere,
    /// It is closed and what is in it cannot be read: why. Only of a file of columns is that said here: an archive is opened
    /// all the same, and tells it itself.
    Broken(String),
}

/// What became of one file.
enum Outcome<R> {
    Elsewhere,
    Examined(u64),
    Hit(u64, Sha256Digest, R),
    Binary,
    Archive(Format),
    Failed(GapReason, String),
}

impl Tree {
    /// Calls `examine` with the decoded text of every file and keeps what it returns. Binary files are counted, archives
    /// handed back; a file that cannot be read, is too large, or makes `examine` panic is a gap. Results do not depend on
    /// threads.
    pub fn par_scan<R: Send>(
        &self,
        options: &Options,
        examine: &(dyn Fn(&File, &[u8]) -> Option<R> + Sync),
    ) -> TreeScan<R> {
        self.par_read(options, &|file, content| match content {
            Content::Text(text) => examine(file, text).map_or(Verdict::Nothing, Verdict::Found),
            Content::Closed => Verdict::Nothing,
        })
    }

    /// The same for an `examine` that may leave files to others, and is asked about closed ones too.
    pub fn par_read<R: Send>(
        &self,
        options: &Options,
        examine: &(dyn Fn(&File, Content<'_>) -> Verdict<R> + Sync),
    ) -> TreeScan<R> {
        let outcomes: Vec<Outcome<R>> = self
            .files
            .par_iter()
            .map_init(Vec::new, |buffer, file| {
                let outcome = read(file, options.max_file_bytes, buffer, examine);
                if buffer.capacity() > KEPT_BUFFER {
                    *buffer = Vec::new();
                }
                outcome
            })
            .collect();
        self.sum_up(outcomes, options.archives)
    }

    fn sum_up<R>(&self, outcomes: Vec<Outcome<R>>, open: bool) -> TreeScan<R> {
        let (mut tally, mut hits, mut archives, mut files, mut bytes) =
            (Tally::default(), Vec::new(), Vec::new(), 0, 0);
        for (file, outcome) in self.files.iter().zip(outcomes) {
            match outcome {
                Outcome::Elsewhere => {}
                Outcome::Binary => tally.add(BINARY, &file.name),
                Outcome::Archive(format) if open => archives.push((file.clone(), format)),
                Outcome::Archive(_) => tally.add(ARCHIVES, &file.name),
                Outcome::Failed(reason, detail) => {
                    tally.fail(&file.name, reason, detail, "its content was not examined");
                }
                Outcome::Examined(read) => {
                    files += 1;
                    bytes += read;
                }
                Outcome::Hit(read, sha256, found) => {
                    files += 1;
                    bytes += read;
                    hits.push(Hit { file: file.clone(), sha256, found });
                }
            }
        }
        TreeScan { hits, files, bytes, archives, gaps: tally.into_gaps(&self.name) }
    }
}

fn read<R>(
    file: &File,
    limit: u64,
    buffer: &mut Vec<u8>,
    examine: &(dyn Fn(&File, Content<'_>) -> Verdict<R> + Sync),
) -> Outcome<R> {
    let ask = |content: Content<'_>| catch_unwind(AssertUnwindSafe(|| examine(file, content)));
    let closed = |outcome: Outcome<R>| match ask(Content::Closed) {
        Ok(Verdict::Elsewhere) => Outcome::Elsewhere,
        _ => outcome,
    };
    match file.read_text(limit, buffer) {
        Ok(()) => {}
        // Records may stand before what makes a file binary.
        Err(ReadError::Binary) if matches!(buffer.trim_ascii_start().first(), Some(b'{' | b'[')) => {
            return closed(Outcome::Binary);
        }
        Err(ReadError::Binary) if buffer.starts_with(COLUMNS) => {
            return match ask(Content::Closed) {
                Ok(Verdict::Elsewhere) => Outcome::Elsewhere,
                Ok(Verdict::Broken(why)) => Outcome::Failed(GapReason::Damaged, why),
                _ => Outcome::Binary,
            };
        }
        Err(ReadError::Binary) => return Outcome::Binary,
        Err(ReadError::Archive(format)) => return closed(Outcome::Archive(format)),
        Err(error @ ReadError::TooLarge(_)) => {
            return closed(Outcome::Failed(GapReason::TooLarge, error.to_string()));
        }
        Err(error) => return Outcome::Failed(GapReason::Unreadable, error.to_string()),
    }
    let Decoded::Text(text) = text::decode(buffer) else { return Outcome::Binary };
    let read = buffer.len() as u64;
    match ask(Content::Text(&text)) {
        Ok(Verdict::Nothing | Verdict::Broken(_)) => Outcome::Examined(read),
        Ok(Verdict::Found(found)) => Outcome::Hit(read, Sha256Digest::of(buffer), found),
        Ok(Verdict::Elsewhere) => Outcome::Elsewhere,
        Err(_panic) => Outcome::Failed(GapReason::Internal, "the examination itself failed".to_owned()),
    }
}
