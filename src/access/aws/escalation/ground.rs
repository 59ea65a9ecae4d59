//! Where paths run: the users and roles of an estate, and what of it leads on to an administrator.

use std::collections::{BTreeMap, BTreeSet};

use super::marks::Marks;
use super::method::methods;
use crate::access::aws::AwsJudge;
use crate::access::aws::arn;
use crate::access::aws::condition::Truth;
use crate::access::aws::powers::{Layer, Powers};
use crate::access::pattern::{is_every_resource, is_pattern, literal};
use crate::model::{IdentityKind, Privilege};

/// Ids in order, by account.
type ByAccount<'s> = BTreeMap<&'s str, Vec<&'s str>>;

/// Identities that lead to an administrator, or all of them, in the ways in which they are looked for.
#[derive(Debug, Default)]
pub(super) struct Goals<'s> {
    pub(super) users: ByAccount<'s>,
    pub(super) roles: ByAccount<'s>,
    pub(super) groups: ByAccount<'s>,
    /// Roles by the account, or `*`, that they trust as a whole.
    pub(super) open_to: ByAccount<'s>,
    /// Roles by their account and a service that they trust.
    pub(super) by_service: BTreeMap<(&'s str, String), Vec<&'s str>>,
    /// All ids.
    pub(super) all: BTreeSet<&'s str>,
}

impl<'s> Goals<'s> {
    /// These identities as goals.
    pub(super) fn new(judge: &'s AwsJudge<'_>, ids: impl IntoIterator<Item = &'s str>) -> Self {
        let mut goals = Self::default();
        for id in ids.into_iter().collect::<BTreeSet<_>>() {
            let Some(principal) = judge.estate.principals.get(id) else { continue };
            let Some(account) = principal.account else { continue };
            match principal.kind {
                IdentityKind::User => goals.users.entry(account).or_default().push(id),
                IdentityKind::Group => goals.groups.entry(account).or_default().push(id),
                IdentityKind::Role => goals.add_role(judge, account, id),
                _ => continue,
            }
            goals.all.insert(id);
        }
        goals
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    fn add_role(&mut self, judge: &'s AwsJudge<'_>, account: &'s str, role: &'s str) {
        self.roles.entry(account).or_default().push(role);
        for service in judge.trusts.services(role) {
            self.by_service.entry((account, service)).or_default().push(role);
        }
        for trusted in judge.trusts.accounts(role).collect::<BTreeSet<_>>() {
            self.open_to.entry(trusted).or_default().push(role);
        }
    }
}

/// Everything that a search needs to know again and again.
pub(super) struct Ground<'s> {
    pub(super) judge: &'s AwsJudge<'s>,
    /// All users and roles that are examined and no administrators, in order.
    pub(super) nodes: Vec<Node<'s>>,
    /// All administrators, groups among them.
    pub(super) administrators: Vec<&'s str>,
    /// All identities.
    pub(super) everyone: Goals<'s>,
}

/// An identity that a path may begin at.
#[derive(Clone, Debug)]
pub(super) struct Node<'s> {
    pub(super) id: &'s str,
    pub(super) account: &'s str,
    pub(super) kind: IdentityKind,
    /// The methods of which some statement allows every action, the shortest first.
    pub(super) methods: Vec<usize>,
    /// Some statement allows `sts:AssumeRole`.
    pub(super) assumes: bool,
}

impl<'s> Ground<'s> {
    /// Reads the estate of a judge.
    pub(super) fn new(judge: &'s AwsJudge<'s>) -> Self {
        let own = || judge.estate.principals.iter().filter(|(_, principal)| principal.system == "aws");
        let (mut nodes, mut administrators) = (Vec::new(), Vec::new());
        for (&id, principal) in own() {
            match judge.privileges().get(id) {
                Some(Privilege::Admin { .. }) => administrators.push(id),
                Some(Privilege::Limited | Privilege::Unknown(_))
                    if matches!(principal.kind, IdentityKind::User | IdentityKind::Role) =>
                {
                    let Some(account) = principal.account.or_else(|| arn::account(id)) else { continue };
                    nodes.push(Node::new(id, account, principal.kind, &judge.powers(id)));
                }
                _ => {}
            }
        }
        let everyone = Goals::new(judge, own().map(|(&id, _)| id));
        Self { judge, nodes, administrators, everyone }
    }
}

impl<'s> Node<'s> {
    fn new(id: &'s str, account: &'s str, kind: IdentityKind, powers: &Powers<'_>) -> Self {
        let marks = possible(powers);
        let all = methods();
        let complete = |method: &usize| all.marks[*method].iter().all(|&mark| marks.has(mark));
        let mut methods: Vec<usize> =
            if marks.is_empty() { Vec::new() } else { (0..all.all.len()).filter(complete).collect() };
        methods.sort_by_key(|&method| (!all.all[method].needs.is_empty(), all.marks[method].len(), method));
        Self { id, account, kind, methods, assumes: all.assume.is_some_and(|mark| marks.has(mark)) }
    }
}

/// The actions that might be allowed on some resource: a quick look, so that what is hopeless is not tried again and
/// again.
fn possible(powers: &Powers<'_>) -> Marks {
    let mut marks = allowed(powers, &powers.own);
    for cap in powers.caps.iter().filter(|cap| cap.missing().is_none() && !cap.allows_nothing()) {
        marks.keep(allowed(powers, cap));
    }
    if marks.is_empty() {
        return marks;
    }
    for (_, rule) in std::iter::once(&powers.own).chain(&powers.caps).flat_map(Layer::rules) {
        let statement = rule.statement;
        let everywhere = !statement.not_resources && statement.resources.iter().any(|text| is_every_resource(text));
        if rule.denies() && everywhere && rule.condition.holds(&powers.context) == Truth::Yes {
            marks.remove(rule.marks);
        }
    }
    marks
}

/// The actions that a layer allows on some resource, or might.
fn allowed(powers: &Powers<'_>, layer: &Layer<'_>) -> Marks {
    let mut marks = Marks::default();
    for (_, rule) in layer.rules().filter(|(_, rule)| !rule.denies() && !rule.marks.is_empty()) {
        if rule.condition.holds(&powers.context) != Truth::No {
            marks.join(rule.marks);
        }
    }
    marks
}

/// Of ids in order those that a statement of these powers may allow this action on.
pub(super) fn within<'s>(powers: &Powers<'_>, mark: usize, ids: &[&'s str]) -> Vec<&'s str> {
    let mut found: BTreeSet<&'s str> = BTreeSet::new();
    for (_, rule) in powers.own.rules().filter(|(_, rule)| !rule.denies() && rule.marks.has(mark)) {
        let statement = rule.statement;
        if statement.not_resources || statement.resources.is_empty() {
            return ids.to_vec();
        }
        for pattern in &statement.resources {
            let start = literal(pattern.split("${").next().unwrap_or_default());
            if start.is_empty() {
                return ids.to_vec();
            }
            let whole = !is_pattern(pattern) && start.len() == pattern.len();
            let first = ids.partition_point(|id| **id < *start);
            let reached = ids.get(first..).unwrap_or_default().iter().take_while(|id| id.starts_with(start));
            found.extend(reached.filter(|id| !whole || id.len() == start.len()));
        }
    }
    found.into_iter().collect()
}
