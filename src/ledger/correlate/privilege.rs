//! Whether an identity is an effective administrator.
//!
//! An administrator is who is allowed every action on every resource, by one statement or by several together, without
//! a condition. An unconditional `Deny` of everything, or of all of `iam`, takes that away; a `Deny` of other services
//! or of single resources does not, since who has all of `iam` can lift it, and is said. What cannot be told (a
//! condition, a permissions boundary, a policy that is not in the export) is unknown, not "no".

use crate::model::{Effect, Evidence, Policy, Statement};

use super::pattern::{are_disjoint, covers, is_every_action, is_every_resource};
use crate::ledger::subject::Privilege;

/// A policy in force for an identity.
#[derive(Clone, Debug)]
pub(super) struct Held<'a> {
    /// The policy's id.
    pub(super) id: &'a str,
    /// How it came to the identity, for people: `AdministratorAccess via group deployers`.
    pub(super) how: String,
    /// Where the export says so.
    pub(super) evidence: Vec<&'a Evidence>,
    /// The policy, where the export holds it.
    pub(super) policy: Option<&'a Policy>,
}

/// All that decides about the privilege of one identity.
#[derive(Clone, Debug, Default)]
pub(super) struct Holdings<'a> {
    /// Policies in force, direct and by groups.
    pub(super) held: Vec<Held<'a>>,
    /// Groups it is in that no export describes.
    pub(super) unknown_groups: Vec<&'a str>,
    /// It has more policies than are looked at.
    pub(super) cut: bool,
    /// The id of its permissions boundary, with the policy where the export holds it.
    pub(super) boundary: Option<(&'a str, Option<&'a Policy>)>,
}

/// How many policies of one identity are looked at: twice what AWS allows.
pub(super) const MAX_HELD: usize = 500;
/// How many statements are looked at together. One that allows everything alone is found among any number.
const MAX_TOGETHER: usize = 500;
/// The AWS-managed policy that allows everything, by its published content.
const ADMINISTRATOR: &str = ":aws:policy/AdministratorAccess";
/// The AWS-managed policy that denies everything, by its published content.
const DENY_ALL: &str = ":aws:policy/AWSDenyAll";

/// What these holdings add up to.
pub(super) fn privilege(holdings: &Holdings<'_>) -> Privilege {
    if holdings.cut {
        return Privilege::Unknown(format!("it has more than {MAX_HELD} policies"));
    }
    let statements: Vec<&Statement> = holdings.policies().flat_map(|policy| &policy.statements).collect();
    let denied = denial(&statements);
    if denied == Denial::Everything || holdings.held.iter().any(|held| is_published(held, DENY_ALL)) {
        return Privilege::Limited;
    }
    let Some(grounds) = holdings.grounds() else {
        return holdings.unproven(&statements);
    };
    let bounded = holdings.boundary.filter(|(id, policy)| !is_administrator(id, *policy));
    if let Some((id, _)) = bounded {
        return Privilege::Unknown(format!("permissions boundary {id} is not evaluated"));
    }
    let mut how = grounds.iter().map(|held| held.how.as_str()).collect::<Vec<_>>().join(" and ");
    match denied {
        Denial::Unclear(what) => return Privilege::Unknown(format!("administrator by {how}, but {what}")),
        Denial::Beside(what) => how = format!("{how}, except {what}"),
        Denial::Nothing | Denial::Everything => {}
    }
    if let Some(missing) = holdings.missing() {
        how = format!("{how}, unless {missing} denies it, which is not in the export");
    }
    let mut evidence: Vec<Evidence> = grounds.iter().flat_map(|held| held.evidence.iter().copied().cloned()).collect();
    evidence.extend(grounds.iter().filter_map(|held| held.policy).map(|policy| policy.evidence.clone()));
    Privilege::Admin { how, evidence }
}

/// Whether any statement of these policies allows `action` on anything at all.
pub(super) fn may_allow(holdings: &Holdings<'_>, action: &str) -> bool {
    let allowing = holdings.policies().flat_map(|policy| &policy.statements).any(|statement| {
        statement.effect == Effect::Allow
            && statement.actions.iter().any(|pattern| covers(pattern, action)) != statement.not_actions
    });
    allowing || holdings.held.iter().any(|held| is_published(held, ADMINISTRATOR))
}

/// Whether an unconditional statement of these policies allows `action` on `resource` and no statement denies it.
pub(super) fn allows(holdings: &Holdings<'_>, action: &str, resource: &str) -> bool {
    let matching = |effect: Effect| {
        holdings.policies().flat_map(|policy| &policy.statements).filter(move |statement| {
            statement.effect == effect
                && statement.actions.iter().any(|pattern| covers(pattern, action)) != statement.not_actions
                && statement.resources.iter().any(|pattern| covers(pattern, resource)) != statement.not_resources
        })
    };
    let published = holdings.held.iter().any(|held| is_published(held, ADMINISTRATOR));
    let allowed = published || matching(Effect::Allow).any(|statement| statement.conditions.is_empty());
    allowed && matching(Effect::Deny).next().is_none()
}

impl<'a> Holdings<'a> {
    fn policies(&self) -> impl Iterator<Item = &'a Policy> {
        self.held.iter().filter_map(|held| held.policy)
    }

    /// The policies that together allow everything: one of them where one is enough.
    fn grounds(&self) -> Option<Vec<&Held<'a>>> {
        let alone = |held: &&Held<'a>| {
            is_published(held, ADMINISTRATOR) || held.policy.is_some_and(|policy| allows_everything(&policy.statements))
        };
        if let Some(held) = self.held.iter().find(alone) {
            return Some(vec![held]);
        }
        let mut needed: Vec<&Held<'a>> = self.held.iter().filter(|held| contributes(held)).collect();
        if !together(&needed) {
            return None;
        }
        for place in (0..needed.len()).rev() {
            let mut fewer = needed.clone();
            fewer.remove(place);
            if together(&fewer) {
                needed = fewer;
            }
        }
        Some(needed)
    }

    /// The answer where the statements at hand do not make an administrator.
    fn unproven(&self, statements: &[&Statement]) -> Privilege {
        if let Some(group) = self.unknown_groups.first() {
            return Privilege::Unknown(format!("group {group} is not in the export"));
        }
        if let Some(missing) = self.missing() {
            return Privilege::Unknown(format!("{missing} is attached but not in the export"));
        }
        let lifted: Vec<Statement> =
            statements.iter().map(|&statement| Statement { conditions: "".into(), ..statement.clone() }).collect();
        if allows_everything(&lifted) {
            return Privilege::Unknown("administrator under conditions, which are not evaluated".to_owned());
        }
        Privilege::Limited
    }

    /// The first attached policy whose content nothing tells.
    fn missing(&self) -> Option<&'a str> {
        let unknown = |held: &&Held<'a>| held.policy.is_none() && !is_published(held, ADMINISTRATOR);
        self.held.iter().find(unknown).map(|held| held.id)
    }
}

/// What the `Deny` statements take away.
#[derive(Debug, PartialEq, Eq)]
enum Denial {
    Nothing,
    /// Something beside `iam`, or on single resources, in words.
    Beside(String),
    /// A part of `iam`, or something under a condition, in words.
    Unclear(String),
    /// Everything, or all of `iam`.
    Everything,
}

fn denial(statements: &[&Statement]) -> Denial {
    let (mut beside, mut unclear) = (Vec::new(), Vec::new());
    for statement in statements.iter().filter(|statement| statement.effect == Effect::Deny) {
        match (reach_into_iam(statement), statement.conditions.is_empty(), reach_over_iam(statement)) {
            (Reach::None, ..) | (_, _, Reach::None) => beside.push(in_words(statement)),
            (Reach::All, true, Reach::All) => return Denial::Everything,
            (Reach::All | Reach::Part, ..) => unclear.push(in_words(statement)),
        }
    }
    match (unclear.is_empty(), beside.is_empty()) {
        (false, _) => Denial::Unclear(format!("{} is denied", unclear.join(" and "))),
        (true, false) => Denial::Beside(beside.join(" and ")),
        (true, true) => Denial::Nothing,
    }
}

/// How much of `iam:*` a statement speaks about.
enum Reach {
    None,
    Part,
    All,
}

fn reach_into_iam(statement: &Statement) -> Reach {
    let whole = statement.actions.iter().any(|pattern| covers(pattern, "iam:*"));
    let none = statement.actions.iter().all(|pattern| are_disjoint(pattern, "iam:*"));
    match (whole, none, statement.not_actions) {
        (true, _, false) | (_, true, true) => Reach::All,
        (true, _, true) | (_, true, false) => Reach::None,
        _ => Reach::Part,
    }
}

/// How many of the resources of `iam` a statement speaks about. What is plainly none of them, or a single one, is none.
fn reach_over_iam(statement: &Statement) -> Reach {
    let resources = &statement.resources;
    if statement.not_resources || resources.iter().any(|text| is_every_resource(text)) {
        return Reach::All;
    }
    let single = |text: &str| !text.contains(['*', '?']) || are_disjoint(text, "arn:aws:iam::");
    if resources.iter().all(|text| single(text)) { Reach::None } else { Reach::Part }
}

/// A denied statement for people: `s3:* on arn:aws:s3:::logs/* under conditions`. Long lists are cut.
fn in_words(statement: &Statement) -> String {
    let list = |patterns: &[Box<str>]| match patterns {
        [one] => one.to_string(),
        [one, rest @ ..] => format!("{one} and {} more", rest.len()),
        [] => "nothing".to_owned(),
    };
    let all_but = |not: bool| if not { "all but " } else { "" };
    let mut words = format!("{}{}", all_but(statement.not_actions), list(&statement.actions));
    if statement.not_resources || !statement.resources.iter().any(|text| is_every_resource(text)) {
        words = format!("{words} on {}{}", all_but(statement.not_resources), list(&statement.resources));
    }
    if statement.conditions.is_empty() { words } else { format!("{words} under conditions") }
}

/// Whether the unconditional statements on every resource together allow every action: one `*`, or a `NotAction` whose
/// exceptions the others allow.
fn allows_everything(statements: &[Statement]) -> bool {
    let open: Vec<&Statement> = statements.iter().filter(|statement| is_open(statement)).collect();
    let by_patterns = |statement: &&Statement| {
        !statement.not_actions && statement.actions.iter().any(|pattern| is_every_action(pattern))
    };
    let but_exceptions = |statement: &&&Statement| {
        let others = || open.iter().filter(|other| !std::ptr::eq(**other, **statement));
        statement.not_actions && statement.actions.iter().all(|gap| others().any(|other| fills(other, gap)))
    };
    open.iter().copied().any(|statement| by_patterns(&statement))
        || (open.len() <= MAX_TOGETHER && open.iter().any(|statement| but_exceptions(&statement)))
}

/// Whether a statement allows everything that `gap` covers.
fn fills(statement: &Statement, gap: &str) -> bool {
    if statement.not_actions {
        return statement.actions.iter().all(|pattern| are_disjoint(pattern, gap));
    }
    statement.actions.iter().any(|pattern| covers(pattern, gap))
}

/// An allowing statement on every resource without a condition.
fn is_open(statement: &Statement) -> bool {
    let everywhere = !statement.not_resources && statement.resources.iter().any(|text| is_every_resource(text));
    statement.effect == Effect::Allow && statement.conditions.is_empty() && everywhere
}

fn together(held: &[&Held<'_>]) -> bool {
    let policies = held.iter().filter_map(|held| held.policy);
    allows_everything(&policies.flat_map(|policy| policy.statements.clone()).collect::<Vec<_>>())
}

fn contributes(held: &Held<'_>) -> bool {
    held.policy.is_some_and(|policy| policy.statements.iter().any(is_open))
}

fn is_published(held: &Held<'_>, name: &str) -> bool {
    held.policy.is_none() && is_aws_managed(held.id, name)
}

fn is_aws_managed(id: &str, name: &str) -> bool {
    id.strip_suffix(name).is_some_and(|prefix| prefix.starts_with("arn:aws") && prefix.ends_with(":iam:"))
}

/// Whether a policy alone allows everything and denies nothing, so that a boundary of it is none.
fn is_administrator(id: &str, policy: Option<&Policy>) -> bool {
    match policy {
        Some(policy) => {
            let statements: Vec<&Statement> = policy.statements.iter().collect();
            allows_everything(&policy.statements) && denial(&statements) == Denial::Nothing
        }
        None => is_aws_managed(id, ADMINISTRATOR),
    }
}
