//! C03: a credential that was accepted after its revocation.

use jiff::{SignedDuration, Timestamp};

use super::basis::words::{after, between, minute, span};
use super::basis::{card, life};
use super::{Answers, AskRow, Check, Context, severity};
use crate::ledger::{CredentialRow, Switch, Timeline};
use crate::model::{EventKind, Evidence};

/// See `rules/checks/use_after_revocation.yaml`.
pub(super) struct UseAfterRevocation;

/// A time in which the credential should not have been accepted.
struct Off<'a> {
    from: &'a Switch,
    to: Option<&'a Switch>,
}

/// A use inside such a time: when, how exactly that is known, and the record where there is one.
struct LateUse {
    time: Timestamp,
    to_the_hour: bool,
    evidence: Option<Evidence>,
}

impl Check for UseAfterRevocation {
    fn id(&self) -> &'static str {
        "use-after-revocation"
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
    let off = times_off(timeline);
    if off.is_empty() || timeline.accepted == 0 {
        return;
    }
    answers.examine();
    if timeline.switches.len() >= Timeline::MAX_SWITCHES {
        answers.inconclusive(&row.id.to_string(), "it was switched off and on more often than is kept");
        return;
    }
    let skew = ctx.span("skew-seconds");
    let late = off.into_iter().find_map(|off| late_use(timeline, &off, skew).map(|used| (off, used)));
    if let Some((off, used)) = late {
        report(ctx, row, &off, used, answers);
    }
}

/// From each revocation or disabling to the enabling that undoes it. What is deleted cannot be enabled again.
fn times_off(timeline: &Timeline) -> Vec<Off<'_>> {
    let mut times: Vec<Off<'_>> = Vec::new();
    for switch in &timeline.switches {
        let mut open = times.iter_mut().filter(|off| off.to.is_none());
        if !switch.kind.switches_off() {
            if let Some(off) = open.find(|off| off.from.kind.undone_by() == Some(switch.kind)) {
                off.to = Some(switch);
            }
        } else if !open.any(|off| off.from.kind == switch.kind || off.from.kind.undone_by().is_none()) {
            times.push(Off { from: switch, to: None });
        }
    }
    times
}

/// The last use after the end of the time off is exact; uses before an enabling are known by whole hours only.
fn late_use(timeline: &Timeline, off: &Off<'_>, skew: SignedDuration) -> Option<LateUse> {
    let from = after(off.from.time, skew);
    let last = timeline.last_accepted.as_ref()?;
    let inside = |time: Timestamp| time > from && off.to.is_none_or(|enabled| time < enabled.time);
    if inside(last.time) {
        return Some(LateUse { time: last.time, to_the_hour: false, evidence: Some(last.evidence.clone()) });
    }
    let first = timeline.first_use.as_ref().filter(|first| inside(first.time) && timeline.refused == 0);
    if let Some(first) = first.filter(|_| timeline.accepted == timeline.uses) {
        return Some(LateUse { time: first.time, to_the_hour: false, evidence: Some(first.evidence.clone()) });
    }
    let start = |hour: i64| Timestamp::from_second(hour.checked_mul(3600)?).ok();
    let whole = |hour: &i64| {
        start(*hour).is_some_and(|time| time > from)
            && start(*hour + 1).is_some_and(|end| off.to.is_none_or(|enabled| end <= enabled.time))
    };
    let hour = timeline.accepted_hours.iter().copied().find(whole)?;
    Some(LateUse { time: start(hour)?, to_the_hour: true, evidence: None })
}

fn report(ctx: &Context<'_>, row: &CredentialRow, off: &Off<'_>, used: LateUse, answers: &mut Answers) {
    let rating = severity::for_privilege(ctx, severity::default(ctx), &row.privilege);
    let what = match off.from.kind {
        EventKind::Disabled => "it was disabled",
        EventKind::SessionsRevoked => "all older sessions of its role were revoked",
        EventKind::IdentityDeleted => "its identity was deleted",
        EventKind::IdentityDisabled => "its identity was disabled",
        _ => "it was revoked",
    };
    let late = span(between(used.time, off.from.time));
    let exact = if used.to_the_hour { "in the hour from " } else { "" };
    let mut finding = card::about(ctx, row, &rating, "")
        .message(format!("{} was accepted {late} after {what}.", card::name(row)))
        .fact("Revoked", format!("{}: {what}", minute(off.from.time)))
        .fact("Late use", format!("{exact}{}; clocks may differ by {}", minute(used.time), ctx.limit("skew-seconds")));
    if let Some(enabled) = off.to {
        finding = finding.fact("Enabled again", minute(enabled.time)).evidence([enabled.evidence.clone()]);
    }
    let finding = finding.evidence([off.from.evidence.clone()]).evidence(used.evidence).evidence(card::evidence(row));
    answers.found(&row.id.to_string(), card::complete(ctx, row, finding));
}
