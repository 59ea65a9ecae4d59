//! Archives and compressed files, read from their first byte to their last without writing anything: one file per format.
//!
//! Members are decoded into one buffer and handed on as text; what is an archive itself is followed. Everything is
//! bounded: what is decoded in all, each member, how many there are and how deep they nest. Whatever is not examined
//! comes back as a [`Problem`] or a count.

mod ar;
mod compressed;
mod cpio;
mod image;
mod meter;
mod name;
mod rpm;
mod sevenz;
mod sevenz_header;
mod tar;
mod walk;
mod zip;

use std::io::{Read, Seek};
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::model::GapReason;
use walk::Walk;

pub use compressed::zstd;
pub use image::{Images, Layer, layout_around};

/// What an archive may cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes that one archive and everything in it may decode to.
    pub decoded_bytes: u64,
    /// Bytes that any archive may decode to, however small it is.
    pub free_bytes: u64,
    /// Beyond that, how many times its own size an archive may decode to.
    pub ratio: u64,
    /// How deep archives are followed into each other: 1 is the archive itself.
    pub depth: usize,
    /// The most members, those of archives inside included.
    pub members: u64,
    /// The most bytes of one member that is read as text, or of an archive inside that cannot be streamed.
    pub member_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            decoded_bytes: 4 << 30,
            free_bytes: 64 << 20,
            ratio: 200,
            depth: 3,
            members: 200_000,
            member_bytes: 64 << 20,
        }
    }
}

/// A format of archives or compressed files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// ZIP and what is built on it: jar, war, whl, nupkg, docx, xlsx, apk.
    Zip,
    /// 7z.
    SevenZ,
    /// Tape archives in the forms of POSIX and GNU.
    Tar,
    /// The archives of `ar`, and so Debian packages and static libraries.
    Ar,
    /// The portable form of cpio.
    Cpio,
    /// RPM packages.
    Rpm,
    /// gzip.
    Gzip,
    /// bzip2.
    Bzip2,
    /// xz.
    Xz,
    /// Zstandard.
    Zstd,
    /// LZ4 frames.
    Lz4,
    /// A history in one file, for [`crate::source::Repository::open_bundle`]. It is not followed inside of anything.
    GitBundle,
}

/// So many first bytes tell a git bundle.
pub const BUNDLE_HEAD: u64 = 16;

impl Format {
    /// Whether it holds one stream and no names.
    fn is_compressed(self) -> bool {
        matches!(self, Self::Gzip | Self::Bzip2 | Self::Xz | Self::Zstd | Self::Lz4)
    }
}

/// The format that the first bytes of a file tell; a tape archive needs 512 of them.
pub fn recognise(head: &[u8]) -> Option<Format> {
    match head {
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Some(Format::Zip),
        [0x1f, 0x8b, 8, ..] => Some(Format::Gzip),
        [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, ..]
        | [b'B', b'Z', b'h', b'1'..=b'9', 0x17, 0x72, 0x45, 0x38, 0x50, 0x90, ..] => Some(Format::Bzip2),
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Format::Xz),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Format::Zstd),
        [0x04, 0x22, 0x4d, 0x18, ..] => Some(Format::Lz4),
        [b'7', b'z', 0xbc, 0xaf, 0x27, 0x1c, ..] => Some(Format::SevenZ),
        _ if head.starts_with(b"# v2 git bundle\n") || head.starts_with(b"# v3 git bundle\n") => {
            Some(Format::GitBundle)
        }
        _ if head.starts_with(ar::MAGIC) => Some(Format::Ar),
        _ if head.starts_with(rpm::MAGIC) => Some(Format::Rpm),
        _ if cpio::is_header(head) => Some(Format::Cpio),
        _ if tar::is_header(head) => Some(Format::Tar),
        _ => None,
    }
}

/// One thing in an archive that was not examined.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The member, with the archives around it: `lib/a.jar!/conf/x.yml`; empty for the archive itself.
    pub member: Box<str>,
    /// The class of the reason.
    pub reason: GapReason,
    /// The reason in words.
    pub detail: Box<str>,
}

/// What an archive turned out to hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// Members of all kinds, archives inside and what is in them included.
    pub members: u64,
    /// Members that were handed on as text.
    pub texts: u64,
    /// The bytes of those.
    pub bytes: u64,
    /// Members that hold no text.
    pub binary: u64,
    /// Members that hold rows in columns (Parquet), which are no text either.
    pub columnar: u64,
    /// Encrypted members.
    pub encrypted: u64,
    /// Members whose compression is not known.
    pub unsupported: u64,
    /// What was not examined, in the order in which it was met.
    pub problems: Vec<Problem>,
    /// Problems beyond those that are kept.
    pub more_problems: u64,
    /// The container images in it.
    pub images: Images,
}

/// A source that an archive is read from.
pub trait Source: Read + Seek {}

impl<S: Read + Seek> Source for S {}

/// Reads an archive of `size` bytes and calls `visit` with the path and the text of each member that is text.
///
/// `name` is that of the file, from which the name of what is merely compressed is made. Nothing makes it fail: what is
/// damaged, too large or too deep is said in the result.
pub fn read(
    name: &str,
    format: Format,
    source: &mut dyn Source,
    size: u64,
    limits: &Limits,
    visit: &mut dyn FnMut(&str, &[u8]),
) -> Contents {
    guarded(Walk::new(name, size, limits, visit), |walk| walk.run(format, source))
}

/// The same for an archive that cannot be read twice and whose size nobody knows: what it may decode to grows with what
/// was read of it. One with its table at its end (zip, 7z) is held in memory, up to the limit for members.
pub fn read_stream(
    name: &str,
    format: Format,
    source: &mut dyn Read,
    limits: &Limits,
    visit: &mut dyn FnMut(&str, &[u8]),
) -> Contents {
    guarded(Walk::new(name, 0, limits, visit), |walk| walk.run_stream(format, source))
}

fn guarded<'a>(mut walk: Walk<'a>, run: impl FnOnce(&mut Walk<'a>)) -> Contents {
    if catch_unwind(AssertUnwindSafe(|| run(&mut walk))).is_err() {
        walk.lose("", GapReason::Internal, "reading the archive itself failed");
    }
    walk.into_contents()
}

#[cfg(test)]
mod tests;
