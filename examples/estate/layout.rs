//! The shapes in which CloudTrail records lie around.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use polars::prelude::{Column, DataFrame};
use polars_io::prelude::{ParquetCompression, ParquetWriter};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use serde_json::Value;

use super::Record;

/// One of the shapes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// `trail.ndjson`: a record a line.
    Ndjson,
    /// `trail.ndjson.gz`.
    Gzip,
    /// `trail.ndjson.zst`, so many records a frame.
    Zstd(usize),
    /// `trail.json`: `{"Records":[...]}`.
    Records,
    /// `trail.parquet` with the columns of the table that AWS documents for Athena: names in lower case, structures as text;
    /// so many records a group of rows.
    Parquet(usize),
    /// `trail.csv`: the same columns.
    Csv,
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
            Self::Zstd(most) => Writer::Frames(file("trail.ndjson.zst")?, most, Vec::new()),
            Self::Records => Writer::Records(file("trail.json")?, 0),
            Self::Parquet(most) => Writer::Columns(file("trail.parquet")?, Some(most), Vec::new()),
            Self::Csv => Writer::Columns(file("trail.csv")?, None, Vec::new()),
            Self::Bucket(most) => Writer::Bucket { folder: folder.to_owned(), most, files: 0, batch: Vec::new() },
        })
    }
}

/// Writes records in one shape.
pub(crate) enum Writer {
    /// A record a line.
    Lines(Box<dyn Write>),
    /// Frames of so many records, and those of the next one.
    Frames(BufWriter<File>, usize, Vec<String>),
    /// A table of all records: Parquet with so many rows a group, or CSV.
    Columns(BufWriter<File>, Option<usize>, Vec<String>),
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
            Self::Frames(out, most, batch) => {
                batch.push(format!("{}\n", record.json));
                if batch.len() >= *most { frame(out, batch) } else { Ok(()) }
            }
            Self::Columns(_, _, all) => {
                all.push(record.json.clone());
                Ok(())
            }
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
            Self::Frames(out, _, batch) => {
                frame(out, batch)?;
                out.flush()
            }
            Self::Columns(out, Some(most), all) => parquet(out, *most, all),
            Self::Columns(out, None, all) => csv(out, all),
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

/// Writes the batch as one frame of Zstandard.
fn frame(out: &mut impl Write, batch: &mut Vec<String>) -> io::Result<()> {
    out.write_all(&compress_to_vec(batch.concat().as_bytes(), CompressionLevel::Fastest))?;
    batch.clear();
    Ok(())
}

/// The records as columns of text, in order of their names.
fn columns(records: &[String]) -> io::Result<BTreeMap<String, Vec<Option<String>>>> {
    let records: Vec<BTreeMap<String, Value>> =
        records.iter().map(|record| serde_json::from_str(record)).collect::<Result<_, _>>()?;
    let names: BTreeSet<&String> = records.iter().flat_map(BTreeMap::keys).collect();
    let text = |value: &Value| match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    };
    let column = |name: &String| records.iter().map(|record| record.get(name).and_then(text)).collect();
    Ok(names.into_iter().map(|name| (name.to_ascii_lowercase(), column(name))).collect())
}

fn parquet(out: &mut impl Write, most: usize, records: &[String]) -> io::Result<()> {
    let columns = columns(records)?;
    let columns = columns.into_iter().map(|(name, values)| Column::new(name.into(), values)).collect();
    let mut frame = DataFrame::new(records.len(), columns).map_err(io::Error::other)?;
    let writer =
        ParquetWriter::new(&mut *out).with_compression(ParquetCompression::Snappy).with_row_group_size(Some(most));
    writer.finish(&mut frame).map_err(io::Error::other)?;
    out.flush()
}

fn csv(out: &mut impl Write, records: &[String]) -> io::Result<()> {
    let columns = columns(records)?;
    let mut table = csv::Writer::from_writer(out);
    table.write_record(columns.keys())?;
    for row in 0..records.len() {
        table.write_record(columns.values().map(|values| values[row].as_deref().unwrap_or_default()))?;
    }
    table.flush()
}
