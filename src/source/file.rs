//! One regular file, read with a limit and without ever blocking on a pipe or device that took its place.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::archive::{self, Format};
use super::text::{self, Encoding};
use crate::model::Sha256Digest;

/// A regular file of a tree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct File {
    /// The name to show: what the user wrote for the root, then the path below it; safe for a terminal.
    pub name: Box<str>,
    /// Where to open it.
    pub path: PathBuf,
    /// Size in bytes when it was listed; it can differ when read, and is 0 for files that a kernel makes up.
    pub bytes: u64,
}

/// Why a file was not read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It has more bytes than the limit.
    #[error("more than {0} bytes")]
    TooLarge(u64),
    /// Its head shows that it is no text.
    #[error("binary content")]
    Binary,
    /// Its head shows that it is an archive or compressed.
    #[error("an archive")]
    Archive(Format),
    /// It is a pipe, socket, device or directory by now.
    #[error("not a regular file")]
    Special,
    /// The system refused.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl File {
    /// Reads the whole file into `buffer`, whose former content is dropped.
    ///
    /// Errors: an archive and binary content are told from the head alone; a text of more than `limit` bytes is not read
    /// to its end.
    pub fn read_text(&self, limit: u64, buffer: &mut Vec<u8>) -> Result<(), ReadError> {
        buffer.clear();
        let mut file = open_regular(&self.path)?;
        file.by_ref().take(text::SAMPLE as u64).read_to_end(buffer)?;
        if let Some(format) = archive::recognise(buffer) {
            return Err(ReadError::Archive(format));
        }
        if text::detect(buffer) == Encoding::Binary {
            return Err(ReadError::Binary);
        }
        let room = limit.saturating_sub(buffer.len() as u64).saturating_add(1);
        if self.bytes <= limit {
            file.take(room).read_to_end(buffer)?;
        }
        if self.bytes > limit || buffer.len() as u64 > limit {
            return Err(ReadError::TooLarge(limit));
        }
        Ok(())
    }
}

/// The digest of a file of any size.
pub fn digest(path: &Path) -> Result<Sha256Digest, ReadError> {
    Ok(Digesting::new(open_regular(path)?).finish()?.0)
}

/// A reader that keeps the digest and the number of the bytes that went through it.
pub struct Digesting<R> {
    inner: R,
    hash: sha2::Sha256,
    length: u64,
}

impl<R: Read> Digesting<R> {
    /// A reader of `inner`, of which nothing was read yet.
    pub fn new(inner: R) -> Self {
        Self { inner, hash: sha2::Digest::new(), length: 0 }
    }

    /// Bytes read so far.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Reads what is left, and gives the digest and the number of all bytes.
    pub fn finish(mut self) -> io::Result<(Sha256Digest, u64)> {
        let mut buffer = vec![0; 256 << 10];
        while self.read(&mut buffer)? > 0 {}
        Ok((Sha256Digest(sha2::Digest::finalize(self.hash).into()), self.length))
    }
}

impl<R: Read> Read for Digesting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        sha2::Digest::update(&mut self.hash, buffer.get(..read).unwrap_or_default());
        self.length += read as u64;
        Ok(read)
    }
}

/// Opens a file for reading, and only a regular one; a pipe is refused instead of waited for.
pub fn open_regular(path: &Path) -> Result<fs::File, ReadError> {
    let mut options = fs::OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
        options.custom_flags(flags.bits().cast_signed());
    }
    let file = options.open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(ReadError::Special) }
}

/// A maker of temporary files that take the place of one to be passed on: they get the rights that a file of the user
/// gets.
#[cfg(unix)]
pub fn to_share() -> tempfile::Builder<'static, 'static> {
    use std::os::unix::fs::PermissionsExt as _;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".overstay-").permissions(fs::Permissions::from_mode(0o666));
    builder
}

/// A maker of temporary files that take the place of one to be passed on: they get the rights of their folder.
#[cfg(not(unix))]
pub fn to_share() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".overstay-");
    builder
}

/// The content of a file that has to be small: an error where it has more than `limit` bytes.
pub fn read_small(path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
    let mut content = Vec::new();
    open_regular(path)?.take(limit.saturating_add(1)).read_to_end(&mut content)?;
    if content.len() as u64 > limit { Err(ReadError::TooLarge(limit)) } else { Ok(content) }
}
