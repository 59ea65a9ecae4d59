//! From what is written to what is evaluated: every flaw is found here, with the file and the key it is at.

use serde::de::DeserializeOwned;
use serde::de::IntoDeserializer;
use serde::de::value::Error as NameError;

use super::event::{Event, read_event};
use super::expression::Choice;
use super::outline::Outline;
use super::pointer::Pointer;
use super::{Error, Mapping, Shape, written};
use crate::rules::nearest::with_suggestion;

/// The most events a mapping may describe.
const MOST_EVENTS: usize = 500;

/// Checks a mapping while it is turned into what is evaluated.
pub(super) struct Compiler<'f> {
    file: &'f str,
    /// The part that is compiled: `events[3] issued`.
    part: String,
    outline: Outline,
    /// The list that the event goes through.
    pub(super) each: Option<Pointer>,
    flaw: Option<Error>,
}

impl<'f> Compiler<'f> {
    /// The mapping of `file`.
    pub(super) fn compile(file: &'f str, written: written::File) -> Result<Mapping, Error> {
        let mut compiler = Self { file, part: String::new(), outline: Outline::default(), each: None, flaw: None };
        let mapping = compiler.mapping(written);
        match compiler.flaw {
            Some(flaw) => Err(flaw),
            None => Ok(Mapping { outline: compiler.outline, ..mapping }),
        }
    }

    fn mapping(&mut self, written: written::File) -> Mapping {
        self.general(&written);
        let boxed = |all: Vec<String>| all.into_iter().map(Into::into).collect::<Vec<Box<str>>>();
        let shape = |shape: written::Shape| Shape { list: shape.list.map(Into::into), keys: boxed(shape.keys) };
        let stream = written.stream.map(|stream| self.expression("stream", stream));
        let time = self.expression("time", written.time);
        let record_id = written.record_id.map(|id| self.expression("record-id", id));
        let name = self.expression("name", written.name);
        let events = self.events(written.events, &written.defaults, &written.system);
        Mapping {
            id: written.id.into(),
            title: written.title.into(),
            how_to_export: written.how_to_export.into(),
            source: boxed(written.source),
            assumed: written.assumed.into(),
            shapes: written.recognise.into_iter().map(shape).collect(),
            is_table: written.layout == written::Layout::Table,
            lists: boxed(written.lists),
            may_hold_secrets: written.may_hold_secrets,
            stream,
            time,
            record_id,
            name,
            events,
            outline: Outline::default(),
        }
    }

    fn general(&mut self, written: &written::File) {
        let word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        if !written.id.split('-').all(word) {
            self.flaw("id", "is made of small letters and digits, with `-` between words".to_owned());
        }
        for (key, text) in
            [("title", &written.title), ("how-to-export", &written.how_to_export), ("system", &written.system)]
        {
            if text.trim().is_empty() {
                self.flaw(key, "is empty".to_owned());
            }
        }
        if written.recognise.is_empty() || written.recognise.iter().any(|shape| shape.keys.len() < 2) {
            self.flaw("recognise", "needs at least two keys, or files of other formats would be taken".to_owned());
        }
        let lists = written.recognise.iter().filter_map(|shape| shape.list.as_ref());
        if let Some(list) = lists.into_iter().find(|list| !written.lists.contains(list)) {
            self.flaw("recognise", format!("list `{list}` is not among `lists`"));
        }
        if written.events.is_empty() || written.events.len() > MOST_EVENTS {
            self.flaw("events", format!("needs between 1 and {MOST_EVENTS} events"));
        }
    }

    fn events(&mut self, events: Vec<written::Event>, defaults: &written::Fields, system: &str) -> Vec<Event> {
        let mut all = Vec::new();
        for (index, event) in events.into_iter().enumerate() {
            self.part = format!("events[{index}] ({}) ", super::event::kind_name(event.kind));
            self.each = None;
            self.each = event.for_each.as_deref().map(|each| self.pointer("for-each", each));
            all.push(read_event(self, event, defaults, system));
        }
        all
    }

    /// A pointer as written at `key`; what it leads to will be read.
    pub(super) fn pointer(&mut self, key: &str, text: &str) -> Pointer {
        match Pointer::parse(text) {
            Ok(pointer) if pointer.is_inner && self.each.is_none() => {
                self.flaw(key, format!("`{text}` means an element, and there is no for-each around it"));
                pointer
            }
            Ok(pointer) => {
                pointer.note_in(&mut self.outline, self.each.as_ref());
                pointer
            }
            Err(flaw) => {
                self.flaw(key, flaw);
                Pointer { is_inner: false, steps: Vec::new() }
            }
        }
    }

    /// The value of a fixed set that an expression as written at `key` stands for.
    pub(super) fn choice<T: DeserializeOwned>(&mut self, key: &str, written: written::Expression) -> Option<Choice<T>> {
        match written {
            written::Expression::Text(text) if !Pointer::is_meant(&text) => {
                self.named(key, &text).map(Choice::Constant)
            }
            written::Expression::Changed(change) => {
                let written::Change { from, after, before, map, default, prefix } = change;
                let plain = written::Change { from, after, before, map: [].into(), default: None, prefix };
                let from = self.expression(key, written::Expression::Changed(plain));
                let map = map.into_iter().filter_map(|(text, name)| Some((text.into(), self.named(key, &name)?)));
                let map = map.collect();
                Some(Choice::Of { from, map, default: default.and_then(|name| self.named(key, &name)) })
            }
            _ => {
                self.flaw(key, "is one of a few names, or `from` with a `map` to them".to_owned());
                None
            }
        }
    }

    /// The value that goes by `name`.
    fn named<T: DeserializeOwned>(&mut self, key: &str, name: &str) -> Option<T> {
        named(name).map_err(|flaw| self.flaw(key, flaw)).ok()
    }

    /// Notes what is wrong; the first flaw is told.
    pub(super) fn flaw(&mut self, key: &str, flaw: String) {
        let key = format!("{}{key}", self.part);
        self.flaw.get_or_insert_with(|| Error::Flaw { file: self.file.to_owned(), key, flaw });
    }
}

/// The value that goes by a name; `Err` says which names there are. Names of all sets are written with `-`.
fn named<T: DeserializeOwned>(name: &str) -> Result<T, String> {
    let read = |name: &str| T::deserialize(IntoDeserializer::<NameError>::into_deserializer(name));
    let error = match read(name) {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    read(&name.replace('-', "_")).map_err(|_: NameError| with_suggestion(&error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::named;
    use crate::model::{Outcome, Standing};

    #[test]
    fn names_of_a_set_are_known_by_their_kebab_form() {
        assert_eq!(named::<Outcome>("refused"), Ok(Outcome::Refused));
        assert_eq!(named::<Standing>("jit-active"), Ok(Standing::JitActive));
        let flaw = named::<Outcome>("refuse").expect_err("unknown");
        assert!(flaw.ends_with("did you mean `refused`?"), "{flaw}");
    }
}
