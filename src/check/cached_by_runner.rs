//! G04: a credential of one run that the next run on the same runner works with.

use std::collections::{BTreeMap, BTreeSet};

use super::basis::card;
use super::basis::issued::{self, Session};
use super::basis::words::{list, minute};
use super::reused_across_tasks::tasks;
use super::{Answers, Check, Context, severity};
use crate::ledger::{Ledger, Moment};
use crate::model::Evidence;

/// See `rules/checks/cached_by_runner.yaml`.
pub(super) struct CachedByRunner;

/// Two runs on one runner that one credential was used in.
struct Cached<'a> {
    session: Session<'a>,
    runner: &'a str,
    runs: Vec<(&'a Moment, &'a str)>,
}

impl Check for CachedByRunner {
    fn id(&self) -> &'static str {
        "cached-by-runner"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        let mut runners: BTreeMap<&str, Vec<Cached<'_>>> = BTreeMap::new();
        let mut unknown: BTreeMap<(&str, &str), Session<'_>> = BTreeMap::new();
        for session in ctx.shared.sessions.iter().copied().filter(|session| !tasks(session.life).is_empty()) {
            answers.examine();
            match cached(ctx.ledger, session) {
                Ok(Some(cached)) => runners.entry(cached.runner).or_default().push(cached),
                Ok(None) => {}
                Err(()) => {
                    unknown.entry(session.group()).or_insert(session);
                }
            }
        }
        for (runner, all) in runners {
            report(ctx, runner, &all, answers);
        }
        for session in unknown.into_values() {
            let why = "it was used in several tasks, and no log says which runner they ran on";
            answers.inconclusive(&session.name(), why);
        }
    }
}

/// Whether two of its tasks ran on one runner; an error where the runner of some is not known and it is not found so.
fn cached<'a>(ledger: &'a Ledger, session: Session<'a>) -> Result<Option<Cached<'a>>, ()> {
    let tasks = tasks(session.life);
    let mut by_runner: BTreeMap<&str, Vec<(&Moment, &str)>> = BTreeMap::new();
    let mut unknown = 0;
    for (&task, &moment) in &tasks {
        match ledger.tasks.get(task).and_then(|known| known.runner.as_deref()) {
            Some(runner) => by_runner.entry(runner).or_default().push((moment, task)),
            None => unknown += 1,
        }
    }
    let found = by_runner.into_iter().find(|(_, runs)| runs.len() > 1);
    match found {
        Some((runner, mut runs)) => {
            runs.sort();
            Ok(Some(Cached { session, runner, runs }))
        }
        None if unknown > 0 && tasks.len() > 1 => Err(()),
        None => Ok(None),
    }
}

fn report(ctx: &Context<'_>, runner: &str, all: &[Cached<'_>], answers: &mut Answers) {
    let Some(first) = all.first() else { return };
    let admin = all.iter().find(|one| matches!(one.session.row.privilege, crate::ledger::Privilege::Admin { .. }));
    let worst = admin.unwrap_or(first);
    let rating = severity::for_privilege(ctx, severity::default(ctx), &worst.session.row.privilege);
    let ended = worst.runs.first().and_then(|(_, task)| ctx.ledger.tasks.get(*task)?.ended.as_ref());
    let scopes: BTreeSet<String> = all.iter().map(|one| one.session.name()).collect();
    let ends: Vec<Evidence> = ended.iter().map(|end| end.evidence.clone()).collect();
    let runs = worst.runs.iter().map(|(moment, task)| format!("{task} from {}", minute(moment.time)));
    let named = |run: Option<&(&Moment, &str)>| run.map_or_else(String::new, |(_, task)| (*task).to_owned());
    let (first_run, later) = (named(worst.runs.first()), named(worst.runs.get(1)));
    let finding = issued::about(ctx, &worst.session, runner, &rating)
        .message(format!(
            "{} served run {first_run} and was used again in run {later} on the same runner, {runner}.",
            card::name(worst.session.row)
        ))
        .fact("Runner", runner)
        .fact("Runs", list(runs, 6))
        .fact("Scopes", list(scopes, 6));
    let finding = match ended {
        Some(end) => finding.fact("First run ended", minute(end.time)),
        None => finding,
    };
    let finding = finding.evidence(card::records(worst.runs.iter().map(|(moment, _)| *moment))).evidence(ends);
    let sessions: Vec<Session<'_>> = all.iter().map(|one| one.session).collect();
    answers.found(&worst.session.name(), issued::tell(finding, &sessions));
}
