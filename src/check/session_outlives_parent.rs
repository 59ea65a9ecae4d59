//! C04: a session that goes on after the credential it was obtained with was revoked.

use jiff::Timestamp;

use super::basis::card;
use super::basis::words::{after, between, list, minute, span};
use super::{Answers, AskRow, Check, Context, severity};
use crate::ledger::{CredentialRow, Switch};
use crate::model::EventKind;

/// See `rules/checks/session_outlives_parent.yaml`.
pub(super) struct SessionOutlivesParent;

impl Check for SessionOutlivesParent {
    fn id(&self) -> &'static str {
        "session-outlives-parent"
    }

    fn of_row(&self) -> Option<AskRow> {
        Some(ask_row)
    }
}

fn ask_row(ctx: &Context<'_>, row: &CredentialRow, answers: &mut Answers) {
    let Some(last) = row.timeline.as_ref().and_then(|timeline| timeline.last_accepted.as_ref()) else {
        return;
    };
    let chain = ctx.shared.lineage.ancestors(row);
    let ends: Vec<(&CredentialRow, &Switch)> =
        chain.iter().filter_map(|parent| Some((*parent, revoked(row, parent)?))).collect();
    let Some((parent, end)) = ends.iter().min_by_key(|(_, end)| end.time) else { return };
    answers.examine();
    if last.time > after(end.time, ctx.span("skew-seconds")) {
        report(ctx, row, &chain, (parent, end), last.time, answers);
    }
}

/// The revocation for good of a parent, after the session was obtained with it. One before that is another fault.
fn revoked<'a>(row: &CredentialRow, parent: &'a CredentialRow) -> Option<&'a Switch> {
    let obtained: Timestamp = row.timeline.as_ref()?.issued_at?;
    let last = parent.timeline.as_ref()?.off()?;
    (last.kind != EventKind::SessionsRevoked && last.time >= obtained).then_some(last)
}

fn report(
    ctx: &Context<'_>,
    row: &CredentialRow,
    chain: &[&CredentialRow],
    (parent, end): (&CredentialRow, &Switch),
    last: Timestamp,
    answers: &mut Answers,
) {
    let rating = severity::for_privilege(ctx, severity::default(ctx), &row.privilege);
    let late = span(between(last, end.time));
    let through = list(chain.iter().map(|link| link.id.to_string()), 6);
    let finding = card::about(ctx, row, &rating, "")
        .message(format!(
            "{} was accepted {late} after {}, which it was obtained with, was revoked.",
            card::name(row),
            parent.id
        ))
        .fact("Obtained with", through)
        .fact("Revoked", format!("{} on {}", parent.id, minute(end.time)))
        .fact("Late use", format!("{}; clocks may differ by {}", minute(last), ctx.limit("skew-seconds")))
        .evidence([end.evidence.clone()])
        .evidence(card::evidence(row));
    answers.found(&row.id.to_string(), card::complete(ctx, row, finding));
}
