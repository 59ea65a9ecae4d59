//! D07: access that was used where it was not asked for.

use super::basis::request::{self, Given};
use super::basis::words::{list, minute};
use super::{Answers, Check, Context, severity};
use crate::ledger::{Moment, Request};

/// See `rules/checks/used_outside_approved_target.yaml`.
pub(super) struct UsedOutsideApprovedTarget;

impl Check for UsedOutsideApprovedTarget {
    fn id(&self) -> &'static str {
        "used-outside-approved-target"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        for given in &ctx.shared.given {
            let timeline = given.credential.and_then(|row| row.timeline.as_ref());
            let Some(timeline) = timeline.filter(|timeline| !timeline.targets.is_empty()) else { continue };
            if given.request.targets.is_empty() {
                continue;
            }
            answers.examine();
            if given.request.targets.len() >= Request::MAX_SCOPES {
                answers.inconclusive(given.id, "it names more targets than are kept");
                continue;
            }
            let outside: Vec<(&str, &Moment)> = timeline
                .targets
                .iter()
                .map(|(target, moment)| (&**target, moment))
                .filter(|(target, _)| !given.request.targets.iter().any(|approved| lies_in(target, approved)))
                .collect();
            if !outside.is_empty() {
                report(ctx, given, &outside, answers);
            }
        }
    }
}

/// Whether a target is the approved one or a part of it: `prod/payments` lies in `prod`, and an account in its ARNs.
fn lies_in(target: &str, approved: &str) -> bool {
    let (target, approved) = (target.to_lowercase(), approved.to_lowercase());
    let below =
        |whole: &str, part: &str| part.strip_prefix(whole).is_some_and(|rest| rest.starts_with(['/', ':', '.']));
    let same_account = approved.starts_with("arn:") && approved.split(':').nth(4) == Some(target.as_str());
    target == approved || approved == "*" || below(&approved, &target) || same_account
}

fn report(ctx: &Context<'_>, given: &Given<'_>, outside: &[(&str, &Moment)], answers: &mut Answers) {
    let rating = severity::default(ctx);
    let names = || outside.iter().map(|(target, _)| (*target).to_owned());
    let asked = list(given.request.targets.iter().map(ToString::to_string), 3);
    let message = format!("{} was used in {}; it was asked for {asked}.", given.name, list(names(), 3));
    let used = outside.iter().map(|(target, moment)| format!("{target} from {}", minute(moment.time)));
    let finding = request::of_given(ctx, given, &rating, message)
        .fact("Used outside", list(used, 8))
        .evidence(super::basis::card::records(outside.iter().map(|(_, moment)| *moment)));
    answers.found(given.id, finding);
}

#[cfg(test)]
mod tests {
    use super::lies_in;

    #[test]
    fn a_part_of_the_approved_target_is_inside_and_a_name_that_begins_alike_is_not() {
        for (target, approved) in [
            ("prod", "prod"),
            ("PROD", "prod"),
            ("prod/payments", "prod"),
            ("111122223333", "arn:aws:s3:eu-west-1:111122223333:x"),
        ] {
            assert!(lies_in(target, approved), "{target} {approved}");
        }
        for (target, approved) in [("prod-eu", "prod"), ("prod", "prod/payments"), ("444455556666", "111122223333")] {
            assert!(!lies_in(target, approved), "{target} {approved}");
        }
    }
}
