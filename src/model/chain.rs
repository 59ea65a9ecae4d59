//! The chain of files by which a system lets its log be proven: lists of files with the digests of their content.

use super::coverage::StreamKey;
use super::evidence::{Evidence, Sha256Digest};

/// One file that a list names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ListedFile {
    /// The log it belongs to.
    pub stream: StreamKey,
    /// The last part of its name.
    pub name: Box<str>,
    /// SHA-256 of its content before compression.
    pub sha256: Sha256Digest,
    /// It is itself a list: the one before.
    pub is_list: bool,
    /// The list that names it.
    pub evidence: Evidence,
}
