//! The state machine that finds where records begin and end. It follows brackets and strings only; whether a record is
//! valid JSON is for its parser. Where brackets cannot be right it gives up the record and goes on at the next place
//! that starts like a record.

use memchr::memchr2;

use super::damage::{Damage, Fault};
use super::lists::{MAX_PAGE, Page, container};
use super::nest::{MAX_DEPTH, Nest, Step};
use super::resync::marker;
use super::{Block, Frame, Slot};

/// What the scanner is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// Outside any record.
    Between,
    /// In a record that is kept.
    Record,
    /// In the rest of an object whose lists are the records.
    Page,
    /// In a record that is left out.
    Drop(Fault),
    /// Looking for the start of a record.
    Lost(Fault),
}

/// The scanner; its position counts from the start of the current block.
pub(super) struct Scan {
    containers: &'static [&'static str],
    limit: usize,
    pub(super) mode: Mode,
    pub(super) at: usize,
    pub(super) base: u64,
    pub(super) start: usize,
    pub(super) origin: u64,
    pub(super) nest: Nest,
    pub(super) slot: Slot,
    pub(super) arrays: u32,
    pub(super) documents: u64,
    pub(super) elements: u64,
    pub(super) page: Option<Page>,
    pub(super) index: u64,
    pub(super) junk: Option<u64>,
    quoted: bool,
    last: u8,
    pub(super) marker: Option<Vec<u8>>,
    pub(super) rescanned: u64,
    pub(super) prefixed: u64,
    pub(super) damages: Vec<Damage>,
    pub(super) more_damages: u64,
    pub(super) damaged_at: Option<u64>,
}

impl Scan {
    pub(super) fn new(containers: &'static [&'static str], limit: usize) -> Self {
        Self {
            containers,
            limit,
            mode: Mode::Between,
            at: 0,
            base: 0,
            start: 0,
            origin: 0,
            nest: Nest::default(),
            slot: Slot::default(),
            arrays: 0,
            documents: 0,
            elements: 0,
            page: None,
            index: 0,
            junk: None,
            quoted: false,
            last: b' ',
            marker: None,
            rescanned: 0,
            prefixed: 0,
            damages: Vec::new(),
            more_damages: 0,
            damaged_at: None,
        }
    }

    /// Scans what the block holds beyond the position.
    pub(super) fn run(&mut self, block: &mut Block) {
        let bytes = std::mem::take(&mut block.bytes);
        while self.at < bytes.len() {
            match self.mode {
                Mode::Between => self.between(&bytes),
                Mode::Record => self.record(&bytes, block),
                Mode::Page => self.rest_of_page(&bytes, block),
                Mode::Drop(fault) => self.dropped(&bytes, fault),
                Mode::Lost(fault) => {
                    if !self.find_start(&bytes, self.at, fault) {
                        break;
                    }
                }
            }
        }
        block.bytes = bytes;
    }

    /// Takes the end of the stream: an open record or list is cut, unless the stream failed, which says it already.
    pub(super) fn finish(&mut self, block: &mut Block, failed: bool) {
        if failed {
            self.mode = Mode::Between;
            return;
        }
        while self.mode == Mode::Record {
            let bytes = std::mem::take(&mut block.bytes);
            self.rescue(&bytes, Fault::Truncated);
            block.bytes = bytes;
            self.run(block);
        }
        let end = self.base + block.bytes.len() as u64;
        self.end_junk(end);
        match self.mode {
            Mode::Drop(fault) | Mode::Lost(fault) => self.damage(self.origin, end, fault),
            _ if self.page.is_some() || self.arrays > 0 => self.damage(end, end, Fault::Truncated),
            _ => {}
        }
    }

    /// How many bytes at the start of a block of `len` bytes are done with. The positions move by as much.
    pub(super) fn release(&mut self, len: usize) -> usize {
        if self.mode == Mode::Record && len.saturating_sub(self.start) > self.limit {
            self.origin = self.base + self.start as u64;
            self.mode = Mode::Drop(Fault::TooLarge);
        }
        let done = if self.mode == Mode::Record { self.start } else { self.at }.min(len);
        self.base += done as u64;
        self.at -= done;
        self.start = 0;
        done
    }

    fn between(&mut self, bytes: &[u8]) {
        if self.junk.is_some() && !self.in_list() {
            let rest = bytes.get(self.at..).unwrap_or_default();
            self.at += memchr2(b'\n', b'{', rest).unwrap_or(rest.len());
        }
        let here = self.base + self.at as u64;
        let Some(&byte) = bytes.get(self.at) else { return };
        self.at += 1;
        if self.quoted && byte != b'\n' {
            self.quoted = byte != b'"' || self.last == b'\\';
            self.last = if self.last == b'\\' { b' ' } else { byte };
            return;
        }
        match byte {
            b'{' => {
                if self.junk.is_some() && !self.in_list() {
                    self.junk = None;
                    self.prefixed += 1;
                }
                self.end_junk(here);
                self.begin();
            }
            b'[' => self.open_list(),
            b']' if self.in_list() => {
                self.end_junk(here);
                self.close_list();
            }
            b',' => {
                self.end_junk(here);
                self.next_element();
            }
            b'\n' => {
                self.quoted = false;
                self.end_junk(here);
            }
            b' ' | b'\t' | b'\r' => {}
            _ => {
                self.junk = self.junk.or(Some(here));
                (self.quoted, self.last) = (byte == b'"' && self.in_list(), byte);
            }
        }
    }

    /// Follows a record that is kept.
    fn record(&mut self, bytes: &[u8], block: &mut Block) {
        loop {
            match self.nest.step(bytes, &mut self.at) {
                Step::End => return,
                Step::Broken => return self.rescue(bytes, Fault::Broken),
                Step::Open(b'{') if !self.nest.may_open_object(self.before(bytes)) => {
                    return self.rescue(bytes, Fault::Broken);
                }
                Step::Open(byte) => {
                    if self.nest.depth() >= MAX_DEPTH {
                        self.nest.push(byte);
                        self.origin = self.base + self.start as u64;
                        self.mode = Mode::Drop(Fault::TooDeep);
                        return;
                    }
                    self.nest.push(byte);
                    if self.nest.depth() == 2 && self.slot.list.is_none() && self.descend(bytes) {
                        return;
                    }
                }
                Step::Close(byte) => {
                    if !self.nest.pop(byte) {
                        return self.rescue(bytes, Fault::Broken);
                    }
                    if self.nest.depth() == 0 {
                        return self.complete(bytes, block);
                    }
                }
            }
        }
    }

    /// What the record holds before the byte that was just read.
    fn before<'b>(&self, bytes: &'b [u8]) -> &'b [u8] {
        bytes.get(self.start..self.at.saturating_sub(1)).unwrap_or_default()
    }

    fn complete(&mut self, bytes: &[u8], block: &mut Block) {
        self.mode = Mode::Between;
        let offset = self.base + self.start as u64;
        if self.at - self.start > self.limit {
            self.damage(offset, self.base + self.at as u64, Fault::TooLarge);
            self.index += 1;
            return;
        }
        if self.marker.is_none() {
            self.marker = marker(bytes.get(self.start..self.at).unwrap_or_default());
        }
        block.frames.push(Frame { start: self.start, end: self.at, index: self.index, offset, slot: self.slot });
        self.index += 1;
    }

    /// Turns the record into a page if the list that was just opened is one of the containers.
    fn descend(&mut self, bytes: &[u8]) -> bool {
        let so_far = bytes.get(self.start..self.at).unwrap_or_default();
        let Some(container) = container(self.containers, so_far) else { return false };
        let page = Page {
            slot: self.slot,
            container,
            next: 0,
            inner: 0,
            bytes: so_far.get(so_far.len().saturating_sub(MAX_PAGE)..).unwrap_or_default().to_vec(),
            overfull: so_far.len() > MAX_PAGE,
        };
        self.page = Some(page);
        self.mode = Mode::Between;
        true
    }

    /// Follows what a page holds besides its lists.
    fn rest_of_page(&mut self, bytes: &[u8], block: &mut Block) {
        let mut segment = self.at;
        loop {
            let step = self.nest.step(bytes, &mut self.at);
            if let Some(page) = &mut self.page {
                page.take(bytes.get(segment..self.at).unwrap_or_default());
            }
            segment = self.at;
            match step {
                Step::End => return,
                Step::Broken => {
                    self.origin = self.base + self.at as u64;
                    self.page = None;
                    self.mode = Mode::Lost(Fault::Broken);
                    return;
                }
                Step::Open(byte) => {
                    self.nest.push(byte);
                    if self.nest.depth() == 2 && self.next_list() {
                        return;
                    }
                }
                Step::Close(byte) => {
                    if self.nest.pop(byte) && self.nest.depth() > 0 {
                        continue;
                    }
                    self.mode = Mode::Between;
                    if let Some(page) = self.page.take()
                        && !page.overfull
                    {
                        block.pages.push((page.slot, page.bytes));
                    }
                    return;
                }
            }
        }
    }

    fn next_list(&mut self) -> bool {
        let Some(page) = &mut self.page else { return false };
        let Some(container) = container(self.containers, &page.bytes) else { return false };
        (page.container, page.next, page.inner) = (container, 0, 0);
        self.mode = Mode::Between;
        true
    }

    /// Follows a record that is left out, to its end.
    fn dropped(&mut self, bytes: &[u8], fault: Fault) {
        loop {
            match self.nest.step(bytes, &mut self.at) {
                Step::End => return,
                Step::Broken => {
                    self.mode = Mode::Lost(fault);
                    return;
                }
                Step::Open(byte) => self.nest.push(byte),
                Step::Close(byte) => {
                    self.nest.pop(byte);
                }
            }
            if self.nest.depth() == 0 {
                self.mode = Mode::Between;
                self.damage(self.origin, self.base + self.at as u64, fault);
                self.index += 1;
                return;
            }
        }
    }
}
