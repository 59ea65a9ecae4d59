//! Syslog lines in the Common Event Format of ArcSight, of which each is a record: a line of JSON.
//!
//! `<5>1 2026-03-01T10:00:00Z vault CEF:0|Vendor|Product|1.0|295|Name|5|suser=ann cs1Label=Safe cs1=prod` becomes
//! `{"type": "Vendor Product", "time": ..., "host": "vault", "cef": {"id": "295", "name": "Name", ...},
//! "ext": {"suser": "ann", ...}, "labels": {"Safe": "prod"}}`. A time without a year, as the old syslog header has it,
//! is none. Where a line states a key twice with two values, one of them may have come in with the text of a user: it has
//! none. A line that is none of the format becomes an object without a time, so that the reader of records tells it.

use std::io::{self, BufRead, BufReader, Read};

use serde_json::{Map, Value};

use super::Limits;
use super::time::instant;

/// Stands in place of a line that is none of the format.
const NO_RECORD: &[u8] = b"{}";
/// The longest header of syslog before the record, in bytes.
const MAX_SYSLOG: usize = 256;
/// The fields before the extension, which the eighth is.
const HEADER: [&str; 6] = ["vendor", "product", "product-version", "id", "name", "severity"];

/// Whether a file begins with such lines. The first one may be cut off: logs are rotated.
pub(super) fn is_cef(head: &[u8]) -> bool {
    let lines = head.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    lines.take(2).any(|line| start(line).is_some())
}

/// Where the record begins behind its syslog header.
fn start(line: &[u8]) -> Option<usize> {
    let window = line.get(..line.len().min(MAX_SYSLOG + 6))?;
    let at = memchr::memmem::find(window, b"CEF:")?;
    let before = line.get(..at)?;
    let is_syslog = |byte: &u8| byte.is_ascii_alphanumeric() || b" <>:.,+-_/[]".contains(byte);
    let is_version = matches!(line.get(at + 4..at + 6), Some([b'0' | b'1', b'|']));
    (is_version && before.iter().all(is_syslog) && before.last().is_none_or(|byte| b" :]>".contains(byte)))
        .then_some(at)
}

/// The lines of a log as a stream of JSON lines.
pub(super) struct Lines<R> {
    source: BufReader<R>,
    line: Vec<u8>,
    text: Vec<u8>,
    at: usize,
    limit: usize,
}

impl<R: Read> Lines<R> {
    /// A reader of the lines of `source`, for which [`is_cef`] holds.
    pub(super) fn of(source: R, limits: &Limits) -> Self {
        let limit = limits.max_record_bytes;
        Self { source: BufReader::new(source), line: Vec::new(), text: Vec::new(), at: 0, limit }
    }

    /// Makes the text of the next line; none at the end.
    fn refill(&mut self) -> io::Result<()> {
        self.text.clear();
        self.at = 0;
        while self.text.is_empty() {
            self.line.clear();
            let most = self.limit as u64;
            if self.source.by_ref().take(most).read_until(b'\n', &mut self.line)? == 0 {
                return Ok(());
            }
            let is_whole = self.line.len() < self.limit || self.line.ends_with(b"\n");
            let line = self.line.trim_ascii();
            if !is_whole {
                self.source.skip_until(b'\n')?;
                self.text.extend_from_slice(NO_RECORD);
                self.text.push(b'\n');
            } else if !line.is_empty() {
                match record(&String::from_utf8_lossy(line)) {
                    Some(record) => self.text.extend_from_slice(record.to_string().as_bytes()),
                    None => self.text.extend_from_slice(NO_RECORD),
                }
                self.text.push(b'\n');
            }
        }
        Ok(())
    }
}

impl<R: Read> Read for Lines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.text.len() {
            self.refill()?;
        }
        let read = self.text.get(self.at..).unwrap_or_default().read(buffer)?;
        self.at += read;
        Ok(read)
    }
}

/// The record that a line stands for.
fn record(line: &str) -> Option<Value> {
    let (syslog, cef) = line.split_at_checked(start(line.as_bytes())?)?;
    let mut fields = Fields(cef.get(6..)?);
    let mut header = Map::new();
    for name in HEADER {
        header.insert(name.to_owned(), Value::from(unescaped(fields.next()?)));
    }
    let text = |name: &str| header.get(name).and_then(Value::as_str).unwrap_or_default();
    let kind = format!("{} {}", text("vendor"), text("product"));
    let mut record = Map::new();
    record.insert("type".to_owned(), Value::from(kind));
    record.insert("cef".to_owned(), Value::Object(header));
    for word in syslog.split_whitespace() {
        if word.as_bytes().get(4) == Some(&b'-') && instant(word).is_some() {
            record.insert("time".to_owned(), Value::from(word));
        } else {
            record.insert("host".to_owned(), Value::from(word));
        }
    }
    let extension = extension(fields.0);
    record.insert("labels".to_owned(), Value::Object(labels(&extension)));
    record.insert("ext".to_owned(), Value::Object(extension));
    Some(Value::Object(record))
}

/// The fields of the header, between bars that are not escaped.
struct Fields<'a>(&'a str);

impl<'a> Iterator for Fields<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let mut escaped = false;
        let end = self.0.bytes().position(|byte| {
            let is_end = byte == b'|' && !escaped;
            escaped = byte == b'\\' && !escaped;
            is_end
        })?;
        let (field, rest) = (self.0.get(..end)?, self.0.get(end + 1..)?);
        self.0 = rest;
        Some(field)
    }
}

/// The pairs of key and value. A value reaches to the next key; a key stands behind a space and before a `=`.
fn extension(text: &str) -> Map<String, Value> {
    let is_key = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '[' | ']');
    let mut keys: Vec<(usize, usize)> = Vec::new();
    for (at, _) in text.match_indices('=') {
        let before = text.get(..at).unwrap_or_default();
        let from = before.trim_end_matches(is_key).len();
        let follows_space = before.get(..from).is_some_and(|rest| rest.is_empty() || rest.ends_with(' '));
        if from < at && follows_space {
            keys.push((from, at));
        }
    }
    let ends = keys.iter().skip(1).map(|(from, _)| *from).chain([text.len()]);
    let mut pairs = Map::new();
    for ((from, at), end) in keys.iter().zip(ends) {
        let key = text.get(*from..*at).unwrap_or_default();
        let value = unescaped(unquoted(text.get(*at + 1..end).unwrap_or_default().trim()));
        match pairs.get(key) {
            Some(known) if known.as_str() != Some(&value) => pairs.insert(key.to_owned(), Value::Null),
            _ => pairs.insert(key.to_owned(), Value::from(value)),
        };
    }
    pairs
}

/// The values of custom fields under their labels: `cs2Label=Safe Name cs2=prod`.
fn labels(extension: &Map<String, Value>) -> Map<String, Value> {
    let labelled = |(key, label): (&String, &Value)| {
        let value = extension.get(key.strip_suffix("Label")?)?.as_str().filter(|value| !value.is_empty())?;
        Some((label.as_str()?.to_owned(), Value::from(value)))
    };
    extension.iter().filter_map(labelled).collect()
}

fn unquoted(text: &str) -> &str {
    text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text)
}

/// Text without the escapes of bars, equal signs and backslashes. Many write paths with backslashes as they are, so all
/// others stay.
fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let escaped = rest.next_if(|next| c == '\\' && matches!(next, '\\' | '=' | '|'));
        plain.push(escaped.unwrap_or(c));
    }
    plain
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(line: &str) -> Value {
        record(line).expect("a record")
    }

    #[test]
    fn a_line_has_its_header_its_pairs_and_its_labels() {
        let line = "<5>1 2026-03-01T10:00:00Z vault CEF:0|Acme|Safe \\| Box|1.0|295|Retrieve password|5|act=\"Retrieve \
                    password\" suser=ann fname=Root\\Windows\\\\x cs2Label=\"Safe Name\" cs2=prod cs1Label=User cs1= \
                    msg=a\\=b, c d";
        let record = read(line);
        assert_eq!(record["type"], "Acme Safe | Box");
        assert_eq!((&record["time"], &record["host"]), (&json!("2026-03-01T10:00:00Z"), &json!("vault")));
        assert_eq!((&record["cef"]["id"], &record["cef"]["name"]), (&json!("295"), &json!("Retrieve password")));
        assert_eq!(record["ext"]["fname"], "Root\\Windows\\x");
        assert_eq!(record["ext"]["msg"], "a=b, c d");
        assert_eq!(record["labels"], json!({"Safe Name": "prod"}));
    }

    #[test]
    fn a_key_that_is_stated_twice_has_no_value() {
        let record = read("CEF:0|A|B|1|2|n|5|suser=ann msg=hello suser=root x=1 x=1");
        assert_eq!(record["ext"], json!({"suser": null, "msg": "hello", "x": "1"}));
    }

    #[test]
    fn the_old_header_of_syslog_has_no_year_and_so_no_time() {
        let record = read("<134>Sep 30 03:47:12 VAULT01 CEF:0|A|B|1|2|n|5|rt=Sep 30 2026 03:47:12");
        assert_eq!((record.get("time"), &record["host"]), (None, &json!("VAULT01")));
        assert_eq!(record["ext"]["rt"], "Sep 30 2026 03:47:12");
    }

    #[test]
    fn text_that_quotes_a_line_and_a_line_without_its_fields_are_no_records() {
        for line in ["# <5>1 x CEF:0|A|B|1|2|n|5|", "let s = \"CEF:0|A|B|1|2|n|5|\"", "xCEF:0|A|B|1|2|n|5|", "CEF:7|A"]
        {
            assert!(!is_cef(line.as_bytes()), "{line}");
        }
        assert_eq!(record("CEF:0|A|B|1|2|n"), None);
        assert!(is_cef(b"rest of a line\nMar 01 host CEF:0|A|B|1|2|n|5|\n"));
    }

    #[test]
    fn a_line_above_the_limit_is_told_and_the_next_one_is_read() {
        let limits = Limits { max_record_bytes: 64, ..Limits::default() };
        let text = format!("CEF:0|A|B|1|2|n|5|msg={}\n\nCEF:0|A|B|1|2|n|5|a=b\nnot one\n", "x".repeat(100));
        let mut out = String::new();
        Lines::of(text.as_bytes(), &limits).read_to_string(&mut out).expect("no error");
        let lines: Vec<&str> = out.lines().collect();
        assert_eq!((lines.len(), lines[0], lines[2]), (3, "{}", "{}"), "{out}");
    }
}
