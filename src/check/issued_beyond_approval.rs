//! D10: more, or for longer, than was approved.

use super::basis::card::short;
use super::basis::request::{self, Given};
use super::basis::words::{after, between, list, minute, span};
use super::{Answers, Check, Context, severity};
use crate::ledger::{Privilege, identity_key};
use crate::model::Expiry;

/// See `rules/checks/issued_beyond_approval.yaml`.
pub(super) struct IssuedBeyondApproval;

impl Check for IssuedBeyondApproval {
    fn id(&self) -> &'static str {
        "issued-beyond-approval"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        for given in &ctx.shared.given {
            let bounded = matches!(given.request.expiry, Expiry::At(_)) || !given.request.scopes.is_empty();
            if !bounded {
                continue;
            }
            answers.examine();
            let beyond: Vec<String> = longer(ctx, given).into_iter().chain(wider(given)).collect();
            if !beyond.is_empty() {
                report(ctx, given, &beyond, answers);
            }
        }
    }
}

fn longer(ctx: &Context<'_>, given: &Given<'_>) -> Option<String> {
    let approved = given.request.expiry.at()?;
    match given.until {
        Expiry::At(end) if end > after(approved, ctx.span("skew-seconds")) => {
            Some(format!("until {}, {} longer than approved", minute(end), span(between(end, approved))))
        }
        Expiry::Never => Some(format!("without an end; approved until {}", minute(approved))),
        _ => None,
    }
}

/// A role that was not asked for. A request that names more roles than are kept may have named it.
fn wider(given: &Given<'_>) -> Option<String> {
    let scope = given.scope.filter(|_| !given.request.scopes.is_empty() && !given.request.more_scopes)?;
    let last = |id: &str| short(id).rsplit('/').next().unwrap_or_default().to_lowercase();
    let asked_for = |asked: &str| {
        let whole = asked.starts_with("arn:") && scope.starts_with("arn:");
        if whole { identity_key(asked) == identity_key(scope) } else { last(asked) == last(scope) }
    };
    let asked = || given.request.scopes.iter().map(|scope| short(scope).to_owned());
    (!given.request.scopes.iter().any(|scope| asked_for(scope)))
        .then(|| format!("for {}; asked for was {}", short(scope), list(asked(), 3)))
}

fn report(ctx: &Context<'_>, given: &Given<'_>, beyond: &[String], answers: &mut Answers) {
    let privilege = given.credential.map_or(&Privilege::NotExamined, |row| &row.privilege);
    let rating = severity::for_privilege(ctx, severity::default(ctx), privilege);
    let message = format!("{} was given {}.", given.name, beyond.join(" and "));
    let finding = request::of_given(ctx, given, &rating, message)
        .fact("Limit", format!("clocks may differ by {}", ctx.limit("skew-seconds")));
    answers.found(given.id, finding);
}
