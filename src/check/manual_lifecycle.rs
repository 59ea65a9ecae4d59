//! J06: credentials that people issue by hand.

use std::collections::BTreeMap;

use super::basis::words::{count, list};
use super::basis::{card, log};
use super::certificate_over_lifetime::is_certificate;
use super::{Answers, Check, Context, severity};
use crate::ledger::CredentialRow;
use crate::model::{IdentityKind, StandingClass, StreamKey};

/// See `rules/checks/manual_lifecycle.yaml`.
pub(super) struct ManualLifecycle;

/// Keys and certificates of one log by who issued them.
#[derive(Default)]
struct Issued<'a> {
    by_people: Vec<&'a CredentialRow>,
    by_machines: u64,
    unknown: u64,
}

impl Check for ManualLifecycle {
    fn id(&self) -> &'static str {
        "manual-lifecycle"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        for (stream, issued) in by_stream(ctx) {
            let known = issued.by_people.len() as u64 + issued.by_machines;
            if known + issued.unknown < ctx.parameter("issuances") {
                continue;
            }
            answers.examine();
            if known < ctx.parameter("issuances") {
                answers
                    .inconclusive(&log::name(stream), "the records do not tell whether people or machines issued them");
            } else if (issued.by_people.len() as u64).saturating_mul(100)
                > known.saturating_mul(ctx.parameter("percent"))
            {
                report(ctx, stream, &issued, known, answers);
            }
        }
    }
}

fn by_stream<'a>(ctx: &Context<'a>) -> BTreeMap<&'a StreamKey, Issued<'a>> {
    let mut streams: BTreeMap<&StreamKey, Issued<'_>> = BTreeMap::new();
    let lasting = |row: &&CredentialRow| row.standing != StandingClass::Ephemeral || is_certificate(row);
    for row in ctx.ledger.credentials.iter().filter(lasting) {
        let Some(timeline) = row.timeline.as_deref().filter(|timeline| timeline.issued.is_some()) else { continue };
        let Some((stream, _)) = ctx.ledger.stream_for(row) else { continue };
        let issued = streams.entry(stream).or_default();
        match timeline.requester_kind {
            IdentityKind::Person => issued.by_people.push(row),
            IdentityKind::Unknown | IdentityKind::User => issued.unknown += 1,
            _ => issued.by_machines += 1,
        }
    }
    streams
}

fn report(ctx: &Context<'_>, stream: &StreamKey, issued: &Issued<'_>, known: u64, answers: &mut Answers) {
    let rating = severity::default(ctx);
    let people = issued.by_people.len() as u64;
    let finding = log::about(ctx, stream, &rating, "")
        .message(format!(
            "People issued {people} of {} in {} by hand.",
            count(known, "long-lived credential"),
            log::name(stream)
        ))
        .fact("Issued", format!("{people} by people, {} by machines, {} not known", issued.by_machines, issued.unknown))
        .fact("Credentials", list(issued.by_people.iter().map(|row| row.id.to_string()), 8))
        .fact("Limit", ctx.limit("percent"))
        .evidence(card::records(issued.by_people.iter().filter_map(|row| row.timeline.as_ref()?.issued.as_ref())));
    answers.found(&log::name(stream), finding);
}
