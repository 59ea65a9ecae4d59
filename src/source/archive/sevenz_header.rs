//! Looks at the header of a 7z archive before it is decoded: it is held in memory as a whole, and one that is itself
//! compressed can be a bomb of its own. The form is described in the 7z documentation (`7zFormat.txt`).

use std::io::{self, Read, SeekFrom};

use super::Source;

/// A header may be this large, as it lies in the file and after decompression.
const MOST: u64 = 64 << 20;

/// Why the header must not be decoded; nothing where it may be.
pub(super) fn refuse(source: &mut dyn Source) -> io::Result<Option<&'static str>> {
    const TOO_LARGE: Option<&str> = Some("a table of contents that takes too much memory");
    let mut start = [0; 32];
    source.seek(SeekFrom::Start(0))?;
    source.read_exact(&mut start)?;
    let mut numbers = start[12..28].as_chunks::<8>().0.iter().map(|eight| u64::from_le_bytes(*eight));
    let (offset, size) = (numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default());
    if size > MOST {
        return Ok(TOO_LARGE);
    }
    source.seek(SeekFrom::Start(offset.saturating_add(32)))?;
    let mut header = Vec::new();
    source.take(size.min(64 << 10)).read_to_end(&mut header)?;
    match header.as_slice() {
        // A compressed header: what it decodes to stands in it.
        [0x17, rest @ ..] => {
            let sizes = Fields { rest }.unpacked();
            Ok(if sizes.is_some_and(|size| size <= MOST) { None } else { TOO_LARGE })
        }
        _ => Ok(None),
    }
}

/// The fields of a header, read from the front.
struct Fields<'a> {
    rest: &'a [u8],
}

impl Fields<'_> {
    /// The largest size that one of the streams of a compressed header decodes to; nothing where it cannot be told.
    fn unpacked(mut self) -> Option<u64> {
        self.expect(0x06)?;
        self.number()?;
        let streams = self.number()?;
        loop {
            match self.byte()? {
                0x00 => break,
                0x09 => (0..streams).try_for_each(|_| self.number().map(|_| ()))?,
                0x0a => self.digests(streams)?,
                _ => return None,
            }
        }
        self.expect(0x07)?;
        self.expect(0x0b)?;
        let (folders, external) = (self.number()?, self.byte()?);
        if external != 0 {
            return None;
        }
        let outputs = (0..folders).try_fold(0_u64, |sum, _| sum.checked_add(self.folder()?))?;
        self.expect(0x0c)?;
        (0..outputs).try_fold(0, |most: u64, _| Some(most.max(self.number()?)))
    }

    /// Passes over a folder and says how many streams its coders put out.
    fn folder(&mut self) -> Option<u64> {
        let (mut inputs, mut outputs) = (0_u64, 0_u64);
        for _ in 0..self.number()? {
            let flags = self.byte()?;
            self.skip(u64::from(flags & 0x0f))?;
            let (own_inputs, own_outputs) = if flags & 0x10 == 0 { (1, 1) } else { (self.number()?, self.number()?) };
            inputs = inputs.checked_add(own_inputs)?;
            outputs = outputs.checked_add(own_outputs)?;
            if flags & 0x20 != 0 {
                let length = self.number()?;
                self.skip(length)?;
            }
        }
        let pairs = outputs.checked_sub(1)?;
        (0..pairs).try_for_each(|_| self.number().and_then(|_| self.number()).map(|_| ()))?;
        let packed = inputs.checked_sub(pairs)?;
        if packed > 1 {
            (0..packed).try_for_each(|_| self.number().map(|_| ()))?;
        }
        Some(outputs)
    }

    fn digests(&mut self, streams: u64) -> Option<()> {
        let defined = if self.byte()? != 0 {
            streams
        } else {
            let bits = self.take(streams.div_ceil(8))?;
            bits.iter().map(|byte| u64::from(byte.count_ones())).sum()
        };
        self.skip(defined.checked_mul(4)?)
    }

    fn expect(&mut self, id: u8) -> Option<()> {
        (self.byte()? == id).then_some(())
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn skip(&mut self, count: u64) -> Option<()> {
        self.take(count).map(|_| ())
    }

    fn take(&mut self, count: u64) -> Option<&[u8]> {
        let (taken, rest) = self.rest.split_at_checked(usize::try_from(count).ok()?)?;
        self.rest = rest;
        Some(taken)
    }

    /// A number whose first byte says in its leading ones how many bytes follow.
    fn number(&mut self) -> Option<u64> {
        let first = self.byte()?;
        let extra = first.leading_ones();
        let low = self.take(u64::from(extra))?.iter().rev().fold(0, |value: u64, byte| value << 8 | u64::from(*byte));
        let own = u64::from(first & (0x7f_u8.checked_shr(extra).unwrap_or(0)));
        Some(if extra >= 8 { low } else { low | own << (8 * extra) })
    }
}
