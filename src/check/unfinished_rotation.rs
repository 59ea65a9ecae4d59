//! A08: a rotation whose old credential was left alive.

use jiff::Timestamp;

use super::basis::generations::Generations;
use super::basis::words::{after, day, minute};
use super::basis::{card, gate, life};
use super::severity::by_threshold;
use super::{Answers, Check, Context, severity};
use crate::ledger::CredentialRow;
use crate::model::Severity;

/// See `rules/checks/unfinished_rotation.yaml`.
pub(super) struct UnfinishedRotation;

/// A rotation: the old credential, the new one, and when the new one came.
struct Rotation<'a> {
    old: &'a CredentialRow,
    new: &'a CredentialRow,
    at: Timestamp,
}

impl Check for UnfinishedRotation {
    fn id(&self) -> &'static str {
        "unfinished-rotation"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        let generations = Generations::of(ctx);
        for old in ctx.shared.lasting.iter().copied().filter(|row| life::is_static(row) && life::is_known(row)) {
            if let Some((at, new)) = generations.successor(old) {
                answers.examine();
                ask(ctx, &Rotation { old, new, at }, answers);
            }
        }
    }
}

fn ask(ctx: &Context<'_>, rotation: &Rotation<'_>, answers: &mut Answers) {
    let Rotation { old, at, .. } = *rotation;
    let grace = after(at, ctx.span("grace-hours"));
    if let Some(used) = old.last_use.at().filter(|used| *used > grace) {
        let reason = format!("used {} after the grace of {}", minute(used), ctx.limit("grace-hours"));
        let how = format!("was still used on {}", day(used));
        return report(ctx, rotation, &by_threshold(Severity::High, reason), &how, answers);
    }
    if life::is_over(old, ctx.ledger.as_of) || ctx.ledger.as_of < grace {
        return;
    }
    match gate::alive(ctx, old, at) {
        Ok(known) if known.until >= grace => {
            let how = format!("is still alive ({})", known.source);
            report(ctx, rotation, &severity::default(ctx), &how, answers);
        }
        Ok(_) => {}
        Err(why) => answers.inconclusive(&old.id.to_string(), why),
    }
}

fn report(ctx: &Context<'_>, rotation: &Rotation<'_>, rating: &severity::Rating, how: &str, answers: &mut Answers) {
    let Rotation { old, new, at } = *rotation;
    let new_evidence =
        new.timeline.as_deref().and_then(|timeline| timeline.issued.as_ref()).map(|m| m.evidence.clone());
    let finding = card::about(ctx, old, rating, "")
        .message(format!("{} was replaced by {} on {} and {how}.", card::name(old), new.id, day(at)))
        .fact("Rotation", format!("{} issued {}; the grace is {}", new.id, minute(at), ctx.limit("grace-hours")))
        .evidence(card::evidence(old))
        .evidence(new_evidence.into_iter().chain(new.exports.first().cloned()));
    answers.found(&old.id.to_string(), card::complete(ctx, old, finding));
}
