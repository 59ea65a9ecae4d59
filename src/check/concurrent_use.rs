//! G03: a session at work in two places at the same time.

use super::basis::words::{list, minute};
use super::basis::{card, origins};
use super::{Answers, AskRow, Check, Context, severity};
use crate::ledger::{CredentialRow, Moment, Overlap, Timeline};
use crate::model::StandingClass;

/// See `rules/checks/concurrent_use.yaml`.
pub(super) struct ConcurrentUse;

impl Check for ConcurrentUse {
    fn id(&self) -> &'static str {
        "concurrent-use"
    }

    fn of_row(&self) -> Option<AskRow> {
        Some(ask_row)
    }
}

fn ask_row(ctx: &Context<'_>, row: &CredentialRow, answers: &mut Answers) {
    if row.standing != StandingClass::Ephemeral {
        return;
    }
    let Some(life) = row.timeline.as_deref().filter(|life| life.accepted > 0 && !life.by_service) else {
        return;
    };
    answers.examine();
    let overlaps = origins::overlaps(ctx, life);
    if let Some(latest) = overlaps.iter().max_by_key(|overlap| overlap.minute) {
        report(ctx, row, life, latest, &overlaps, answers);
    }
}

fn report(
    ctx: &Context<'_>,
    row: &CredentialRow,
    life: &Timeline,
    latest: &Overlap,
    overlaps: &[Overlap],
    answers: &mut Answers,
) {
    let rating = severity::for_privilege(ctx, severity::default(ctx), &row.privilege);
    let (one, other) = (origins::network_name(latest.one.0), origins::network_name(latest.other.0));
    let told = |pair: &Overlap| {
        let (one, other) = (origins::network_name(pair.one.0), origins::network_name(pair.other.0));
        format!("{one} and {other} at {}", minute(pair.minute))
    };
    let networks = overlaps.iter().flat_map(|pair| [pair.one, pair.other]);
    let records: Vec<&Moment> = networks.filter_map(|network| life.networks.get(&network)).collect();
    let finding = card::about(ctx, row, &rating, "")
        .message(format!(
            "{} was used from {one} and from {other} inside the minute of {}.",
            card::name(row),
            minute(latest.minute)
        ))
        .fact("Two places", list(overlaps.iter().map(told), 4))
        .fact("Shown", "the first use from each network, which is not always the one of that minute")
        .evidence(card::records(records))
        .evidence(card::evidence(row));
    answers.found(&row.id.to_string(), card::complete(ctx, row, finding));
}
