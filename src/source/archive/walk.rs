//! Goes through an archive and those inside it, within the limits.

use std::io::{self, Cursor, Read};

use super::image::Images;
use super::meter::Meter;
use super::{Contents, Format, Limits, Problem, Source, ar, compressed, cpio, name, recognise, rpm, sevenz, tar, zip};
use crate::model::GapReason;
use crate::source::text::{self, Decoded, Encoding};

/// At most so many problems of one archive are kept; the others are counted.
const MOST_PROBLEMS: usize = 20;
/// A buffer that one large member made larger than this is given back.
const KEPT_BUFFER: usize = 4 << 20;

/// The reading of one archive.
pub(super) struct Walk<'a> {
    limits: &'a Limits,
    meter: Meter,
    visit: &'a mut dyn FnMut(&str, &[u8]),
    contents: Contents,
    /// The names of the archives around the current member, from the file itself inwards.
    path: Vec<String>,
    file: String,
    depth: usize,
    buffer: Vec<u8>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(file: &str, size: u64, limits: &'a Limits, visit: &'a mut dyn FnMut(&str, &[u8])) -> Self {
        let meter = Meter::new(limits.free_bytes.min(limits.decoded_bytes));
        meter.grow(size, limits);
        Self {
            limits,
            meter,
            visit,
            contents: Contents::default(),
            path: Vec::new(),
            file: file.to_owned(),
            depth: 1,
            buffer: Vec::new(),
        }
    }

    pub(super) fn into_contents(mut self) -> Contents {
        self.contents.images.resolve();
        self.contents
    }

    /// Reads the outermost archive.
    pub(super) fn run(&mut self, format: Format, source: &mut dyn Source) {
        let result = match format {
            Format::Zip => zip::read(self, source),
            Format::SevenZ => sevenz::read(self, source),
            _ => self.stream(format, source),
        };
        self.finish(result);
    }

    /// The same where the archive can only be read forwards.
    pub(super) fn run_stream(&mut self, format: Format, source: &mut dyn Read) {
        let result = self.stream(format, &mut self.meter.feeding(source, self.limits));
        self.finish(result);
    }

    fn finish(&mut self, result: io::Result<()>) {
        match result {
            Ok(()) => {}
            Err(_) if self.contents.members > self.limits.members => {
                let detail = format!("more than {} members; the rest was not read", self.limits.members);
                self.lose("", GapReason::TooLarge, &detail);
            }
            Err(_) if self.meter.is_exceeded() => {
                let detail = format!("decodes to more than {} bytes; the rest was not read", self.meter.allowance());
                self.lose("", GapReason::TooLarge, &detail);
            }
            Err(error) => self.damaged(b"", &error),
        }
    }

    /// Examines one member: hands it on as text, follows it as an archive, or counts it as binary. Errors are those of
    /// `input`; what could be read before is examined.
    pub(super) fn member(&mut self, name: &[u8], input: &mut dyn Read) -> io::Result<()> {
        self.contents.members += 1;
        if self.contents.members > self.limits.members {
            return Err(self.meter.exceed());
        }
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.clear();
        let result = self.judge(name, input, &mut buffer);
        if buffer.capacity() <= KEPT_BUFFER {
            self.buffer = buffer;
        }
        result
    }

    /// Examines what follows as an archive that is a part of the current one and has no name of its own.
    pub(super) fn payload(&mut self, input: &mut dyn Read) -> io::Result<()> {
        let mut head = Vec::new();
        let read = input.take(text::SAMPLE as u64).read_to_end(&mut head).map(|_| ());
        let examined = match recognise(&head) {
            Some(format) => self.stream(format, &mut head.as_slice().chain(input)),
            // Shorter than anything that could be told.
            None if head.len() < 16 => Err(io::ErrorKind::UnexpectedEof.into()),
            None => {
                self.contents.members += 1;
                self.contents.unsupported += 1;
                Ok(())
            }
        };
        examined.and(read)
    }

    /// A reader whose bytes count against the allowance.
    pub(super) fn metered<R: Read>(&self, inner: R) -> impl Read + use<R> {
        self.meter.over(inner)
    }

    /// Keeps an error that ends only one member or one archive inside, and passes on one that ends everything.
    pub(super) fn survive(&mut self, name: &[u8], result: io::Result<()>) -> io::Result<()> {
        match result {
            Err(error) if !self.meter.is_exceeded() => {
                self.damaged(name, &error);
                Ok(())
            }
            other => other,
        }
    }

    /// Notes what was not examined.
    pub(super) fn lose(&mut self, member: &str, reason: GapReason, detail: &str) {
        if self.contents.problems.len() < MOST_PROBLEMS {
            let member = self.place(member).into();
            self.contents.problems.push(Problem { member, reason, detail: detail.into() });
        } else {
            self.contents.more_problems += 1;
        }
    }

    /// What is counted and what is known of an image.
    pub(super) fn contents(&mut self) -> &mut Contents {
        &mut self.contents
    }

    /// Says that a member of a layer deletes one of an earlier layer. Of a layer that is a file of its own nobody knows
    /// the name here.
    pub(super) fn whiteout(&mut self, name: &[u8]) {
        let layer = self.path.last().map_or("", String::as_str);
        self.contents.images.note_whiteout(layer, name);
    }

    fn judge(&mut self, name: &[u8], input: &mut dyn Read, buffer: &mut Vec<u8>) -> io::Result<()> {
        let read = input.take(text::SAMPLE as u64).read_to_end(buffer).map(|_| ());
        if buffer.is_empty() {
            return read;
        }
        if let Some(format) = recognise(buffer) {
            let head = std::mem::take(buffer);
            return self.nested(name, format, &mut head.as_slice().chain(input)).and(read);
        }
        self.text(name, input, buffer).and(read)
    }

    fn text(&mut self, name: &[u8], input: &mut dyn Read, buffer: &mut Vec<u8>) -> io::Result<()> {
        if text::detect(buffer) == Encoding::Binary {
            let is_columnar = buffer.starts_with(b"PAR1");
            *if is_columnar { &mut self.contents.columnar } else { &mut self.contents.binary } += 1;
            return Ok(());
        }
        let room = self.limits.member_bytes.saturating_sub(buffer.len() as u64).saturating_add(1);
        let read = input.take(room).read_to_end(buffer);
        if buffer.len() as u64 > self.limits.member_bytes {
            let detail = format!("more than {} bytes", self.limits.member_bytes);
            self.lose(&name::member(name), GapReason::TooLarge, &detail);
            return Ok(());
        }
        let Decoded::Text(text) = text::decode(buffer) else {
            self.contents.binary += 1;
            return Ok(());
        };
        self.contents.texts += 1;
        self.contents.bytes += buffer.len() as u64;
        let path = self.place(&name::member(name));
        self.contents.images.note_manifest(&path, &text);
        (self.visit)(&path, &text);
        read.map(|_| ())
    }

    fn nested(&mut self, name: &[u8], format: Format, input: &mut dyn Read) -> io::Result<()> {
        let shown = name::member(name);
        // The layers of an image are a part of its format and no depth of their own.
        let deeper = usize::from(!Images::is_layer(&shown));
        if self.depth + deeper > self.limits.depth {
            let detail = format!("an archive nested more than {} deep", self.limits.depth);
            self.lose(&shown, GapReason::TooDeep, &detail);
            return Ok(());
        }
        self.depth += deeper;
        self.path.push(shown);
        let result = self.stream(format, input);
        let result = self.survive(b"", result);
        self.path.pop();
        self.depth -= deeper;
        result
    }

    fn stream(&mut self, format: Format, input: &mut dyn Read) -> io::Result<()> {
        match format {
            Format::Tar => tar::read(self, input),
            Format::Ar => ar::read(self, input),
            Format::Cpio => cpio::read(self, input),
            Format::Rpm => rpm::read(self, input),
            Format::Zip | Format::SevenZ => self.held(format, input),
            Format::GitBundle => {
                let detail = "a git bundle, which is read only where it is a file of its own";
                self.lose("", GapReason::UnknownFormat, detail);
                Ok(())
            }
            _ => {
                let decoder = compressed::decoder(format, input);
                let mut decoder = self.metered(decoder);
                self.uncompressed(&mut decoder)
            }
        }
    }

    /// What a compressed stream holds: an archive that is one with its compression, or a single member.
    fn uncompressed(&mut self, input: &mut dyn Read) -> io::Result<()> {
        let mut head = Vec::new();
        let read = input.take(text::SAMPLE as u64).read_to_end(&mut head).map(|_| ());
        if head.is_empty() {
            return read;
        }
        let mut whole = head.as_slice().chain(input);
        let examined = match recognise(&head) {
            Some(format) if !format.is_compressed() => self.stream(format, &mut whole),
            _ => {
                let outer = self.path.last().unwrap_or(&self.file);
                let name = name::uncompressed(outer).to_owned();
                self.member(name.as_bytes(), &mut whole)
            }
        };
        examined.and(read)
    }

    /// An archive inside whose table of contents is at its end: it is held in memory.
    fn held(&mut self, format: Format, input: &mut dyn Read) -> io::Result<()> {
        let mut whole = Vec::new();
        input.take(self.limits.member_bytes.saturating_add(1)).read_to_end(&mut whole)?;
        if whole.len() as u64 > self.limits.member_bytes {
            let detail = format!("an archive of more than {} bytes inside another", self.limits.member_bytes);
            self.lose("", GapReason::TooLarge, &detail);
            return Ok(());
        }
        let mut source = Cursor::new(whole);
        if format == Format::Zip { zip::read(self, &mut source) } else { sevenz::read(self, &mut source) }
    }

    fn damaged(&mut self, name: &[u8], error: &io::Error) {
        let detail = match error.kind() {
            io::ErrorKind::UnexpectedEof => "ends early",
            io::ErrorKind::OutOfMemory => "needs more memory than is given to it",
            _ => "does not decode",
        };
        let reason = match error.kind() {
            io::ErrorKind::OutOfMemory => GapReason::TooLarge,
            _ => GapReason::Damaged,
        };
        self.lose(&name::member(name), reason, detail);
    }

    /// A member with the archives around it, below the file.
    fn place(&self, member: &str) -> String {
        let mut parts: Vec<&str> = self.path.iter().map(String::as_str).collect();
        if !member.is_empty() {
            parts.push(member);
        }
        parts.join("!/")
    }
}
