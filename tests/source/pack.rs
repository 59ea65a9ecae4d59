//! Packs written by hand, with whole objects, deltas of both kinds, and an index.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::ZlibEncoder;
use gix::ObjectId;
use gix::hash::Kind as Hash;
use gix::objs::Kind;

/// A pack while it is put together.
#[derive(Default)]
pub(crate) struct PackWriter {
    body: Vec<u8>,
    index: Vec<(ObjectId, u32)>,
}

/// The first byte of the first entry: behind signature, version and count.
const HEADER: usize = 12;

impl PackWriter {
    /// Adds a whole blob; its place, to hang deltas on.
    pub(crate) fn blob(&mut self, content: &[u8]) -> u32 {
        self.entry(3, &[], content, blob_id(content))
    }

    /// Adds a whole object that is no blob.
    pub(crate) fn other(&mut self, kind: Kind, content: &[u8]) -> u32 {
        let number = match kind {
            Kind::Commit => 1,
            Kind::Tree => 2,
            Kind::Blob => 3,
            Kind::Tag => 4,
        };
        self.entry(number, &[], content, gix::objs::compute_hash(Hash::Sha1, kind, content).unwrap())
    }

    /// Adds the blob that is `base` with `tail` behind it, as a delta of the entry at `place`.
    pub(crate) fn appended(&mut self, place: u32, base: &[u8], tail: &[u8]) -> u32 {
        let id = blob_id(&[base, tail].concat());
        let distance = self.next_place() - place;
        self.entry(6, &offset(distance), &append(base.len(), tail), id)
    }

    /// The same as a delta of the object called `base_id`, wherever it is.
    pub(crate) fn appended_to_id(&mut self, base_id: ObjectId, base: &[u8], tail: &[u8]) -> u32 {
        let id = blob_id(&[base, tail].concat());
        self.entry(7, base_id.as_bytes(), &append(base.len(), tail), id)
    }

    /// Where the next entry will begin.
    pub(crate) fn next_place(&self) -> u32 {
        u32::try_from(HEADER + self.body.len()).unwrap()
    }

    /// Adds an entry as it is given, under whatever id.
    pub(crate) fn entry(&mut self, kind: u8, link: &[u8], data: &[u8], id: ObjectId) -> u32 {
        let place = self.next_place();
        self.index.push((id, place));
        let mut size = data.len();
        let mut byte = kind << 4 | (size & 15) as u8;
        size >>= 4;
        while size > 0 {
            self.body.push(byte | 0x80);
            byte = (size & 0x7f) as u8;
            size >>= 7;
        }
        self.body.push(byte);
        self.body.extend_from_slice(link);
        let mut zlib = ZlibEncoder::new(&mut self.body, Compression::fast());
        zlib.write_all(data).unwrap();
        zlib.finish().unwrap();
        place
    }

    /// The pack alone.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let count = u32::try_from(self.index.len()).unwrap();
        let pack = [b"PACK".as_slice(), &2_u32.to_be_bytes(), &count.to_be_bytes(), &self.body].concat();
        let checksum = digest(&pack);
        [pack, checksum].concat()
    }

    /// Writes `pack-<name>.pack` and `.idx` below a git directory; the path of the pack.
    pub(crate) fn write(mut self, git: &Path, name: &str) -> PathBuf {
        let pack = self.bytes();
        let checksum = pack[pack.len() - 20..].to_vec();
        self.index.sort();
        let path = git.join(format!("objects/pack/pack-{name}.pack"));
        fs::write(&path, pack).unwrap();
        fs::write(path.with_extension("idx"), index(&self.index, &checksum)).unwrap();
        path
    }
}

/// The id of a blob.
pub(crate) fn blob_id(content: &[u8]) -> ObjectId {
    gix::objs::compute_hash(Hash::Sha1, Kind::Blob, content).unwrap()
}

/// An index of version 2.
fn index(entries: &[(ObjectId, u32)], checksum: &[u8]) -> Vec<u8> {
    let mut bytes = b"\xfftOc\0\0\0\x02".to_vec();
    for first in 0..=u8::MAX {
        let upto = entries.iter().filter(|(id, _)| id.first_byte() <= first).count();
        bytes.extend_from_slice(&u32::try_from(upto).unwrap().to_be_bytes());
    }
    bytes.extend(entries.iter().flat_map(|(id, _)| id.as_bytes().to_vec()));
    bytes.extend(entries.iter().flat_map(|_unchecked_crc| [0; 4]));
    bytes.extend(entries.iter().flat_map(|(_, place)| place.to_be_bytes()));
    bytes.extend_from_slice(checksum);
    let own = digest(&bytes);
    bytes.extend_from_slice(&own);
    bytes
}

fn digest(bytes: &[u8]) -> Vec<u8> {
    let mut hasher = gix::hash::hasher(Hash::Sha1);
    hasher.update(bytes);
    hasher.try_finalize().unwrap().as_bytes().to_vec()
}

/// A delta that copies a whole base and inserts a tail of less than 128 bytes.
fn append(base: usize, tail: &[u8]) -> Vec<u8> {
    let mut delta = [varint(base), varint(base + tail.len())].concat();
    if base > 0 {
        delta.extend_from_slice(&[0b1011_0000, (base & 0xff) as u8, (base >> 8) as u8]);
    }
    delta.push(u8::try_from(tail.len()).unwrap());
    delta.extend_from_slice(tail);
    delta
}

fn varint(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value > 0x7f {
        bytes.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

/// The distance to a base, most significant bits first, each continuation counting one more.
fn offset(mut distance: u32) -> Vec<u8> {
    let mut bytes = vec![(distance & 0x7f) as u8];
    while distance > 0x7f {
        distance = (distance >> 7) - 1;
        bytes.push((distance & 0x7f) as u8 | 0x80);
    }
    bytes.reverse();
    bytes
}
