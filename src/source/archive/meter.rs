//! Counts what one archive decodes to, across all that is nested in it.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

/// How much may still be decoded. Clones share the count.
#[derive(Clone, Debug)]
pub(super) struct Meter {
    left: Rc<Cell<u64>>,
    is_exceeded: Rc<Cell<bool>>,
}

impl Meter {
    pub(super) fn new(bytes: u64) -> Self {
        Self { left: Rc::new(Cell::new(bytes)), is_exceeded: Rc::default() }
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
    pub(super) fn over<R: Read>(&self, inner: R) -> Metered<R> {
        Metered { inner, meter: self.clone() }
    }
}

/// A reader whose bytes count.
pub(super) struct Metered<R> {
    inner: R,
    meter: Meter,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        match self.meter.left.get().checked_sub(read as u64) {
            Some(left) => self.meter.left.set(left),
            None => return Err(self.meter.exceed()),
        }
        Ok(read)
    }
}
