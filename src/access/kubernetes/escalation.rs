//! How rights grow: the shortest way from each identity to the whole cluster, and over service accounts into the clouds
//! whose identities they carry.
//!
//! The search goes backwards from the administrators, one step at a time, so the first way found is a shortest one. Of
//! ways of the same length one that is certain is told before one that depends on something.

use std::collections::{BTreeMap, BTreeSet};

use super::KubernetesJudge;
use super::method::{Method, NamesAre, Target, methods};
use super::rights::{Held, Permit, SYSTEM, account};
use crate::model::{Evidence, Path, Privilege, Step};

/// What is won with the whole cluster.
const CLUSTER: &str = "administrator of the cluster";
/// Facts that name the identity of a cloud that a service account carries, with the method that uses it.
const BRIDGES: &[(&str, &str)] = &[
    ("aws-role", "kubernetes-aws-role"),
    ("azure-client-id", "kubernetes-azure-identity"),
    ("gcp-service-account", "kubernetes-gcp-service-account"),
];
/// How many identities of clouds are told for one identity.
const MAX_BRIDGES: usize = 16;

/// A method that an identity may use, and where.
struct Move<'a> {
    method: &'static Method,
    /// The namespace of the accounts that it wins; all where it is empty.
    namespace: &'a str,
    /// The names of the accounts that it wins; all where there are none.
    names: Vec<&'a str>,
    evidence: Vec<Evidence>,
}

/// The service accounts that exports name.
struct Accounts<'a> {
    all: BTreeSet<&'a str>,
    /// Those as which pods run; nothing if no export holds pods.
    running: Option<BTreeSet<&'a str>>,
}

/// All ways, in order of the identities.
pub(super) fn paths(judge: &KubernetesJudge<'_>) -> Vec<Path> {
    let accounts = Accounts::new(judge);
    let is_admin = |id: &str| matches!(judge.privileges().get(id), Some(Privilege::Admin { .. }));
    let others = judge.own().filter(|id| !is_admin(id));
    let moves: BTreeMap<&str, Vec<Move<'_>>> =
        others.map(|id| (id, moves(judge, id))).filter(|(_, moves)| !moves.is_empty()).collect();
    let mut found: BTreeMap<&str, Path> = BTreeMap::new();
    let mut goals: BTreeSet<&str> = accounts.all.iter().copied().filter(|id| is_admin(id)).collect();
    let mut is_first = true;
    while is_first || !goals.is_empty() {
        let left = moves.iter().filter(|(id, _)| !found.contains_key(*id));
        let reached: Vec<(&str, Path)> =
            left.filter_map(|(id, moves)| Some((*id, best(id, moves, &goals, is_first, &accounts, &found)?))).collect();
        goals = reached.iter().map(|(id, _)| *id).collect();
        found.extend(reached);
        is_first = false;
    }
    let mut all: Vec<Path> = found.into_values().collect();
    all.extend(moves.iter().flat_map(|(id, moves)| bridges(judge, id, moves, &accounts)));
    all.sort_by(|one, other| (&one.from, &one.to).cmp(&(&other.from, &other.to)));
    all
}

/// The methods that an identity may use.
#[cfg(test)]
pub(super) fn methods_of(judge: &KubernetesJudge<'_>, id: &str) -> Vec<&'static str> {
    moves(judge, id).iter().map(|way| &*way.method.id).collect()
}

impl<'a> Accounts<'a> {
    fn new(judge: &KubernetesJudge<'a>) -> Self {
        let all: BTreeSet<&str> = judge.own().filter(|id| account(id).is_some()).collect();
        let runs = |id: &&str| {
            judge.estate.principals.get(*id).is_some_and(|own| own.facts.iter().any(|fact| &*fact.name == "runs"))
        };
        let running: BTreeSet<&str> = all.iter().copied().filter(runs).collect();
        Self { all, running: (!running.is_empty()).then_some(running) }
    }

    /// Whether a move wins an account, and what that depends on.
    fn won(&self, way: &Move<'_>, id: &str) -> Option<String> {
        let (namespace, name) = account(id)?;
        let there = way.namespace.is_empty() || way.namespace == namespace;
        let named = way.names.is_empty() || way.names.contains(&name);
        if !there || !named {
            return None;
        }
        let needs = way.method.needs.clone();
        match (&self.running, way.method.target) {
            (_, Target::Cluster) => None,
            (_, Target::Account) => Some(needs),
            (Some(running), Target::Workload) => running.contains(id).then_some(needs),
            (None, Target::Workload) if needs.is_empty() => Some("a pod of it runs".to_owned()),
            (None, Target::Workload) => Some(format!("{needs}, and a pod of it runs")),
        }
    }
}

/// The methods that an identity may use, in order of methods and namespaces.
fn moves<'a>(judge: &KubernetesJudge<'a>, id: &str) -> Vec<Move<'a>> {
    let held = judge.rights.of(id);
    let scopes: BTreeSet<&'a str> = held.iter().map(Held::scope).chain([""]).collect();
    let mut found: Vec<Move<'a>> = Vec::new();
    for method in methods() {
        for scope in &scopes {
            let fits = match method.target {
                Target::Cluster if method.namespace.is_empty() => scope.is_empty(),
                Target::Cluster => scope.is_empty() || *scope == method.namespace,
                Target::Account | Target::Workload => true,
            };
            let wider =
                found.iter().any(|way| way.method.id == method.id && way.namespace.is_empty() && way.names.is_empty());
            if fits && !wider {
                found.extend(method_in(method, scope, &held));
            }
        }
    }
    found
}

/// The method in one namespace, or in the cluster where `scope` is empty, if all that it needs is allowed there.
fn method_in<'a>(method: &'static Method, scope: &'a str, held: &[Held<'a>]) -> Option<Move<'a>> {
    let (mut evidence, mut names): (Vec<Evidence>, Vec<&str>) = (Vec::new(), Vec::new());
    for alternatives in method.needed() {
        let there = held.iter().filter(|held| held.scope().is_empty() || held.scope() == scope);
        let permits = there.flat_map(|held| alternatives.iter().flat_map(|action| held.permits(*action)));
        let mut permits: Vec<Permit<'a>> = permits.filter(|permit| suffices(method, permit)).collect();
        permits.sort_by_key(|permit| !permit.names.is_empty());
        let first = permits.first()?;
        if method.names_are == NamesAre::Accounts && !first.names.is_empty() {
            names.extend(permits.iter().flat_map(|permit| permit.names).map(|name| &**name));
        }
        evidence.extend(first.held.evidence());
    }
    evidence.sort();
    evidence.dedup();
    Some(Move { method, namespace: scope, names, evidence })
}

/// Whether a permission that is limited to names is enough.
fn suffices(method: &Method, permit: &Permit<'_>) -> bool {
    permit.names.is_empty()
        || method.names_are == NamesAre::Accounts
        || permit.names.iter().any(|name| method.names.iter().any(|known| **known == **name))
}

/// The best way of an identity to one of the goals, or to the cluster at once.
fn best(
    id: &str,
    moves: &[Move<'_>],
    goals: &BTreeSet<&str>,
    is_first: bool,
    accounts: &Accounts<'_>,
    found: &BTreeMap<&str, Path>,
) -> Option<Path> {
    let to_cluster = moves.iter().filter(|way| is_first && way.method.target == Target::Cluster);
    let to_cluster = to_cluster.map(|way| (way, None, way.method.needs.clone()));
    let to_goal = moves.iter().flat_map(|way| {
        let others = goals.iter().filter(move |goal| **goal != id);
        others.filter_map(move |goal| Some((way, Some(*goal), accounts.won(way, goal)?)))
    });
    let (way, goal, needs) =
        to_cluster.chain(to_goal).min_by_key(|(way, goal, needs)| (!needs.is_empty(), *goal, &way.method.id))?;
    let onward = goal.and_then(|goal| found.get(goal));
    let won = goal.unwrap_or(CLUSTER);
    let to = onward.map_or_else(|| won.into(), |path| path.to.clone());
    let steps =
        std::iter::once(step(id, won, way)).chain(onward.into_iter().flat_map(|path| path.steps.iter().cloned()));
    let mut unless: Vec<&str> = vec![&needs];
    unless.extend(onward.map(|path| &*path.unless));
    unless.retain(|text| !text.is_empty());
    Some(Path { system: SYSTEM.into(), from: id.into(), to, steps: steps.collect(), unless: unless.join("; ").into() })
}

fn step(from: &str, to: &str, way: &Move<'_>) -> Step {
    let place = if way.namespace.is_empty() { String::new() } else { format!(" in namespace {}", way.namespace) };
    Step {
        method: way.method.id.as_str().into(),
        from: from.into(),
        to: to.into(),
        how: format!("{}: {}{place}", way.method.title, way.method.actions.join(" and ")).into(),
        evidence: way.evidence.clone(),
    }
}

/// The identities of clouds that an identity wins with the service accounts it may use.
fn bridges(judge: &KubernetesJudge<'_>, id: &str, moves: &[Move<'_>], accounts: &Accounts<'_>) -> Vec<Path> {
    let mut won: BTreeMap<&str, (bool, Path)> = BTreeMap::new();
    for way in moves {
        for goal in accounts.all.iter().filter(|goal| **goal != id) {
            let (Some(needs), Some(principal)) = (accounts.won(way, goal), judge.estate.principals.get(goal)) else {
                continue;
            };
            for (fact, method) in BRIDGES {
                for value in principal.facts.iter().filter(|own| *own.name == **fact).map(|own| &own.value) {
                    let depends = !needs.is_empty();
                    let known = won.get(&**value).is_some_and(|(other, _)| !other || depends);
                    if known || won.len() >= MAX_BRIDGES && !won.contains_key(&**value) {
                        continue;
                    }
                    let across = Step {
                        method: (*method).into(),
                        from: (*goal).into(),
                        to: value.clone(),
                        how: format!("the service account carries {fact} {value}").into(),
                        evidence: principal.evidence.to_vec(),
                    };
                    let steps = vec![step(id, goal, way), across];
                    let path = Path {
                        system: SYSTEM.into(),
                        from: id.into(),
                        to: value.clone(),
                        steps,
                        unless: needs.as_str().into(),
                    };
                    won.insert(value, (depends, path));
                }
            }
        }
    }
    won.into_values().map(|(_, path)| path).collect()
}
