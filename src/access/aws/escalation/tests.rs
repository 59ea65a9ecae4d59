//! Every method fires where all of it is there, and not where any one part is missing.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::ground::{Goals, Ground};
use super::method::{Method, Target, methods};
use super::moves::Moves;
use super::paths;
use crate::access::aws::Aws;
use crate::access::{Estate, Principal};
use crate::model::{
    Evidence, Grant, GrantObject, IdentityKind, Input, LastUse, Path, Place, Policy, Readout, Statement, Status,
};

const ACCOUNT: &str = "111122223333";
const CI: &str = "arn:aws:iam::111122223333:user/ci";
const BOT: &str = "arn:aws:iam::111122223333:role/bot";
const BOSS: &str = "arn:aws:iam::111122223333:user/boss";
const CHIEF: &str = "arn:aws:iam::111122223333:role/chief";
const APP: &str = "arn:aws:iam::111122223333:role/app";
const ADMINS: &str = "arn:aws:iam::111122223333:group/admins";
const TEAM: &str = "arn:aws:iam::111122223333:group/team";
const OWN: &str = "arn:aws:iam::111122223333:policy/own";
const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

/// An account that is made up piece by piece.
struct World {
    people: BTreeMap<&'static str, (IdentityKind, Option<&'static str>)>,
    grants: Vec<Grant>,
    policies: BTreeMap<Box<str>, Policy>,
    evidence: Vec<Evidence>,
}

impl World {
    fn new() -> Self {
        let evidence = vec![evidence("identity")];
        Self { people: BTreeMap::new(), grants: Vec::new(), policies: BTreeMap::new(), evidence }
    }

    fn user(&mut self, id: &'static str) -> &mut Self {
        self.people.insert(id, (IdentityKind::User, None));
        self
    }

    fn role(&mut self, id: &'static str) -> &mut Self {
        self.people.insert(id, (IdentityKind::Role, None));
        self
    }

    fn group(&mut self, id: &'static str) -> &mut Self {
        self.people.insert(id, (IdentityKind::Group, None));
        self
    }

    fn give(&mut self, holder: &str, object: GrantObject) -> &mut Self {
        self.grants.push(Grant::observed("aws", holder, object, evidence("grant")));
        self
    }

    fn attach(&mut self, holder: &str, policy: &str) -> &mut Self {
        self.give(holder, GrantObject::Policy(policy.into()))
    }

    fn trust(&mut self, role: &str, trusted: &str) -> &mut Self {
        self.give(trusted, GrantObject::AssumeRole(role.into()))
    }

    fn policy(&mut self, id: &str, statements: Vec<Statement>) -> &mut Self {
        let policy =
            Policy { id: id.into(), system: "aws".into(), statements, created: None, evidence: evidence("policy") };
        self.policies.insert(id.into(), policy);
        self
    }

    /// Allows each of these by a policy of its own.
    fn allow<'a>(&mut self, holder: &str, actions: impl IntoIterator<Item = &'a str>) -> &mut Self {
        for action in actions {
            let id = format!("{holder}#inline/{action}");
            self.policy(&id, vec![Statement::allow([action.into()])]).attach(holder, &id);
        }
        self
    }

    fn judged<T>(&mut self, ask: impl FnOnce(&Estate<'_>) -> T) -> T {
        self.grants.sort_by(|one, other| (&one.holder, &one.object).cmp(&(&other.holder, &other.object)));
        let principal = |(kind, boundary): (IdentityKind, Option<&'static str>)| Principal {
            system: "aws",
            account: Some(ACCOUNT),
            name: "",
            kind,
            boundary,
            status: Status::Active,
            last_use: LastUse::Unknown,
            facts: &[] as &[Readout],
            evidence: &self.evidence,
        };
        let principals = self.people.iter().map(|(id, it)| (*id, principal(*it))).collect();
        let as_of: Timestamp = "2026-06-01T00:00:00Z".parse().expect("a time");
        ask(&Estate { as_of, principals, grants: &self.grants, policies: &self.policies })
    }

    /// Whether a method, by its place, works for an identity.
    fn fires(&mut self, from: &str, method: usize) -> bool {
        self.judged(|estate| {
            let judge = Aws::judge_of(estate);
            let ground = Ground::new(&judge);
            let goals = Goals::new(&judge, ground.administrators.iter().copied());
            assert!(!ground.administrators.contains(&from), "{from} is an administrator");
            let mut node = ground.nodes.iter().filter(|node| node.id == from && node.methods.contains(&method));
            node.any(|node| Moves::new(&ground, node).find(method, &goals, true).is_some())
        })
    }

    fn paths(&mut self) -> Vec<Path> {
        self.judged(|estate| paths(&Aws::judge_of(estate)))
    }
}

fn evidence(shows: &str) -> Evidence {
    Evidence::new(shows, &Input::of("export.json", b""), Place::Line { line: 1, column: 1 })
}

/// The identity that goes the way, in a world with what the method acts on, or without.
fn world(method: &Method, complete: bool) -> (World, &'static str) {
    let mut world = World::new();
    let service = method.services.first().map_or("", String::as_str);
    let from = if method.target == Target::SelfRole || method.target == Target::AnyUser { BOT } else { CI };
    let from = match (method.target, complete) {
        (Target::SelfUser, false) => BOT,
        (Target::SelfRole, false) => CI,
        _ => from,
    };
    if from == CI {
        world.user(CI)
    } else {
        world.role(BOT)
    };
    match method.target {
        Target::User if complete => world.user(BOSS).attach(BOSS, ADMINISTRATOR),
        Target::Group => world.group(ADMINS).attach(ADMINS, if complete { ADMINISTRATOR } else { OWN }),
        Target::Role if complete => world.role(CHIEF).attach(CHIEF, ADMINISTRATOR),
        Target::TrustingRole => {
            world.role(CHIEF).attach(CHIEF, ADMINISTRATOR);
            world.trust(CHIEF, if complete { "arn:aws:iam::111122223333:root" } else { BOSS })
        }
        Target::PassedRole | Target::WorkingRole => {
            world.role(CHIEF).attach(CHIEF, ADMINISTRATOR);
            world.trust(CHIEF, if complete { service } else { "other.amazonaws.com" })
        }
        Target::OwnPolicy => world.policy(OWN, vec![]).attach(if complete { CI } else { APP }, OWN),
        Target::OwnGroup => world.group(TEAM).give(if complete { CI } else { BOSS }, GrantObject::Group(TEAM.into())),
        Target::AnyUser if complete => world.user(BOSS),
        Target::AnyRole if complete => world.role(APP),
        Target::AnyRolePolicy => world.role(APP).policy(OWN, vec![]).attach(if complete { APP } else { BOSS }, OWN),
        Target::AssumableRole => world.role(APP).trust(APP, if complete { CI } else { BOSS }),
        Target::AssumableRolePolicy => {
            world.role(APP).policy(OWN, vec![]).attach(APP, OWN).trust(APP, if complete { CI } else { BOSS })
        }
        Target::BoundedSelfUser => bounded(&mut world, CI, complete),
        Target::BoundedAssumableRole => bounded(world.role(APP).trust(APP, CI), APP, complete),
        _ => &mut world,
    };
    (world, from)
}

/// Only a boundary keeps the identity from being an administrator; or it has none and is no administrator.
fn bounded<'w>(world: &'w mut World, id: &'static str, complete: bool) -> &'w mut World {
    world.policy("boundary", vec![Statement::allow(["iam:*".into(), "sts:*".into()])]);
    if complete {
        world.people.entry(id).and_modify(|(_, boundary)| *boundary = Some("boundary"));
        world.attach(id, ADMINISTRATOR);
    }
    world
}

#[test]
fn every_method_fires_where_all_its_actions_are_allowed_by_several_policies() {
    for (place, method) in methods().all.iter().enumerate() {
        let (mut world, from) = world(method, true);
        world.allow(from, method.actions.iter().map(String::as_str));
        assert!(world.fires(from, place), "{}", method.id);
    }
}

#[test]
fn no_method_fires_without_any_one_of_its_actions() {
    for (place, method) in methods().all.iter().enumerate() {
        // Who is an administrator but for a boundary has every action.
        if method.target == Target::BoundedSelfUser {
            continue;
        }
        for missing in &method.actions {
            let (mut world, from) = world(method, true);
            world.allow(from, method.actions.iter().filter(|action| *action != missing).map(String::as_str));
            assert!(!world.fires(from, place), "{} without {missing}", method.id);
        }
    }
}

#[test]
fn no_method_fires_where_one_of_its_actions_is_denied() {
    for (place, method) in methods().all.iter().enumerate() {
        for denied in &method.actions {
            let (mut world, from) = world(method, true);
            world.allow(from, method.actions.iter().map(String::as_str));
            let deny = Statement { effect: crate::model::Effect::Deny, ..Statement::allow([denied.as_str().into()]) };
            world.policy("deny", vec![deny]).attach(from, "deny");
            assert!(!world.fires(from, place), "{} with {denied} denied", method.id);
        }
    }
}

#[test]
fn no_method_fires_without_its_target() {
    for (place, method) in methods().all.iter().enumerate() {
        // These act on the identity itself, which is always there, or on what no export shows.
        if matches!(method.target, Target::Itself | Target::PermissionSet) {
            continue;
        }
        let (mut world, from) = world(method, false);
        world.allow(from, method.actions.iter().map(String::as_str));
        assert!(!world.fires(from, place), "{} without its target", method.id);
    }
}

#[test]
fn a_path_is_the_shortest_and_names_every_step() {
    let mut world = World::new();
    world.user(CI).role(APP).role(CHIEF).attach(CHIEF, ADMINISTRATOR);
    world.trust(APP, CI).trust(CHIEF, "lambda.amazonaws.com");
    world.allow(APP, ["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"]);
    let found = world.paths();
    let of_ci = found.iter().find(|path| &*path.from == CI).expect("a path");
    let steps: Vec<(&str, &str)> = of_ci.steps.iter().map(|step| (&*step.method, &*step.to)).collect();
    assert_eq!(steps, [("assume-role", APP), ("aws-lambda-create-and-invoke", CHIEF)]);
    assert_eq!((&*of_ci.to, &*of_ci.unless), (CHIEF, ""));
    assert!(of_ci.steps.iter().all(|step| !step.evidence.is_empty()));
}

#[test]
fn an_administrator_has_no_path_and_a_group_goes_nowhere() {
    let mut world = World::new();
    world.user(BOSS).attach(BOSS, ADMINISTRATOR).allow(BOSS, ["iam:*"]);
    world.group(TEAM).allow(TEAM, ["iam:*"]);
    assert_eq!(world.paths(), []);
}

#[test]
fn roles_that_trust_each_other_end_the_search() {
    let mut world = World::new();
    world.role(APP).role(BOT).trust(APP, BOT).trust(BOT, APP).allow(APP, ["sts:AssumeRole"]);
    assert_eq!(world.paths(), []);
}

#[test]
fn a_condition_on_a_step_is_what_the_path_depends_on() {
    let mut world = World::new();
    world.user(CI).role(CHIEF).attach(CHIEF, ADMINISTRATOR);
    let mut trust = Grant::observed("aws", CI, GrantObject::AssumeRole(CHIEF.into()), evidence("trust"));
    trust.condition = r#"{"StringEquals":{"sts:ExternalId":"x"}}"#.into();
    world.grants.push(trust);
    assert_eq!(&*world.paths()[0].unless, "if sts:ExternalId StringEquals x");
}

#[test]
fn the_service_that_a_role_may_be_passed_to_is_known_where_it_is_passed() {
    for (service, paths) in [("ec2.amazonaws.com", 1), ("lambda.amazonaws.com", 0)] {
        let mut world = World::new();
        world.user(CI).role(CHIEF).attach(CHIEF, ADMINISTRATOR).trust(CHIEF, "ec2.amazonaws.com");
        let mut pass = Statement::allow(["iam:PassRole".into()]);
        pass.conditions = format!(r#"{{"StringEquals":{{"iam:PassedToService":"{service}"}}}}"#).into();
        world.policy("pass", vec![pass]).attach(CI, "pass").allow(CI, ["ec2:RunInstances"]);
        let found = world.paths();
        assert_eq!(found.len(), paths, "{service}: {found:?}");
    }
}

#[test]
fn a_trust_policy_that_denies_somebody_closes_the_way_for_it_alone() {
    let mut world = World::new();
    world.user(CI).role(BOT).role(CHIEF).attach(CHIEF, ADMINISTRATOR).trust(CHIEF, CI).trust(CHIEF, BOT);
    let denied = format!("{CHIEF}#trust/0");
    let deny = Statement { effect: crate::model::Effect::Deny, ..Statement::allow(["sts:AssumeRole".into()]) };
    world.policy(&denied, vec![deny]).give(CI, GrantObject::Cap(denied.as_str().into()));
    let found = world.paths();
    assert_eq!(found.iter().map(|path| &*path.from).collect::<Vec<_>>(), [BOT]);
}
