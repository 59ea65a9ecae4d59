//! J05: records about access that their own system cut short.

use std::collections::BTreeMap;

use super::basis::log;
use super::basis::words::{count, list, minute};
use super::{Answers, Check, Context, severity};
use crate::ledger::Signal;
use crate::model::{Evidence, StreamKey};

/// How many records a finding points to.
const MAX_RECORDS: usize = 8;

/// See `rules/checks/truncated_evidence.yaml`.
pub(super) struct TruncatedEvidence;

impl Check for TruncatedEvidence {
    fn id(&self) -> &'static str {
        "truncated-evidence"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        let mut by_stream: BTreeMap<&StreamKey, Vec<&Signal>> = BTreeMap::new();
        for signal in &ctx.ledger.signals.truncated {
            by_stream.entry(&signal.stream).or_default().push(signal);
        }
        for (stream, signals) in by_stream {
            answers.examine();
            let rating = severity::default(ctx);
            let records = count(signals.len() as u64, "record");
            let when = signals.iter().map(|signal| format!("{} {}", signal.what, minute(signal.time)));
            let finding = log::about(ctx, stream, &rating, "")
                .message(format!(
                    "{records} about access in {} were cut short: who got what cannot be told from them.",
                    log::name(stream)
                ))
                .fact("Records", list(when, MAX_RECORDS))
                .evidence(
                    signals.iter().take(MAX_RECORDS).map(|signal| signal.evidence.clone()).collect::<Vec<Evidence>>(),
                );
            answers.found(&log::name(stream), finding);
        }
    }
}
