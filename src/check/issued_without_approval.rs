//! D02: access that takes an approval and was given without, or with too few.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::basis::request::{self, Given};
use super::basis::words::count;
use super::{Answers, Check, Context, severity};

/// See `rules/checks/issued_without_approval.yaml`.
pub(super) struct IssuedWithoutApproval;

impl Check for IssuedWithoutApproval {
    fn id(&self) -> &'static str {
        "issued-without-approval"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        let takes = |given: &&Given<'_>| given.scope.is_some_and(|scope| ctx.policy.jit.takes_approval(scope));
        let all = ctx.shared.given.iter().filter(takes);
        for given in request::first_of_each(all) {
            answers.examine();
            let (seen, needed) = (people(ctx, given, given.at), ctx.parameter("approvals"));
            // Enough people, but too late: `approval-after-issuance` speaks about that.
            if seen >= needed || people(ctx, given, Timestamp::MAX) >= needed {
                continue;
            }
            let asked = given.request.requested.as_ref().map_or(given.at, |asked| asked.time.min(given.at));
            match request::covered(ctx, asked, given.at) {
                Ok(_) => report(ctx, given, seen, needed, answers),
                Err(why) => answers.inconclusive(given.id, why),
            }
        }
    }
}

/// How many distinct people approved no later than `time`.
fn people(ctx: &Context<'_>, given: &Given<'_>, time: Timestamp) -> u64 {
    let mut people: BTreeSet<&str> = BTreeSet::new();
    for approver in given.request.approvers(time) {
        if !people.iter().any(|known| ctx.policy.one_person(known, approver)) {
            people.insert(approver);
        }
    }
    people.len() as u64
}

fn report(ctx: &Context<'_>, given: &Given<'_>, seen: u64, needed: u64, answers: &mut Answers) {
    let rating = severity::default(ctx);
    let missing =
        if seen == 0 { "without an approval".to_owned() } else { format!("with {}", count(seen, "approval")) };
    let message = format!("{} was given {missing}.", given.name);
    let finding = request::of_given(ctx, given, &rating, message)
        .fact("Approvals", format!("{seen} by distinct people; needed: {needed}"));
    answers.found(given.id, finding);
}
