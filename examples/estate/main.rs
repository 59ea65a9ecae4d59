//! Writes the log of an invented estate, with planted faults and the truth about them, for measurements and tests:
//!
//! `cargo run --release --example estate -- --events 1000000 --credentials 65000 DIRECTORY`

#[path = "estate.rs"]
mod estate;

use std::fs;
use std::path::PathBuf;

use clap::{Parser, ValueEnum};

use estate::{Layout, Options};

/// Writes an invented CloudTrail log and `truth.json`, which says what checks must find in it.
#[derive(Parser)]
struct Arguments {
    /// Decides everything that is invented; the same seed gives the same bytes.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Ordinary events.
    #[arg(long, default_value_t = 20_000)]
    events: u64,
    /// Ordinary credentials.
    #[arg(long, default_value_t = 1_000)]
    credentials: u64,
    /// Days that the log covers.
    #[arg(long, default_value_t = 60)]
    days: u32,
    /// How often each fault is planted.
    #[arg(long, default_value_t = 2)]
    copies: u32,
    /// The shape of the log.
    #[arg(long, value_enum, default_value_t = Shape::Ndjson)]
    layout: Shape,
    /// Records of a file of the bucket, a frame of Zstandard, or a group of rows of Parquet.
    #[arg(long, default_value_t = 1_000)]
    records_per_file: usize,
    /// Write logs and exports of other systems beside the trail, with faults of their own.
    #[arg(long)]
    beside: bool,
    /// Where it is written.
    directory: PathBuf,
}

#[derive(Clone, Copy, ValueEnum)]
enum Shape {
    Ndjson,
    Gz,
    Zst,
    Records,
    Parquet,
    Csv,
    S3,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let options = Options {
        events: arguments.events,
        credentials: arguments.credentials,
        days: arguments.days,
        copies: arguments.copies,
        beside: arguments.beside,
        ..Options::small(arguments.seed)
    };
    let layout = match arguments.layout {
        Shape::Ndjson => Layout::Ndjson,
        Shape::Gz => Layout::Gzip,
        Shape::Zst => Layout::Zstd(arguments.records_per_file),
        Shape::Records => Layout::Records,
        Shape::Parquet => Layout::Parquet(arguments.records_per_file),
        Shape::Csv => Layout::Csv,
        Shape::S3 => Layout::Bucket(arguments.records_per_file),
    };
    let written = estate::write(&options, layout, &arguments.directory.join("logs"))?;
    fs::write(arguments.directory.join("overstay.yaml"), written.policy)?;
    fs::write(arguments.directory.join("truth.json"), serde_json::to_string_pretty(&written.truth)?)?;
    Ok(())
}
