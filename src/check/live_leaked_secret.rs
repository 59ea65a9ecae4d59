//! I08: a secret from the code that is live in the log.

use super::basis::words::{count, minute};
use super::basis::{card, life};
use super::{Answers, Check, Context, severity};
use crate::ledger::{CredentialRow, Timeline};

/// See `rules/checks/live_leaked_secret.yaml`.
pub(super) struct LiveLeakedSecret;

impl Check for LiveLeakedSecret {
    fn id(&self) -> &'static str {
        "live-leaked-secret"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        for row in &ctx.shared.in_code {
            let Some(timeline) = &row.timeline else { continue };
            answers.examine();
            let lives = timeline.accepted > 0 || timeline.issued.is_some();
            if lives && !life::is_over(row, ctx.ledger.as_of) {
                report(ctx, row, timeline, answers);
            }
        }
    }
}

fn report(ctx: &Context<'_>, row: &CredentialRow, timeline: &Timeline, answers: &mut Answers) {
    let rating = severity::default(ctx);
    let seen = match (&timeline.last_accepted, &timeline.issued) {
        (Some(used), _) => format!("was accepted on {}", minute(used.time)),
        (None, Some(issued)) => format!("was issued on {}", minute(issued.time)),
        (None, None) => return,
    };
    let places = count(card::places(row), "place");
    let finding = card::about(ctx, row, &rating, "")
        .message(format!("{} lies in {places} in code, {seen} and is not revoked.", card::name(row)))
        .fact("In the log", format!("{seen}; {} accepted in all", count(timeline.accepted, "use")))
        .evidence(card::evidence(row));
    answers.found(&row.id.to_string(), card::complete(ctx, row, finding));
}
