//! C01: a credential that was accepted after its end.

use jiff::{SignedDuration, Timestamp};

use super::basis::words::{after, between, minute, span};
use super::basis::{card, life};
use super::{Answers, AskRow, Check, Context, severity};
use crate::ledger::{CredentialRow, Moment, Timeline};
use crate::model::CredentialId;

/// See `rules/checks/use_after_expiry.yaml`.
pub(super) struct UseAfterExpiry;

impl Check for UseAfterExpiry {
    fn id(&self) -> &'static str {
        "use-after-expiry"
    }

    fn of_row(&self) -> Option<AskRow> {
        Some(ask_row)
    }
}

fn ask_row(ctx: &Context<'_>, row: &CredentialRow, answers: &mut Answers) {
    if life::is_derived(row) {
        return;
    }
    let Some(timeline) = &row.timeline else { return };
    let (Some(end), Some(used)) = (end(row, timeline), &timeline.last_accepted) else { return };
    answers.examine();
    if used.time > after(end, ctx.span("skew-seconds")) {
        match unrenewed(ctx, row, timeline, used.time) {
            Ok(()) => report(ctx, row, end, used, answers),
            Err(why) => answers.inconclusive(&row.id.to_string(), why),
        }
    }
}

/// The end that is known, moved by the last renewal.
fn end(row: &CredentialRow, timeline: &Timeline) -> Option<Timestamp> {
    let renewed = timeline.last_renewal.as_ref().zip(timeline.ttl_s);
    let renewed = renewed.map(|(moment, ttl)| after(moment.time, SignedDuration::from_secs(ttl)));
    row.expiry.at().map(|end| renewed.map_or(end, |renewed| renewed.max(end)))
}

/// AWS sessions cannot be renewed. Other tokens can, so that a use after the end means something only where the log
/// would hold the renewal.
fn unrenewed(ctx: &Context<'_>, row: &CredentialRow, timeline: &Timeline, used: Timestamp) -> Result<(), String> {
    if matches!(&row.id, CredentialId::Issued { system, .. } if &**system == "aws") {
        return Ok(());
    }
    let doubt = |why: String| format!("it may have been renewed: {why}");
    let Some(issued) = timeline.issued_at else { return Err(doubt("when it was issued is not known".to_owned())) };
    let Some((key, stream)) = ctx.ledger.stream_for(row) else {
        return Err(doubt("the log that would hold the renewal is not known".to_owned()));
    };
    stream.covers(issued, used).map_err(|why| doubt(format!("{}/{}: {why}", key.importer, key.scope)))
}

fn report(ctx: &Context<'_>, row: &CredentialRow, end: Timestamp, used: &Moment, answers: &mut Answers) {
    let rating = severity::for_privilege(ctx, severity::default(ctx), &row.privilege);
    let late = span(between(used.time, end));
    let finding = card::about(ctx, row, &rating, "")
        .message(format!("{} was accepted {late} after its end.", card::name(row)))
        .fact("End", minute(end))
        .fact("Late use", format!("{}; clocks may differ by {}", minute(used.time), ctx.limit("skew-seconds")))
        .evidence([used.evidence.clone()])
        .evidence(card::evidence(row));
    answers.found(&row.id.to_string(), card::complete(ctx, row, finding));
}
