//! What many checks would each work out for themselves, worked out once: logs name many thousand credentials, and going
//! over all of them takes longer than most questions.

use std::collections::{BTreeMap, HashMap};

use crate::ledger::many::FEW;
use crate::ledger::texts::place;
use crate::ledger::{CredentialRow, Ledger, Timeline, identity_key};
use crate::model::{StandingClass, StreamKey};
use crate::rules::policy::Policy;

use super::issued::{Groups, Privileges, Session, is_short};
use super::lineage::Lineage;
use super::lived::{self, ByKey};
use super::request::{self, Given};

/// The ledger from the sides that checks ask about.
#[derive(Debug)]
pub struct Shared<'a> {
    /// Credentials that are not known to end by themselves soon after issue, in order of their ids.
    pub(in crate::check) lasting: Vec<&'a CredentialRow>,
    /// Those that lie in code, in order of their ids.
    pub(in crate::check) in_code: Vec<&'a CredentialRow>,
    /// All credentials that logs name, that do not stand for ever and that no service of the provider obtained for
    /// itself, in order of their ids.
    pub(in crate::check) sessions: Vec<Session<'a>>,
    /// The same by requester and scope, both empty where no record says.
    pub(in crate::check) groups: Groups<'a>,
    /// Those that a just-in-time role or mount of the policy hands out.
    pub(in crate::check) handed_out: Groups<'a>,
    /// The same with a known issue and end, by scope and requester.
    pub(in crate::check) lived: ByKey<'a>,
    /// Which credential was obtained with which.
    pub(in crate::check) lineage: Lineage<'a>,
    /// What scopes allow.
    pub(in crate::check) privileges: Privileges<'a>,
    /// The logs that hold requests.
    pub(in crate::check) request_streams: Vec<&'a StreamKey>,
    /// What was given under requests.
    pub(in crate::check) given: Vec<Given<'a>>,
}

impl<'a> Shared<'a> {
    /// Looks at the ledger.
    pub(in crate::check) fn of(ledger: &'a Ledger, policy: &Policy) -> Self {
        let rows = || ledger.credentials.iter();
        let sessions: Vec<Session<'_>> = rows().filter_map(Session::of).filter(is_short).collect();
        let (groups, lineage) = if sessions.len() < FEW {
            (groups(&sessions), Lineage::of(ledger))
        } else {
            rayon::join(|| groups(&sessions), || Lineage::of(ledger))
        };
        let handed_out = groups.iter().filter(|((_, scope), _)| policy.jit.hands_out(scope));
        Self {
            lasting: rows().filter(|row| row.standing != StandingClass::Ephemeral).collect(),
            in_code: rows().filter(|row| !row.exposures.is_empty()).collect(),
            handed_out: handed_out.map(|(key, sessions)| (*key, sessions.clone())).collect(),
            lived: lived::by_scope_and_requester(&groups),
            sessions,
            groups,
            lineage,
            privileges: Privileges::of(ledger),
            request_streams: request::streams(ledger),
            given: request::given(ledger),
        }
    }

    /// Sessions by requester and scope, where one of them is known.
    pub(in crate::check) fn known_groups(&self) -> impl Iterator<Item = ((&'a str, &'a str), &[Session<'a>])> {
        self.groups.iter().map(|(key, sessions)| (*key, sessions.as_slice())).filter(|(key, _)| *key != ("", ""))
    }

    /// Sessions by the lookup key of the scope, where it is known: in order of their ids, whoever asked.
    pub(in crate::check) fn by_scope(&self) -> BTreeMap<String, Vec<Session<'a>>> {
        let mut scopes: BTreeMap<String, Vec<Session<'a>>> = BTreeMap::new();
        for ((_, scope), sessions) in self.groups.iter().filter(|((_, scope), _)| !scope.is_empty()) {
            scopes.entry(identity_key(scope)).or_default().extend(sessions);
        }
        for sessions in scopes.values_mut() {
            sessions.sort_by(|a, b| a.row.id.cmp(&b.row.id));
        }
        scopes
    }
}

/// Short-lived credentials by requester and scope. Texts are held once, so that most are told apart by where they lie.
fn groups<'a>(sessions: &[Session<'a>]) -> Groups<'a> {
    let mut known: HashMap<_, usize> = HashMap::new();
    let mut lists: Vec<((&'a str, &'a str), Vec<Session<'a>>)> = Vec::new();
    for &session in sessions {
        let Timeline { requester, scope, .. } = session.life;
        let at = *known.entry((requester.as_deref().map(place), scope.as_deref().map(place))).or_insert_with(|| {
            lists.push((session.group(), Vec::new()));
            lists.len() - 1
        });
        if let Some((_, list)) = lists.get_mut(at) {
            list.push(session);
        }
    }
    let mut groups = Groups::new();
    for (key, list) in lists {
        let group = groups.entry(key).or_default();
        let is_first = group.is_empty();
        group.extend(list);
        if !is_first {
            group.sort_by(|a, b| a.row.id.cmp(&b.row.id));
        }
    }
    groups
}
