//! A05: a grant that was made and never taken away.

use super::basis::words::{after, between, span};
use super::basis::{grant, log};
use super::severity::by_threshold;
use super::{Answers, Check, Context, severity};
use crate::ledger::{GrantLife, GrantName, Making, Privilege};
use crate::model::{Expiry, GrantObject, Severity, Standing};

/// See `rules/checks/unrevoked_grant.yaml`.
pub(super) struct UnrevokedGrant;

impl Check for UnrevokedGrant {
    fn id(&self) -> &'static str {
        "unrevoked-grant"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        for (name, life) in &ctx.ledger.grant_lives {
            let Some(made) = life.open().filter(|made| lasts(made) && !lets_in_workloads(name)) else { continue };
            answers.examine();
            if ctx.ledger.as_of < after(made.time, ctx.span("days")) {
                continue;
            }
            match still_there(ctx, life, made) {
                Ok(until) => report(ctx, (name, life), made, &until, answers),
                Err(why) => answers.inconclusive(&grant::id(name), why),
            }
        }
    }
}

/// Made for good. What must be activated first, or ends by itself, is another matter.
fn lasts(made: &Making) -> bool {
    matches!(made.standing, Standing::Standing | Standing::Unknown) && !matches!(made.expiry, Expiry::At(_))
}

/// A role that trusts a service of the provider or an identity provider: the way to sessions that end by themselves, and
/// there for as long as the role is.
fn lets_in_workloads(name: &GrantName) -> bool {
    let provider = || [":oidc-provider/", ":saml-provider/"].iter().any(|part| name.holder.contains(part));
    let service = || name.holder.split('.').skip(1).any(|part| part == "amazonaws");
    matches!(name.object, GrantObject::AssumeRole(_)) && (service() || provider())
}

/// The log that would hold the removal covers the time since.
fn still_there(ctx: &Context<'_>, life: &GrantLife, made: &Making) -> Result<String, String> {
    let mut why = "no log that would hold its removal was read".to_owned();
    for key in &life.streams {
        let Some(stream) = ctx.ledger.streams.get(key) else { continue };
        let Some((_, end)) = stream.window() else { continue };
        if end < after(made.time, ctx.span("days")) {
            why = format!("{} ends before the grant is old enough", log::name(key));
            continue;
        }
        match stream.covers(made.time, end) {
            Ok(()) => return Ok(log::name(key)),
            Err(reason) => why = format!("{}: {reason}", log::name(key)),
        }
    }
    Err(why)
}

fn report(ctx: &Context<'_>, of: (&GrantName, &GrantLife), made: &Making, log: &str, answers: &mut Answers) {
    let rating = match &of.1.privilege {
        Privilege::Admin { how, .. } => {
            by_threshold(Severity::Critical, format!("the grant makes an administrator ({how})"))
        }
        _ => severity::default(ctx),
    };
    let age = span(between(ctx.ledger.as_of, made.time));
    let finding = grant::about(ctx, of, made, &rating)
        .message(format!("{} was granted {age} ago without an end and not taken away.", grant::sentence(of.0)))
        .fact("Limit", format!("{}; {log} covers the time since", ctx.limit("days")))
        .evidence(grant::evidence(made));
    answers.found(&grant::id(of.0), finding);
}
