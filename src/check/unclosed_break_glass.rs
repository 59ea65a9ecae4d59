//! I06: emergency access that was used and not closed afterwards.

use super::basis::emergency;
use super::basis::words::{after, minute};
use super::basis::{card, gate, life};
use super::{Answers, Check, Context, severity};
use crate::ledger::{CredentialRow, Timeline};

/// See `rules/checks/unclosed_break_glass.yaml`.
pub(super) struct UnclosedBreakGlass;

impl Check for UnclosedBreakGlass {
    fn id(&self) -> &'static str {
        "unclosed-break-glass"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        for (row, timeline) in emergency::uses(ctx).into_values().flatten().filter(|(row, _)| life::is_static(row)) {
            answers.examine();
            ask(ctx, row, timeline, answers);
        }
    }
}

/// The last use decides: after it the credential must be revoked, disabled or made anew.
fn ask(ctx: &Context<'_>, row: &CredentialRow, timeline: &Timeline, answers: &mut Answers) {
    let Some(last) = &timeline.last_accepted else { return };
    let limit = after(last.time, ctx.span("hours"));
    if timeline.switches.iter().any(|switch| switch.time >= last.time && switch.kind.switches_off())
        || ctx.ledger.as_of < limit
    {
        return;
    }
    match gate::alive(ctx, row, last.time) {
        Ok(known) if known.until >= limit => {
            let finding = card::about(ctx, row, &severity::default(ctx), "")
                .message(format!(
                    "{} is for emergencies, was used on {}, and works on unchanged.",
                    card::name(row),
                    minute(last.time)
                ))
                .fact("Limit", format!("{}; {}", ctx.limit("hours"), known.source))
                .evidence([last.evidence.clone()])
                .evidence(card::evidence(row));
            answers.found(&row.id.to_string(), card::complete(ctx, row, finding));
        }
        Ok(_) => {}
        Err(why) => answers.inconclusive(&row.id.to_string(), why),
    }
}
