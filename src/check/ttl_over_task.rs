//! B01: a life far longer than the task it was given for.

use jiff::SignedDuration;

use super::basis::lived::{self, Key, Lived};
use super::basis::words::{count, list, span};
use super::basis::{card, log};
use super::{Answers, Check, Context, severity};
use crate::ledger::TaskEnd;

/// See `rules/checks/ttl_over_task.yaml`.
pub(super) struct TtlOverTask;

/// How long a credential was needed and how long it lived on.
struct Excess {
    needed: SignedDuration,
    rest: SignedDuration,
}

impl Check for TtlOverTask {
    fn id(&self) -> &'static str {
        "ttl-over-task"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        for (&key, issues) in &ctx.shared.lived {
            let mut over: Vec<(Excess, Lived<'_>)> = Vec::new();
            let (mut judged, mut doubt) = (0, None);
            for issue in issues {
                match excess(ctx, issue) {
                    Ok(None) => judged += 1,
                    Ok(Some(excess)) => {
                        judged += 1;
                        over.push((excess, *issue));
                    }
                    Err(why) => doubt = doubt.or(why),
                }
            }
            match doubt {
                Some(why) if judged == 0 => {
                    answers.examine();
                    answers.inconclusive(if key.0.is_empty() { key.1 } else { key.0 }, why);
                }
                _ if judged == 0 => {}
                _ => {
                    answers.examine();
                    report(ctx, key, judged, over, answers);
                }
            }
        }
    }
}

/// Whether it lived on far longer than it was needed; `Err` where nothing tells how long it was needed.
fn excess(ctx: &Context<'_>, issue: &Lived<'_>) -> Result<Option<Excess>, Option<String>> {
    if let Some(end) = task_end(ctx, issue) {
        let needed = end.time.duration_since(issue.from).max(SignedDuration::ZERO);
        let rest = issue.to.duration_since(end.time);
        let limit = times(needed, ctx.parameter("times-task")).max(ctx.span("rest-hours"));
        return Ok((rest >= limit).then_some(Excess { needed, rest }));
    }
    let used = issue.used().ok_or(None)?;
    let rest = issue.ttl() - used;
    let over = issue.ttl() >= times(used, ctx.parameter("times-use")) && rest >= ctx.span("unused-hours");
    if over {
        covered(ctx, issue).map_err(Some)?;
    }
    Ok(over.then_some(Excess { needed: used, rest }))
}

fn task_end<'a>(ctx: &Context<'a>, issue: &Lived<'a>) -> Option<&'a TaskEnd> {
    let task = ctx.ledger.tasks.get(issue.timeline.issued_for.as_deref()?)?;
    task.ended.as_ref().filter(|end| end.time >= issue.from)
}

fn times(length: SignedDuration, factor: u64) -> SignedDuration {
    SignedDuration::from_secs(length.as_secs().saturating_mul(i64::try_from(factor).unwrap_or(i64::MAX)))
}

/// The log that would hold later uses covers the life of the credential.
fn covered(ctx: &Context<'_>, issue: &Lived<'_>) -> Result<(), String> {
    let (key, stream) = ctx.ledger.stream_for(issue.row).ok_or("no log that would hold its uses was read")?;
    stream.covers(issue.from, issue.to).map_err(|why| format!("{}: {why}", log::name(key)))
}

fn report(ctx: &Context<'_>, key: Key<'_>, judged: u64, mut over: Vec<(Excess, Lived<'_>)>, answers: &mut Answers) {
    over.sort_by_key(|(excess, issue)| (std::cmp::Reverse(excess.rest), issue.from, issue.row.id.clone()));
    let Some((worst, issue)) = over.first() else { return };
    let rating = severity::for_privilege(ctx, severity::default(ctx), &issue.row.privilege);
    let name = if key.0.is_empty() { key.1 } else { key.0 };
    let needed = over.iter().map(|(excess, issue)| format!("{} of {}", span(excess.needed), span(issue.ttl())));
    let list_of: Vec<Lived<'_>> = over.iter().map(|(_, issue)| *issue).collect();
    let finding = lived::about(ctx, key, &rating)
        .message(format!(
            "Credentials for {} live up to {} longer than they are needed.",
            card::short(name),
            span(worst.rest)
        ))
        .fact("Needed", list(needed, 4))
        .fact("Credentials", format!("{} of {} whose need is known", over.len(), count(judged, "credential")))
        .fact(
            "Limit",
            format!(
                "{} the task and {}; without a known task {} the use and {}",
                ctx.limit("times-task"),
                ctx.limit("rest-hours"),
                ctx.limit("times-use"),
                ctx.limit("unused-hours")
            ),
        )
        .evidence(lived::records(&list_of));
    answers.found(name, finding);
}
