//! E03: sessions of several callers under one name, so that their use names none of them.

use std::collections::{BTreeMap, BTreeSet};

use super::basis::card;
use super::basis::issued::{self, Privileges, Session};
use super::basis::words::{count, list};
use super::{Answers, Check, Context, severity};
use crate::ledger::{Privilege, identity_key};

/// See `rules/checks/unattributable_session.yaml`.
pub(super) struct UnattributableSession;

/// The sessions of one name, with who asked for them. Most names are of one session.
type Taken<'a> = Vec<(&'a str, Session<'a>)>;

/// The sessions of one principal by their name and by who took them.
type Names<'a> = BTreeMap<&'a str, BTreeMap<String, Vec<Session<'a>>>>;

impl Check for UnattributableSession {
    fn id(&self) -> &'static str {
        "unattributable-session"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        let privileges = Privileges::of(ctx.ledger);
        let mut principals: BTreeMap<&str, BTreeMap<&str, Taken<'_>>> = BTreeMap::new();
        for session in issued::sessions(ctx.ledger) {
            let life = session.life;
            let (Some(principal), Some(name)) = (life.principal.as_deref(), life.session.as_deref()) else { continue };
            let names = principals.entry(principal).or_default();
            let Some(requester) = life.requester.as_deref().filter(|_| !is_told(&session)) else { continue };
            names.entry(name).or_default().push((requester, session));
        }
        let limit = ctx.parameter("callers");
        for (principal, names) in principals {
            answers.examine();
            let several = names.into_iter().filter(|(_, taken)| taken.len() as u64 >= limit);
            let mut names: Names<'_> = several.map(|(name, taken)| (name, by_caller(taken))).collect();
            names.retain(|_, callers| callers.len() as u64 >= limit);
            if !names.is_empty() {
                report(ctx, principal, privileges.get(principal), &names, answers);
            }
        }
    }
}

/// A request or a task says whose session it is.
fn is_told(session: &Session<'_>) -> bool {
    session.life.request.is_some() || session.life.issued_for.is_some() || !session.life.tasks.is_empty()
}

fn by_caller(taken: Taken<'_>) -> BTreeMap<String, Vec<Session<'_>>> {
    let mut callers: BTreeMap<String, Vec<Session<'_>>> = BTreeMap::new();
    for (requester, session) in taken {
        callers.entry(caller(requester)).or_default().push(session);
    }
    callers
}

/// Who took it. The branches of one repository are one caller.
fn caller(requester: &str) -> String {
    let parts = if requester.starts_with("repo:") || requester.starts_with("project_path:") { 2 } else { usize::MAX };
    let whole: Vec<&str> = requester.split(':').take(parts).collect();
    identity_key(&whole.join(":"))
}

fn report(ctx: &Context<'_>, principal: &str, privilege: &Privilege, names: &Names<'_>, answers: &mut Answers) {
    let rating = severity::for_privilege(ctx, severity::default(ctx), privilege);
    let callers: BTreeSet<&String> = names.values().flat_map(BTreeMap::keys).collect();
    let quoted = names.keys().map(|name| format!("`{name}`"));
    let one_each = names.values().flat_map(BTreeMap::values).filter_map(|sessions| sessions.first().copied());
    let some: Vec<Session<'_>> = one_each.collect();
    let number: usize = names.values().flat_map(BTreeMap::values).map(Vec::len).sum();
    let finding = issued::about_scope(ctx, principal, &rating)
        .message(format!(
            "{} took sessions of {} under the name {}, so that a use does not tell whose it is.",
            count(callers.len() as u64, "caller"),
            card::short(principal),
            list(quoted, 3)
        ))
        .fact("Callers", list(callers.iter().map(|caller| card::short(caller).to_owned()), 8))
        .fact("Sessions", count(number as u64, "session"))
        .fact("Limit", format!("{} callers under one name", ctx.limit("callers")))
        .evidence(issued::records(&some));
    answers.found(principal, finding);
}
