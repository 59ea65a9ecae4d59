//! C09: abnormal behaviour was reported and the credentials of the identity went on working.

use super::basis::alert::{self, Alarm};
use super::basis::card::{self, short};
use super::basis::holder;
use super::basis::words::{after, between, count, list, minute, span};
use super::{Answers, Check, Context, severity};
use crate::ledger::CredentialRow;
use crate::model::FindingBuilder;

/// See `rules/checks/no_revocation_on_alert.yaml`.
pub(super) struct NoRevocationOnAlert;

impl Check for NoRevocationOnAlert {
    fn id(&self) -> &'static str {
        "no-revocation-on-alert"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        for alarm in alert::alarms(ctx.ledger) {
            if alarm.held.is_empty() {
                continue;
            }
            answers.examine();
            let limit = after(alarm.signal.time, ctx.span("minutes"));
            let late = |row: &&CredentialRow| alert::answered(row, alarm.signal).is_none_or(|off| off > limit);
            let left: Vec<&CredentialRow> = alarm.held.iter().copied().filter(late).collect();
            let doubt = left.iter().find_map(|row| unwatched(ctx, row, &alarm));
            match doubt {
                _ if left.is_empty() => {}
                Some(why) => answers.inconclusive(alarm.of, why),
                None => report(ctx, &alarm, &left, answers),
            }
        }
    }
}

/// Why it is not known that the credential went on working: neither used after the signal, nor a log that covers it.
fn unwatched(ctx: &Context<'_>, row: &CredentialRow, alarm: &Alarm<'_>) -> Option<String> {
    let limit = after(alarm.signal.time, ctx.span("minutes"));
    if row.last_use.at().is_some_and(|used| used > limit) {
        return None;
    }
    let Some((key, stream)) = ctx.ledger.stream_for(row) else {
        return Some("no log that would hold the revocation was read".to_owned());
    };
    let why = stream.covers(alarm.signal.time, limit).err()?;
    Some(format!("{}/{}: {why}", key.importer, key.scope))
}

fn report(ctx: &Context<'_>, alarm: &Alarm<'_>, left: &[&CredentialRow], answers: &mut Answers) {
    let rating = severity::default(ctx);
    let subject = holder::by_id(alarm.of);
    let what = if alarm.signal.what.is_empty() { "abnormal behaviour" } else { &*alarm.signal.what };
    let place = minute(alarm.signal.time);
    let used = left.iter().filter_map(|row| row.last_use.at()).filter(|used| *used > alarm.signal.time).max();
    let mut finding =
        FindingBuilder::new(&ctx.rule.id, ctx.id(alarm.of, &place), subject, rating.severity, &rating.reason)
            .message(format!(
                "{} was reported for {what} on {place}, and {} went on working.",
                short(alarm.of),
                count(left.len() as u64, "credential")
            ))
            .fact("Credentials", list(left.iter().map(|row| row.id.to_string()), 8))
            .fact("Limit", ctx.limit("minutes"));
    if let Some(used) = used {
        finding = finding
            .fact("Used after it", format!("{} later, {}", span(between(used, alarm.signal.time)), minute(used)));
    }
    let later = left.iter().filter_map(|row| row.timeline.as_ref()?.last_accepted.as_ref());
    let finding = finding.evidence([alarm.signal.evidence.clone()]).evidence(card::records(later));
    answers.found(alarm.of, finding);
}
