//! Counts what one archive decodes to, across all that is nested in it.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use super::Limits;

/// How much may still be decoded. Clones share the count.
#[derive(Clone, Debug)]
pub(super) struct Meter {
    /// What may be decoded in all, and what was.
    allowance: Rc<Cell<u64>>,
    decoded: Rc<Cell<u64>>,
    is_exceeded: Rc<Cell<bool>>,
}

impl Meter {
    pub(super) fn new(bytes: u64) -> Self {
        Self { allowance: Rc::new(Cell::new(bytes)), decoded: Rc::default(), is_exceeded: Rc::default() }
    }

    /// Bytes that may be decoded in all.
    pub(super) fn allowance(&self) -> u64 {
        self.allowance.get()
    }

    /// Allows what so many more bytes of the archive may decode to.
    pub(super) fn grow(&self, bytes: u64, limits: &Limits) {
        let grown = self.allowance.get().saturating_add(bytes.saturating_mul(limits.ratio));
        self.allowance.set(grown.min(limits.decoded_bytes));
    }

    /// Whether a limit of the whole archive was met: nothing more is read of it then.
    pub(super) fn is_exceeded(&self) -> bool {
        self.is_exceeded.get()
    }

    /// The error that ends the reading of the whole archive.
    pub(super) fn exceed(&self) -> io::Error {
        self.is_exceeded.set(true);
        io::Error::from(io::ErrorKind::FileTooLarge)
    }

    /// A reader whose bytes count.
    pub(super) fn over<R: Read>(&self, inner: R) -> impl Read + use<R> {
        Metered { inner, meter: self.clone() }
    }

    /// A reader of the archive itself, whose bytes allow more to be decoded.
    pub(super) fn feeding<'r, R: Read>(&self, inner: R, limits: &'r Limits) -> impl Read + use<'r, R> {
        Feeding { inner, meter: self.clone(), limits }
    }
}

struct Metered<R> {
    inner: R,
    meter: Meter,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        let decoded = self.meter.decoded.get().saturating_add(read as u64);
        self.meter.decoded.set(decoded);
        if decoded > self.meter.allowance() { Err(self.meter.exceed()) } else { Ok(read) }
    }
}

struct Feeding<'r, R> {
    inner: R,
    meter: Meter,
    limits: &'r Limits,
}

impl<R: Read> Read for Feeding<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.meter.grow(read as u64, self.limits);
        Ok(read)
    }
}
