//! C02: an expired credential that is presented again and again, and refused.

use super::basis::words::{between, count, minute, span};
use super::basis::{card, life};
use super::severity::by_threshold;
use super::{Answers, AskRow, Check, Context, severity};
use crate::ledger::CredentialRow;
use crate::model::Severity;

/// See `rules/checks/expired_credential_presented.yaml`.
pub(super) struct ExpiredCredentialPresented;

impl Check for ExpiredCredentialPresented {
    fn id(&self) -> &'static str {
        "expired-credential-presented"
    }

    fn of_row(&self) -> Option<AskRow> {
        Some(ask_row)
    }
}

fn ask_row(ctx: &Context<'_>, row: &CredentialRow, answers: &mut Answers) {
    if life::is_derived(row) {
        return;
    }
    let Some(timeline) = row.timeline.as_ref().filter(|timeline| timeline.refused > 0) else { return };
    let Some(end) = row.expiry.at() else { return };
    answers.examine();
    let late: Vec<_> = timeline.refusals.iter().filter(|(time, _)| **time > end).collect();
    let Some((last, _)) = late.last() else { return };
    let lateness = between(**last, end);
    let often = late.len() as u64 >= ctx.parameter("refusals");
    let very_late = lateness > ctx.span("late-minutes");
    if !often && !very_late {
        return;
    }
    let rating = if very_late {
        by_threshold(Severity::Medium, format!("presented more than {} after its end", ctx.limit("late-minutes")))
    } else {
        severity::default(ctx)
    };
    let times = count(late.len() as u64, "time");
    let finding = card::about(ctx, row, &rating, "")
        .message(format!("{} was presented {} after its end and refused.", card::name(row), span(lateness)))
        .fact("Refused", format!("at least {times}; {} in all; last {}", timeline.refused, minute(**last)))
        .fact("End", minute(end))
        .fact("Limit", format!("{} refusals, or {} late", ctx.limit("refusals"), ctx.limit("late-minutes")))
        .evidence(late.iter().map(|(_, evidence)| (*evidence).clone()))
        .evidence(card::evidence(row));
    answers.found(&row.id.to_string(), card::complete(ctx, row, finding));
}
