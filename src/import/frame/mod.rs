//! Cuts a stream of JSON into records: lines, `{"Records":[...]}`, arrays, arrays of pages, concatenated and
//! pretty-printed objects. Holds one block and never more than the limit of a record, whatever the stream.

mod damage;
mod lists;
mod nest;
mod resync;
mod scan;

use std::io::{self, Read};

pub(super) use damage::Damage;
use scan::Scan;

/// How much is read before records are handed out.
const BLOCK: usize = 256 << 10;

/// Where a record stood in the structure of the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Slot {
    /// The number of the top-level value, from 0.
    pub(super) document: u64,
    /// The index in the top-level array, where there is one.
    pub(super) element: Option<u64>,
    /// The list of a page: which of the container names, and the index in it.
    pub(super) list: Option<(usize, u64)>,
}

/// One record inside a block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Frame {
    /// Where it starts in the block.
    pub(super) start: usize,
    /// Where it ends in the block.
    pub(super) end: usize,
    /// Record number from 0.
    pub(super) index: u64,
    /// Offset of its first byte in the stream.
    pub(super) offset: u64,
    /// Where it stood.
    pub(super) slot: Slot,
}

/// What is left of an object whose lists were records, with the lists emptied.
#[derive(Clone, Debug)]
pub(super) struct Page {
    slot: Slot,
    /// Its JSON text.
    pub(super) text: Vec<u8>,
}

impl Page {
    /// Its place, as that of a record.
    pub(super) fn frame(&self) -> Frame {
        Frame { slot: self.slot, ..Frame::default() }
    }
}

/// Some complete records of the stream.
#[derive(Debug, Default)]
pub(super) struct Block {
    bytes: Vec<u8>,
    frames: Vec<Frame>,
    pages: Vec<(Slot, Vec<u8>)>,
}

impl Block {
    /// The records with their bytes, in the order of the stream.
    pub(super) fn records(&self) -> impl Iterator<Item = (Frame, &[u8])> {
        self.frames.iter().filter_map(|frame| Some((*frame, self.bytes.get(frame.start..frame.end)?)))
    }

    /// What is left of the objects whose lists were records, with the lists emptied.
    pub(super) fn pages(&self) -> impl Iterator<Item = (Frame, &[u8])> {
        self.pages.iter().map(|(slot, bytes)| (Frame { slot: *slot, ..Frame::default() }, bytes.as_slice()))
    }

    /// The last of those.
    pub(super) fn last_page(&mut self) -> Option<Page> {
        self.pages.pop().map(|(slot, text)| Page { slot, text })
    }

    fn is_empty(&self) -> bool {
        self.frames.is_empty() && self.pages.is_empty()
    }
}

/// Cuts one stream.
pub(super) struct Framer<R> {
    source: R,
    scan: Scan,
    block_bytes: usize,
    carry: Vec<u8>,
    spare: Vec<Vec<u8>>,
    ended: bool,
    failure: Option<io::Error>,
    read: u64,
    peak: usize,
}

impl<R: Read> Framer<R> {
    /// A framer over UTF-8 text. Lists under a key of `containers`, at the first level of an object, hold the records;
    /// other objects are records themselves. Records above `limit` bytes are left out.
    pub(super) fn new(source: R, containers: &'static [&'static str], limit: usize) -> Self {
        let scan = Scan::new(containers, limit);
        Self {
            source,
            scan,
            block_bytes: BLOCK,
            carry: Vec::new(),
            spare: Vec::new(),
            ended: false,
            failure: None,
            read: 0,
            peak: 0,
        }
    }

    /// The next records; nothing at the end of the stream, or where it fails.
    pub(super) fn next_block(&mut self) -> Option<Block> {
        let mut block = Block { bytes: std::mem::take(&mut self.carry), ..Block::default() };
        while !self.ended {
            self.fill(&mut block.bytes);
            self.scan.run(&mut block);
            if self.ended {
                self.scan.finish(&mut block, self.failure.is_some());
            }
            let done = self.scan.release(block.bytes.len());
            if !block.is_empty() {
                self.carry = self.spare.pop().unwrap_or_default();
                self.carry.extend_from_slice(block.bytes.get(done..).unwrap_or_default());
                return Some(block);
            }
            block.bytes.drain(..done);
        }
        None
    }

    /// Takes back blocks that nobody needs any more, to read the next ones into their memory.
    pub(super) fn reuse(&mut self, blocks: Vec<Block>) {
        let usual = 2 * self.block_bytes;
        for mut bytes in blocks.into_iter().map(|block| block.bytes).filter(|bytes| bytes.capacity() <= usual) {
            bytes.clear();
            self.spare.push(bytes);
        }
    }

    /// Whether everything was handed out.
    pub(super) fn is_done(&self) -> bool {
        self.ended
    }

    /// What could not be cut into records.
    pub(super) fn damages(&self) -> &[Damage] {
        &self.scan.damages
    }

    /// How many damages there were beyond those.
    pub(super) fn more_damages(&self) -> u64 {
        self.scan.more_damages
    }

    /// The bytes read, the records that followed other text on their line (a syslog header), and why the stream
    /// ended before its end.
    pub(super) fn end(self) -> (u64, u64, Option<io::Error>) {
        (self.read, self.scan.prefixed, self.failure)
    }

    /// The most bytes that were ever held.
    #[cfg(test)]
    pub(super) fn peak(&self) -> usize {
        self.peak
    }

    fn fill(&mut self, bytes: &mut Vec<u8>) {
        let target = bytes.len() + self.block_bytes;
        bytes.reserve_exact(self.block_bytes);
        while bytes.len() < target && !self.ended {
            let missing = (target - bytes.len()) as u64;
            let before = bytes.len();
            let read = (&mut self.source).take(missing).read_to_end(bytes);
            self.read += (bytes.len() - before) as u64;
            match read {
                Ok(0) => self.ended = true,
                Ok(_) => {}
                Err(error) => {
                    self.failure = Some(error);
                    self.ended = true;
                }
            }
        }
        self.peak = self.peak.max(bytes.capacity());
    }
}

#[cfg(test)]
mod tests;
