//! Where a statement can be re-checked by a stranger: which file, its digest, and the place in it.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::record_id::RecordId;

/// SHA-256 of an input as it lies on disk (or of a git blob's content), shown in hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sha256Digest(pub [u8; 32]);

impl Sha256Digest {
    /// The digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        use sha2::Digest;
        Self(sha2::Sha256::digest(bytes).into())
    }
}

impl fmt::Display for Sha256Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Sha256Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// One input: a file, or one blob of a git repository. Shared by all evidence that points into it.
///
/// The digest of a streamed file is known only when its last byte was read, so it is set once, later.
#[derive(Debug)]
pub struct Input {
    name: Box<str>,
    sha256: OnceLock<Sha256Digest>,
}

impl Input {
    /// An input whose digest follows when it has been read to its end. `name` is the path as the user would write it.
    pub fn streamed(name: impl Into<Box<str>>) -> Arc<Self> {
        Arc::new(Self { name: name.into(), sha256: OnceLock::new() })
    }

    /// An input that is in memory.
    pub fn of(name: impl Into<Box<str>>, bytes: &[u8]) -> Arc<Self> {
        let input = Self::streamed(name);
        input.seal(Sha256Digest::of(bytes));
        input
    }

    /// States the digest, once; later calls change nothing.
    pub fn seal(&self, digest: Sha256Digest) {
        let _already_sealed = self.sha256.set(digest);
    }

    /// The path as the user would write it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The digest, or nothing where the input could not be read to its end.
    pub fn sha256(&self) -> Option<Sha256Digest> {
        self.sha256.get().copied()
    }
}

/// The place inside an input. Small, because logs have millions of places: what is large lies behind a pointer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Place {
    /// A line of a text or CSV file; both numbers count from 1, columns in characters.
    Line {
        /// Line number from 1.
        line: u64,
        /// Column in characters from 1.
        column: u64,
    },
    /// A line of a file as a commit introduced it.
    Commit(Box<CommitPlace>),
    /// A line of a member of an archive, which is the input.
    Member(Box<MemberPlace>),
    /// A record of a log: its number from 0 and the byte offset of its first byte in the (decompressed) stream. A row of a
    /// file of columns has a number only: its offset is 0.
    Record {
        /// Record number from 0.
        index: u64,
        /// Byte offset of the record in the decompressed stream.
        offset: u64,
    },
    /// A JSON pointer (RFC 6901) into a JSON document.
    Pointer {
        /// The pointer, such as `/UserDetailList/3`.
        pointer: String,
    },
}

/// A line of a file as a commit introduced it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CommitPlace {
    /// The first commit that holds this content, in full hexadecimal; empty where no commit reaches the blob.
    pub commit: String,
    /// Path inside the repository at that commit.
    pub path: String,
    /// Line number from 1.
    pub line: u64,
    /// Column in characters from 1.
    pub column: u64,
    /// The commit's author date.
    pub author_date: Option<Timestamp>,
}

/// A line of a member of an archive.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MemberPlace {
    /// The member, with the archives around it below the input: `lib/app.jar!/conf/db.yml`.
    pub member: String,
    /// Line number from 1, in the member.
    pub line: u64,
    /// Column in characters from 1.
    pub column: u64,
    /// The commit that introduced the archive; absent outside of repositories.
    pub introduced: Option<Introduction>,
}

/// The first commit that holds a file with some content.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Introduction {
    /// The commit in full hexadecimal; empty where no commit reaches the blob.
    pub commit: String,
    /// Path of the file inside the repository at that commit.
    pub path: String,
    /// The commit's author date.
    pub author_date: Option<Timestamp>,
}

/// One re-checkable reason for a statement. A copy costs nothing: one record often proves many things.
#[derive(Clone, Debug)]
pub struct Evidence(Arc<Piece>);

/// What a piece of evidence says. Read through [`Evidence`], which makes and copies it.
#[derive(Clone, Debug)]
pub struct Piece {
    /// What this piece shows, in a few words: "key id in code", "last use".
    pub shows: Cow<'static, str>,
    /// The input it lies in.
    pub input: Arc<Input>,
    /// The place in that input.
    pub place: Place,
    /// The record's own id where it has one, such as a CloudTrail `eventID`.
    pub record_id: Option<RecordId>,
}

impl Evidence {
    /// What a piece shows that points at a secret lying in text.
    pub const IN_CODE: &'static str = "secret in code";

    /// Whether this piece points at a secret lying in text.
    pub fn is_in_code(&self) -> bool {
        self.shows.starts_with(Self::IN_CODE)
    }

    /// Evidence without a record id.
    pub fn new(shows: impl Into<Box<str>>, input: &Arc<Input>, place: Place) -> Self {
        let shows = Cow::Owned(shows.into().into_string());
        Self(Arc::new(Piece { shows, input: Arc::clone(input), place, record_id: None }))
    }

    /// Evidence of a record of a log.
    pub fn logged(shows: &'static str, input: &Arc<Input>, place: Place, record_id: Option<&str>) -> Self {
        let record_id = record_id.map(RecordId::new);
        Self(Arc::new(Piece { shows: Cow::Borrowed(shows), input: Arc::clone(input), place, record_id }))
    }

    /// Adds the record's own id.
    #[must_use]
    pub fn with_record_id(mut self, id: Option<&str>) -> Self {
        Arc::make_mut(&mut self.0).record_id = id.map(RecordId::new);
        self
    }

    /// The same place, said to show something else.
    #[must_use]
    pub fn showing(mut self, shows: String) -> Self {
        Arc::make_mut(&mut self.0).shows = Cow::Owned(shows);
        self
    }

    /// The order in which evidence is kept and printed: input name, place, meaning. Never depends on threads.
    pub fn sort_key(&self) -> (&str, &Place, &str) {
        (self.input.name(), &self.place, &self.shows)
    }
}

impl Deref for Evidence {
    type Target = Piece;

    fn deref(&self) -> &Piece {
        &self.0
    }
}

impl PartialEq for Evidence {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.sort_key() == other.sort_key()
    }
}

impl Eq for Evidence {}

impl PartialOrd for Evidence {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Evidence {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        if Arc::ptr_eq(&self.0, &other.0) {
            return std::cmp::Ordering::Equal;
        }
        self.sort_key().cmp(&other.sort_key())
    }
}
