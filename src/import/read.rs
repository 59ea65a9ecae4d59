//! Drives one file through its importer: stream, records, workers in parallel, counts and gaps.

use std::borrow::Cow;
use std::io::{Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use sha2::{Digest as _, Sha256};

use super::convert::{self, Converted};
use super::frame::{Block, Framer, Page};
use super::record::{Out, Places, Record};
use super::stream::{Disk, Meter};
use super::tally::{INVALID_UTF8, Tally, damage_gaps};
use super::{Importer, Layout, Limits, Worker};
use crate::model::{Gap, GapReason, Input, InputSummary, Sha256Digest, Shard, Sink};

/// What is said of a file in which nothing is a record.
const NO_RECORD: &str = "the file holds no record";

/// How many blocks for each thread are read while as many are worked on: whoever is done takes the next.
const AHEAD: usize = 4;

/// Reads one file of a known format from `source` into `sink`. It never fails: what cannot be read is a gap.
pub fn read<S: Shard>(
    importer: &'static dyn Importer,
    source: impl Read + Send,
    name: &str,
    limits: &Limits,
    sink: &mut S,
) {
    let mut file = File { importer, input: Input::streamed(name), limits, places: Places::Bytes };
    let mut disk = Disk::new(source);
    let mut tally = Tally::default();
    let outcome = match importer.layout() {
        Layout::Records(containers) => file.records(&mut disk, containers, &mut tally, sink),
        Layout::Documents(containers) => file.documents(&mut disk, containers, &mut tally, sink),
        Layout::Whole => file.whole(&mut disk, &mut tally, sink),
    };
    if let Some(digest) = disk.digest() {
        file.input.seal(digest);
    }
    for gap in tally.gaps(name).into_iter().chain(outcome.gaps) {
        sink.gap(gap);
    }
    sink.examined(InputSummary {
        name: name.into(),
        format: importer.id().into(),
        sha256: file.input.sha256().map(|digest| digest.to_string()),
        bytes: outcome.bytes,
        items: tally.records,
        ignored: tally.ignored,
        notes: tally.note_lines(limits.max_told_names),
    });
}

/// One file on its way.
struct File<'a> {
    importer: &'static dyn Importer,
    input: Arc<Input>,
    limits: &'a Limits,
    places: Places,
}

/// A text that is hashed while it is read.
struct Hashed<R> {
    inner: R,
    hash: Sha256,
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.hash.update(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}

/// What the stream itself had to say.
struct Outcome {
    bytes: u64,
    gaps: Vec<Gap>,
}

/// A worker with a sink of its own.
struct Hand<S> {
    sink: S,
    worker: Box<dyn Worker>,
    tally: Tally,
}

impl File<'_> {
    fn records<S: Shard, R: Read + Send>(
        &mut self,
        disk: &mut Disk<R>,
        containers: &'static [&'static str],
        tally: &mut Tally,
        sink: &mut S,
    ) -> Outcome {
        let meter = disk.meter();
        let text = match disk.text(self.limits) {
            Ok(text) => text,
            Err(error) => return self.failed(meter.judge(&error), 0, 0),
        };
        if meter.is_columnar() {
            self.places = Places::Rows;
        }
        if !self.is_listed() {
            return self.framed(text, &meter, containers, tally, sink);
        }
        let mut hashed = Hashed { inner: text, hash: Sha256::new() };
        let outcome = self.framed(&mut hashed, &meter, containers, tally, sink);
        if outcome.gaps.is_empty() {
            sink.content(&self.input, Sha256Digest(hashed.hash.finalize().into()));
        }
        outcome
    }

    /// Whether a digest may list the file: CloudTrail writes this into the names of its files and digests.
    fn is_listed(&self) -> bool {
        let name = self.input.name().rsplit(['/', '\\']).next().unwrap_or_default();
        self.importer.id() == "aws-cloudtrail" && name.contains("_CloudTrail")
    }

    fn framed<S: Shard>(
        &self,
        text: impl Read + Send,
        meter: &Meter,
        containers: &'static [&'static str],
        tally: &mut Tally,
        sink: &mut S,
    ) -> Outcome {
        let mut framer = Framer::new(text, containers, self.limits.max_record_bytes);
        let page = self.drain(&mut framer, containers, tally, sink);
        let mut gaps = damage_gaps(self.input.name(), framer.damages(), framer.more_damages());
        let (bytes, prefixed, failure) = framer.end();
        if let Some(columns) = unread(meter.unread()) {
            tally.notes.insert(columns.into(), meter.unread().len() as u64);
        }
        if prefixed > 0 {
            tally.notes.insert("records after other text on their line".into(), prefixed);
        }
        if let Some(error) = failure {
            let failed = self.failed(meter.judge(&error), tally.records, bytes);
            gaps.extend(failed.gaps);
        } else if tally.records == 0 && page.is_none() && gaps.is_empty() {
            gaps.push(self.gap(GapReason::Damaged, NO_RECORD, "nothing of it was examined"));
        }
        Outcome { bytes, gaps }
    }

    /// JSON is streamed. YAML and CSV are turned into JSON, for which the file is held.
    fn documents<S: Shard, R: Read + Send>(
        &mut self,
        disk: &mut Disk<R>,
        containers: &'static [&'static str],
        tally: &mut Tally,
        sink: &mut S,
    ) -> Outcome {
        let meter = disk.meter();
        let mut head = Vec::new();
        let opened = disk.text(self.limits).and_then(|mut text| {
            text.by_ref().take(convert::HEAD as u64).read_to_end(&mut head)?;
            Ok(text)
        });
        let text = match opened {
            Ok(text) => text,
            Err(error) => return self.failed(meter.judge(&error), 0, 0),
        };
        if meter.is_columnar() {
            self.places = Places::Rows;
        }
        if convert::is_json(&head) {
            return self.framed(Cursor::new(head).chain(text), &meter, containers, tally, sink);
        }
        let limit = self.limits.max_converted_bytes;
        let mut bytes = head;
        let result = text.take((limit as u64).saturating_add(1)).read_to_end(&mut bytes);
        if bytes.len() > limit {
            let detail = format!("the file is no JSON and larger than {limit} bytes");
            let gaps = vec![self.gap(GapReason::TooLarge, &detail, "nothing of it was examined")];
            return Outcome { bytes: bytes.len() as u64, gaps };
        }
        let Converted { json, lines, problems } = convert::to_json(&utf8(&bytes, tally));
        for problem in problems {
            tally.problem(problem);
        }
        let places = Places::Lines(lines);
        let file = File { importer: self.importer, input: Arc::clone(&self.input), limits: self.limits, places };
        let mut outcome = file.framed(json.as_bytes(), &meter, containers, tally, sink);
        if tally.has_problems() {
            outcome.gaps.retain(|gap| gap.detail.as_ref() != NO_RECORD);
        }
        if let Err(error) = result {
            outcome.gaps.extend(self.failed(meter.judge(&error), tally.records, bytes.len() as u64).gaps);
        }
        Outcome { bytes: bytes.len() as u64, ..outcome }
    }

    /// Hands all blocks to workers. Of the objects around lists only the last one matters: whether more would follow.
    fn drain<S: Shard>(
        &self,
        framer: &mut Framer<impl Read + Send>,
        containers: &'static [&'static str],
        tally: &mut Tally,
        sink: &mut S,
    ) -> Option<Page> {
        let mut first = framer.next_block()?;
        let mut last = first.last_page();
        let name = self.input.name();
        if framer.is_done() {
            let mut worker = self.importer.worker(name);
            self.work(&first, containers, worker.as_mut(), sink, tally);
            self.finish(last.as_ref(), containers, worker, sink, tally);
            return last;
        }
        let width = rayon::current_num_threads().max(1);
        let hand = || Hand { sink: sink.fork(), worker: self.importer.worker(name), tally: Tally::default() };
        let mut hands: Vec<Hand<S>> = std::iter::repeat_with(hand).take(width).collect();
        let mut batch = vec![first];
        while !batch.is_empty() {
            let gather = || std::iter::from_fn(|| framer.next_block()).take(width * AHEAD).collect::<Vec<Block>>();
            let (mut next, ()) = rayon::join(gather, || {
                let taken = AtomicUsize::new(0);
                hands.par_iter_mut().for_each(|hand| {
                    while let Some(block) = batch.get(taken.fetch_add(1, Ordering::Relaxed)) {
                        self.work(block, containers, hand.worker.as_mut(), &mut hand.sink, &mut hand.tally);
                    }
                });
            });
            last = next.iter_mut().filter_map(Block::last_page).last().or(last);
            framer.reuse(std::mem::replace(&mut batch, next));
        }
        let mut page = last.as_ref();
        for mut hand in hands {
            self.finish(page.take(), containers, hand.worker, &mut hand.sink, &mut hand.tally);
            sink.join(hand.sink);
            tally.join(hand.tally);
        }
        last
    }

    fn finish(
        &self,
        page: Option<&Page>,
        containers: &[&'static str],
        mut worker: Box<dyn Worker>,
        sink: &mut dyn Sink,
        tally: &mut Tally,
    ) {
        if let Some(page) = page {
            let text = utf8(&page.text, tally);
            let record = Record::new(&text, &self.input, &page.frame(), containers, &self.places);
            worker.page(&record, &mut Out::new(sink, tally));
        }
        worker.finish(&mut Out::new(sink, tally));
    }

    fn work(
        &self,
        block: &Block,
        containers: &[&'static str],
        worker: &mut dyn Worker,
        sink: &mut dyn Sink,
        tally: &mut Tally,
    ) {
        for (frame, bytes) in block.records() {
            tally.records += 1;
            let text = utf8(bytes, tally);
            let record = Record::new(&text, &self.input, &frame, containers, &self.places);
            worker.record(&record, &mut Out::new(sink, tally));
        }
    }

    fn whole<S: Shard, R: Read + Send>(&self, disk: &mut Disk<R>, tally: &mut Tally, sink: &mut S) -> Outcome {
        let limit = self.limits.max_document_bytes;
        let meter = disk.meter();
        let mut bytes = Vec::new();
        let result = disk
            .text(self.limits)
            .and_then(|text| text.take((limit as u64).saturating_add(1)).read_to_end(&mut bytes).map(|_| ()));
        if bytes.len() > limit {
            let detail = format!("the file is larger than {limit} bytes");
            return Outcome {
                bytes: bytes.len() as u64,
                gaps: vec![self.gap(GapReason::TooLarge, &detail, "nothing of it was examined")],
            };
        }
        let mut gaps = Vec::new();
        if bytes.iter().all(u8::is_ascii_whitespace) && result.is_ok() {
            gaps.push(self.gap(GapReason::Damaged, "the file is empty", "nothing of it was examined"));
        } else {
            let text = utf8(&bytes, tally);
            let mut worker = self.importer.worker(self.input.name());
            let mut out = Out::new(sink, tally);
            worker.record(&Record::whole(&text, &self.input), &mut out);
            worker.finish(&mut out);
        }
        if let Err(error) = result {
            gaps.extend(self.failed(meter.judge(&error), tally.records, bytes.len() as u64).gaps);
        }
        Outcome { bytes: bytes.len() as u64, gaps }
    }

    fn failed(&self, (reason, detail): (GapReason, String), records: u64, bytes: u64) -> Outcome {
        let detail = format!("{detail} after {records} records ({bytes} bytes)");
        Outcome { bytes, gaps: vec![self.gap(reason, &detail, "what follows is missing from the answer")] }
    }

    fn gap(&self, reason: GapReason, detail: &str, effect: &str) -> Gap {
        Gap { what: self.input.name().into(), reason, detail: detail.into(), effect: effect.into(), count: 1 }
    }
}

/// What is said of columns that are not read; the names of some of them.
fn unread(columns: &[String]) -> Option<String> {
    const MOST_NAMES: usize = 5;
    let more = if columns.len() > MOST_NAMES { ", ..." } else { "" };
    let names = columns.get(..MOST_NAMES).unwrap_or(columns).join(", ");
    (!columns.is_empty()).then(|| format!("columns that are not read: {names}{more}"))
}

/// The bytes as text. Invalid sequences become U+FFFD, so that one bad byte does not cost a record.
fn utf8<'a>(bytes: &'a [u8], tally: &mut Tally) -> Cow<'a, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    *tally.notes.entry(INVALID_UTF8.into()).or_default() += 1;
    Cow::Owned(String::from_utf8_lossy(bytes).into_owned())
}
