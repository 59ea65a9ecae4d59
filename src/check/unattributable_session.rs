//! E03: sessions of several callers under one name, so that their use names none of them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::basis::card;
use super::basis::issued::{self, Session};
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
        let privileges = &ctx.shared.privileges;
        let mut principals: BTreeMap<&str, HashMap<&str, Taken<'_>>> = BTreeMap::new();
        for sessions in ctx.shared.groups.values() {
            for of_one in sessions.chunk_by(|a, b| a.life.principal == b.life.principal) {
                let Some(principal) = of_one.first().and_then(|session| session.life.principal.as_deref()) else {
                    continue;
                };
                let named = || of_one.iter().filter_map(|session| Some((session.life.session.as_deref()?, session)));
                if named().next().is_none() {
                    continue;
                }
                let taken = principals.entry(principal).or_default();
                for (name, session) in named().filter(|(_, session)| !is_told(session)) {
                    if let Some(requester) = session.life.requester.as_deref() {
                        taken.entry(name).or_default().push((requester, *session));
                    }
                }
            }
        }
        let limit = ctx.parameter("callers");
        for (principal, names) in principals {
            answers.examine();
            let mut names = several(names, limit);
            names.retain(|_, callers| callers.len() as u64 >= limit);
            if !names.is_empty() {
                report(ctx, principal, privileges.get(principal), &names, answers);
            }
        }
    }
}

/// The names that were taken so often, with their sessions by caller.
#[expect(clippy::iter_over_hash_type, reason = "what is kept is put in order")]
fn several<'a>(names: HashMap<&'a str, Taken<'a>>, limit: u64) -> Names<'a> {
    let mut several = Names::new();
    for (name, taken) in names {
        if taken.len() as u64 >= limit {
            several.insert(name, by_caller(taken));
        }
    }
    several
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
    for sessions in callers.values_mut() {
        sessions.sort_by(|a, b| a.row.id.cmp(&b.row.id));
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
