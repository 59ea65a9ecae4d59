//! Rows of a Parquet file as JSON lines: group of rows by group of rows, so that every importer reads them.
//!
//! This folder is the only place outside of the ledger that names crates of polars: it decodes columns and never makes a
//! frame of them. The file itself is held, because its table of contents stands at its end; of what it decodes to, one
//! group of rows. What the file claims is held against limits first (`claims`), and a panic of the decoder is damage.

mod claims;
mod compact;
mod group;
mod values;

use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use self::claims::Refusal;
use self::group::{Group, Table};
use super::Limits;
use super::stream::Fault;
use crate::model::GapReason;

/// What a Parquet file begins with.
pub(super) const MAGIC: &[u8; 4] = claims::MAGIC;
/// How much text is made at a time.
const STEP: usize = 64 << 10;

/// The rows of one file as a stream of JSON lines.
pub(super) struct Rows {
    table: Table,
    next_group: usize,
    group: Option<Group>,
    row: usize,
    text: Vec<u8>,
    at: usize,
    spent: u64,
    limits: Limits,
}

impl Rows {
    /// Takes the whole file in. An error is one of `source`, or a [`Fault`].
    pub(super) fn of(source: impl Read, limits: &Limits) -> io::Result<Self> {
        let limit = limits.max_document_bytes;
        let mut file = Vec::new();
        source.take((limit as u64).saturating_add(1)).read_to_end(&mut file)?;
        if file.len() > limit {
            return Err(Fault::error(GapReason::TooLarge, format!("the Parquet file is larger than {limit} bytes")));
        }
        let table = fenced(|| Table::of(file))?;
        let limits = limits.clone();
        Ok(Self { table, next_group: 0, group: None, row: 0, text: Vec::new(), at: 0, spent: 0, limits })
    }

    /// The columns whose values are not read, with their types: `order.price (decimal)`.
    pub(super) fn unread(&self) -> Vec<String> {
        self.table.unread()
    }

    /// Makes the text of the next rows; none at the end.
    fn refill(&mut self) -> io::Result<()> {
        self.text.clear();
        self.at = 0;
        while self.text.len() < STEP {
            match &self.group {
                Some(group) if self.row < group.rows() => {
                    fenced(|| {
                        group.write(self.row, self.limits.max_record_bytes, &mut self.text);
                        Ok(())
                    })?;
                    self.row += 1;
                }
                _ => {
                    // The columns before are given back first, and the rows before are handed out.
                    self.group = None;
                    if !self.text.is_empty() || self.next_group >= self.table.groups() {
                        return Ok(());
                    }
                    let factor = self.limits.max_expansion;
                    self.group = Some(fenced(|| self.table.group(self.next_group, &mut self.spent, factor))?);
                    self.next_group += 1;
                    self.row = 0;
                }
            }
        }
        Ok(())
    }
}

impl Read for Rows {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.text.len() {
            self.refill()?;
        }
        let read = self.text.get(self.at..).unwrap_or_default().read(buffer)?;
        self.at += read;
        Ok(read)
    }
}

/// Runs the decoder, whose failures are damage.
fn fenced<T>(decode: impl FnOnce() -> Result<T, Refusal>) -> io::Result<T> {
    let refusal = match catch_unwind(AssertUnwindSafe(decode)) {
        Ok(Ok(done)) => return Ok(done),
        Ok(Err(refusal)) => refusal,
        Err(_panic) => Refusal::Damaged("the Parquet file is damaged"),
    };
    Err(match refusal {
        Refusal::Damaged(detail) => Fault::error(GapReason::Damaged, detail),
        Refusal::TooLarge(detail) => Fault::error(GapReason::TooLarge, detail),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ATHENA: &[u8] = include_bytes!("../../../fixtures/import/aws-cloudtrail/athena.parquet");

    #[test]
    fn rows_are_lines_with_the_names_of_the_log_and_absent_values_leave_no_key() {
        let mut text = String::new();
        Rows::of(ATHENA, &Limits::default()).and_then(|mut rows| rows.read_to_string(&mut text)).expect("rows");
        assert_eq!(text.lines().count(), 24);
        let line = text.lines().find(|line| line.contains("\"AssumeRole\"")).expect("a call");
        assert!(text.contains("\"sessionContext\":{\"") && line.contains("\"accessKeyId\":\"A"), "{line}");
        assert!(line.contains("\"requestParameters\":{\"") && !line.contains("null"), "{line}");
    }

    #[test]
    fn a_file_that_ends_anywhere_is_damaged() {
        for length in (4..ATHENA.len()).step_by(499) {
            let error = Rows::of(&ATHENA[..length], &Limits::default()).err().expect("an error");
            assert!(error.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<Fault>), "{length}");
        }
    }

    #[test]
    fn a_footer_that_lies_about_its_length_is_damaged() {
        for length in [0, 1, 5, 16 << 20, u32::MAX] {
            let mut file = ATHENA.to_vec();
            let at = file.len() - 8;
            file[at..at + 4].copy_from_slice(&u32::to_le_bytes(length));
            assert!(Rows::of(file.as_slice(), &Limits::default()).is_err(), "{length}");
        }
    }

    #[test]
    fn a_file_above_the_limit_is_too_large() {
        let limits = Limits { max_document_bytes: 1000, ..Limits::default() };
        assert!(Rows::of(ATHENA, &limits).is_err_and(|error| error.to_string().contains("larger than 1000 bytes")));
    }
}
