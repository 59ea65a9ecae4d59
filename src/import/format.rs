//! Formats whose records each stand for themselves: a table entry with one function, in place of a type.

use serde_json::Value;

use super::lenient::fault;
use super::part::Part;
use super::{Importer, Layout, Out, Record, Shape, Worker};
use crate::model::{Evidence, GapReason, Identity, Readout};

/// A format as a table entry.
pub(super) struct Format {
    /// See [`Importer::id`].
    pub(super) id: &'static str,
    /// See [`Importer::title`].
    pub(super) title: &'static str,
    /// See [`Importer::how_to_export`].
    pub(super) how_to_export: &'static str,
    /// The keys of the lists whose elements are records; an object without one of them is a record itself.
    pub(super) lists: &'static [&'static str],
    /// See [`Importer::shapes`].
    pub(super) shapes: &'static [Shape],
    /// Reads one record. False if it is none of this format.
    pub(super) read: fn(Part<'_>, &mut Facts<'_, '_, '_>) -> bool,
}

impl Importer for Format {
    fn id(&self) -> &'static str {
        self.id
    }

    fn title(&self) -> &'static str {
        self.title
    }

    fn how_to_export(&self) -> &'static str {
        self.how_to_export
    }

    fn layout(&self) -> Layout {
        Layout::Records(self.lists)
    }

    fn shapes(&self) -> &'static [Shape] {
        self.shapes
    }

    fn worker(&self, _name: &str) -> Box<dyn Worker> {
        Box::new(Reader { lists: self.lists, read: self.read })
    }
}

/// One record, and where its facts go.
pub(super) struct Facts<'f, 'r, 'o> {
    /// The record.
    pub(super) record: &'f Record<'r>,
    /// Where facts, counts and problems go.
    pub(super) out: &'f mut Out<'o>,
}

impl Facts<'_, '_, '_> {
    /// Evidence that `shows` something at a place inside the record.
    pub(super) fn evidence(&self, shows: &str, inside: &str) -> Evidence {
        self.record.evidence(shows, inside)
    }

    /// A part of the record cannot be read.
    pub(super) fn damaged(&mut self, inside: &str, detail: &str) {
        self.out.problem(self.record, inside, GapReason::Damaged, detail);
    }

    /// The export leaves out something that matters.
    pub(super) fn absent(&mut self, inside: &str, detail: &str) {
        self.out.problem(self.record, inside, GapReason::Absent, detail);
    }

    /// An identity with further facts; those without a value are left out.
    pub(super) fn identity(&mut self, identity: Identity, facts: &[(&str, Option<&str>)]) {
        let facts = readouts(facts);
        self.out.sink.identity(Identity { facts, ..identity });
    }

    /// The name of the file without folders and the endings of JSON.
    pub(super) fn stem(&self) -> &str {
        stem(self.record.input.name())
    }
}

/// Facts by name; those without a value are left out.
pub(super) fn readouts(facts: &[(&str, Option<&str>)]) -> Vec<Readout> {
    facts.iter().filter_map(|(name, value)| Some(Readout::new(name, (*value)?))).collect()
}

fn stem(name: &str) -> &str {
    let mut stem = name.rsplit(['/', '\\']).next().unwrap_or(name);
    while let Some((start, "json" | "ndjson" | "jsonl" | "gz" | "txt")) = stem.rsplit_once('.') {
        stem = start;
    }
    stem
}

struct Reader {
    lists: &'static [&'static str],
    read: fn(Part<'_>, &mut Facts<'_, '_, '_>) -> bool,
}

impl Worker for Reader {
    fn record(&mut self, record: &Record<'_>, out: &mut Out<'_>) {
        let value: Value = match serde_json::from_str(record.text) {
            Ok(value) => value,
            Err(error) => return out.problem(record, "", GapReason::Damaged, fault(&error)),
        };
        let part = Part::of(&value);
        if record.list.is_none() {
            more_pages(part, record, out);
        }
        if !(self.read)(part, &mut Facts { record, out }) {
            out.problem(record, "", GapReason::Damaged, "is none of the objects that this format holds");
        }
    }

    fn page(&mut self, page: &Record<'_>, out: &mut Out<'_>) {
        let Ok(value) = serde_json::from_str::<Value>(page.text) else { return };
        let part = Part::of(&value);
        more_pages(part, page, out);
        for list in self.lists {
            if part.has(list) && !part.at(list).is_list() {
                out.problem(page, list, GapReason::Damaged, "is not a list");
            }
        }
    }
}

/// Says that an answer was not the last one.
fn more_pages(part: Part<'_>, record: &Record<'_>, out: &mut Out<'_>) {
    const NEXT: [&str; 5] = ["NextToken", "NextMarker", "nextPageToken", "nextLink", "@odata.nextLink"];
    let next = NEXT.into_iter().find(|name| part.text(name).is_some());
    let cut = part.flag("IsTruncated").unwrap_or_default().then_some("IsTruncated");
    if let Some(name) = next.or(cut) {
        out.problem(record, name, GapReason::Absent, "the last page says that more pages follow");
    }
}

#[cfg(test)]
mod tests {
    use super::stem;

    #[test]
    fn a_file_name_gives_its_stem_whatever_dots_it_has() {
        assert_eq!(stem("exports/ou-ab12-cd34.json.gz"), "ou-ab12-cd34");
        assert_eq!(stem("admins@corp.example.json"), "admins@corp.example");
        assert_eq!(stem(r"C:\x\p-1.ndjson"), "p-1");
    }
}
