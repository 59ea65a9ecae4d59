//! Which format a file has, judged by a bounded part of its content.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::frame::{Frame, Framer};
use super::outline::{YamlObject, keys, yaml_objects};
use super::stream::Disk;
use super::{Formats, Importer, Layout, Limits, Shape, cef};

/// How much of a file is looked at, after decompression.
const HEAD: u64 = 512 << 10;
/// How much of a file often suffices to see of which format it is.
const START: usize = 64 << 10;
/// So many records at the start that all are of one format decide, whatever follows.
const AGREEING: usize = 8;
/// How much of a file often suffices to see that it is no data.
const GLANCE: usize = 1024;
/// How many of its records are looked at.
const MAX_RECORDS: usize = 64;
/// How a credential report starts that was left in base64: `user,arn,`.
const REPORT_IN_BASE64: &str = "dXNlcixhcm4s";

/// What a file is to the importers.
#[derive(Clone)]
pub enum Recognised {
    /// A format that an importer reads.
    Known(&'static dyn Importer),
    /// JSON or CSV data that no importer knows.
    Foreign {
        /// The importer whose format is nearest, and what was missing for it: "has the keys eventName, eventTime; lacks
        /// eventSource".
        nearest: Option<(&'static str, String)>,
    },
    /// Looks like the outcome of a failed export: empty, an HTML or XML page, the error body of an API.
    Unusable {
        /// Why, in words.
        reason: String,
    },
    /// Neither JSON nor CSV: source code, prose, binary content.
    NotData,
}

impl Formats {
    /// Recognises the file at `path` by its content; reads only its head, through gzip and UTF-16 where it is those.
    pub fn recognise(&self, path: &Path) -> io::Result<Recognised> {
        if !std::fs::metadata(path)?.is_file() {
            return Ok(Recognised::NotData);
        }
        self.recognise_head(File::open(path)?)
    }

    /// Recognises a file by the first bytes of `source`. Errors are those of `source`; a damaged gzip file is judged by
    /// what could be read of it.
    pub fn recognise_head(&self, mut source: impl Read + Send) -> io::Result<Recognised> {
        let mut glance = Vec::with_capacity(GLANCE);
        source.by_ref().take(GLANCE as u64).read_to_end(&mut glance)?;
        if is_plainly_no_data(&glance, self) {
            return Ok(Recognised::NotData);
        }
        let mut disk = Disk::unhashed(glance.as_slice().chain(source));
        let mut head = Vec::new();
        let mut decided = None;
        let read = disk.text(&Limits::default()).and_then(|mut text| {
            text.by_ref().take(START as u64).read_to_end(&mut head)?;
            decided = agreed(&text_of(&head), self);
            if decided.is_none() && head.len() == START {
                text.take(HEAD - START as u64).read_to_end(&mut head)?;
            }
            Ok(())
        });
        if let Some(importer) = decided {
            return Ok(Recognised::Known(importer));
        }
        match read {
            Err(error) if disk.meter().is_unreadable() => return Err(error),
            Err(error) if head.is_empty() => {
                let (_, detail) = disk.meter().judge(&error);
                return Ok(unusable(&detail));
            }
            _ => {}
        }
        let complete = (head.len() as u64) < HEAD;
        Ok(judge(&text_of(&head), complete, self))
    }
}

/// Whether the first bytes alone tell that no format begins like this: prose and source code, which most files are. The
/// first line holds no object and no second column, and the content is neither packed nor in another encoding.
fn is_plainly_no_data(glance: &[u8], formats: &Formats) -> bool {
    let start = glance.trim_ascii_start();
    let Some(end) = memchr::memchr(b'\n', start) else { return false };
    let line = &start[..end];
    let begins = |text: &str| line.starts_with(text.as_bytes());
    !matches!(line.first(), None | Some(b'{' | b'[' | b'<'))
        && !start.get(end + 1..).is_some_and(begins_like_a_record)
        && glance.iter().all(|byte| !matches!(byte, 0 | 0x1f | 0x80..))
        && memchr::memchr2(b',', b'{', line).is_none()
        && !has_opening(glance, formats)
        && !cef::is_cef(glance)
        && !["An error occurred (", "HTTP/", REPORT_IN_BASE64].into_iter().any(begins)
}

/// Whether a line begins as files of some format do that are no JSON.
fn has_opening(text: &[u8], formats: &Formats) -> bool {
    let may_open = |line: &&[u8]| line.first().is_some_and(|byte| formats.openings[usize::from(*byte)]);
    text.split(|byte| *byte == b'\n').filter(may_open).any(|line| openers(line, formats).next().is_some())
}

/// The importers of which files have lines that begin like this one.
fn openers(line: &[u8], formats: &Formats) -> impl Iterator<Item = &'static dyn Importer> {
    let begins =
        |importer: &&dyn Importer| importer.openings().iter().any(|opening| line.starts_with(opening.as_bytes()));
    formats.iter().filter(move |importer| begins(importer))
}

/// Bytes as text. What is UTF-8 but for a character that was cut off at the end is only lent.
fn text_of(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(error) if error.error_len().is_none() => {
            let whole = bytes.get(..error.valid_up_to()).unwrap_or_default();
            std::str::from_utf8(whole).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
        }
        Err(_) => String::from_utf8_lossy(bytes),
    }
}

fn judge(text: &str, complete: bool, formats: &Formats) -> Recognised {
    let start = text.trim_start();
    match start.as_bytes().first() {
        None if text.is_empty() => unusable("the file is empty"),
        None => unusable("the file holds only white space"),
        Some(b'<') if !is_priority(start) => markup(start),
        Some(b'{' | b'[') => json(start, complete, formats),
        Some(_) if text.contains('\0') => Recognised::NotData,
        Some(_) => match lines(start, complete, formats) {
            known @ Recognised::Known(_) => known,
            other => after_half_a_line(start, complete, formats).unwrap_or(other),
        },
    }
}

/// What follows the first line, where that is the end of a record: a log that was rotated in the middle of one.
fn after_half_a_line(text: &str, complete: bool, formats: &Formats) -> Option<Recognised> {
    let (_, rest) = text.split_once('\n').filter(|(_, rest)| begins_like_a_record(rest.as_bytes()))?;
    Some(json(rest, complete, formats)).filter(|judged| matches!(judged, Recognised::Known(_)))
}

fn begins_like_a_record(line: &[u8]) -> bool {
    line.starts_with(b"{\"")
}

/// The importer of the first records, where there are enough of them and it knows each.
fn agreed(text: &str, formats: &Formats) -> Option<&'static dyn Importer> {
    let start = text.trim_start();
    let mut framer = Framer::new(start.as_bytes(), formats.lists, start.len());
    let block = framer.next_block().filter(|_| start.starts_with(['{', '[']))?;
    let first: Vec<Outline> =
        block.records().take(AGREEING).map(|record| Outline::of(record, false, formats.lists)).collect();
    let importer = known(&first, formats, &|_| true)?;
    let knows = |one: &Outline| importer.shapes().iter().any(|shape| shape.fits(one.list, &one.keys));
    (first.len() == AGREEING && first.iter().all(knows)).then_some(importer)
}

/// Whether a line begins as syslog writes it: `<5>`.
fn is_priority(text: &str) -> bool {
    let number = text.strip_prefix('<').and_then(|rest| Some(rest.split_once('>')?.0));
    number.is_some_and(|number| (1..=3).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit()))
}

fn unusable(reason: &str) -> Recognised {
    Recognised::Unusable { reason: reason.to_owned() }
}

fn markup(text: &str) -> Recognised {
    let head: String = text.chars().take(1024).collect::<String>().to_ascii_lowercase();
    if head.starts_with("<!doctype html") || head.contains("<html") {
        return unusable("it is an HTML page, such as a login or error page saved in place of the export");
    }
    if head.contains("<error") || head.contains("<fault") {
        return unusable("it is an XML error body saved in place of the export");
    }
    Recognised::NotData
}

/// An object with the key of the list it stands in.
struct Outline {
    list: Option<&'static str>,
    keys: BTreeSet<String>,
    /// It is what is left of an object whose lists hold the records.
    is_page: bool,
}

impl Outline {
    fn of((frame, bytes): (Frame, &[u8]), is_page: bool, lists: &[&'static str]) -> Self {
        let list = frame.slot.list.and_then(|(list, _)| lists.get(list).copied());
        Self { list, keys: keys(&text_of(bytes)), is_page }
    }
}

fn json(text: &str, complete: bool, formats: &Formats) -> Recognised {
    let outlines = outlines(text, complete, formats.lists);
    if outlines.iter().all(|outline| outline.keys.is_empty()) {
        return Recognised::NotData;
    }
    if let Some(known) = known(&outlines, formats, &|_| true).or_else(|| by_name(text, formats)) {
        return Recognised::Known(known);
    }
    match outlines.as_slice() {
        [only] if complete && is_error_body(&only.keys) => unusable("it is the error body of an API, not an export"),
        _ => Recognised::Foreign { nearest: nearest(&outlines, formats) },
    }
}

/// The importer of an object that says what it is before its lists: `{"kind": "RoleList", "items": [...]}`.
fn by_name(text: &str, formats: &Formats) -> Option<&'static dyn Importer> {
    let keys = keys(text.get(..text.floor_char_boundary(GLANCE))?);
    let fits = |shape: &Shape| shape.keys.iter().any(|key| key.contains('=')) && shape.fits(None, &keys);
    formats.iter().find(|importer| importer.shapes().iter().any(fits))
}

/// The first objects of the text, the last of which may be cut.
fn outlines(text: &str, complete: bool, lists: &'static [&'static str]) -> Vec<Outline> {
    let mut found = Vec::new();
    let mut framer = Framer::new(text.as_bytes(), lists, text.len());
    while found.len() < MAX_RECORDS
        && let Some(block) = framer.next_block()
    {
        found.extend(block.records().take(MAX_RECORDS).map(|record| Outline::of(record, false, lists)));
        found.extend(block.pages().take(MAX_RECORDS).map(|page| Outline::of(page, true, lists)));
    }
    if let Some(damage) = framer.damages().last().filter(|damage| !complete || found.is_empty() || damage.index == 0) {
        let cut = usize::try_from(damage.offset).ok().and_then(|from| text.get(from..)).unwrap_or_default();
        found.push(Outline { list: None, keys: keys(cut), is_page: false });
    }
    found
}

impl Shape {
    fn fits(&self, list: Option<&str>, keys: &BTreeSet<String>) -> bool {
        self.list.is_none_or(|own| list == Some(own)) && self.keys.iter().all(|key| keys.contains(*key))
    }
}

/// The first importer that knows at least half of the objects; a few strangers do not make a file another one.
fn known(
    outlines: &[Outline],
    formats: &Formats,
    may: &dyn Fn(&dyn Importer) -> bool,
) -> Option<&'static dyn Importer> {
    let strange = |importer: &dyn Importer| {
        let known = |outline: &&Outline| importer.shapes().iter().any(|shape| shape.fits(outline.list, &outline.keys));
        let fitting = outlines.iter().filter(known).count();
        let records = outlines.iter().filter(|outline| !outline.is_page).count();
        fitting == 0 || fitting * 2 < records
    };
    formats.iter().filter(|importer| may(*importer)).find(|importer| !strange(*importer))
}

/// The format of which the largest share of keys is there, if that is half of them and more than one.
fn nearest(outlines: &[Outline], formats: &Formats) -> Option<(&'static str, String)> {
    let mut best: Option<(usize, &'static str, String)> = None;
    for importer in formats.iter() {
        for shape in importer.shapes().iter().filter(|shape| shape.keys.len() > 1) {
            for outline in outlines {
                let (has, lacks): (Vec<&str>, Vec<&str>) =
                    shape.keys.iter().partition(|key| outline.keys.contains(**key));
                let share = has.len() * 100 / shape.keys.len();
                if share >= 50 && has.len() > 1 && best.as_ref().is_none_or(|(other, ..)| share > *other) {
                    best = Some((share, importer.id(), missing(shape, &has, &lacks)));
                }
            }
        }
    }
    best.map(|(_, id, text)| (id, text))
}

fn missing(shape: &Shape, has: &[&str], lacks: &[&str]) -> String {
    let has = format!("has {}", has.join(", "));
    match (lacks, shape.list) {
        ([], Some(list)) => format!("{has}; is not in a list named {list}"),
        ([], None) => format!("only some of its objects have {}", has.trim_start_matches("has ")),
        _ => format!("{has}; lacks {}", lacks.join(", ")),
    }
}

/// A small object that holds nothing but the words of an error.
fn is_error_body(keys: &BTreeSet<String>) -> bool {
    const TELLING: &[&str] = &["error", "errors", "Error", "message", "Message", "__type", "errorMessage", "fault"];
    let top = || keys.iter().filter(|key| !key.contains('.'));
    top().count() <= 6 && top().any(|key| TELLING.contains(&key.as_str()))
}

/// Text that is not JSON from its first byte: CSV, base64, a message, or log lines with a header before the JSON.
fn lines(text: &str, complete: bool, formats: &Formats) -> Recognised {
    let first = text.lines().next().unwrap_or_default();
    if first.starts_with(REPORT_IN_BASE64)
        && let Some(importer) = formats.find("aws-credential-report")
    {
        return Recognised::Known(importer);
    }
    if first.starts_with("An error occurred (") || first.starts_with("HTTP/1.") || first.starts_with("HTTP/2") {
        return unusable("it is an error message saved in place of the export");
    }
    if let Some(known) = opened(text, formats) {
        return Recognised::Known(known);
    }
    if let Some(brace) = first.find('{').filter(|brace| *brace <= 256)
        && let Some(rest) = first.get(brace..)
        && rest.trim_end().ends_with('}')
    {
        let outline = Outline { list: None, keys: keys(rest), is_page: false };
        return known(&[outline], formats, &|_| true).map_or(Recognised::NotData, Recognised::Known);
    }
    table(first, text, complete, formats)
}

/// The importer whose files have a line that begins like one of the first lines here, where the rest fits too.
fn opened(text: &str, formats: &Formats) -> Option<&'static dyn Importer> {
    let glance = text.as_bytes().get(..GLANCE.min(text.len()))?;
    let mut candidates: BTreeMap<&str, &'static dyn Importer> = BTreeMap::new();
    for importer in glance.split(|byte| *byte == b'\n').flat_map(|line| openers(line, formats)) {
        candidates.insert(importer.id(), importer);
    }
    if candidates.is_empty() {
        return None;
    }
    let objects = yaml_objects(text, formats.lists, MAX_RECORDS);
    candidates.into_values().find(|importer| importer.is_text(text) || is_stream_of(*importer, &objects, text))
}

/// Whether YAML documents are of a format: all of them, since a manifest with other objects in it is better read as text.
/// Of the lists in them half of the elements suffice.
fn is_stream_of(importer: &dyn Importer, objects: &[YamlObject], text: &str) -> bool {
    let Layout::Documents(containers) = importer.layout() else { return false };
    if is_template(text) {
        return false;
    }
    let fits = |object: &YamlObject| importer.shapes().iter().any(|shape| shape.fits(object.list, &object.keys));
    let is_page = |object: &YamlObject| containers.iter().any(|list| object.keys.contains(*list));
    let (elements, documents): (Vec<&YamlObject>, Vec<&YamlObject>) =
        objects.iter().partition(|object| object.list.is_some());
    let fitting = elements.iter().filter(|object| fits(object)).count();
    let mut documents = documents.into_iter().filter(|object| !is_page(object)).peekable();
    (fitting > 0 || documents.peek().is_some()) && fitting * 2 >= elements.len() && documents.all(fits)
}

/// Whether the text makes YAML and is none yet: a template of Helm.
fn is_template(text: &str) -> bool {
    let marked = |line: &str| line.trim_start().starts_with("{{") || line.contains(": {{") || line.contains("- {{");
    text.contains("{{") && text.lines().any(marked)
}

fn table(first: &str, text: &str, complete: bool, formats: &Formats) -> Recognised {
    let columns: BTreeSet<String> = first.split(',').map(|name| name.trim().trim_matches('"').to_owned()).collect();
    let outlines = [Outline { list: None, keys: columns, is_page: false }];
    if let Some(known) = known(&outlines, formats, &|importer| !matches!(importer.layout(), Layout::Records(_))) {
        return Recognised::Known(known);
    }
    let commas = |line: &str| line.matches(',').count();
    let second = text.lines().nth(1);
    let is_table =
        commas(first) >= 2 && (complete || second.is_some()) && second.is_none_or(|line| commas(line) >= commas(first));
    match nearest(&outlines, formats) {
        Some(near) => Recognised::Foreign { nearest: Some(near) },
        None if is_table => Recognised::Foreign { nearest: None },
        None => Recognised::NotData,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_glance_dismisses_is_no_data_on_a_closer_look() {
        let formats = Formats::shipped().expect("formats");
        for text in
            ["fn main() {}\n", "plain words\nand more\n", "a,b,c\n", "{\"a\": 1}\n", "\u{feff}x\n", "HTTP/1.1 500\n"]
        {
            if is_plainly_no_data(text.as_bytes(), formats) {
                assert!(matches!(judge(text, true, formats), Recognised::NotData), "{text}");
            }
        }
        assert!(is_plainly_no_data(b"#!/bin/sh\nset -e\n", formats));
    }
}
