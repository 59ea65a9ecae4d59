//! Whether an identity is an effective administrator.
//!
//! An administrator is who is allowed every action on every resource, by one statement or by several together, under
//! conditions that hold, by its own policies and by every cap. An unconditional `Deny` of everything, or of all of
//! `iam`, takes that away; a `Deny` of other services or of single resources does not, since who has all of `iam` can
//! lift it, nor does a cap of the organisation that denies a part; both are said. What cannot be told (a condition on
//! what no export tells, a policy that is not in the export) is unknown, not "no".

use super::condition::Truth;
use super::policies::Rule;
use super::powers::{Held, Layer, MAX_HELD, Powers, Via};
use super::words;
use crate::access::pattern::{are_disjoint, covers, is_every_action, is_every_resource, is_pattern};
use crate::model::{Effect, Evidence, Privilege, Statement};

/// How many statements are looked at together. One that allows everything alone is found among any number.
const MAX_TOGETHER: usize = 500;

/// What these powers add up to.
pub(super) fn privilege(powers: &Powers<'_>) -> Privilege {
    if powers.cut {
        return Privilege::Unknown(format!("it has more than {MAX_HELD} policies"));
    }
    let denied = denial(powers);
    if denied == Denial::Everything {
        return Privilege::Limited;
    }
    let sure = powers.open(&powers.own, false);
    let Some(grounds) = grounds(&sure) else {
        return unproven(powers);
    };
    for cap in &powers.caps {
        if let Some(limited) = capped(powers, cap) {
            return limited;
        }
    }
    let mut how = grounds.iter().map(Held::how).collect::<Vec<_>>().join(" and ");
    match denied {
        Denial::Unclear(what) => return Privilege::Unknown(format!("administrator by {how}, but {what}")),
        Denial::Beside(what) => how = format!("{how}, except {what}"),
        Denial::Nothing | Denial::Everything => {}
    }
    let mut layers = std::iter::once(&powers.own).chain(&powers.caps);
    if let Some(missing) = layers.find_map(Layer::missing) {
        how = format!("{how}, unless {missing} denies it, which is not in the export");
    }
    let evidence: Vec<Evidence> = grounds.iter().flat_map(Held::records).collect();
    Privilege::Admin { how, evidence }
}

/// An allowing statement on every resource, with the policy that holds it.
type Open<'s> = (Held<'s>, &'s Statement);

impl<'s> Powers<'s> {
    /// The allowing statements of a layer on every resource whose conditions hold, or might hold where that is asked.
    fn open(&self, layer: &Layer<'s>, might: bool) -> Vec<Open<'s>> {
        let open = |rule: &Rule<'_>| {
            let everywhere =
                !rule.statement.not_resources && rule.statement.resources.iter().any(|text| is_every_resource(text));
            !rule.denies()
                && everywhere
                && match rule.condition.holds(&self.context) {
                    Truth::Yes => true,
                    Truth::Open(_) => might,
                    Truth::No => false,
                }
        };
        layer.rules().filter(|(_, rule)| open(rule)).map(|(held, rule)| (*held, rule.statement)).collect()
    }
}

/// The policies that together allow everything: one of them where one is enough.
fn grounds<'s>(open: &[Open<'s>]) -> Option<Vec<Held<'s>>> {
    let mut needed: Vec<Held<'s>> = Vec::new();
    for (held, _) in open {
        if needed.iter().all(|there| (there.id, there.via) != (held.id, held.via)) {
            needed.push(*held);
        }
    }
    let of = |chosen: &[Held<'s>]| {
        let in_it = |held: &Held<'s>| chosen.iter().any(|one| (one.id, one.via) == (held.id, held.via));
        allow_everything(&open.iter().filter(|(held, _)| in_it(held)).map(|(_, it)| *it).collect::<Vec<_>>())
    };
    if let Some(alone) = needed.iter().find(|held| of(&[**held])) {
        return Some(vec![*alone]);
    }
    if !of(&needed) {
        return None;
    }
    for place in (0..needed.len()).rev() {
        let mut fewer = needed.clone();
        fewer.remove(place);
        if of(&fewer) {
            needed = fewer;
        }
    }
    Some(needed)
}

/// The answer where the own statements at hand do not make an administrator.
fn unproven(powers: &Powers<'_>) -> Privilege {
    if let Some(group) = powers.unknown_groups.first() {
        return Privilege::Unknown(format!("group {group} is not in the export"));
    }
    if let Some(missing) = powers.own.missing() {
        return Privilege::Unknown(format!("{missing} is attached but not in the export"));
    }
    under_conditions(powers, &powers.own).unwrap_or(Privilege::Limited)
}

/// What a cap makes of an administrator; nothing where it allows everything.
fn capped(powers: &Powers<'_>, cap: &Layer<'_>) -> Option<Privilege> {
    let sure: Vec<&Statement> = powers.open(cap, false).into_iter().map(|(_, statement)| statement).collect();
    if allow_everything(&sure) {
        return None;
    }
    if let Some(missing) = cap.missing() {
        let what = if cap.via == Via::Boundary { "permissions boundary " } else { "" };
        return Some(Privilege::Unknown(format!("{what}{missing} is attached but not in the export")));
    }
    if cap.allows_nothing() {
        return Some(Privilege::Unknown(format!("administrator {}", cap.without_allow())));
    }
    Some(under_conditions(powers, cap).unwrap_or(Privilege::Limited))
}

/// The answer where a layer would allow everything if its open conditions held.
fn under_conditions(powers: &Powers<'_>, layer: &Layer<'_>) -> Option<Privilege> {
    let open: Vec<&Statement> = powers.open(layer, true).into_iter().map(|(_, statement)| statement).collect();
    if !allow_everything(&open) {
        return None;
    }
    let conditions =
        layer.rules().filter(|(_, rule)| !rule.denies()).map(|(_, rule)| rule.condition.holds(&powers.context));
    let on = conditions.fold(Truth::Yes, |all, truth| if let Truth::Open(_) = truth { all.and(truth) } else { all });
    let on = if let Truth::Open(on) = on { on.into_iter().collect::<Vec<_>>().join(" and ") } else { String::new() };
    Some(Privilege::Unknown(format!("administrator under conditions: {on}")))
}

/// What the `Deny` statements take away.
#[derive(Debug, PartialEq, Eq)]
enum Denial {
    Nothing,
    /// Something beside `iam`, or on single resources, in words.
    Beside(String),
    /// A part of `iam`, or something under a condition that is open, in words.
    Unclear(String),
    /// Everything, or all of `iam`.
    Everything,
}

fn denial(powers: &Powers<'_>) -> Denial {
    let (mut beside, mut unclear) = (Vec::new(), Vec::new());
    for layer in std::iter::once(&powers.own).chain(&powers.caps) {
        for (_, rule) in layer.rules().filter(|(_, rule)| rule.denies()) {
            let holds = rule.condition.holds(&powers.context);
            let statement = rule.statement;
            match (reach_into_iam(statement), holds, reach_over_iam(statement)) {
                (_, Truth::No, _) => {}
                (Reach::All, Truth::Yes, Reach::All) => return Denial::Everything,
                (Reach::None, ..) | (_, _, Reach::None) => beside.push(words::subject(statement)),
                (_, Truth::Yes, _) if matches!(layer.via, Via::Service(_)) => beside.push(words::subject(statement)),
                (Reach::All | Reach::Part, ..) => unclear.push(words::subject(statement)),
            }
        }
    }
    match (unclear.is_empty(), beside.is_empty()) {
        (false, _) => Denial::Unclear(format!("{} is denied", joined(&unclear))),
        (true, false) => Denial::Beside(joined(&beside)),
        (true, true) => Denial::Nothing,
    }
}

/// A few of many.
fn joined(all: &[String]) -> String {
    match all {
        [one, two, three, rest @ ..] if !rest.is_empty() => format!("{one}, {two}, {three} and {} more", rest.len()),
        few => few.join(" and "),
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
    if resources.is_empty() || statement.not_resources || resources.iter().any(|text| is_every_resource(text)) {
        return Reach::All;
    }
    let single = |text: &str| !is_pattern(text) || are_disjoint(text, "arn:aws:iam::");
    if resources.iter().all(|text| single(text)) { Reach::None } else { Reach::Part }
}

/// Whether the statements together allow every action: one `*`, or a `NotAction` whose exceptions the others allow.
fn allow_everything(open: &[&Statement]) -> bool {
    let by_patterns = |statement: &&&Statement| {
        statement.effect == Effect::Allow
            && !statement.not_actions
            && statement.actions.iter().any(|pattern| is_every_action(pattern))
    };
    let but_exceptions = |statement: &&&Statement| {
        let others = || open.iter().filter(|other| !std::ptr::eq(**other, **statement));
        statement.not_actions && statement.actions.iter().all(|gap| others().any(|other| fills(other, gap)))
    };
    open.iter().any(|statement| by_patterns(&statement))
        || (open.len() <= MAX_TOGETHER && open.iter().any(|statement| but_exceptions(&statement)))
}

/// Whether a statement allows everything that `gap` covers.
fn fills(statement: &Statement, gap: &str) -> bool {
    if statement.not_actions {
        return statement.actions.iter().all(|pattern| are_disjoint(pattern, gap));
    }
    statement.actions.iter().any(|pattern| covers(pattern, gap))
}
