//! What stands before the pack of a bundle: capabilities, prerequisites, references.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use gix::ObjectId;
use gix::bstr::{BString, ByteSlice};

use crate::source::file;
use crate::source::git::Error;

/// A header may be this large, in bytes: room for half a million references.
const MOST_BYTES: u64 = 64 << 20;

/// The header of a bundle.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) hash: gix::hash::Kind,
    /// Whether objects were left out by a filter.
    pub(super) is_filtered: bool,
    /// Commits that are needed and not in the bundle.
    pub(super) prerequisites: Vec<ObjectId>,
    /// Names and what they stand for, in the order of the file.
    pub(super) references: Vec<(BString, ObjectId)>,
    /// Bytes: where the pack begins.
    pub(super) length: u64,
}

impl Header {
    /// Reads the header of the file at `path`.
    pub(super) fn read(path: &Path) -> Result<Self, Error> {
        let unreadable = |source| Error::Unreadable { path: path.to_owned(), source };
        let file = file::open_regular(path).map_err(unreadable)?;
        Self::parse(&mut BufReader::new(file.take(MOST_BYTES)), path)
    }

    fn parse(input: &mut dyn BufRead, path: &Path) -> Result<Self, Error> {
        let mut header = Self {
            hash: gix::hash::Kind::Sha1,
            is_filtered: false,
            prerequisites: Vec::new(),
            references: Vec::new(),
            length: 0,
        };
        let mut line = Vec::new();
        for number in 0_u64.. {
            line.clear();
            let read = input.read_until(b'\n', &mut line);
            header.length +=
                read.map_err(|error| Error::Unreadable { path: path.to_owned(), source: error.into() })? as u64;
            let Some(line) = line.strip_suffix(b"\n") else {
                return Err(Error::Bundle("its header ends early".to_owned()));
            };
            match line {
                [] if number > 0 => return Ok(header),
                _ if number == 0 => {}
                _ => header.line(line)?,
            }
        }
        Ok(header)
    }

    fn line(&mut self, line: &[u8]) -> Result<(), Error> {
        if let Some(capability) = line.strip_prefix(b"@") {
            return self.capability(capability);
        }
        let (is_prerequisite, line) = line.strip_prefix(b"-").map_or((false, line), |rest| (true, rest));
        let end = line.find_byte(b' ').unwrap_or(line.len());
        let (id, name) = line.split_at(end);
        let id = ObjectId::from_hex(id).ok().filter(|id| id.kind() == self.hash);
        let id = id.ok_or_else(|| Error::Bundle("a line of its header is none".to_owned()))?;
        if is_prerequisite {
            self.prerequisites.push(id);
        } else {
            self.references.push((BString::from(name.trim_ascii()), id));
        }
        Ok(())
    }

    fn capability(&mut self, capability: &[u8]) -> Result<(), Error> {
        match capability {
            b"object-format=sha1" => {}
            b"object-format=sha256" => self.hash = gix::hash::Kind::Sha256,
            _ if capability.starts_with(b"filter=") => self.is_filtered = true,
            _ => return Err(Error::Bundle("it asks for a capability that is not known".to_owned())),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Header;

    const ID: &str = "1111111111111111111111111111111111111111";

    fn parse(text: &str) -> Option<Header> {
        Header::parse(&mut text.as_bytes(), Path::new("x")).ok()
    }

    #[test]
    fn prerequisites_references_and_the_place_of_the_pack_are_read() {
        let text = format!("# v2 git bundle\n-{ID} a comment\n{ID} refs/heads/main\n{ID} HEAD\n\nPACK");
        let header = parse(&text).unwrap();
        let names: Vec<_> = header.references.iter().map(|(name, _)| name.to_string()).collect();
        assert_eq!((header.prerequisites.len(), names), (1, vec!["refs/heads/main".to_owned(), "HEAD".to_owned()]));
        assert_eq!(header.length, text.len() as u64 - 4);
    }

    #[test]
    fn capabilities_of_version_3_say_the_hash_and_whether_something_was_left_out() {
        let id = ID.repeat(2).get(..64).map(str::to_owned).unwrap();
        let text = format!("# v3 git bundle\n@object-format=sha256\n@filter=blob:none\n{id} HEAD\n\n");
        let header = parse(&text).unwrap();
        assert_eq!((header.hash, header.is_filtered), (gix::hash::Kind::Sha256, true));
        assert!(parse("# v3 git bundle\n@other\n\n").is_none());
    }

    #[test]
    fn a_header_that_is_cut_or_damaged_is_refused() {
        for text in [
            "# v2 git bundle",
            "# v2 git bundle\n",
            &format!("# v2 git bundle\n{ID} HEAD\n"),
            "# v2 git bundle\n12 x\n\n",
        ] {
            assert!(parse(text).is_none(), "{text}");
        }
    }
}
