//! G01: one short-lived credential in several tasks.

use std::collections::BTreeMap;

use super::basis::card;
use super::basis::issued::{self, Session};
use super::basis::words::{count, list, minute};
use super::{Answers, Check, Context, severity};
use crate::ledger::{Moment, Timeline};

/// See `rules/checks/reused_across_tasks.yaml`.
pub(super) struct ReusedAcrossTasks;

impl Check for ReusedAcrossTasks {
    fn id(&self) -> &'static str {
        "reused-across-tasks"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        let mut groups = issued::Groups::new();
        for session in ctx.shared.sessions.iter().copied().filter(|session| !tasks(session.life).is_empty()) {
            groups.entry(session.group()).or_default().push(session);
        }
        for mut sessions in groups.into_values() {
            answers.examine();
            sessions.retain(|session| tasks(session.life).len() as u64 >= ctx.parameter("tasks"));
            sessions.sort_by_key(|session| std::cmp::Reverse(tasks(session.life).len()));
            if !sessions.is_empty() {
                report(ctx, &sessions, answers);
            }
        }
    }
}

/// The tasks in which it was accepted, and the one it was issued for, each with its first record.
pub(super) fn tasks(life: &Timeline) -> BTreeMap<&str, &Moment> {
    let own = life.issued_for.as_deref().zip(life.issued.as_ref());
    let used = life.tasks.iter().map(|(task, moment)| (&**task, moment));
    let mut tasks: BTreeMap<&str, &Moment> = used.collect();
    tasks.extend(own);
    tasks
}

fn report(ctx: &Context<'_>, sessions: &[Session<'_>], answers: &mut Answers) {
    let Some(most) = sessions.first() else { return };
    let tasks = tasks(most.life);
    let mut in_order: Vec<(&Moment, &str)> = tasks.iter().map(|(task, moment)| (*moment, *task)).collect();
    in_order.sort();
    let rating = severity::for_privilege(ctx, severity::default(ctx), &most.row.privilege);
    let more = if most.life.more_tasks { "at least " } else { "" };
    let finding = issued::about(ctx, most, "", &rating)
        .message(format!("{} was used in {more}{}.", card::name(most.row), count(tasks.len() as u64, "task")))
        .fact("Tasks", list(in_order.iter().map(|(moment, task)| format!("{task} from {}", minute(moment.time))), 6))
        .fact("Limit", format!("{} tasks", ctx.limit("tasks")))
        .evidence(card::records(in_order.iter().map(|(moment, _)| *moment)));
    answers.found(&most.name(), issued::tell(finding, sessions));
}
