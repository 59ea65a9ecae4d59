//! The judge on clusters made up piece by piece.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::method::{Method, Target, methods};
use super::rights::SYSTEM;
use super::{Kubernetes, KubernetesJudge, escalation};
use crate::access::{Estate, Judge, Principal, Question, System};
use crate::model::Verdict::{Allowed, Conditional, Denied};
use crate::model::{
    Evidence, Grant, GrantObject, IdentityKind, Input, LastUse, Path, Place, Policy, Privilege, Readout, Statement,
    Status, Verdict,
};

const ANN: &str = "ann";
const BOSS: &str = "system:serviceaccount:ops:boss";
const RUNNER: &str = "system:serviceaccount:ci:runner";

/// A cluster that is made up piece by piece.
#[derive(Default)]
struct World {
    people: BTreeMap<String, Vec<Readout>>,
    grants: Vec<Grant>,
    policies: BTreeMap<Box<str>, Policy>,
    evidence: Vec<Evidence>,
}

fn evidence(shows: &str) -> Evidence {
    Evidence::new(shows, &Input::of("rbac.json", b""), Place::Line { line: 1, column: 1 })
}

impl World {
    /// Ann, who is nobody, and a service account that is an administrator.
    fn new() -> Self {
        let mut world = Self { evidence: vec![evidence("identity")], ..Self::default() };
        world.person(ANN, &[]).person(BOSS, &[]).bind(BOSS, "ClusterRole/cluster-admin", "");
        world
    }

    fn person(&mut self, id: &str, facts: &[(&str, &str)]) -> &mut Self {
        let facts = facts.iter().map(|(name, value)| Readout::new(name, value)).collect();
        self.people.insert(id.to_owned(), facts);
        self
    }

    fn bind(&mut self, holder: &str, role: &str, scope: &str) -> &mut Self {
        let object = GrantObject::Role(role.into());
        let id = format!("Binding/{}", self.grants.len());
        let seen = Grant::observed(SYSTEM, holder, object, evidence("binding"));
        self.grants.push(Grant { scope: scope.into(), id: id.into(), ..seen });
        self
    }

    fn role(&mut self, id: &str, actions: &[&str], names: &[&str]) -> &mut Self {
        let statements = actions.iter().map(|action| {
            let all = Statement::allow([Box::from(*action)]);
            if names.is_empty() {
                all
            } else {
                Statement { resources: names.iter().map(|name| (*name).into()).collect(), ..all }
            }
        });
        let statements: Vec<Statement> = statements.collect();
        let empty = || {
            let evidence = evidence("role");
            Policy { id: id.into(), system: SYSTEM.into(), statements: Vec::new(), created: None, evidence }
        };
        self.policies.entry(id.into()).or_insert_with(empty).statements.extend(statements);
        self
    }

    /// Lets Ann do these things, in a namespace or everywhere.
    fn allow(&mut self, actions: &[&str], names: &[&str], scope: &str) -> &mut Self {
        let role = format!("ClusterRole/own-{}", self.policies.len());
        self.role(&role, actions, names).bind(ANN, &role, scope)
    }

    fn asked<T>(&self, ask: impl FnOnce(&KubernetesJudge<'_>) -> T) -> T {
        let principals = self.people.iter().map(|(id, facts)| Self::principal(id, facts, &self.evidence)).collect();
        let estate =
            Estate { as_of: Timestamp::UNIX_EPOCH, principals, grants: &self.grants, policies: &self.policies };
        ask(&KubernetesJudge::new(&estate))
    }

    fn principal<'a>(id: &'a String, facts: &'a [Readout], evidence: &'a [Evidence]) -> (&'a str, Principal<'a>) {
        let kind = if id.starts_with("system:serviceaccount:") { IdentityKind::Workload } else { IdentityKind::User };
        let (status, last_use) = (Status::Unknown, LastUse::Unknown);
        let own = Principal {
            system: SYSTEM,
            account: None,
            name: id,
            kind,
            boundary: None,
            status,
            last_use,
            facts,
            evidence,
        };
        (id, own)
    }

    fn decide(&self, principal: &str, action: &str, resource: Option<&str>) -> (Verdict, String) {
        self.asked(|judge| {
            let decision = judge.decide(&Question { principal, action, resource });
            (decision.verdict, decision.why)
        })
    }

    fn paths(&self) -> Vec<Path> {
        self.asked(|judge| judge.paths())
    }

    /// The methods that Ann may use.
    fn methods(&self) -> Vec<&'static str> {
        self.asked(|judge| escalation::methods_of(judge, ANN))
    }
}

/// The first alternative of each action that a method needs.
fn needed(method: &Method) -> Vec<String> {
    let first = |text: &str| text.split(" or ").next().unwrap_or_default().to_owned();
    let alternative = |text: String| {
        let (verbs, resources) = text.split_once(' ').expect("a verb and a resource");
        format!("{} {}", verbs.split('|').next().expect("one"), resources.split('|').next().expect("one"))
    };
    method.actions.iter().map(|action| alternative(first(action))).collect()
}

/// Where Ann holds what a method needs.
fn scope(method: &Method) -> &str {
    if method.target == Target::Cluster { &method.namespace } else { "ops" }
}

fn with(method: &Method, actions: &[&str], names: &[&str]) -> World {
    let mut world = World::new();
    world.person(BOSS, &[("runs", "Pod/boss")]).allow(actions, names, scope(method));
    world
}

#[test]
fn every_method_leads_to_the_cluster_where_all_of_it_is_allowed() {
    for method in methods() {
        let actions = needed(method);
        let actions: Vec<&str> = actions.iter().map(String::as_str).collect();
        let world = with(method, &actions, &[]);
        assert!(world.methods().contains(&&*method.id), "{}", method.id);
        let paths = world.paths();
        let [path] = paths.as_slice() else { panic!("{}: {paths:?}", method.id) };
        let to = if method.target == Target::Cluster { "administrator of the cluster" } else { BOSS };
        assert_eq!((&*path.from, &*path.to), (ANN, to), "{}", method.id);
        assert!(path.steps.iter().all(|step| !step.evidence.is_empty()), "{}", method.id);
    }
}

#[test]
fn no_method_works_where_one_part_of_it_is_missing_or_is_for_other_names() {
    for method in methods() {
        let actions = needed(method);
        for missing in 0..actions.len() {
            let rest: Vec<&str> = actions
                .iter()
                .enumerate()
                .filter(|(at, _)| *at != missing)
                .map(|(_, action)| action.as_str())
                .collect();
            assert!(!with(method, &rest, &[]).methods().contains(&&*method.id), "{} without {missing}", method.id);
        }
        let actions: Vec<&str> = actions.iter().map(String::as_str).collect();
        let world = with(method, &actions, &["something-else"]);
        assert!(world.paths().is_empty(), "{} on other names: {:?}", method.id, world.paths());
        let world = with(
            method,
            &actions
                .iter()
                .map(|action| action.replace(' ', " x"))
                .collect::<Vec<_>>()
                .iter()
                .map(String::as_str)
                .collect::<Vec<_>>(),
            &[],
        );
        assert!(!world.methods().contains(&&*method.id), "{} on other resources", method.id);
    }
}

#[test]
fn what_wins_the_cluster_does_not_by_a_binding_in_a_namespace() {
    for method in methods().iter().filter(|method| method.target == Target::Cluster) {
        let actions = needed(method);
        let actions: Vec<&str> = actions.iter().map(String::as_str).collect();
        let mut world = World::new();
        world.allow(&actions, &[], "default");
        assert!(!world.methods().contains(&&*method.id), "{}", method.id);
    }
}

#[test]
fn what_wins_accounts_wins_those_of_its_namespace_only() {
    for method in methods().iter().filter(|method| method.target != Target::Cluster) {
        let actions = needed(method);
        let actions: Vec<&str> = actions.iter().map(String::as_str).collect();
        let mut world = World::new();
        world.person(BOSS, &[("runs", "Pod/boss")]).allow(&actions, &[], "default");
        assert!(world.paths().is_empty(), "{}", method.id);
    }
}

#[test]
fn a_token_may_be_asked_for_by_name() {
    let mut world = World::new();
    world.allow(&["create serviceaccounts/token"], &["boss"], "ops");
    assert_eq!(world.paths().len(), 1);
    let mut world = World::new();
    world.allow(&["create serviceaccounts/token"], &["other"], "ops");
    assert_eq!(world.paths().len(), 0);
}

#[test]
fn running_commands_wins_only_accounts_as_which_pods_run_where_pods_are_exported() {
    let mut world = World::new();
    world.allow(&["create pods/exec"], &[], "ops");
    assert_eq!(&*world.paths()[0].unless, "a pod of it runs");
    world.person(RUNNER, &[("runs", "Pod/runner")]);
    assert!(world.paths().is_empty());
    world.person(BOSS, &[("runs", "Pod/boss")]);
    assert_eq!(&*world.paths()[0].unless, "");
}

#[test]
fn a_way_over_another_account_is_told_step_by_step() {
    let mut world = World::new();
    world.person(RUNNER, &[]).allow(&["create pods"], &[], "ci");
    world.role("ClusterRole/tokens", &["create serviceaccounts/token"], &[]).bind(RUNNER, "ClusterRole/tokens", "ops");
    let paths = world.paths();
    let ann = paths.iter().find(|path| &*path.from == ANN).expect("a path");
    let steps: Vec<(&str, &str)> = ann.steps.iter().map(|step| (&*step.method, &*step.to)).collect();
    assert_eq!(steps, [("kubernetes-create-workload", RUNNER), ("kubernetes-request-token", BOSS)]);
    assert_eq!(&*ann.to, BOSS);
}

#[test]
fn two_accounts_that_may_use_each_other_lead_nowhere() {
    let mut world = World::new();
    world.person("system:serviceaccount:ci:a", &[]).person("system:serviceaccount:ci:b", &[]);
    world.role("ClusterRole/pods", &["create pods"], &[]);
    world.bind("system:serviceaccount:ci:a", "ClusterRole/pods", "ci").bind(
        "system:serviceaccount:ci:b",
        "ClusterRole/pods",
        "ci",
    );
    assert!(world.paths().is_empty());
}

#[test]
fn an_account_that_may_be_used_leads_to_the_identity_of_a_cloud_that_it_carries() {
    let arn = "arn:aws:iam::111122223333:role/deploy";
    let mut world = World::new();
    world.person(RUNNER, &[("aws-role", arn)]);
    assert!(world.paths().is_empty(), "carrying it is no way for others");
    world.allow(&["create pods"], &[], "ci");
    let paths = world.paths();
    let [path] = paths.as_slice() else { panic!("{paths:?}") };
    assert_eq!((&*path.from, &*path.to, path.steps.len()), (ANN, arn, 2));
    assert_eq!(&*path.steps[1].method, "kubernetes-aws-role");
}

#[test]
fn an_administrator_is_who_may_do_everything_in_the_whole_cluster() {
    let of = |build: &dyn Fn(&mut World)| {
        let mut world = World::new();
        build(&mut world);
        world.asked(|judge| judge.privilege(ANN))
    };
    let is_admin = |privilege: &Privilege| matches!(privilege, Privilege::Admin { .. });
    assert!(is_admin(&of(&|world| {
        world.bind(ANN, "ClusterRole/cluster-admin", "");
    })));
    assert!(is_admin(&of(&|world| {
        world.allow(&["* */*"], &[], "");
    })));
    assert!(is_admin(&of(&|world| {
        world.role("ClusterRole/all", &["* */*"], &[]).bind("group:system:authenticated", "ClusterRole/all", "");
    })));
    assert_eq!(
        of(&|world| {
            world.allow(&["* */*"], &[], "default");
        }),
        Privilege::Limited
    );
    assert_eq!(
        of(&|world| {
            world.allow(&["* */*"], &["one"], "");
        }),
        Privilege::Limited
    );
    assert_eq!(
        of(&|world| {
            world.allow(&["* *"], &[], "");
        }),
        Privilege::Limited
    );
    assert_eq!(
        of(&|world| {
            world.allow(&["get */*", "* apps/*"], &[], "");
        }),
        Privilege::Limited
    );
    assert!(matches!(
        of(&|world| {
            world.bind(ANN, "ClusterRole/edit", "ci");
        }),
        Privilege::Unknown(_)
    ));
    assert_eq!(of(&|_| ()), Privilege::Limited);
}

#[test]
fn the_group_of_the_masters_is_an_administrator_without_any_binding() {
    let mut world = World::new();
    world.person("group:system:masters", &[]);
    assert!(matches!(world.asked(|judge| judge.privilege("group:system:masters")), Privilege::Admin { .. }));
    assert_eq!(world.decide("group:system:masters", "delete nodes", None).0, Verdict::Allowed);
}

#[test]
fn questions_are_answered_by_verb_group_resource_namespace_and_name() {
    let mut world = World::new();
    world.person(RUNNER, &[]).person("group:ops", &[]);
    world.allow(&["get pods", "list pods/log", "get /healthz", "update apps/deployments"], &[], "");
    world.allow(&["get secrets"], &["app"], "ci").allow(&["create pods"], &["app"], "ci").allow(
        &["* batch/*"],
        &[],
        "ci",
    );
    world.role("ClusterRole/nodes", &["delete nodes"], &[]).bind("group:ops", "ClusterRole/nodes", "");
    world.role("ClusterRole/accounts", &["get configmaps"], &[]).bind(
        "group:system:serviceaccounts:ci",
        "ClusterRole/accounts",
        "ci",
    );
    for (principal, action, resource, expected) in [
        (ANN, "get pods", None, Allowed),
        (ANN, "get pods", Some("ci/web"), Allowed),
        (ANN, "get pods", Some("ci/*"), Allowed),
        (ANN, "list pods", None, Denied),
        (ANN, "list pods/log", None, Allowed),
        (ANN, "get pods/log", None, Denied),
        (ANN, "get /healthz", None, Allowed),
        (ANN, "get /metrics", None, Denied),
        (ANN, "update deployments", None, Allowed),
        (ANN, "update apps/deployments", Some("x/y"), Allowed),
        (ANN, "update extensions/deployments", None, Denied),
        (ANN, "get secrets", None, Allowed),
        (ANN, "get secrets", Some("ci/app"), Allowed),
        (ANN, "get secrets", Some("ci/other"), Denied),
        (ANN, "get secrets", Some("ci/*"), Denied),
        (ANN, "get secrets", Some("default/app"), Denied),
        (ANN, "create pods", Some("ci/app"), Denied),
        (ANN, "delete batch/jobs", Some("ci/x"), Allowed),
        (ANN, "delete batch/jobs", Some("default/x"), Denied),
        (ANN, "delete nodes", None, Conditional),
        (ANN, "delete nodes", Some("node-1"), Conditional),
        ("group:ops", "delete nodes", Some("node-1"), Allowed),
        (RUNNER, "delete nodes", None, Denied),
        (RUNNER, "get configmaps", Some("ci/x"), Allowed),
        (RUNNER, "get configmaps", Some("ops/x"), Denied),
        (RUNNER, "get pods", None, Denied),
        (BOSS, "delete nodes", Some("node-1"), Allowed),
        (BOSS, "impersonate users", Some("root"), Allowed),
        ("nobody", "get pods", None, Denied),
    ] {
        let (verdict, why) = world.decide(principal, action, resource);
        assert_eq!(verdict, expected, "{principal} {action} {resource:?}: {why}");
    }
    assert_eq!(world.decide(ANN, "get", None).0, Verdict::Unknown);
}

#[test]
fn a_role_that_no_export_holds_makes_the_answer_unknown_and_not_no() {
    let mut world = World::new();
    world.bind(ANN, "ClusterRole/edit", "ci");
    assert_eq!(
        world.decide(ANN, "get secrets", None),
        (Verdict::Unknown, "ClusterRole/edit is not in any export".to_owned())
    );
    assert_eq!(Kubernetes.id(), SYSTEM);
}
