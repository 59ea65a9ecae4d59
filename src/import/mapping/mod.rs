//! Formats that are described as data: evaluates a mapping on the records of a log.
//!
//! A record is parsed once, and of it only what the mapping reads. Whatever a record holds, evaluation cannot fail: what
//! is missing is missing, what has another type than it should is counted, and records that stand for no event are
//! counted under the name that their system gives them.

mod evaluate;
mod json;
mod make;

use std::cell::Cell;

use super::lenient::fault;
use super::{Importer, Layout, Out, Record, Shape, Worker};
use crate::model::{EventKind, FingerprintKey, GapReason, StreamKey};
use crate::rules::check::Needs;
use crate::rules::mapping::Mapping;
use crate::rules::mapping::event::{Event, kind_name};
use evaluate::View;
use json::Json;
use make::{Shared, Values};

/// A format that a mapping describes.
pub(super) struct Mapped {
    mapping: &'static Mapping,
    lists: &'static [&'static str],
    shapes: &'static [Shape],
    is_trial: bool,
}

/// The importer of a mapping. Formats live as long as the process, so a mapping is never given back. In a trial it also
/// notes what each of its events matched and missed.
pub(super) fn importer(mapping: Mapping, is_trial: bool) -> &'static dyn Importer {
    let mapping: &'static Mapping = Box::leak(Box::new(mapping));
    let names =
        |all: &'static [Box<str>]| -> &'static [&'static str] { Vec::leak(all.iter().map(AsRef::as_ref).collect()) };
    let shapes = mapping.shapes.iter().map(|shape| Shape { list: shape.list.as_deref(), keys: names(&shape.keys) });
    let shapes = Vec::leak(shapes.collect());
    Box::leak(Box::new(Mapped { mapping, lists: names(&mapping.lists), shapes, is_trial }))
}

impl Importer for Mapped {
    fn id(&self) -> &'static str {
        &self.mapping.id
    }

    fn title(&self) -> &'static str {
        &self.mapping.title
    }

    fn how_to_export(&self) -> &'static str {
        &self.mapping.how_to_export
    }

    fn layout(&self) -> Layout {
        if self.mapping.is_table { Layout::Documents(self.lists) } else { Layout::Records(self.lists) }
    }

    fn shapes(&self) -> &'static [Shape] {
        self.shapes
    }

    fn may_hold_secrets(&self) -> bool {
        self.mapping.may_hold_secrets
    }

    fn gives(&self) -> Vec<Needs> {
        let tells = |kinds: &[EventKind]| self.mapping.events.iter().any(|event| kinds.contains(&event.kind));
        let known = [
            (Needs::Grants, tells(&[EventKind::Granted])),
            (Needs::Requests, tells(&[EventKind::Requested])),
            (Needs::Tasks, tells(&[EventKind::TaskEnded])),
        ];
        known.into_iter().filter_map(|(need, told)| told.then_some(need)).collect()
    }

    fn worker(&self, _name: &str) -> Box<dyn Worker> {
        let stream = StreamKey::new(&self.mapping.id, "");
        Box::new(Reader { mapping: self.mapping, stream, key: None, is_trial: self.is_trial })
    }
}

struct Reader {
    mapping: &'static Mapping,
    /// The stream of the last record: most logs have one.
    stream: StreamKey,
    /// The sink's key, once it was asked for it.
    key: Option<FingerprintKey>,
    is_trial: bool,
}

impl Worker for Reader {
    fn record(&mut self, record: &Record<'_>, out: &mut Out<'_>) {
        let json = match Json::read(record.text, &self.mapping.outline) {
            Ok(json @ Json::Object(_)) => json,
            Ok(_) => return out.problem(record, "", GapReason::Damaged, "is no object"),
            Err(error) => return out.problem(record, "", GapReason::Damaged, fault(&error)),
        };
        let of_wrong_type = Cell::new(0);
        let view = View { record: &json, element: &json, of_wrong_type: &of_wrong_type };
        let Some(time) = view.time(&self.mapping.time) else {
            return out.problem(record, "", GapReason::Damaged, "has no time that can be read");
        };
        let scope = self.mapping.stream.as_ref().and_then(|stream| view.text(stream)).unwrap_or_default();
        if *self.stream.scope != *scope {
            self.stream = StreamKey::new(&self.mapping.id, &scope);
        }
        out.sink.observed(&self.stream, time);
        let record_id = self.mapping.record_id.as_ref().and_then(|id| view.text(id));
        if self.key.is_none() {
            self.key = out.sink.fingerprint_key().cloned();
        }
        let origin = record.origin(record_id.as_deref());
        let shared = Shared { time, stream: &self.stream, origin, key: self.key.as_ref() };
        let mut is_known = false;
        for (index, rule) in self.mapping.events.iter().enumerate() {
            is_known |= self.events(index, rule, &view, &shared, out);
        }
        if !is_known {
            out.ignore_named(view.text(&self.mapping.name).as_deref().unwrap_or_default());
        }
        out.note("values of an unexpected type", of_wrong_type.get());
    }
}

impl Reader {
    /// Makes the events of one rule. False if the record is none of its records.
    fn events(
        &self,
        index: usize,
        rule: &'static Event,
        view: &View<'_>,
        shared: &Shared<'_>,
        out: &mut Out<'_>,
    ) -> bool {
        let Some(each) = &rule.for_each else { return self.event(index, rule, view, shared, out) };
        let parts: Vec<Json<'_>>;
        let elements = match (view.at(each), &rule.split) {
            (Some(Json::Text(text)), Some(between)) => {
                parts = text.split(&**between).map(|part| Json::Text(part.trim().into())).collect();
                parts.as_slice()
            }
            (Some(Json::List(elements)), _) => elements.as_slice(),
            (Some(one), _) => std::slice::from_ref(one),
            (None, _) => return false,
        };
        let mut is_known = false;
        for element in elements {
            is_known |= self.event(index, rule, &View { element, ..*view }, shared, out);
        }
        is_known
    }

    fn event(
        &self,
        index: usize,
        rule: &'static Event,
        view: &View<'_>,
        shared: &Shared<'_>,
        out: &mut Out<'_>,
    ) -> bool {
        if !rule.when.iter().all(|condition| view.holds(condition)) {
            return false;
        }
        let values = Values::of(rule, view, shared);
        let is_telling = values.is_telling(rule.kind);
        if is_telling {
            out.sink.event(&values.event(rule, view, shared));
        } else {
            out.note("records that do not name what they are about", 1);
        }
        if self.is_trial {
            let name = kind_name(rule.kind);
            let what = if is_telling { "made" } else { "not made" };
            out.note_about(format!("events[{index}] ({name}) {what}"));
            for field in values.missing {
                out.note_about(format!("events[{index}] ({name}) without {field}"));
            }
        }
        true
    }
}
