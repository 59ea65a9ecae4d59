//! Git repositories of every shape, read straight from their object database with all history.
//!
//! What the repository says about itself is evidence, not instruction: of its configuration only the object format is
//! read, replacement references are not applied, and no filter, hook, monitor or subprocess exists here. Alternates are
//! followed as git follows them, and said in the notes.

mod attribute;
mod blobs;
mod bundle;
mod config;
mod delta;
mod examine;
mod explore;
mod facts;
mod head;
mod history;
mod index;
mod layout;
mod loose;
mod pack;
mod pack_file;
mod pack_index;
mod packs;
mod promise;
mod range;
mod reader;
mod references;
mod trees;
mod wanted;

use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use gix::ObjectId;

use crate::model::{Gap, GapReason};
use crate::source::file::ReadError;
use crate::source::name::shown;
use bundle::Bundle;
use config::Format;
use packs::Packs;
use references::References;

pub use attribute::{Attribution, Origin};
pub use blobs::BlobScan;
pub use examine::BlobHit;
pub use facts::Facts;
pub use index::{Before, Staged, StagedContent, StagedFile, StagedScan};
pub use layout::Layout;
pub use range::CommitRange;

/// The id of a blob: the hash of a file's content as git computes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobId(pub(crate) ObjectId);

impl std::fmt::Display for BlobId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Why a repository was not opened.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing here looks like a repository.
    #[error("not a git repository")]
    NoRepository,
    /// A part is missing.
    #[error("not a complete git repository: {0}")]
    Incomplete(&'static str),
    /// A pipe, socket or device where git keeps plain files.
    #[error("{} is a pipe, socket or device; the repository was not opened", shown(.0.as_os_str().as_encoded_bytes()))]
    Special(PathBuf),
    /// One of git's own small files is not small.
    #[error("{} has more than {limit} bytes; the repository was not opened", shown(.path.as_os_str().as_encoded_bytes()))]
    Oversize {
        /// The file.
        path: PathBuf,
        /// The most bytes it may have.
        limit: u64,
    },
    /// A file of git could not be read.
    #[error("{}: {source}", shown(.path.as_os_str().as_encoded_bytes()))]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: ReadError,
    },
    /// A hash other than SHA-1 and SHA-256.
    #[error("the object format {0:?} is not known")]
    ObjectFormat(String),
    /// The object database does not open.
    #[error("the object database does not open: {0}")]
    Objects(String),
    /// A bundle is not sound, in words.
    #[error("not a sound git bundle: {0}")]
    Bundle(String),
    /// The index does not open.
    #[error("the index does not open: {0}")]
    Index(String),
    /// No commit goes by this name.
    #[error("no commit `{given}` in {repository}")]
    Revision {
        /// What was asked for.
        given: String,
        /// The repository, as the user calls it.
        repository: String,
        /// The names of its references, to suggest one.
        known: Vec<String>,
        /// Whether its history is cut off, so that the commit may exist elsewhere.
        is_shallow: bool,
    },
    /// The library that reads git's files failed on them.
    #[error("reading git's own files failed")]
    Internal,
}

impl Error {
    /// The line of "not examined" for the repository called `name`.
    pub fn gap(&self, name: &str) -> Gap {
        let reason = match self {
            Self::ObjectFormat(_) => GapReason::UnknownFormat,
            Self::Internal => GapReason::Internal,
            Self::Oversize { .. } => GapReason::TooLarge,
            Self::Incomplete(_) | Self::Objects(_) | Self::Bundle(_) | Self::Index(_) => GapReason::Damaged,
            Self::NoRepository | Self::Special(_) | Self::Unreadable { .. } | Self::Revision { .. } => {
                GapReason::Unreadable
            }
        };
        let effect = "no commit of its history was examined".into();
        Gap { what: shown(name.as_bytes()).into(), reason, detail: self.to_string().into(), effect, count: 1 }
    }
}

/// An open repository. Cheap to share between threads; each makes its own handle to the object database.
pub struct Repository {
    name: String,
    layout: Layout,
    format: Format,
    references: References,
    alternates: Vec<PathBuf>,
    /// Its objects on disk; a bundle has none.
    store: Option<Arc<gix::odb::Store>>,
    /// Opened when the first object is asked for.
    packs: OnceLock<Arc<Packs>>,
    /// What is known of the bundle, where it is one.
    bundle: Option<Bundle>,
}

impl Repository {
    /// Opens the repository at `path`, which the user calls `name`: a work tree, a linked worktree, a submodule checkout
    /// or a bare repository.
    pub fn open(path: &Path, name: &str) -> Result<Self, Error> {
        catch_unwind(|| Self::open_unguarded(path, name, References::read)).unwrap_or(Err(Error::Internal))
    }

    /// The same, but of the references only `HEAD` is read: enough for what does not look into history.
    pub fn open_at_head(path: &Path, name: &str) -> Result<Self, Error> {
        catch_unwind(|| Self::open_unguarded(path, name, References::read_head)).unwrap_or(Err(Error::Internal))
    }

    fn open_unguarded(
        path: &Path,
        name: &str,
        read: fn(&Layout, gix::hash::Kind) -> References,
    ) -> Result<Self, Error> {
        let layout = Layout::find(path)?;
        let format = Format::read(&layout.common_dir)?;
        let objects = layout.objects();
        let alternates = alternates_of(&objects)?;
        let options = gix::odb::store::init::Options {
            use_multi_pack_index: false,
            alloc_limit_bytes: Some(reader::MAX_BYTES),
            ..Default::default()
        };
        let store = gix::odb::Store::at_opts(objects, format.hash, &mut std::iter::empty(), options)
            .map_err(|error| Error::Objects(error.to_string()))?;
        let references = read(&layout, format.hash);
        let (name, store, packs) = (shown(name.as_bytes()), Some(Arc::new(store)), OnceLock::new());
        Ok(Self { name, layout, format, references, alternates, store, packs, bundle: None })
    }

    /// Where objects lie: here, and wherever alternates lead. Those of a bundle lie in itself.
    fn object_directories(&self) -> Vec<PathBuf> {
        if self.bundle.is_some() {
            return Vec::new();
        }
        std::iter::once(self.layout.objects()).chain(self.alternates.iter().cloned()).collect()
    }

    /// Where its parts lie.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }
}

fn alternates_of(objects: &Path) -> Result<Vec<PathBuf>, Error> {
    let here = std::env::current_dir().unwrap_or_default();
    let found = gix::odb::alternate::resolve(objects.to_owned(), &here);
    let alternates = found.map_err(|error| Error::Objects(error.to_string()))?;
    alternates.iter().try_for_each(|objects| layout::refuse_special_objects(objects))?;
    Ok(alternates)
}
