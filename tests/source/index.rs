//! Indexes written by hand, entry by entry. No git is installed or needed for it.

use gix::ObjectId;

/// One entry of an index.
pub(crate) struct Entry<'a> {
    pub(crate) path: &'a str,
    pub(crate) mode: u32,
    pub(crate) id: ObjectId,
    pub(crate) stage: u16,
}

/// A plain file.
pub(crate) fn file(path: &str, id: ObjectId) -> Entry<'_> {
    Entry { path, mode: 0o100_644, id, stage: 0 }
}

/// The bytes of an index of version 2 with these entries and extensions, without a checksum, as git may write it too.
pub(crate) fn index(entries: &[Entry<'_>], extensions: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let mut bytes = b"DIRC".to_vec();
    bytes.extend(2_u32.to_be_bytes());
    bytes.extend((entries.len() as u32).to_be_bytes());
    for entry in entries {
        let start = bytes.len();
        bytes.extend([0; 24]);
        bytes.extend(entry.mode.to_be_bytes());
        bytes.extend([0; 12]);
        bytes.extend(entry.id.as_bytes());
        bytes.extend((entry.stage << 12 | entry.path.len() as u16).to_be_bytes());
        bytes.extend(entry.path.as_bytes());
        let length = bytes.len() - start;
        bytes.extend(vec![0; 8 - length % 8]);
    }
    for (signature, content) in extensions {
        bytes.extend(*signature);
        bytes.extend((content.len() as u32).to_be_bytes());
        bytes.extend(content);
    }
    bytes.extend([0; 20]);
    bytes
}
