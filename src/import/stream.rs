//! A file as a stream of UTF-8 bytes: hashed as it lies on disk, through gzip, Zstandard and UTF-16, with its expansion
//! bounded. The rows of a Parquet file are such a stream too: a line of JSON each.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use encoding_rs::{Decoder, Encoding, UTF_16BE, UTF_16LE};
use flate2::bufread::MultiGzDecoder;
use sha2::{Digest, Sha256};

use super::{Limits, cef, parquet, table};
use crate::model::{GapReason, Sha256Digest};
use crate::source::archive::zstd;

/// Expansion is not judged before this many decompressed bytes.
const FREE_EXPANSION: u64 = 64 << 20;

/// What a Zstandard frame begins with.
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

/// What the layers of one stream tell each other about the file below.
#[derive(Debug, Default)]
pub(super) struct Meter {
    bytes: AtomicU64,
    failed: AtomicBool,
    packing: OnceLock<Packing>,
    is_table: AtomicBool,
    unread: OnceLock<Vec<String>>,
}

/// How a file is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Packing {
    Gzip,
    Zstd,
    Parquet,
}

impl Packing {
    fn of(head: &[u8]) -> Option<Self> {
        match head {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            // A stream may begin with a frame to skip.
            [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            _ if head.starts_with(ZSTD) => Some(Self::Zstd),
            _ if head.starts_with(parquet::MAGIC) => Some(Self::Parquet),
            _ => None,
        }
    }

    fn describe(self) -> &'static str {
        match self {
            Self::Gzip => "the gzip stream",
            Self::Zstd => "the Zstandard stream",
            Self::Parquet => "the Parquet file",
        }
    }
}

impl Meter {
    /// What an error of the stream means: the file itself could not be read, it expands too much, or it is damaged.
    pub(super) fn judge(&self, error: &io::Error) -> (GapReason, String) {
        if self.is_unreadable() {
            return (GapReason::Unreadable, format!("reading fails: {}", error.kind()));
        }
        if let Some(fault) = error.get_ref().and_then(|inner| inner.downcast_ref::<Fault>()) {
            return (fault.reason, fault.to_string());
        }
        let what = self.packing.get().map_or("the file", |packing| packing.describe());
        let detail = match error.kind() {
            io::ErrorKind::UnexpectedEof => "ends early",
            _ => "is damaged",
        };
        (GapReason::Damaged, format!("{what} {detail}"))
    }

    /// Whether the records are rows of columns: they have numbers, and no place among the bytes of the file.
    pub(super) fn is_columnar(&self) -> bool {
        self.packing.get() == Some(&Packing::Parquet) || self.is_table.load(Ordering::Relaxed)
    }

    /// The columns of a Parquet file whose values are not read, with their types.
    pub(super) fn unread(&self) -> &[String] {
        self.unread.get().map(Vec::as_slice).unwrap_or_default()
    }

    /// The rows of a Parquet file.
    fn rows<'a>(&self, source: impl Read, limits: &Limits) -> io::Result<Box<dyn Read + Send + 'a>> {
        let rows = parquet::Rows::of(source, limits)?;
        self.unread.get_or_init(|| rows.unread());
        self.is_table.store(true, Ordering::Relaxed);
        Ok(Box::new(rows))
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
        let Some(packing) = Packing::of(raw.fill_buf()?) else { return tabled(Box::new(raw), &meter, limits) };
        let packing = *meter.packing.get_or_init(|| packing);
        let inner: Box<dyn Read + Send + 'a> = match packing {
            Packing::Gzip => Box::new(MultiGzDecoder::new(raw)),
            Packing::Zstd => Box::new(zstd(raw)),
            Packing::Parquet => meter.rows(raw, limits)?,
        };
        let bounded = Bounded { inner, meter: Arc::clone(&meter), packing, out: 0, factor: limits.max_expansion };
        tabled(Box::new(bounded), &meter, limits)
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

/// Why a layer refuses to go on.
#[derive(Debug)]
pub(super) struct Fault {
    reason: GapReason,
    detail: Cow<'static, str>,
}

impl Fault {
    /// The fault as the error of a stream, for [`Meter::judge`] to find.
    pub(super) fn error(reason: GapReason, detail: impl Into<Cow<'static, str>>) -> io::Error {
        io::Error::other(Self { reason, detail: detail.into() })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for Fault {}

/// Stops a packed stream that expands without end.
struct Bounded<R> {
    inner: R,
    meter: Arc<Meter>,
    packing: Packing,
    out: u64,
    factor: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.out = self.out.saturating_add(read as u64);
        let allowed = self.meter.bytes.load(Ordering::Relaxed).saturating_mul(self.factor);
        if self.out > FREE_EXPANSION && self.out > allowed {
            let detail = format!("{} expands more than {} times", self.packing.describe(), self.factor);
            return Err(Fault::error(GapReason::TooLarge, detail));
        }
        Ok(read)
    }
}

/// Turns a table, or lines of syslog, into what its rows stand for, where it is such a table.
fn tabled<'a>(
    inner: Box<dyn Read + Send + 'a>,
    meter: &Meter,
    limits: &Limits,
) -> io::Result<Box<dyn Read + Send + 'a>> {
    let mut text = decoded(inner)?;
    let mut head = Vec::new();
    let read = text.by_ref().take(table::MAX_HEADER).read_to_end(&mut head);
    let is_columnar = head.starts_with(parquet::MAGIC);
    let (is_table, is_cef) = (table::is_table(&head), cef::is_cef(&head));
    let head = Cursor::new(head);
    let whole: Box<dyn Read + Send + 'a> = match read {
        Ok(_) => Box::new(head.chain(text)),
        Err(error) => Box::new(head.chain(Failing(Some(error)))),
    };
    // A Parquet file that was compressed once more.
    if is_columnar {
        return meter.rows(whole, limits);
    }
    if is_table || is_cef {
        meter.is_table.store(true, Ordering::Relaxed);
    }
    Ok(match (is_table, is_cef) {
        (true, _) => Box::new(table::Rows::of(whole, limits)),
        (_, true) => Box::new(cef::Lines::of(whole, limits)),
        _ => whole,
    })
}

/// Gives an error that was met when what comes before it was looked at.
struct Failing(Option<io::Error>);

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
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
