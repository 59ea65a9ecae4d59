//! E07: a credential of the wrong kind for who works with it.

use super::basis::actor::{Actor, Actors};
use super::basis::words::{list, minute};
use super::basis::{card, life};
use super::{Answers, Check, Context, severity};
use crate::ledger::{CredentialRow, Moment, Timeline};
use crate::model::{Confidence, IdentityKind, StandingClass};

/// Parts of user agents that only people send: browsers, and clients with windows.
const OF_PEOPLE: [&str; 9] = [
    "mozilla/",
    "s3 browser",
    "cyberduck",
    "postmanruntime/",
    "insomnia/",
    "dbeaver",
    "datagrip",
    "azure-storage-explorer",
    "microsoftazurestorageexplorer",
];
/// Parts of user agents that only pipelines send.
const OF_PIPELINES: [&str; 9] = [
    "github-actions",
    "actions/",
    "gitlab-runner",
    "gitlab-ci",
    "jenkins",
    "circleci",
    "buildkite",
    "vsts-agent",
    "exec-env/aws_codebuild",
];

/// See `rules/checks/wrong_credential_kind.yaml`.
pub(super) struct WrongCredentialKind;

/// What does not fit, in words, with the records.
struct Misfit<'a> {
    said: String,
    seen: Vec<&'a Moment>,
}

impl Check for WrongCredentialKind {
    fn id(&self) -> &'static str {
        "wrong-credential-kind"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        let actors = Actors::of(ctx);
        for row in ctx.ledger.credentials.iter().filter(|row| life::is_known(row)) {
            let Some(principal) = row.principal.as_deref() else { continue };
            let who = actors.what(principal, IdentityKind::Unknown);
            if who == Actor::Unknown || life::is_over(row, ctx.ledger.as_of) {
                continue;
            }
            answers.examine();
            if let Some(misfit) = misfit(row, who) {
                report(ctx, row, who, misfit, answers);
            }
        }
    }
}

fn misfit(row: &CredentialRow, who: Actor) -> Option<Misfit<'_>> {
    let timeline = row.timeline.as_deref().filter(|life| !life.by_service);
    if who == Actor::Person {
        let pipeline = timeline.filter(|_| row.standing == StandingClass::Standing && !is_password(row))?;
        return by_pipeline(pipeline);
    }
    if is_password(row) {
        return Some(Misfit { said: "a password to sign in with".to_owned(), seen: Vec::new() });
    }
    let (agents, seen): (Vec<&str>, Vec<&Moment>) = agents(timeline?, &OF_PEOPLE).unzip();
    let first = agents.first()?;
    Some(Misfit { said: format!("used by hand: {first}"), seen })
}

/// A person's own key or token in a task, or in the hands of a pipeline's agent.
fn by_pipeline(life: &Timeline) -> Option<Misfit<'_>> {
    if let Some((task, moment)) = life.tasks.iter().next() {
        return Some(Misfit { said: format!("used by task {task}"), seen: vec![moment] });
    }
    let (agents, seen): (Vec<&str>, Vec<&Moment>) = agents(life, &OF_PIPELINES).unzip();
    let first = agents.first()?;
    Some(Misfit { said: format!("used by a pipeline: {first}"), seen })
}

fn is_password(row: &CredentialRow) -> bool {
    row.kind.ends_with("-password") || row.kind.ends_with("-login-profile")
}

/// The user agents of accepted uses that hold one of these parts, with their first use.
fn agents<'a>(life: &'a Timeline, parts: &'static [&'static str]) -> impl Iterator<Item = (&'a str, &'a Moment)> {
    let holds = |agent: &str| {
        let agent = agent.to_ascii_lowercase();
        parts.iter().any(|part| agent.contains(part))
    };
    life.agents.iter().filter(move |(agent, _)| holds(agent)).map(|(agent, moment)| (&**agent, moment))
}

fn report(ctx: &Context<'_>, row: &CredentialRow, who: Actor, misfit: Misfit<'_>, answers: &mut Answers) {
    let rating = severity::for_privilege(ctx, severity::default(ctx), &row.privilege);
    let owner = match who {
        Actor::Person => "a person",
        Actor::Agent => "an agent",
        _ => "a workload",
    };
    let seen = list(misfit.seen.iter().map(|moment| minute(moment.time)), 4);
    let finding = card::about(ctx, row, &rating, "")
        .confidence(if misfit.seen.is_empty() { row.confidence() } else { Confidence::High })
        .message(format!("{} belongs to {owner} and is {}.", card::name(row), misfit.said))
        .fact("Does not fit", misfit.said);
    let finding = if seen.is_empty() { finding } else { finding.fact("First seen", seen) };
    let finding = finding.evidence(card::records(misfit.seen)).evidence(card::evidence(row));
    answers.found(&row.id.to_string(), card::complete(ctx, row, finding));
}
