//! I03: an identity with a just-in-time path that still uses a static credential.

use super::basis::words::count;
use super::basis::{actions, card, life};
use super::{Answers, Check, Context, severity};
use crate::ledger::{CredentialRow, Moment, Timeline};
use crate::model::{Evidence, StandingClass};

/// See `rules/checks/dual_path.yaml`.
pub(super) struct DualPath;

/// Short-lived sessions that the identity of a static credential obtained.
struct Sessions<'a> {
    number: u64,
    records: Vec<&'a Moment>,
    roles: Vec<Evidence>,
}

impl Check for DualPath {
    fn id(&self) -> &'static str {
        "dual-path"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        for row in ctx.ledger.credentials.iter().filter(|row| life::is_static(row) && row.principal.is_some()) {
            let Some(timeline) = row.timeline.as_ref().filter(|timeline| timeline.accepted > 0) else { continue };
            answers.examine();
            if life::ended(row, ctx.ledger.as_of).is_some() || !is_worked_with(timeline) {
                continue;
            }
            let sessions = sessions(ctx, row);
            if sessions.number > 0 {
                report(ctx, row, timeline, sessions, answers);
            }
        }
    }
}

/// Used for more than fetching sessions. Without any named action the use itself is what is known.
fn is_worked_with(timeline: &Timeline) -> bool {
    timeline.more_actions
        || timeline.actions.is_empty()
        || timeline.actions.keys().any(|action| !actions::is_fetching(action))
}

fn sessions<'a>(ctx: &Context<'a>, row: &'a CredentialRow) -> Sessions<'a> {
    let own = |timeline: &&Timeline| {
        timeline.parent.as_ref() == Some(&row.id) || (row.principal.is_some() && timeline.requester == row.principal)
    };
    let ephemeral = ctx.ledger.credentials.iter().filter(|other| other.standing == StandingClass::Ephemeral);
    let found: Vec<&Timeline> = ephemeral
        .filter_map(|other| other.timeline.as_ref())
        .filter(|timeline| !timeline.by_service && timeline.issued.is_some())
        .filter(own)
        .collect();
    let joined: u64 = row.jit_paths.iter().map(|path| path.issued).sum();
    let used = row.jit_paths.iter().filter(|path| path.issued > 0);
    Sessions {
        number: joined.max(found.len() as u64),
        records: found.iter().filter_map(|timeline| timeline.issued.as_ref()).collect(),
        roles: used.flat_map(|path| path.evidence.iter().cloned()).collect(),
    }
}

fn report(
    ctx: &Context<'_>,
    row: &CredentialRow,
    timeline: &Timeline,
    mut sessions: Sessions<'_>,
    answers: &mut Answers,
) {
    sessions.records.sort();
    let rating = severity::for_privilege(ctx, severity::default(ctx), &row.privilege);
    let (uses, taken) = (count(timeline.accepted, "time"), count(sessions.number, "short-lived session"));
    let finding = card::about(ctx, row, &rating, "")
        .message(format!("{} was used {uses}, while the same identity obtained {taken}.", card::name(row)))
        .fact("Both paths", format!("static: used {uses}; just in time: {taken}"))
        .evidence(card::evidence(row))
        .evidence(card::records(sessions.records))
        .evidence(sessions.roles.into_iter().take(4));
    answers.found(&row.id.to_string(), card::complete(ctx, row, finding));
}
