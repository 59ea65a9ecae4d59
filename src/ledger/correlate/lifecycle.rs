//! Which request and which task a credential was issued for, where its session name or its request says so.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::ledger::bounded::lower;
use crate::ledger::request::Request;
use crate::ledger::subject::CredentialRow;
use crate::ledger::task::Task;
use crate::ledger::timeline::Timeline;

/// The shortest part of a session name that may be an id: shorter ones would meet by accident.
const SHORTEST: usize = 4;

/// Joins credentials with requests and tasks. A session name joins where exactly one of its parts is the id of one; the
/// task of a request is the task of what was issued under it. An issuance is what came of its request.
pub(super) fn link(
    rows: &mut [CredentialRow],
    requests: &mut BTreeMap<Box<str>, Request>,
    tasks: &BTreeMap<Box<str>, Task>,
) {
    let (request_tails, task_tails) = (tails(requests), tails(tasks));
    for timeline in rows.iter_mut().filter_map(|row| row.timeline.as_mut()) {
        if timeline.request.is_none() {
            timeline.request = named(timeline, &request_tails);
        }
        let request = timeline.request.as_ref().and_then(|id| requests.get_mut(&**id));
        if timeline.issued_for.is_none() {
            let of_request = request.as_ref().and_then(|request| request.task.as_deref().map(Arc::from));
            timeline.issued_for = of_request.or_else(|| named(timeline, &task_tails));
        }
        if let Some(request) = request {
            lower(&mut request.issued, timeline.issued.clone());
        }
    }
}

/// Ids by the part behind their last slash, which is all that a session name can hold; nothing where two ids share it.
fn tails<T>(known: &BTreeMap<Box<str>, T>) -> BTreeMap<Box<str>, Option<Arc<str>>> {
    let mut tails: BTreeMap<Box<str>, Option<Arc<str>>> = BTreeMap::new();
    for id in known.keys() {
        let tail = id.rsplit('/').next().unwrap_or(id);
        let only = (!tails.contains_key(tail)).then(|| Arc::from(&**id));
        tails.insert(tail.into(), only);
    }
    tails
}

/// The only id that is a part of the session name.
fn named(timeline: &Timeline, tails: &BTreeMap<Box<str>, Option<Arc<str>>>) -> Option<Arc<str>> {
    if tails.is_empty() {
        return None;
    }
    let parts = parts(timeline.session.as_deref()?);
    let mut found: Vec<&Arc<str>> = parts.filter_map(|part| tails.get(part)?.as_ref()).collect();
    found.sort();
    found.dedup();
    match found.as_slice() {
        [only] => Some(Arc::clone(only)),
        _ => None,
    }
}

/// The name itself, its parts between separators, and what lies before and after each dash of them.
fn parts(name: &str) -> impl Iterator<Item = &str> {
    let words = std::iter::once(name).chain(name.split(['/', '@', '=', ',', ' ', ':', '+', '_']));
    words.flat_map(|word| std::iter::once(word).chain(around_dashes(word))).filter(|part| part.len() >= SHORTEST)
}

fn around_dashes(word: &str) -> impl Iterator<Item = &str> {
    word.match_indices('-').flat_map(|(at, _)| [word.get(..at), word.get(at + 1..)]).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(session: &str, ids: &[&str]) -> Option<String> {
        let known: BTreeMap<Box<str>, u8> = ids.iter().map(|id| (Box::from(*id), 0)).collect();
        let timeline = Timeline { session: Some(session.into()), ..Timeline::default() };
        named(&timeline, &tails(&known)).map(|id| id.to_string())
    }

    #[test]
    fn a_session_name_that_holds_the_id_names_it() {
        for session in ["REQ-1042", "alice@REQ-1042", "deploy-REQ-1042", "REQ-1042-deploy"] {
            assert_eq!(find(session, &["REQ-1042"]).as_deref(), Some("REQ-1042"), "{session}");
        }
        assert_eq!(find("GitHubActions-9900112233", &["9900112233"]).as_deref(), Some("9900112233"));
    }

    #[test]
    fn an_id_with_a_prefix_is_named_by_its_last_part_unless_two_share_it() {
        assert_eq!(find("gha-99001122", &["acme-ci/99001122"]).as_deref(), Some("acme-ci/99001122"));
        assert_eq!(find("gha-99001122", &["acme-ci/99001122", "other/99001122"]), None);
    }

    #[test]
    fn half_an_id_a_short_one_and_two_of_them_name_nothing() {
        assert_eq!(find("deploy-99001122", &["9900112233"]), None);
        assert_eq!(find("run-12", &["12"]), None);
        assert_eq!(find("REQ-1042/REQ-1043", &["REQ-1042", "REQ-1043"]), None);
    }
}
