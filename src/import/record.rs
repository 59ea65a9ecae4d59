//! What a worker gets and what it gives: a record with its place, and the way to the sink.

use std::sync::Arc;

use super::frame::{Frame, Slot};
use super::tally::{Problem, Tally};
use crate::model::{Evidence, GapReason, Input, Origin, Place, Sink};

/// One record of a file.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// Its JSON text, or the text of a whole document.
    pub text: &'a str,
    /// The file.
    pub input: &'a Arc<Input>,
    /// Record number from 0.
    pub index: u64,
    /// Offset of its first byte in the decompressed and decoded stream; 0 for a row of columns, which has none.
    pub offset: u64,
    /// The key of the list it stands in.
    pub list: Option<&'static str>,
    slot: Slot,
    places: &'a Places,
}

/// What names the records of a file that is not JSON.
#[derive(Clone, Debug, Default)]
pub(super) enum Places {
    /// It is JSON: their bytes.
    #[default]
    Bytes,
    /// It is YAML or CSV: the line of each document or row, from 1.
    Lines(Vec<u64>),
    /// It holds columns: the number of the row. Rows have no offset; 0 stands in its place.
    Rows,
}

impl<'a> Record<'a> {
    pub(super) fn new(
        text: &'a str,
        input: &'a Arc<Input>,
        frame: &Frame,
        containers: &[&'static str],
        places: &'a Places,
    ) -> Self {
        let list = frame.slot.list.and_then(|(list, _)| containers.get(list).copied());
        let offset = if matches!(places, Places::Rows) { 0 } else { frame.offset };
        Self { text, input, index: frame.index, offset, list, slot: frame.slot, places }
    }

    pub(super) fn whole(text: &'a str, input: &'a Arc<Input>) -> Self {
        Self { text, input, index: 0, offset: 0, list: None, slot: Slot::default(), places: &Places::Bytes }
    }

    /// The record as the origin of events.
    pub fn origin(&self, record_id: Option<&'a str>) -> Origin<'a> {
        Origin { input: self.input, index: self.index, offset: self.offset, record_id }
    }

    /// A JSON pointer to `inside` the record (empty for the record itself). Of several top-level values only the first
    /// has pointers; records of the others are named by number and offset, in YAML and CSV by the line of the document
    /// or row.
    pub fn place(&self, inside: &str) -> Place {
        let in_first_list = self.slot.document == 0 && self.slot.list.is_some();
        if let Places::Lines(lines) = self.places
            && let Some(line) = usize::try_from(self.slot.document).ok().and_then(|document| lines.get(document))
            && !in_first_list
        {
            return Place::Line { line: *line, column: 1 };
        }
        if self.slot.document > 0 || matches!(self.places, Places::Rows) {
            return Place::Record { index: self.index, offset: self.offset };
        }
        let mut pointer = String::new();
        if let Some(element) = self.slot.element {
            pointer = format!("/{element}");
        }
        if let (Some(list), Some((_, index))) = (self.list, self.slot.list) {
            pointer = format!("{pointer}/{list}/{index}");
        }
        if !inside.is_empty() {
            pointer = format!("{pointer}/{inside}");
        }
        Place::Pointer { pointer }
    }

    /// Evidence that `shows` something at a place inside the record.
    pub fn evidence(&self, shows: &str, inside: &str) -> Evidence {
        Evidence::new(shows, self.input, self.place(inside))
    }
}

/// Where a worker's facts, counts and problems go.
pub struct Out<'a> {
    /// The sink for facts.
    pub sink: &'a mut dyn Sink,
    tally: &'a mut Tally,
}

impl<'a> Out<'a> {
    pub(super) fn new(sink: &'a mut dyn Sink, tally: &'a mut Tally) -> Self {
        Self { sink, tally }
    }

    /// The record does not matter; it is counted under `why`.
    pub fn ignore(&mut self, why: &'static str) {
        self.tally.ignored += 1;
        self.note(why, 1);
    }

    /// The record does not matter; it is counted under the name that its system gives such records.
    pub fn ignore_named(&mut self, name: &str) {
        self.tally.ignore_named(name);
    }

    /// Counts something that is said in words of its own.
    pub(super) fn note_about(&mut self, what: String) {
        *self.tally.notes.entry(what.into()).or_default() += 1;
    }

    /// Counts something worth a line; nothing for 0.
    pub fn note(&mut self, what: &'static str, count: u64) {
        if count > 0 {
            *self.tally.notes.entry(what.into()).or_default() += count;
        }
    }

    /// States how many items a whole document held.
    pub fn items(&mut self, count: u64) {
        self.tally.records += count;
    }

    /// A part of the record could not be read. `detail` must not repeat the record's text.
    pub fn problem(&mut self, record: &Record<'_>, inside: &str, reason: GapReason, detail: impl Into<String>) {
        let place = match record.place(inside) {
            Place::Pointer { pointer } if !pointer.is_empty() => pointer,
            _ => format!("record {}", record.index),
        };
        self.tally.problem(Problem { index: record.index, place, reason, detail: detail.into() });
    }
}
