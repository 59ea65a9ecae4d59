//! I03: an identity with a just-in-time path that still uses a static credential.

use std::collections::{BTreeMap, HashSet};

use super::basis::words::count;
use super::basis::{actions, card, life};
use super::{Answers, Check, Context, severity};
use crate::ledger::{CredentialRow, Moment, Timeline, identity_key};
use crate::model::{CredentialId, StandingClass};

/// See `rules/checks/dual_path.yaml`.
pub(super) struct DualPath;

/// Short-lived sessions that a credential or its identity obtained.
#[derive(Clone, Default)]
struct Sessions<'a> {
    number: u64,
    records: Vec<&'a Moment>,
}

/// All sessions by the credential and by the identity that obtained them.
#[derive(Default)]
struct Obtained<'a> {
    by_credential: BTreeMap<&'a CredentialId, Sessions<'a>>,
    by_identity: BTreeMap<String, Sessions<'a>>,
}

impl Check for DualPath {
    fn id(&self) -> &'static str {
        "dual-path"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        let obtained = obtained(ctx);
        for row in ctx.shared.lasting.iter().copied().filter(|row| life::is_static(row) && row.principal.is_some()) {
            let Some(timeline) = row.timeline.as_deref().filter(|timeline| timeline.accepted > 0) else { continue };
            answers.examine();
            if life::is_over(row, ctx.ledger.as_of) || !is_worked_with(timeline) {
                continue;
            }
            let sessions = obtained.for_row(row);
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

fn obtained<'a>(ctx: &Context<'a>) -> Obtained<'a> {
    let mut obtained = Obtained::default();
    let fixed: HashSet<&CredentialId> = ctx.shared.lasting.iter().map(|row| &row.id).collect();
    for ((requester, _), sessions) in ctx.shared.known_groups() {
        let ephemeral = sessions.iter().filter(|session| session.row.standing == StandingClass::Ephemeral);
        let mut by_requester = Sessions::default();
        for life in ephemeral.map(|session| session.life).filter(|life| life.scope.is_some()) {
            let Some(issued) = &life.issued else { continue };
            if let Some(parent) = life.parent.as_ref().filter(|parent| fixed.contains(parent)) {
                obtained.by_credential.entry(parent).or_default().add(issued);
            }
            by_requester.add(issued);
        }
        if by_requester.number > 0 && !requester.is_empty() {
            let known = obtained.by_identity.entry(identity_key(requester)).or_default();
            known.number += by_requester.number;
            known.records.append(&mut by_requester.records);
        }
    }
    obtained
}

impl<'a> Sessions<'a> {
    fn add(&mut self, issued: &'a Moment) {
        self.number += 1;
        self.records.push(issued);
    }
}

impl<'a> Obtained<'a> {
    /// The larger of both counts, since one session usually names credential and identity.
    fn for_row(&self, row: &CredentialRow) -> Sessions<'a> {
        let own = self.by_credential.get(&row.id);
        let principal = row.principal.as_deref().map(identity_key);
        let identity = principal.and_then(|principal| self.by_identity.get(&principal));
        let most = [own, identity].into_iter().flatten().max_by_key(|sessions| sessions.number);
        most.cloned().unwrap_or_default()
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
    let used_paths = row.jit_paths.iter().filter(|path| path.issued > 0);
    let roles = used_paths.flat_map(|path| path.evidence.iter().cloned());
    let rating = severity::for_privilege(ctx, severity::default(ctx), &row.privilege);
    let (uses, taken) = (count(timeline.accepted, "time"), count(sessions.number, "short-lived session"));
    let finding = card::about(ctx, row, &rating, "")
        .message(format!("{} was used {uses}, while the same identity obtained {taken}.", card::name(row)))
        .fact("Both paths", format!("static: used {uses}; just in time: {taken}"))
        .evidence(card::evidence(row))
        .evidence(card::records(sessions.records))
        .evidence(roles.take(4));
    answers.found(&row.id.to_string(), card::complete(ctx, row, finding));
}
