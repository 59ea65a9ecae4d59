//! Looks for secrets in outputs, whole and in the forms in which they usually leak.

use std::fs::File;
use std::path::Path;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use polars_io::SerReader as _;
use polars_io::prelude::{ParquetCompression, ParquetReader, ParquetWriter};
use sha2::Digest as _;

/// What must not stand in any output.
pub(crate) struct Watch {
    needles: AhoCorasick,
    /// For each needle, which secret in which form it is.
    names: Vec<String>,
}

impl Watch {
    /// Watches secrets, each with the name by which a leak is reported.
    pub(crate) fn new<'a>(secrets: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut names = Vec::new();
        let mut needles = Vec::new();
        for (name, value) in secrets {
            for (form, needle) in forms(value) {
                names.push(format!("{name} as {form}"));
                needles.push(needle);
            }
        }
        assert!(names.len() > 500, "only {} forms to look for", names.len());
        let kind = Some(AhoCorasickKind::ContiguousNFA);
        Self { needles: AhoCorasick::builder().kind(kind).build(needles).expect("an automaton"), names }
    }

    /// One line for each output and form that stands in it.
    pub(crate) fn find(&self, outputs: &[(String, Vec<u8>)]) -> Vec<String> {
        let mut found = Vec::new();
        for (output, bytes) in outputs {
            let hits = self.needles.find_overlapping_iter(bytes);
            found.extend(hits.map(|hit| format!("{} stands in {output}", self.names[hit.pattern()])));
        }
        found.sort();
        found.dedup();
        found
    }
}

/// All bytes of a saved file; a Parquet file without its compression, which would hide everything.
pub(crate) fn content(path: &Path) -> Vec<u8> {
    if path.extension().is_none_or(|extension| extension != "parquet") {
        return std::fs::read(path).expect("a saved file");
    }
    let mut frame = ParquetReader::new(File::open(path).expect("a table")).finish().expect("a table");
    let mut bytes = Vec::new();
    let writer = ParquetWriter::new(&mut bytes).with_compression(ParquetCompression::Uncompressed);
    writer.finish(&mut frame).expect("a table");
    bytes
}

fn forms(value: &str) -> Vec<(&'static str, String)> {
    let mut forms = vec![
        ("itself", value.to_owned()),
        ("base64", STANDARD_NO_PAD.encode(value)),
        ("base64url", URL_SAFE_NO_PAD.encode(value)),
        ("hexadecimal", hex(value.as_bytes())),
        ("escaped JSON", serde_json::Value::from(value).to_string().trim_matches('"').to_owned()),
    ];
    // A part that is long enough to be worth something: most of it, without the prefix that everybody knows.
    if let Some(tail) = value.len().checked_sub(24).and_then(|start| value.get(start..)) {
        forms.push(("its last 24 characters", tail.to_owned()));
    }
    for line in value.lines().filter(|line| line.len() > 40 && !line.starts_with("-----")) {
        forms.push(("a line of it", line.to_owned()));
    }
    let sha256 = sha2::Sha256::digest(value.as_bytes());
    let sha1 = sha1::Sha1::digest(value.as_bytes());
    let md5 = md5::Md5::digest(value.as_bytes());
    for (name, digest) in [("SHA-256", sha256.as_slice()), ("SHA-1", sha1.as_slice()), ("MD5", md5.as_slice())] {
        forms.push((name, hex(digest)));
        forms.push((name, STANDARD_NO_PAD.encode(digest)));
        forms.push((name, URL_SAFE_NO_PAD.encode(digest)));
    }
    forms
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}
