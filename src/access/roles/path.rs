//! How rights grow: the shortest way from each identity to an administrator, or to what a method wins.
//!
//! The search goes backwards from the administrators, as that of AWS does: first who gets there in one step, then who
//! reaches one of these in one step, and so on. Of ways of the same length a certain one is told before one that
//! depends on something.

use std::collections::{BTreeMap, BTreeSet};

use super::held::{Allows, Held, Holdings};
use super::method::{Method, Target};
use super::{RoleJudge, once};
use crate::model::{Evidence, IdentityKind, Path, Privilege, Step};

/// Over how many scopes of one identity a method is looked at.
const MAX_SCOPES: usize = 100;

/// The shortest ways, of every identity that has one, in order of the identities. Who owns a wide scope needs none.
pub(super) fn paths(judge: &RoleJudge<'_>) -> Vec<Path> {
    let moves: BTreeMap<&str, Vec<Move<'_>>> = judge.own().map(|(id, _)| (id, judge.moves(id))).collect();
    let mut goals: BTreeSet<&str> = judge
        .privileges()
        .iter()
        .filter(|(_, privilege)| matches!(privilege, Privilege::Admin { .. }))
        .map(|(id, _)| *id)
        .collect();
    let mut found: BTreeMap<&str, Path> = BTreeMap::new();
    let mut left: Vec<&str> = moves.iter().filter(|(_, moves)| !moves.is_empty()).map(|(id, _)| *id).collect();
    let mut first = true;
    while first || !goals.is_empty() {
        let round = Goals::new(judge, &goals);
        let mut reached = Vec::new();
        left.retain(|id| {
            let own = moves.get(id).map(Vec::as_slice).unwrap_or_default();
            let Some((step, goal)) = round.best(id, own, first) else { return true };
            reached.push((*id, path(judge, id, step, goal, &found)));
            false
        });
        goals = reached.iter().map(|(id, _)| *id).collect();
        found.extend(reached);
        first = false;
    }
    found.into_values().collect()
}

/// One step that an identity can take.
struct Move<'a> {
    method: &'a str,
    title: &'a str,
    actions: String,
    goal: Goal<'a>,
    unless: String,
    evidence: Vec<Evidence>,
}

/// Where a step leads.
enum Goal<'a> {
    /// Here it ends: what is won, in words.
    End(String),
    /// To a workload that lies in this scope.
    Workload(&'a str),
    /// To a user without a role of the directory.
    User,
    /// To this identity.
    Owned(&'a str),
}

/// The identities to reach in one round.
struct Goals<'g> {
    /// In order.
    ids: Vec<&'g str>,
    /// The first two workloads that lie in a scope.
    workloads: BTreeMap<String, Vec<&'g str>>,
    /// The first two users without a role of the directory.
    users: Vec<&'g str>,
}

impl<'g> Goals<'g> {
    fn new(judge: &RoleJudge<'_>, ids: &BTreeSet<&'g str>) -> Self {
        let mut goals = Self { ids: ids.iter().copied().collect(), workloads: BTreeMap::new(), users: Vec::new() };
        let in_directory = |held: &Held<'_>| held.scope().starts_with("directory:");
        for &id in ids {
            let Some(principal) = judge.estate.principals.get(id) else { continue };
            let place = super::is_workload(principal).then(|| judge.rules.place(id, principal)).flatten();
            for scope in place.map(|place| judge.around(&place)).unwrap_or_default() {
                let first = goals.workloads.entry(scope).or_default();
                first.extend((first.len() < 2).then_some(id));
            }
            if principal.kind == IdentityKind::User
                && goals.users.len() < 2
                && !judge.holdings(id).held.iter().any(in_directory)
            {
                goals.users.push(id);
            }
        }
        goals
    }

    /// The best step of an identity towards these goals.
    fn best<'m, 'a>(&self, id: &str, moves: &'m [Move<'a>], first: bool) -> Option<(&'m Move<'a>, Option<&'g str>)> {
        let leading = moves.iter().filter_map(|step| match step.goal {
            Goal::End(_) => first.then_some((step, None)),
            _ => Some((step, Some(self.led_to(id, step)?))),
        });
        leading.min_by_key(|(step, goal)| (!step.unless.is_empty(), goal.is_some(), step.method))
    }

    /// Another identity that a step leads to.
    fn led_to(&self, id: &str, step: &Move<'_>) -> Option<&'g str> {
        let other = |found: &[&'g str]| found.iter().copied().find(|goal| *goal != id);
        match &step.goal {
            Goal::End(_) => None,
            Goal::Owned(owned) => {
                let place = self.ids.binary_search_by(|goal| (*goal).cmp(owned)).ok()?;
                self.ids.get(place).copied()
            }
            Goal::Workload(scope) => other(self.workloads.get(&scope.to_ascii_lowercase())?),
            Goal::User => other(&self.users),
        }
    }
}

fn path(judge: &RoleJudge<'_>, id: &str, step: &Move<'_>, goal: Option<&str>, known: &BTreeMap<&str, Path>) -> Path {
    let onward = goal.and_then(|goal| known.get(goal));
    let won = match (&step.goal, goal) {
        (Goal::End(words), _) => words.clone(),
        (_, Some(goal)) => goal.to_owned(),
        _ => String::new(),
    };
    let on = match &step.goal {
        Goal::End(_) => String::new(),
        _ => format!(" on {won}"),
    };
    let mut steps = vec![Step {
        method: step.method.into(),
        from: id.into(),
        to: won.as_str().into(),
        how: format!("{}: {}{on}", step.title, step.actions).into(),
        evidence: step.evidence.clone(),
    }];
    steps.extend(onward.into_iter().flat_map(|path| path.steps.iter().cloned()));
    let mut unless: Vec<&str> = Some(step.unless.as_str()).filter(|text| !text.is_empty()).into_iter().collect();
    unless.extend(onward.map(|path| &*path.unless).filter(|text| !text.is_empty()));
    Path {
        system: judge.rules.id().into(),
        from: id.into(),
        to: onward.map_or_else(|| won.as_str().into(), |path| path.to.clone()),
        steps,
        unless: unless.join("; ").into(),
    }
}

impl<'a> RoleJudge<'a> {
    /// Everything that an identity could do to get more rights.
    fn moves(&self, id: &'a str) -> Vec<Move<'a>> {
        let principal = self.estate.principals.get(id);
        if principal.is_some_and(|own| own.kind == IdentityKind::Scope) {
            return Vec::new();
        }
        let holdings = self.holdings(id);
        if holdings.held.iter().any(|held| held.open.is_empty() && self.administers(held) == Some(true)) {
            return Vec::new();
        }
        let mut moves: Vec<Move<'a>> = holdings.eligible.iter().filter_map(|held| self.activation(held)).collect();
        for method in self.rules.methods() {
            match method.target {
                Target::Owned => moves.extend(owned(method, &holdings)),
                _ => moves.extend(self.apply(method, &holdings)),
            }
        }
        moves
    }

    fn activation(&self, held: &Held<'a>) -> Option<Move<'a>> {
        self.administers(held)?;
        Some(Move {
            method: "activate-role",
            title: "Activate a role that it is eligible for",
            actions: self.in_words(held),
            goal: Goal::End(format!("administrator of {}", held.scope())),
            unless: held.open.clone(),
            evidence: held.evidence(self.estate.policies.get(held.role)),
        })
    }

    /// A method, once for each scope over which all of its actions are allowed.
    fn apply(&self, method: &'static Method, holdings: &Holdings<'a>) -> Vec<Move<'a>> {
        let allowing = |action: &String| -> Vec<&Held<'a>> {
            holdings.held.iter().filter(|held| self.allows(held.role, action) == Allows::Yes).collect()
        };
        let by_action: Vec<Vec<&Held<'a>>> = method.actions.iter().map(allowing).collect();
        if by_action.iter().any(Vec::is_empty) {
            return Vec::new();
        }
        let scopes: BTreeSet<(bool, &str)> =
            by_action.iter().flatten().map(|held| (!self.rules.is_wide(held.scope()), held.scope())).collect();
        let steps = scopes.into_iter().filter_map(|(_, scope)| self.step(method, scope, &by_action, holdings));
        steps.take(MAX_SCOPES).collect()
    }

    /// A method over one scope, if for each of its actions one of the roles that allow it holds there.
    fn step(
        &self,
        method: &'static Method,
        scope: &'a str,
        by_action: &[Vec<&Held<'a>>],
        holdings: &Holdings<'a>,
    ) -> Option<Move<'a>> {
        let around = self.around(scope);
        let mut unless: BTreeSet<&str> = BTreeSet::from([method.needs.as_str()]);
        let mut evidence = Vec::new();
        for allowing in by_action {
            let there = allowing.iter().filter(|held| around.contains(&held.scope().to_ascii_lowercase()));
            let rank = |held: &&&Held<'a>| (!held.open.is_empty(), held.via.len(), held.role, &held.grant.evidence);
            let held = there.min_by(|one, other| rank(one).cmp(&rank(other)))?;
            unless.insert(held.open.as_str());
            evidence.extend(held.evidence(self.estate.policies.get(held.role)));
        }
        unless.remove("");
        Some(Move {
            method: &method.id,
            title: &method.title,
            actions: method.actions.join(" and "),
            goal: self.goal(method, scope, holdings)?,
            unless: unless.into_iter().collect::<Vec<_>>().join(" and "),
            evidence: once(evidence),
        })
    }

    fn goal(&self, method: &Method, scope: &'a str, holdings: &Holdings<'a>) -> Option<Goal<'a>> {
        Some(match method.target {
            Target::Scope => Goal::End(format!("administrator of {scope}")),
            Target::OwnRole => Goal::End(format!("administrator of {}", self.own_role(scope, holdings)?)),
            Target::Workload => Goal::Workload(scope),
            Target::User => Goal::User,
            Target::Rights => Goal::End(format!("{} {scope}", method.wins)),
            Target::Owned => return None,
        })
    }

    /// Where a custom role of this scope is held by the identity itself.
    fn own_role(&self, scope: &str, holdings: &Holdings<'a>) -> Option<&'a str> {
        let own = holdings.held.iter().filter(|held| {
            let of = held.role.split("/roles/").next().unwrap_or_default();
            held.open.is_empty() && self.rules.is_custom(held.role, held.scope()) && self.lies_in(of, scope)
        });
        own.map(Held::scope).find(|scope| self.rules.is_wide(scope))
    }
}

/// What the identity owns.
fn owned<'a>(method: &'static Method, holdings: &Holdings<'a>) -> impl Iterator<Item = Move<'a>> {
    holdings.held.iter().filter(|held| held.role == "owner").map(|held| Move {
        method: &method.id,
        title: &method.title,
        actions: "owner".to_owned(),
        goal: Goal::Owned(held.scope()),
        unless: held.open.clone(),
        evidence: held.evidence(None),
    })
}
