//! Compressed streams: gzip, bzip2, xz, Zstandard and LZ4, with as many streams or frames after one another as there are.

use std::io::{self, Read};

use ruzstd::decoding::StreamingDecoder;

use super::Format;

/// The most memory of an xz decoder, in KiB: the dictionary of `xz -9` is 64 MiB.
const XZ_MEMORY: u32 = 128 * 1024;
/// What a Zstandard frame begins with, least significant byte first.
const ZSTD: u32 = 0xfd2f_b528;

/// A reader of what `input` says. Formats that are no compression say nothing.
pub(super) fn decoder<'a>(format: Format, input: &'a mut (dyn Read + 'a)) -> Box<dyn Read + 'a> {
    match format {
        Format::Gzip => Box::new(flate2::read::MultiGzDecoder::new(input)),
        Format::Bzip2 => Box::new(bzip2::read::MultiBzDecoder::new(input)),
        Format::Xz => Box::new(lzma_rust2::XzReader::new_mem_limit(io::BufReader::new(input), true, XZ_MEMORY)),
        Format::Lz4 => Box::new(lz4_flex::frame::FrameDecoder::new(input)),
        Format::Zstd => Box::new(zstd(input)),
        _ => Box::new(io::empty()),
    }
}

/// A reader of all frames of a Zstandard stream.
pub fn zstd<R: Read>(input: R) -> impl Read + use<R> {
    Frames { state: State::Between(Ahead::new(input)) }
}

/// The frames of a Zstandard stream, one after the other; skippable ones are skipped.
struct Frames<R: Read> {
    state: State<R>,
}

enum State<R: Read> {
    Between(Ahead<R>),
    Inside(Box<StreamingDecoder<Ahead<R>, ruzstd::decoding::FrameDecoder>>),
    End,
}

impl<R: Read> Read for Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match std::mem::replace(&mut self.state, State::End) {
                State::End => return Ok(0),
                State::Between(source) => self.state = next_frame(source)?,
                State::Inside(mut frame) => match frame.read(buffer)? {
                    0 if !buffer.is_empty() => self.state = State::Between(frame.into_inner()),
                    read => {
                        self.state = State::Inside(frame);
                        return Ok(read);
                    }
                },
            }
        }
    }
}

fn next_frame<R: Read>(mut source: Ahead<R>) -> io::Result<State<R>> {
    match source.peek()? {
        None => Ok(State::End),
        Some(ZSTD) => {
            let frame = StreamingDecoder::new(source).map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
            Ok(State::Inside(Box::new(frame)))
        }
        Some(0x184d_2a50..=0x184d_2a5f) => {
            let mut header = [0; 8];
            source.read_exact(&mut header)?;
            let [_, _, _, _, a, b, c, d] = header;
            let length = u64::from(u32::from_le_bytes([a, b, c, d]));
            let skipped = io::copy(&mut source.by_ref().take(length), &mut io::sink())?;
            if skipped < length { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(State::Between(source)) }
        }
        Some(_) => Err(io::ErrorKind::InvalidData.into()),
    }
}

/// A reader whose next four bytes can be looked at.
struct Ahead<R> {
    inner: R,
    head: [u8; 4],
    held: usize,
}

impl<R: Read> Ahead<R> {
    fn new(inner: R) -> Self {
        Self { inner, head: [0; 4], held: 0 }
    }

    /// The next four bytes; nothing at the end.
    fn peek(&mut self) -> io::Result<Option<u32>> {
        while self.held < 4 {
            match self.inner.read(&mut self.head[self.held..])? {
                0 if self.held == 0 => return Ok(None),
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                read => self.held += read,
            }
        }
        Ok(Some(u32::from_le_bytes(self.head)))
    }
}

impl<R: Read> Read for Ahead<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.held == 0 {
            return self.inner.read(buffer);
        }
        let count = self.held.min(buffer.len());
        buffer[..count].copy_from_slice(&self.head[..count]);
        self.head.copy_within(count.., 0);
        self.held -= count;
        Ok(count)
    }
}
