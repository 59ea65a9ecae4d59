//! A file as a stream of UTF-8 bytes: hashed as it lies on disk, through gzip and UTF-16, with its expansion bounded.

use std::fmt;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use encoding_rs::{Decoder, Encoding, UTF_16BE, UTF_16LE};
use flate2::bufread::MultiGzDecoder;
use sha2::{Digest, Sha256};

use super::Limits;
use crate::model::{GapReason, Sha256Digest};

/// Expansion is not judged before this many decompressed bytes.
const FREE_EXPANSION: u64 = 64 << 20;

/// What the layers of one stream tell each other about the file below.
#[derive(Debug, Default)]
pub(super) struct Meter {
    bytes: AtomicU64,
    failed: AtomicBool,
}

impl Meter {
    /// What an error of the stream means: the file itself could not be read, it expands too much, or it is damaged.
    pub(super) fn judge(&self, error: &io::Error) -> (GapReason, String) {
        if self.is_unreadable() {
            return (GapReason::Unreadable, format!("reading fails: {}", error.kind()));
        }
        let bomb = error.get_ref().and_then(|inner| inner.downcast_ref::<ExpandsTooMuch>());
        if bomb.is_some() {
            return (GapReason::TooLarge, error.to_string());
        }
        let detail = match error.kind() {
            io::ErrorKind::UnexpectedEof => "the gzip stream ends early",
            _ => "the gzip stream is damaged",
        };
        (GapReason::Damaged, detail.to_owned())
    }

    /// Whether the file itself could not be read.
    pub(super) fn is_unreadable(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }
}

/// A file that is hashed while it is read.
pub(super) struct Disk<R> {
    inner: R,
    /// Nothing where nobody will ask for the digest.
    hash: Option<Sha256>,
    meter: Arc<Meter>,
}

impl<R: Read + Send> Disk<R> {
    /// Nothing of `inner` was read yet.
    pub(super) fn new(inner: R) -> Self {
        Self { inner, hash: Some(Sha256::new()), meter: Arc::default() }
    }

    /// The same for a file of which only the head is looked at.
    pub(super) fn unhashed(inner: R) -> Self {
        Self { inner, hash: None, meter: Arc::default() }
    }

    /// The text of the file, decompressed and decoded. An error is one of the stream: see [`Meter::judge`].
    pub(super) fn text<'a>(&'a mut self, limits: &Limits) -> io::Result<Box<dyn Read + Send + 'a>> {
        let meter = Arc::clone(&self.meter);
        let mut raw = BufReader::with_capacity(64 << 10, self);
        let zipped = raw.fill_buf()?.starts_with(&[0x1f, 0x8b]);
        if zipped {
            let inner = MultiGzDecoder::new(raw);
            let bounded = Bounded { inner, meter, out: 0, factor: limits.max_expansion };
            decoded(Box::new(bounded))
        } else {
            decoded(Box::new(raw))
        }
    }

    /// What judges the errors of the stream, during and after it.
    pub(super) fn meter(&self) -> Arc<Meter> {
        Arc::clone(&self.meter)
    }

    /// Reads what is left, so that the digest is that of the whole file; nothing if it cannot be read to its end.
    pub(super) fn digest(mut self) -> Option<Sha256Digest> {
        io::copy(&mut self, &mut io::sink()).ok()?;
        Some(Sha256Digest(self.hash?.finalize().into()))
    }
}

impl<R: Read> Read for Disk<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = match self.inner.read(buffer) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => {
                self.meter.failed.store(true, Ordering::Relaxed);
                return Err(error);
            }
            other => other?,
        };
        if let Some(hash) = &mut self.hash {
            hash.update(buffer.get(..read).unwrap_or_default());
        }
        self.meter.bytes.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// The error of a gzip file that is out of all proportion.
#[derive(Debug)]
struct ExpandsTooMuch(u64);

impl fmt::Display for ExpandsTooMuch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the gzip stream expands more than {} times", self.0)
    }
}

impl std::error::Error for ExpandsTooMuch {}

/// Stops a gzip stream that expands without end.
struct Bounded<R> {
    inner: R,
    meter: Arc<Meter>,
    out: u64,
    factor: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.out = self.out.saturating_add(read as u64);
        let allowed = self.meter.bytes.load(Ordering::Relaxed).saturating_mul(self.factor);
        if self.out > FREE_EXPANSION && self.out > allowed {
            return Err(io::Error::other(ExpandsTooMuch(self.factor)));
        }
        Ok(read)
    }
}

/// Turns UTF-16 into UTF-8 and takes off a byte order mark.
fn decoded<'a>(mut inner: Box<dyn Read + Send + 'a>) -> io::Result<Box<dyn Read + Send + 'a>> {
    let mut head = Vec::with_capacity(4);
    (&mut inner).take(4).read_to_end(&mut head)?;
    let (encoding, mark) = match *head.as_slice() {
        [0xff, 0xfe, ..] => (Some(UTF_16LE), 2),
        [0xfe, 0xff, ..] => (Some(UTF_16BE), 2),
        [b'{' | b'[' | b'"', 0, ..] => (Some(UTF_16LE), 0),
        [0, b'{' | b'[' | b'"', ..] => (Some(UTF_16BE), 0),
        [0xef, 0xbb, 0xbf, ..] => (None, 3),
        _ => (None, 0),
    };
    head.drain(..mark);
    let whole = Cursor::new(head).chain(inner);
    Ok(match encoding {
        Some(encoding) => Box::new(Utf8::new(whole, encoding)),
        None => Box::new(whole),
    })
}

/// Decodes to UTF-8 in bounded steps; malformed parts become U+FFFD.
struct Utf8<R> {
    inner: R,
    decoder: Decoder,
    raw: Vec<u8>,
    raw_at: usize,
    out: Vec<u8>,
    out_at: usize,
    ended: bool,
}

impl<R: Read> Utf8<R> {
    fn new(inner: R, encoding: &'static Encoding) -> Self {
        let decoder = encoding.new_decoder_without_bom_handling();
        Self { inner, decoder, raw: Vec::new(), raw_at: 0, out: Vec::new(), out_at: 0, ended: false }
    }

    fn refill(&mut self) -> io::Result<()> {
        if self.raw_at >= self.raw.len() && !self.ended {
            self.raw.resize(16 << 10, 0);
            let read = self.inner.read(&mut self.raw)?;
            self.raw.truncate(read);
            self.raw_at = 0;
            self.ended = read == 0;
        }
        self.out.resize(64 << 10, 0);
        let source = self.raw.get(self.raw_at..).unwrap_or_default();
        let (_, read, written, _) = self.decoder.decode_to_utf8(source, &mut self.out, self.ended);
        self.raw_at += read;
        self.out.truncate(written);
        self.out_at = 0;
        Ok(())
    }
}

impl<R: Read> Read for Utf8<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.out_at >= self.out.len() {
            if self.ended {
                return Ok(0);
            }
            self.refill()?;
        }
        let rest = self.out.get(self.out_at..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..count), rest.get(..count)) {
            to.copy_from_slice(from);
        }
        self.out_at += count;
        Ok(count)
    }
}
