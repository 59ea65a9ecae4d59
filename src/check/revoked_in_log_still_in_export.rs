//! A revocation that did not take.

use super::basis::card;
use super::basis::words::{between, minute, span};
use super::{Answers, AskRow, Check, Context, severity};
use crate::ledger::{CredentialRow, Timeline};
use crate::model::{EventKind, Status};

/// See `rules/checks/revoked_in_log_still_in_export.yaml`.
pub(super) struct RevokedInLogStillInExport;

impl Check for RevokedInLogStillInExport {
    fn id(&self) -> &'static str {
        "revoked-in-log-still-in-export"
    }

    fn of_row(&self) -> Option<AskRow> {
        Some(ask_row)
    }
}

fn ask_row(ctx: &Context<'_>, row: &CredentialRow, answers: &mut Answers) {
    let Some(switch) = row.timeline.as_deref().and_then(Timeline::off) else { return };
    if !matches!(switch.kind, EventKind::Revoked | EventKind::Disabled) || row.exports.is_empty() {
        return;
    }
    answers.examine();
    match row.observed_at {
        None => answers.inconclusive(&row.id.to_string(), "no export says as of when it lists the credential"),
        Some(exported) => {
            let late = between(exported, switch.time);
            if row.status == Status::Active && late >= ctx.span("grace-hours") {
                report(ctx, row, (switch.time, &switch.evidence), exported, answers);
            }
        }
    }
}

fn report(
    ctx: &Context<'_>,
    row: &CredentialRow,
    (ended, record): (jiff::Timestamp, &crate::model::Evidence),
    exported: jiff::Timestamp,
    answers: &mut Answers,
) {
    let rating = severity::for_privilege(ctx, severity::default(ctx), &row.privilege);
    let finding = card::about(ctx, row, &rating, "")
        .message(format!(
            "{} was revoked, and an export that is {} younger still lists it as active.",
            card::name(row),
            span(between(exported, ended))
        ))
        .fact("Revoked", minute(ended))
        .fact("Exported", format!("{}; reported after {}", minute(exported), ctx.limit("grace-hours")))
        .evidence([record.clone()])
        .evidence(card::evidence(row));
    answers.found(&row.id.to_string(), card::complete(ctx, row, finding));
}
