//! C11: a revocation that was not finished.

use std::collections::BTreeMap;

use super::basis::words::{after, between, day, list, minute, span};
use super::basis::{alert, card, gate, life};
use super::severity::by_threshold;
use super::{Answers, Check, Context, severity};
use crate::ledger::{CredentialRow, Switch, identity_key};
use crate::model::{EventKind, Severity, Status};

/// See `rules/checks/partial_revocation.yaml`.
pub(super) struct PartialRevocation;

impl Check for PartialRevocation {
    fn id(&self) -> &'static str {
        "partial-revocation"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        let holders = holders(ctx);
        let alarmed = alarmed(ctx);
        for row in ctx.shared.lasting.iter().copied().filter(|row| life::is_static(row)) {
            let Some(timeline) = &row.timeline else { continue };
            if timeline.switches.is_empty() && timeline.failed_revocation.is_none() {
                continue;
            }
            answers.examine();
            failed(ctx, row, answers);
            parked(ctx, row, answers);
            siblings(ctx, row, &holders, &alarmed, answers);
        }
    }
}

/// Static credentials by who holds them.
fn holders<'a>(ctx: &Context<'a>) -> BTreeMap<String, Vec<&'a CredentialRow>> {
    let mut holders: BTreeMap<String, Vec<&CredentialRow>> = BTreeMap::new();
    for row in ctx.shared.lasting.iter().copied().filter(|row| life::is_static(row)) {
        if let Some(holder) = row.principal.as_deref() {
            holders.entry(identity_key(holder)).or_default().push(row);
        }
    }
    holders
}

/// Signals by the identity that they were reported of.
fn alarmed<'a>(ctx: &Context<'a>) -> BTreeMap<String, Vec<alert::Alarm<'a>>> {
    let mut alarmed: BTreeMap<String, Vec<alert::Alarm<'_>>> = BTreeMap::new();
    for alarm in alert::alarms(ctx.ledger) {
        alarmed.entry(identity_key(alarm.of)).or_default().push(alarm);
    }
    alarmed
}

/// A call to revoke that failed, and none that succeeded since.
fn failed(ctx: &Context<'_>, row: &CredentialRow, answers: &mut Answers) {
    let Some(tried) = row.timeline.as_ref().and_then(|timeline| timeline.failed_revocation.as_ref()) else { return };
    let done = row.timeline.iter().flat_map(|timeline| &timeline.switches).any(|switch| switch.time >= tried.time);
    if done || row.status == Status::Inactive {
        return;
    }
    let finding = card::about(ctx, row, &severity::default(ctx), "failed")
        .message(format!("The revocation of {} failed on {} and was not done since.", card::name(row), day(tried.time)))
        .evidence([tried.evidence.clone()])
        .evidence(card::evidence(row));
    answers.found(&row.id.to_string(), card::complete(ctx, row, finding));
}

/// Disabled long ago and not deleted: it can be enabled again.
fn parked(ctx: &Context<'_>, row: &CredentialRow, answers: &mut Answers) {
    let Some(last) = row.timeline.as_ref().and_then(|timeline| timeline.off()) else { return };
    if last.kind != EventKind::Disabled || ctx.ledger.as_of < after(last.time, ctx.span("parked-days")) {
        return;
    }
    match gate::covered(ctx, row, last.time) {
        Ok(_) => {
            let rating = by_threshold(Severity::Medium, "disabled and not deleted");
            let finding = card::about(ctx, row, &rating, "parked")
                .message(format!(
                    "{} was disabled {} ago and not deleted.",
                    card::name(row),
                    span(between(ctx.ledger.as_of, last.time))
                ))
                .fact("Limit", ctx.limit("parked-days"))
                .evidence([last.evidence.clone()])
                .evidence(card::evidence(row));
            answers.found(&row.id.to_string(), card::complete(ctx, row, finding));
        }
        Err(why) => answers.inconclusive(&row.id.to_string(), why),
    }
}

/// Revoked because of a signal, while other credentials of the identity went on working.
fn siblings(
    ctx: &Context<'_>,
    row: &CredentialRow,
    holders: &BTreeMap<String, Vec<&CredentialRow>>,
    alarmed: &BTreeMap<String, Vec<alert::Alarm<'_>>>,
    answers: &mut Answers,
) {
    let Some(holder) = row.principal.as_deref().map(identity_key) else { return };
    let Some(off) = for_cause(ctx, row, alarmed.get(&holder)) else { return };
    let limit = after(off.time, ctx.span("sibling-minutes"));
    let left = holders.get(&holder).into_iter().flatten().copied().filter(|other| other.id != row.id);
    let left: Vec<&CredentialRow> = left.filter(|other| works_past(other, off, limit)).collect();
    if left.is_empty() {
        return;
    }
    let names = list(left.iter().map(|other| other.id.to_string()), 6);
    let finding = card::about(ctx, row, &severity::default(ctx), "siblings")
        .message(format!(
            "{} was revoked for cause, and {names} of the same identity went on working.",
            card::name(row)
        ))
        .fact("Revoked", minute(off.time))
        .fact("Left", names)
        .evidence([off.evidence.clone()])
        .evidence(left.iter().flat_map(|other| card::evidence(other)))
        .evidence(card::evidence(row));
    answers.found(&row.id.to_string(), card::complete(ctx, row, finding));
}

/// The switch that followed a signal within a day.
fn for_cause<'a>(
    ctx: &Context<'_>,
    row: &'a CredentialRow,
    alarms: Option<&Vec<alert::Alarm<'_>>>,
) -> Option<&'a Switch> {
    let off = row.timeline.as_ref()?.off()?;
    let caused = |alarm: &alert::Alarm<'_>| {
        alarm.signal.time <= off.time && off.time <= after(alarm.signal.time, ctx.span("cause-hours"))
    };
    alarms.is_some_and(|alarms| alarms.iter().any(caused)).then_some(off)
}

/// Made before, accepted after the limit or active in an export after it, and not switched off until then.
fn works_past(other: &CredentialRow, off: &Switch, limit: jiff::Timestamp) -> bool {
    let made_before = other.created.is_none_or(|created| created < off.time);
    let used = other.last_use.at().is_some_and(|used| used > limit);
    let active = other.status == Status::Active && other.observed_at.is_some_and(|seen| seen > limit);
    made_before && (used || active)
}
