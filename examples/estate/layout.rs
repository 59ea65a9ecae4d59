//! The shapes in which CloudTrail records lie around.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::Timestamp;

use super::Record;

/// One of the shapes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// `trail.ndjson`: a record a line.
    Ndjson,
    /// `trail.ndjson.gz`.
    Gzip,
    /// `trail.json`: `{"Records":[...]}`.
    Records,
    /// What CloudTrail writes to a bucket: `AWSLogs/ACCOUNT/CloudTrail/REGION/YEAR/MONTH/DAY/...json.gz`, so many records
    /// a file.
    Bucket(usize),
}

impl Layout {
    /// A writer of this shape below `folder`.
    pub(crate) fn writer(self, folder: &Path) -> io::Result<Writer> {
        fs::create_dir_all(folder)?;
        let file = |name: &str| File::create(folder.join(name)).map(|file| BufWriter::with_capacity(1 << 20, file));
        Ok(match self {
            Self::Ndjson => Writer::Lines(Box::new(file("trail.ndjson")?)),
            Self::Gzip => Writer::Lines(Box::new(GzEncoder::new(file("trail.ndjson.gz")?, Compression::new(6)))),
            Self::Records => Writer::Records(file("trail.json")?, 0),
            Self::Bucket(most) => Writer::Bucket { folder: folder.to_owned(), most, files: 0, batch: Vec::new() },
        })
    }
}

/// Writes records in one shape.
pub(crate) enum Writer {
    /// A record a line.
    Lines(Box<dyn Write>),
    /// One object, with the number of records so far.
    Records(BufWriter<File>, u64),
    /// Many small files.
    Bucket {
        /// Where they lie.
        folder: PathBuf,
        /// How many records a file holds.
        most: usize,
        /// How many files there are.
        files: u64,
        /// The records of the next one.
        batch: Vec<Record>,
    },
}

impl Writer {
    /// Takes the next record.
    pub(crate) fn write(&mut self, record: &Record) -> io::Result<()> {
        match self {
            Self::Lines(out) => writeln!(out, "{}", record.json),
            Self::Records(out, count) => {
                let before = if *count == 0 { "{\"Records\":[" } else { "," };
                *count += 1;
                write!(out, "{before}{}", record.json)
            }
            Self::Bucket { most, batch, .. } => {
                batch.push(record.clone());
                if batch.len() >= *most { self.flush() } else { Ok(()) }
            }
        }
    }

    /// Ends the last file.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        match &mut self {
            Self::Lines(out) => out.flush(),
            Self::Records(out, count) => {
                write!(out, "{}", if *count == 0 { "{\"Records\":[]}" } else { "]}" })?;
                out.flush()
            }
            Self::Bucket { .. } => self.flush(),
        }
    }

    /// A file for each account among the records.
    fn flush(&mut self) -> io::Result<()> {
        let Self::Bucket { folder, files, batch, .. } = self else { return Ok(()) };
        batch.sort_by(|a, b| a.account.cmp(&b.account));
        for records in batch.chunk_by(|a, b| a.account == b.account) {
            *files += 1;
            let Some(first) = records.first() else { continue };
            let day = Timestamp::from_second(first.time).unwrap_or_default();
            let path = folder.join(format!(
                "AWSLogs/{0}/CloudTrail/us-east-1/{1}/{0}_CloudTrail_us-east-1_{files:08}.json.gz",
                first.account,
                day.strftime("%Y/%m/%d")
            ));
            fs::create_dir_all(path.parent().unwrap_or(folder))?;
            let mut out = GzEncoder::new(BufWriter::new(File::create(path)?), Compression::new(6));
            let all: Vec<&str> = records.iter().map(|record| record.json.as_str()).collect();
            write!(out, "{{\"Records\":[{}]}}", all.join(","))?;
            out.finish()?.flush()?;
        }
        batch.clear();
        Ok(())
    }
}
