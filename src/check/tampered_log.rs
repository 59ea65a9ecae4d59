//! J03: a log that is not what its own digests say it was.

use std::collections::BTreeMap;

use super::basis::log;
use super::basis::words::{count, list};
use super::severity::by_threshold;
use super::{Answers, Check, Context, severity};
use crate::model::{Evidence, ListedFile, Severity, StreamKey};

/// How many records a finding points to.
const MAX_RECORDS: usize = 8;

/// See `rules/checks/tampered_log.yaml`.
pub(super) struct TamperedLog;

/// What became of the files that digests of one log list.
#[derive(Default)]
struct Files<'a> {
    same: u64,
    changed: Vec<(&'a ListedFile, &'a Evidence)>,
    missing: Vec<&'a ListedFile>,
}

impl Check for TamperedLog {
    fn id(&self) -> &'static str {
        "tampered-log"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        for (stream, files) in by_stream(ctx) {
            answers.examine();
            if !files.changed.is_empty() || (files.same > 0 && !files.missing.is_empty()) {
                report(ctx, stream, &files, answers);
            } else if files.same == 0 {
                answers.inconclusive(&log::name(stream), "none of the files that its digests list was read");
            }
        }
    }
}

fn by_stream<'a>(ctx: &Context<'a>) -> BTreeMap<&'a StreamKey, Files<'a>> {
    let chain = &ctx.ledger.chain;
    let mut streams: BTreeMap<&StreamKey, Files<'_>> = BTreeMap::new();
    for listed in &chain.listed {
        let files = streams.entry(&listed.stream).or_default();
        match chain.files.get(&listed.name).map(|contents| contents.iter().collect::<Vec<_>>()) {
            None => files.missing.push(listed),
            Some(contents) => match contents.iter().find(|(sha256, _)| *sha256 != listed.sha256) {
                Some((_, evidence)) => files.changed.push((listed, evidence)),
                None => files.same += 1,
            },
        }
    }
    streams
}

fn report(ctx: &Context<'_>, stream: &StreamKey, files: &Files<'_>, answers: &mut Answers) {
    let rating = if files.changed.is_empty() {
        by_threshold(Severity::High, "files are missing, which an incomplete copy would explain as well")
    } else {
        severity::default(ctx)
    };
    let (changed, missing) = (files.changed.len() as u64, files.missing.len() as u64);
    let parts = [
        (changed > 0).then(|| format!("{} changed after {} delivered", count(changed, "file"), were(changed))),
        (missing > 0).then(|| format!("{} missing", count(missing, "file"))),
    ];
    let what: Vec<String> = parts.into_iter().flatten().collect();
    let mut finding = log::about(ctx, stream, &rating, "")
        .message(format!("{} is not what its digests say: {}.", log::name(stream), what.join(", ")))
        .fact("Proven", format!("{} as the digests say", count(files.same, "file")));
    if changed > 0 {
        finding = finding.fact("Changed", list(files.changed.iter().map(|(listed, _)| listed.name.to_string()), 8));
    }
    if missing > 0 {
        finding = finding.fact("Missing", list(files.missing.iter().map(|listed| listed.name.to_string()), 8));
    }
    let changed = files.changed.iter().flat_map(|(listed, found)| [listed.evidence.clone(), (*found).clone()]);
    let missing = files.missing.iter().map(|listed| listed.evidence.clone());
    answers.found(&log::name(stream), finding.evidence(changed.chain(missing).take(MAX_RECORDS).collect::<Vec<_>>()));
}

fn were(number: u64) -> &'static str {
    if number == 1 { "it was" } else { "they were" }
}
