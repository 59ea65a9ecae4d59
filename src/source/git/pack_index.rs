//! Where the objects of a pack lie: as its index says, or as was found out where it has none.

use std::panic::catch_unwind;
use std::path::Path;

use gix::ObjectId;
use gix::odb::pack::index;

/// The ids of the objects of a pack, sorted and numbered, and their offsets.
pub(super) enum PackIndex {
    /// A file beside the pack.
    File(Box<index::File>),
    /// Made from the pack.
    Made(gix::hash::Kind, Vec<(ObjectId, u64)>),
}

impl PackIndex {
    /// Opens an index; in words why not.
    pub(super) fn open(path: &Path, hash: gix::hash::Kind) -> Result<Self, String> {
        let opened =
            catch_unwind(|| index::File::at(path, hash)).map_err(|_panic| "it makes its reader fail".to_owned())?;
        opened.map(|file| Self::File(Box::new(file))).map_err(|error| error.to_string())
    }

    /// An index of these objects and their offsets.
    pub(super) fn made(hash: gix::hash::Kind, mut objects: Vec<(ObjectId, u64)>) -> Self {
        objects.sort_unstable();
        Self::Made(hash, objects)
    }

    /// The number of an object; nothing where the pack does not hold it.
    pub(super) fn lookup(&self, id: &gix::oid) -> Option<u32> {
        match self {
            Self::File(file) => file.lookup(id),
            Self::Made(_, objects) => {
                let place = objects.binary_search_by(|(other, _)| other.as_bytes().cmp(id.as_bytes())).ok()?;
                u32::try_from(place).ok()
            }
        }
    }

    /// The id of an object by its number.
    pub(super) fn id(&self, number: u32) -> ObjectId {
        match self {
            Self::File(file) => file.oid_at_index(number).to_owned(),
            Self::Made(hash, objects) => {
                objects.get(number as usize).map_or_else(|| ObjectId::null(*hash), |(id, _)| *id)
            }
        }
    }

    /// Where an object begins, by its number.
    pub(super) fn offset(&self, number: u32) -> u64 {
        match self {
            Self::File(file) => file.pack_offset_at_index(number),
            Self::Made(_, objects) => objects.get(number as usize).map_or(u64::MAX, |(_, offset)| *offset),
        }
    }

    /// All offsets, in the order of the numbers.
    pub(super) fn offsets(&self) -> Vec<u64> {
        match self {
            Self::File(file) => file.iter().map(|entry| entry.pack_offset).collect(),
            Self::Made(_, objects) => objects.iter().map(|(_, offset)| *offset).collect(),
        }
    }

    /// How many objects it knows.
    pub(super) fn objects(&self) -> u32 {
        match self {
            Self::File(file) => file.num_objects(),
            Self::Made(_, objects) => u32::try_from(objects.len()).unwrap_or(u32::MAX),
        }
    }

    /// The hash that names the objects.
    pub(super) fn hash(&self) -> gix::hash::Kind {
        match self {
            Self::File(file) => file.object_hash(),
            Self::Made(hash, _) => *hash,
        }
    }
}
