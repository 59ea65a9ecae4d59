//! CloudTrail as a CSV table, as Athena and CloudTrail Lake save what a query answered: rows as JSON lines.
//!
//! The table is read as a stream, row by row. A row that cannot be read becomes a line that is no JSON, so that the reader
//! of records tells it and reads on.

use std::collections::BTreeSet;
use std::io::{self, Read};

use serde_json::{Map, Value, value::RawValue};

use super::Limits;
use super::columns::{Names, structured};
use super::stream::Fault;
use crate::model::GapReason;

/// The longest header, in bytes.
pub(super) const MAX_HEADER: u64 = 16 << 10;
/// Stands in place of a row that is none.
const NO_ROW: &[u8] = b"!\n";

/// Whether a file that begins like this is such a table.
pub(super) fn is_table(head: &[u8]) -> bool {
    let Some(end) = memchr::memchr(b'\n', head).filter(|end| *end > 0) else { return false };
    let first = head.get(..end).unwrap_or_default();
    let first = first.strip_prefix(b"\xef\xbb\xbf").unwrap_or(first);
    if !first.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'"') {
        return false;
    }
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(first);
    let mut header = csv::StringRecord::new();
    matches!(reader.read_record(&mut header), Ok(true)) && Header::of(&header).is_some()
}

/// The columns of a table.
struct Header {
    names: Names,
    /// Where each column stands in a record: `userIdentity.arn` inside of another.
    paths: Vec<Vec<String>>,
}

impl Header {
    fn of(header: &csv::StringRecord) -> Option<Self> {
        let columns: BTreeSet<&str> = header.iter().map(str::trim).collect();
        let names = Names::of(&columns);
        let restored = |column: &str| column.trim().split('.').map(|part| names.restored(part).to_owned()).collect();
        names.is_trail().then(|| Self { names, paths: header.iter().map(restored).collect() })
    }

    /// The record that a row stands for, on one line.
    fn record(&self, row: &csv::StringRecord) -> Option<String> {
        let mut record = Map::new();
        for (path, text) in self.paths.iter().zip(row) {
            let text = text.trim();
            if text.is_empty() || matches!(text, "null" | "-") {
                continue;
            }
            let json = path.last().filter(|last| self.names.holds_json(last)).and_then(|_| structured(text));
            if let ([column], Some(json)) = (path.as_slice(), &json)
                && self.names.holds_record(column)
            {
                return Some(json.clone().into_owned());
            }
            let value = json.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_else(|| Value::from(text));
            insert(&mut record, path, value)?;
        }
        let raw: Box<RawValue> = serde_json::value::to_raw_value(&record).ok()?;
        Some(raw.get().to_owned())
    }
}

/// Puts a value at its path. Nothing where a column stands inside of one that has a value already.
fn insert(record: &mut Map<String, Value>, path: &[String], value: Value) -> Option<()> {
    let (first, rest) = path.split_first()?;
    if rest.is_empty() {
        record.entry(first.clone()).or_insert(value);
        return Some(());
    }
    let inner = record.entry(first.clone()).or_insert_with(|| Value::Object(Map::new()));
    insert(inner.as_object_mut()?, rest, value)
}

/// The rows of a table as a stream of JSON lines.
pub(super) struct Rows<R> {
    table: csv::Reader<Rationed<R>>,
    header: Option<Header>,
    row: csv::StringRecord,
    text: Vec<u8>,
    at: usize,
    limit: u64,
}

impl<R: Read> Rows<R> {
    /// A reader of the rows of `source`, for which [`is_table`] holds.
    pub(super) fn of(source: R, limits: &Limits) -> Self {
        let limit = limits.max_record_bytes as u64;
        let source = Rationed { inner: source, left: limit };
        let table = csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(source);
        Self { table, header: None, row: csv::StringRecord::new(), text: Vec::new(), at: 0, limit }
    }

    /// Makes the text of the next row; none at the end.
    fn refill(&mut self) -> io::Result<()> {
        self.text.clear();
        self.at = 0;
        while self.text.is_empty() {
            self.table.get_mut().left = self.limit;
            let read = self.table.read_record(&mut self.row);
            let is_row = match read {
                Ok(false) => return Ok(()),
                Ok(true) => true,
                Err(error) => match error.into_kind() {
                    csv::ErrorKind::Io(error) => return Err(error),
                    _ => false,
                },
            };
            match &self.header {
                None if is_row => {
                    self.header = Header::of(&self.row);
                    if self.header.is_none() {
                        return Err(Fault::error(GapReason::Damaged, "the header of the table is damaged"));
                    }
                }
                Some(header) if is_row && header.paths.len() == self.row.len() => match header.record(&self.row) {
                    Some(json) => {
                        self.text.extend_from_slice(json.as_bytes());
                        self.text.push(b'\n');
                    }
                    None => self.text.extend_from_slice(NO_ROW),
                },
                _ => self.text.extend_from_slice(NO_ROW),
            }
        }
        Ok(())
    }
}

impl<R: Read> Read for Rows<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.text.len() {
            self.refill()?;
        }
        let read = self.text.get(self.at..).unwrap_or_default().read(buffer)?;
        self.at += read;
        Ok(read)
    }
}

/// A reader that gives so many bytes for one row: a quote that is never closed must not take the whole file in.
struct Rationed<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Rationed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(Fault::error(GapReason::TooLarge, "a row of the table is larger than the limit"));
        }
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let read = self.inner.read(buffer.get_mut(..most).unwrap_or_default())?;
        self.left -= read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<String> {
        let mut json = String::new();
        Rows::of(text.as_bytes(), &Limits::default()).read_to_string(&mut json).expect("rows");
        json.lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_column_in_another_stands_inside_of_it() {
        let text = "eventtime,eventsource,eventname,useridentity.arn,errorcode\n1,s,n,arn:x,\n";
        assert!(is_table(text.as_bytes()));
        let record = r#"{"eventName":"n","eventSource":"s","eventTime":"1","userIdentity":{"arn":"arn:x"}}"#;
        assert_eq!(rows(text), [record]);
    }

    #[test]
    fn a_row_with_other_columns_is_no_record_and_the_rest_is_read() {
        let text = "eventTime,eventSource,eventName\n1,s\n2,s,n\n";
        assert_eq!(rows(text), ["!", r#"{"eventName":"n","eventSource":"s","eventTime":"2"}"#]);
    }

    #[test]
    fn a_quote_that_is_never_closed_ends_at_the_limit() {
        let text = format!("eventTime,eventSource,eventName\n\"{}", "x,\n".repeat(100_000));
        let limits = Limits { max_record_bytes: 50_000, ..Limits::default() };
        let error = Rows::of(text.as_bytes(), &limits).read_to_end(&mut Vec::new()).expect_err("too large");
        assert!(error.to_string().contains("larger than the limit"), "{error}");
    }

    #[test]
    fn another_table_is_left_alone() {
        for text in ["a,b,c\n", "eventTime,eventName\n", "{\"eventTime\":1}\n", ""] {
            assert!(!is_table(text.as_bytes()), "{text}");
        }
    }
}
