//! C02: an expired credential that is presented again and again, and refused.

use super::basis::words::{between, count, minute, span};
use super::basis::{card, life};
use super::severity::by_threshold;
use super::{Answers, Check, Context, severity};
use crate::model::Severity;

/// See `rules/checks/expired_credential_presented.yaml`.
pub(super) struct ExpiredCredentialPresented;

impl Check for ExpiredCredentialPresented {
    fn id(&self) -> &'static str {
        "expired-credential-presented"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        for row in ctx.ledger.credentials.iter().filter(|row| !life::is_derived(row)) {
            let Some(timeline) = row.timeline.as_ref().filter(|timeline| timeline.refused > 0) else { continue };
            let Some(end) = row.expiry.at() else { continue };
            answers.examine();
            let late: Vec<_> = timeline.refusals.iter().filter(|(time, _)| **time > end).collect();
            let Some((last, _)) = late.last() else { continue };
            let lateness = between(**last, end);
            let often = late.len() as u64 >= ctx.parameter("refusals");
            let very_late = lateness > ctx.span("late-minutes");
            if !often && !very_late {
                continue;
            }
            let rating = if very_late {
                by_threshold(
                    Severity::Medium,
                    format!("presented more than {} after its end", ctx.limit("late-minutes")),
                )
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
    }
}
