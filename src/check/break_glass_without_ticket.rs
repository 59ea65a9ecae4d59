//! I05: emergency access that nobody asked for, or that has become routine.

use super::basis::emergency::{self, days, start};
use super::basis::issued::subject as scope_subject;
use super::basis::words::{count, day, list};
use super::basis::{card, request};
use super::{Answers, Check, Context, severity};
use crate::ledger::{CredentialRow, Timeline};
use crate::model::FindingBuilder;

/// See `rules/checks/break_glass_without_ticket.yaml`.
pub(super) struct BreakGlassWithoutTicket;

type Use<'a> = (&'a CredentialRow, &'a Timeline);

impl Check for BreakGlassWithoutTicket {
    fn id(&self) -> &'static str {
        "break-glass-without-ticket"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        for (of, uses) in emergency::uses(ctx) {
            answers.examine();
            let often = routine(ctx, &uses);
            let (unasked, doubt) = unasked(ctx, &uses);
            let why: Vec<String> = [
                often.map(|days| format!("was used on {} in a month", count(days, "day"))),
                (!unasked.is_empty()).then(|| {
                    format!("was used without an approved request ({})", count(unasked.len() as u64, "credential"))
                }),
            ]
            .into_iter()
            .flatten()
            .collect();
            match doubt {
                _ if !why.is_empty() => report(ctx, of, &uses, &why.join(" and "), answers),
                Some(reason) => answers.inconclusive(of, reason),
                None => {}
            }
        }
    }
}

/// The most days of use within the window, where they are too many.
fn routine(ctx: &Context<'_>, uses: &[Use<'_>]) -> Option<u64> {
    let days = days(uses);
    let window = i64::try_from(ctx.parameter("window-days")).unwrap_or(i64::MAX);
    let most = days
        .iter()
        .map(|first| days.iter().filter(|day| (*first..first.saturating_add(window)).contains(day)).count())
        .max()?;
    (most as u64 > ctx.parameter("uses")).then_some(most as u64)
}

/// Credentials without an approved request, where a log of requests covers their issue; otherwise why nobody can tell.
fn unasked<'a>(ctx: &Context<'_>, uses: &[Use<'a>]) -> (Vec<&'a CredentialRow>, Option<String>) {
    let (mut found, mut doubt) = (Vec::new(), None);
    for (row, timeline) in uses {
        let request = timeline.request.as_deref().and_then(|id| ctx.ledger.requests.get(id));
        if request.is_some_and(|request| request.first_approval().is_some()) {
            continue;
        }
        let Some(at) = timeline.issued_at.or_else(|| timeline.first_use.as_ref().map(|first| first.time)) else {
            continue;
        };
        match request::covered(ctx, at, at) {
            Ok(_) => found.push(*row),
            Err(why) => doubt = Some(why),
        }
    }
    (found, doubt)
}

fn report(ctx: &Context<'_>, of: &str, uses: &[Use<'_>], why: &str, answers: &mut Answers) {
    let rating = severity::default(ctx);
    let when = days(uses).into_iter().filter_map(start).map(day);
    let finding =
        FindingBuilder::new(&ctx.rule.id, ctx.id(of, ""), scope_subject(of, ""), rating.severity, &rating.reason)
            .message(format!("Emergency access {} {why}.", card::short(of)))
            .fact("Days of use", list(when, 8))
            .fact("Limit", format!("{} days of use in {}", ctx.parameter("uses"), ctx.limit("window-days")))
            .evidence(card::records(uses.iter().filter_map(|(_, timeline)| timeline.last_accepted.as_ref())));
    answers.found(of, finding);
}
