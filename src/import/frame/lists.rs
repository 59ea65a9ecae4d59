//! Where records stand: top-level values, elements of arrays, elements of the lists of a page.

use super::Slot;
use super::nest::Nest;
use super::scan::{Mode, Scan};

/// What is kept of a page besides its lists.
pub(super) const MAX_PAGE: usize = 64 << 10;

/// An object whose lists hold the records.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) slot: Slot,
    pub(super) container: usize,
    pub(super) next: u64,
    pub(super) inner: u32,
    pub(super) bytes: Vec<u8>,
    pub(super) overfull: bool,
}

impl Page {
    /// Keeps a little of the page; of an overfull one only the end, to see the keys of its lists.
    pub(super) fn take(&mut self, part: &[u8]) {
        self.bytes.extend_from_slice(part.get(part.len().saturating_sub(MAX_PAGE)..).unwrap_or_default());
        if self.bytes.len() > MAX_PAGE {
            self.overfull = true;
            self.bytes.drain(..self.bytes.len() - 1024);
        }
    }
}

impl Scan {
    /// Whether the records here are elements of a list.
    pub(super) fn in_list(&self) -> bool {
        self.page.is_some() || self.arrays > 0
    }

    /// A comma between two elements.
    pub(super) fn next_element(&mut self) {
        match &mut self.page {
            Some(page) => page.next += u64::from(page.inner == 0),
            None => self.elements += u64::from(self.arrays == 1),
        }
    }

    /// A record begins at the byte that was just read.
    pub(super) fn begin(&mut self) {
        self.slot = self.slot_here();
        if self.slot.element.is_none() && self.slot.list.is_none() && self.arrays == 0 {
            self.documents += 1;
        }
        self.mode = Mode::Record;
        self.start = self.at - 1;
        self.nest = Nest::object();
    }

    /// Where a record that starts here stands. Lists of lists have no place of their own.
    fn slot_here(&self) -> Slot {
        match &self.page {
            Some(page) if page.inner == 0 => Slot { list: Some((page.container, page.next)), ..page.slot },
            None if self.arrays == 0 => Slot { document: self.documents, element: None, list: None },
            None if self.arrays == 1 => {
                Slot { document: self.documents.saturating_sub(1), element: Some(self.elements), list: None }
            }
            _ => Slot { document: u64::MAX, element: None, list: self.page.as_ref().map(|page| (page.container, 0)) },
        }
    }

    /// A list opens outside a record.
    pub(super) fn open_list(&mut self) {
        if let Some(page) = &mut self.page {
            page.inner = page.inner.saturating_add(1);
            return;
        }
        if self.arrays == 0 {
            self.documents += 1;
            self.elements = 0;
        }
        self.arrays = self.arrays.saturating_add(1);
    }

    /// A list closes outside a record.
    pub(super) fn close_list(&mut self) {
        match &mut self.page {
            Some(page) if page.inner > 0 => page.inner -= 1,
            Some(page) => {
                page.bytes.push(b']');
                self.mode = Mode::Page;
                self.nest = Nest::object();
            }
            None => self.arrays = self.arrays.saturating_sub(1),
        }
    }
}

/// The container whose list starts at the end of `so_far`: `..."Records": [`.
pub(super) fn container(containers: &[&str], so_far: &[u8]) -> Option<usize> {
    let key = so_far.strip_suffix(b"[")?.trim_ascii_end().strip_suffix(b":")?.trim_ascii_end().strip_suffix(b"\"")?;
    containers.iter().position(|name| key.strip_suffix(name.as_bytes()).is_some_and(|rest| rest.ends_with(b"\"")))
}
