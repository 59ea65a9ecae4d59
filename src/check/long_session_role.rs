//! A role whose sessions may last longer than the work.

use super::basis::holder;
use super::basis::words::span;
use super::{Answers, Check, Context, severity};
use crate::model::IdentityKind;
use jiff::SignedDuration;

/// See `rules/checks/long_session_role.yaml`.
pub(super) struct LongSessionRole;

impl Check for LongSessionRole {
    fn id(&self) -> &'static str {
        "long-session-role"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        for row in ctx.ledger.identities.values().filter(|row| row.kind == IdentityKind::Role) {
            let Some(seconds) = row.fact("max-session-seconds").and_then(|text| text.parse().ok()) else { continue };
            answers.examine();
            let longest = SignedDuration::from_secs(seconds);
            if longest > ctx.span("ceiling-hours") {
                let rating = severity::for_privilege(ctx, severity::default(ctx), &row.privilege);
                let finding = holder::about(ctx, row, &rating, "")
                    .message(format!("Sessions of {} may last {}.", holder::name(row), span(longest)))
                    .fact("Ceiling", ctx.limit("ceiling-hours"))
                    .evidence(holder::evidence(row));
                answers.found(&row.id, holder::complete(ctx, row, finding));
            }
        }
    }
}
