//! J02: a log with a hole.

use jiff::{SignedDuration, Timestamp};

use super::basis::words::{between, count, list, minute, span};
use super::basis::{card, log};
use super::{Answers, Check, Context, severity};
use crate::ledger::StreamCoverage;
use crate::model::{Evidence, Input, Place, Sha256Digest, StreamKey};

/// How many inputs of a stream a finding points to.
const MAX_INPUTS: usize = 5;

/// See `rules/checks/coverage_hole.yaml`.
pub(super) struct CoverageHole;

impl Check for CoverageHole {
    fn id(&self) -> &'static str {
        "coverage-hole"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        for (key, stream) in &ctx.ledger.streams {
            if stream.window().is_none() && stream.stopped.is_empty() {
                continue;
            }
            answers.examine();
            let holes = holes(ctx, stream);
            if !holes.is_empty() || !stream.stopped.is_empty() {
                report(ctx, key, stream, &holes, answers);
            }
        }
    }
}

/// Silences that mean something, because records come often.
fn holes(ctx: &Context<'_>, stream: &StreamCoverage) -> Vec<(Timestamp, Timestamp)> {
    if stream.median_rate_per_hour() < ctx.parameter("rate") {
        return Vec::new();
    }
    stream.gaps(ctx.span("gap-minutes"))
}

fn report(
    ctx: &Context<'_>,
    key: &StreamKey,
    stream: &StreamCoverage,
    holes: &[(Timestamp, Timestamp)],
    answers: &mut Answers,
) {
    let name = log::name(key);
    let rating = severity::default(ctx);
    let mut finding = log::about(ctx, key, &rating, "").message(sentence(&name, stream, holes));
    for (from, to) in holes.iter().take(10) {
        finding = finding.fact("No record", format!("{} to {}", minute(*from), minute(*to)));
    }
    for stop in stream.stopped.iter().take(10) {
        finding = finding.fact("Stopped", stopped(stream, stop.time));
    }
    let limit = format!("{} where the median is {} or more", ctx.limit("gap-minutes"), ctx.limit("rate"));
    let finding = finding
        .fact("Median", format!("{} an hour", count(stream.median_rate_per_hour(), "record")))
        .fact("Limit", limit)
        .evidence(card::records(&stream.stopped))
        .evidence(inputs(ctx, key));
    answers.found(&name, finding);
}

fn sentence(name: &str, stream: &StreamCoverage, holes: &[(Timestamp, Timestamp)]) -> String {
    let silent: SignedDuration =
        holes.iter().fold(SignedDuration::ZERO, |sum, (from, to)| sum.saturating_add(between(*to, *from)));
    let mut parts = Vec::new();
    if let Some(stop) = stream.stopped.first() {
        parts.push(format!("was stopped on purpose on {}", minute(stop.time)));
    }
    if !holes.is_empty() {
        parts.push(format!("has no record for {}", span(silent)));
    }
    format!("The log {name} {}.", list(parts, 2).replace(", ", " and "))
}

fn stopped(stream: &StreamCoverage, from: Timestamp) -> String {
    match stream.started.iter().find(|start| start.time >= from) {
        Some(start) => format!("{} to {}", minute(from), minute(start.time)),
        None => format!("{}, and not started again", minute(from)),
    }
}

/// The files whose records leave the hole. No single record says what is not there.
fn inputs(ctx: &Context<'_>, key: &StreamKey) -> Vec<Evidence> {
    let files = ctx.ledger.inputs.iter().filter(|input| *input.format == *key.importer);
    let piece = |input: &crate::model::InputSummary| {
        let file = Input::streamed(input.name.clone());
        if let Some(digest) = input.sha256.as_deref().and_then(digest) {
            file.seal(digest);
        }
        Evidence::new("a file of the log that was read to its end", &file, Place::Record { index: 0, offset: 0 })
    };
    files.take(MAX_INPUTS).map(piece).collect()
}

fn digest(hexadecimal: &str) -> Option<Sha256Digest> {
    let mut bytes = [0; 32];
    if hexadecimal.len() != 64 || !hexadecimal.is_ascii() {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(hexadecimal.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(Sha256Digest(bytes))
}
