//! A baseline as a file: a line that says what it is and under which key, then a JSON object a line, sorted.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Baseline, Entry};
use crate::source::file;

/// The version of the form.
const VERSION: u32 = 1;
/// A larger file is no baseline.
const MOST_BYTES: u64 = 256 << 20;

/// A baseline that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be read or written.
    #[error("baseline {}: {source}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line is not what it should be. Its text is not repeated.
    #[error("baseline {}, line {line}: {what}", .path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        what: String,
    },
    /// It was made under another key, so that none of its ids could ever match.
    #[error(
        "baseline {} was made under the key {theirs}, and this run has the key {own}: nothing in it could match. Use the \
         same key (--key-file or OVERSTAY_KEY), or make the baseline anew",
        .path.display()
    )]
    Key {
        /// The file.
        path: PathBuf,
        /// The key under which it was made.
        theirs: String,
        /// The key of this run.
        own: String,
    },
}

/// The first line. After a merge by union there may be several alike.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    #[serde(rename = "overstay-baseline")]
    version: u32,
    key: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Header(Header),
    Entry(Entry),
}

impl Baseline {
    /// Reads a baseline that was made under the key of this name.
    pub fn read(path: &Path, key_id: &str) -> Result<Self, Error> {
        let failed = |source| Error::Io { path: path.to_owned(), source };
        let mut text = String::new();
        fs::File::open(path).map_err(failed)?.take(MOST_BYTES + 1).read_to_string(&mut text).map_err(failed)?;
        if text.len() as u64 > MOST_BYTES {
            return Err(failed(io::Error::new(io::ErrorKind::FileTooLarge, "larger than a baseline can be")));
        }
        Self::parse(path, &text, key_id)
    }

    fn parse(path: &Path, text: &str, key_id: &str) -> Result<Self, Error> {
        let bad = |line: usize, what: &str| Error::Line { path: path.to_owned(), line, what: what.to_owned() };
        let (mut entries, mut headed) = (BTreeSet::new(), false);
        for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
            if ["<<<<<<<", "=======", ">>>>>>>"].iter().any(|mark| line.starts_with(mark)) {
                return Err(bad(number, "a conflict of a merge; keep the lines of both sides"));
            }
            match serde_json::from_str(line).map_err(|_| bad(number, "neither the head nor a line of a baseline"))? {
                Line::Entry(_) if !headed => return Err(bad(number, "the head of a baseline must come first")),
                Line::Entry(entry) => {
                    entries.insert(entry);
                }
                Line::Header(Header { version, .. }) if version != VERSION => {
                    return Err(bad(
                        number,
                        &format!("form {version} of baselines; this version reads form {VERSION}"),
                    ));
                }
                Line::Header(Header { key, .. }) if key != key_id => {
                    return Err(Error::Key { path: path.to_owned(), theirs: key, own: key_id.to_owned() });
                }
                Line::Header(_) => headed = true,
            }
        }
        if !headed {
            return Err(bad(1, "no head: it is no baseline"));
        }
        Ok(Self { file: path.to_string_lossy().into_owned(), key_id: key_id.to_owned(), entries })
    }

    /// Writes the whole baseline, or nothing.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        let failed = |source| Error::Io { path: path.to_owned(), source };
        if path.symlink_metadata().is_ok_and(|metadata| !metadata.is_file()) {
            return Err(failed(io::Error::other("is no plain file; name the file itself")));
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut file = file::to_share().tempfile_in(folder).map_err(failed)?;
        let text = self.text().map_err(failed)?;
        file.write_all(text.as_bytes()).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
        file.persist(path).map_err(|error| failed(error.error))?;
        Ok(())
    }

    fn text(&self) -> io::Result<String> {
        let header = Header { version: VERSION, key: self.key_id.clone() };
        let mut lines = vec![serde_json::to_string(&header)?];
        lines.extend(self.entries.iter().map(serde_json::to_string).collect::<Result<Vec<_>, _>>()?);
        Ok(lines.join("\n") + "\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FingerprintKey;

    fn entry(check: &str, path: Option<&str>) -> Entry {
        let finding = FingerprintKey::new(vec![1]).fingerprint("finding", check.as_bytes());
        Entry { check: check.to_owned(), path: path.map(str::to_owned), kind: "acme-token".to_owned(), finding }
    }

    fn sample() -> Baseline {
        let entries = [entry("b", None), entry("a", Some("y")), entry("a", Some("x \"q\""))];
        Baseline { file: "b".to_owned(), key_id: "12345678".to_owned(), entries: entries.into() }
    }

    fn parse(text: &str) -> Result<Baseline, String> {
        Baseline::parse(Path::new("b"), text, "12345678").map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_written_is_read_back_and_lines_are_sorted() {
        let text = sample().text().unwrap();
        assert_eq!(parse(&text).unwrap(), sample());
        let lines: Vec<&str> = text.lines().skip(1).collect();
        assert!(lines.is_sorted() && lines.len() == 3, "{text}");
    }

    #[test]
    fn two_changes_merged_by_union_are_read_in_any_order() {
        let text = sample().text().unwrap();
        let mut lines: Vec<&str> = text.lines().collect();
        lines.extend(text.lines());
        assert_eq!(parse(&lines.join("\r\n")).unwrap(), sample());
    }

    #[test]
    fn another_key_is_refused_and_both_are_named() {
        let error = Baseline::parse(Path::new("b"), &sample().text().unwrap(), "87654321").unwrap_err().to_string();
        assert!(error.contains("12345678") && error.contains("87654321"), "{error}");
    }

    #[test]
    fn a_damaged_line_is_named_and_not_repeated() {
        let text = format!("{}not a line\n", sample().text().unwrap());
        assert_eq!(parse(&text).unwrap_err(), "baseline b, line 5: neither the head nor a line of a baseline");
        assert!(parse("").unwrap_err().contains("no head"));
        assert!(parse(text.lines().nth(1).unwrap()).unwrap_err().contains("must come first"));
        assert!(parse("{\"overstay-baseline\":2,\"key\":\"12345678\"}").unwrap_err().contains("form 2"));
        assert!(parse("<<<<<<< ours").unwrap_err().contains("conflict"));
    }
}
