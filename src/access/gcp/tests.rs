//! Roles, conditions, groups and ways to more rights in Google Cloud.

use super::*;
use crate::access::roles::world::World;
use crate::model::{IdentityKind, Privilege, Standing, Verdict};

const ANN: &str = "user:ann@corp.example";
const CI: &str = "ci@corp-prod.iam.gserviceaccount.com";
const ROBOT: &str = "root@corp-prod.iam.gserviceaccount.com";
const P: &str = "projects/corp-prod";
const ROLE: &str = "projects/corp-prod/roles/own";

fn world() -> World {
    let mut world = World::new("gcp");
    world.person(ANN, IdentityKind::User).person(CI, IdentityKind::Workload);
    world
}

#[test]
fn an_owner_of_a_project_or_above_is_an_administrator_and_of_a_bucket_is_not() {
    for (scope, expected) in [
        (P, true),
        ("folders/1", true),
        ("organizations/1", true),
        ("", true),
        ("//storage.googleapis.com/corp", false),
        ("projects/corp-prod/topics/x", false),
    ] {
        assert_eq!(world().role(ANN, "roles/owner", scope).is_admin(&Gcp, ANN), expected, "{scope}");
    }
}

#[test]
fn an_editor_is_said_to_be_one() {
    let Privilege::Admin { how, evidence } = world().role(CI, "roles/editor", P).privilege(&Gcp, CI) else {
        panic!("no administrator")
    };
    assert_eq!(how, "roles/editor on projects/corp-prod: all resources, but not who may use them");
    assert_eq!(evidence.len(), 1);
}

#[test]
fn a_viewer_is_limited_and_who_no_export_speaks_about_is_not_examined() {
    assert_eq!(world().role(ANN, "roles/viewer", P).privilege(&Gcp, ANN), Privilege::Limited);
    assert_eq!(world().privilege(&Gcp, ANN), Privilege::NotExamined);
}

#[test]
fn a_custom_role_counts_by_what_it_allows_and_is_unknown_without_export() {
    let mut of_role = world();
    of_role.role(ANN, ROLE, P);
    assert_eq!(of_role.unknown(&Gcp, ANN), "what role projects/corp-prod/roles/own allows is not in the export");
    assert!(of_role.defines(ROLE, &["resourcemanager.projects.setIamPolicy"], &[]).is_admin(&Gcp, ANN));
    assert_eq!(of_role.defines(ROLE, &["storage.buckets.get"], &[]).privilege(&Gcp, ANN), Privilege::Limited);
}

#[test]
fn conditions_on_time_are_judged_and_others_are_open() {
    let of =
        |condition: &str| world().term(ANN, "roles/owner", P, (condition, Standing::Standing)).privilege(&Gcp, ANN);
    assert!(matches!(of("request.time < timestamp(\"2024-05-01T00:00:00Z\")"), Privilege::Admin { .. }));
    assert_eq!(of("request.time < timestamp(\"2024-02-01T00:00:00Z\")"), Privilege::Limited);
    assert_eq!(of("request.time > timestamp('2024-04-01T00:00:00Z')"), Privilege::Limited);
    let both = "request.time > timestamp('2024-02-01T00:00:00Z') && request.time <= timestamp('2024-03-01T00:00:00Z')";
    assert!(matches!(of(both), Privilege::Admin { .. }));
    for open in [
        "resource.type == \"x\"",
        "request.time < timestamp('2024-02-01T00:00:00Z') || true",
        "(hidden)",
        "request.time < x",
    ] {
        assert!(
            matches!(of(open), Privilege::Unknown(why) if why.starts_with("administrator as roles/owner")),
            "{open}"
        );
    }
}

#[test]
fn a_false_part_of_a_condition_decides_whatever_the_rest_is() {
    let condition = "resource.type == 'x' && request.time < timestamp('2024-02-01T00:00:00Z')";
    let mut world = world();
    world.term(ANN, "roles/owner", P, (condition, Standing::Standing));
    assert_eq!(world.privilege(&Gcp, ANN), Privilege::Limited);
}

#[test]
fn groups_are_followed_through_groups_and_cycles() {
    let mut world = world();
    for group in ["group:a", "group:b"] {
        world.person(group, IdentityKind::Group).fact(group, "members", "listed");
    }
    world.member(ANN, "group:a").member("group:a", "group:b").member("group:b", "group:a");
    assert!(!world.is_admin(&Gcp, ANN));
    world.role("group:b", "roles/owner", P);
    let Privilege::Admin { how, evidence } = world.privilege(&Gcp, ANN) else { panic!("no administrator") };
    assert_eq!(how, "roles/owner on projects/corp-prod via b: all resources, and who may use them");
    assert_eq!(evidence.len(), 2);
}

#[test]
fn a_group_of_administrators_whose_members_nobody_lists_makes_others_unknown() {
    let mut world = world();
    world.person("group:admins", IdentityKind::Group).role("group:admins", "roles/owner", P).role(
        ANN,
        "roles/viewer",
        P,
    );
    assert!(world.unknown(&Gcp, ANN).starts_with("no export tells whether it is a member of group:admins"));
    assert_eq!(world.verdict(&Gcp, ANN, "compute.instances.create", P), Verdict::Unknown);
    world.person("allUsers", IdentityKind::Public).role("allUsers", "roles/run.invoker", P);
    assert_eq!(world.verdict(&Gcp, "allUsers", "compute.instances.create", P), Verdict::Denied);
    world.fact("group:admins", "members", "listed");
    assert_eq!(world.privilege(&Gcp, ANN), Privilege::Limited);
}

#[test]
fn everybody_has_what_all_users_have() {
    let mut world = world();
    world.role("allUsers", "roles/run.invoker", P);
    assert_eq!(world.verdict(&Gcp, ANN, "run.routes.invoke", P), Verdict::Allowed);
}

#[test]
fn roles_are_inherited_downwards_and_not_upwards() {
    let mut world = world();
    world.role(ANN, "roles/iam.serviceAccountTokenCreator", "folders/1");
    world.member(P, "projects/1041").member("projects/1041", P).member("projects/1041", "folders/1");
    let account = format!("//iam.googleapis.com/projects/corp-prod/serviceAccounts/{CI}");
    for (resource, expected) in [
        (P, Verdict::Allowed),
        (&*account, Verdict::Allowed),
        ("folders/1", Verdict::Allowed),
        ("organizations/1", Verdict::Denied),
        ("projects/other", Verdict::Unknown),
    ] {
        assert_eq!(world.verdict(&Gcp, ANN, "iam.serviceAccounts.getAccessToken", resource), expected, "{resource}");
    }
}

#[test]
fn what_a_role_allows_is_answered_only_where_something_tells() {
    let mut world = world();
    world.role(ANN, "roles/iam.serviceAccountUser", P);
    assert_eq!(world.verdict(&Gcp, ANN, "iam.serviceAccounts.actAs", P), Verdict::Allowed);
    assert_eq!(world.verdict(&Gcp, ANN, "iam.serviceAccounts.getAccessToken", P), Verdict::Denied);
    world.role(ANN, "roles/pubsub.editor", P);
    assert_eq!(world.verdict(&Gcp, ANN, "pubsub.topics.create", P), Verdict::Unknown);
    world.term(ANN, "roles/run.invoker", P, ("resource.type == 'x'", Standing::Standing));
    let decision = world.decide(&Gcp, ANN, "run.routes.invoke", Some(P));
    assert_eq!(decision.verdict, Verdict::Conditional);
    let [only] = decision.deciding.as_slice() else { panic!("{:?}", decision.deciding) };
    assert_eq!(only.statement, "Allow run.routes.invoke on projects/corp-prod if resource.type == 'x'");
}

#[test]
fn an_entitlement_is_no_right_and_a_way_to_one() {
    let mut world = world();
    world.term(ANN, "roles/owner", P, ("", Standing::Eligible));
    assert_eq!(world.privilege(&Gcp, ANN), Privilege::Limited);
    assert_eq!(world.verdict(&Gcp, ANN, "compute.instances.create", P), Verdict::Conditional);
    let path = world.path(&Gcp, ANN).expect("a path");
    assert_eq!((&*path.to, &*path.steps[0].method), ("administrator of projects/corp-prod", "activate-role"));
}

#[test]
fn a_grant_that_has_ended_gives_nothing() {
    let mut world = world();
    world.term(ANN, "roles/owner", P, ("", Standing::ExpiredStillPresent));
    assert!(!world.is_admin(&Gcp, ANN));
    assert_eq!(world.path(&Gcp, ANN), None);
}

/// A world in which Ann holds exactly these permissions and an administrator's service account lies in `of`.
fn holding(actions: &[&str], of: &str) -> World {
    let mut world = world();
    let robot = ROBOT.replace("corp-prod", of);
    world.person(&robot, IdentityKind::Workload).role(&robot, "roles/owner", "organizations/1");
    world.role(ANN, ROLE, P).defines(ROLE, actions, &[]);
    world
}

#[test]
fn every_method_fires_where_all_of_it_is_there() {
    for method in Gcp.methods() {
        let actions: Vec<&str> = method.actions.iter().map(String::as_str).collect();
        let path = holding(&actions, "corp-prod").path(&Gcp, ANN).expect(&method.id);
        assert_eq!(&*path.steps[0].method, method.id);
        assert!(!path.steps[0].evidence.is_empty(), "{}", method.id);
        assert_eq!(path.unless.is_empty(), method.needs.is_empty(), "{}", method.id);
    }
}

#[test]
fn no_method_fires_where_a_part_of_it_is_missing() {
    for method in Gcp.methods() {
        for missing in &method.actions {
            let actions: Vec<&str> =
                method.actions.iter().filter(|action| *action != missing).map(String::as_str).collect();
            let path = holding(&actions, "corp-prod").path(&Gcp, ANN);
            assert!(path.is_none_or(|path| *path.steps[0].method != *method.id), "{} without {missing}", method.id);
        }
    }
}

#[test]
fn a_service_account_of_another_project_is_out_of_reach() {
    use crate::access::roles::Target;
    for method in Gcp.methods().iter().filter(|method| method.target == Target::Workload) {
        let actions: Vec<&str> = method.actions.iter().map(String::as_str).collect();
        assert_eq!(holding(&actions, "corp-other").path(&Gcp, ANN), None, "{}", method.id);
    }
}

#[test]
fn a_role_that_is_not_its_own_is_not_changed_into_more() {
    let mut world = world();
    world.role(ANN, "roles/iam.roleAdmin", P);
    assert_eq!(world.path(&Gcp, ANN), None);
    world.role(ANN, ROLE, P).defines(ROLE, &["storage.buckets.get"], &[]);
    assert_eq!(&*world.path(&Gcp, ANN).expect("a path").steps[0].method, "gcp-update-role");
}

#[test]
fn a_path_goes_on_through_service_accounts() {
    let mut world = holding(&["iam.serviceAccounts.getAccessToken"], "corp-top");
    world.role(CI, "roles/iam.serviceAccountKeyAdmin", "projects/corp-top");
    let path = world.path(&Gcp, ANN).expect("a path");
    let steps: Vec<(&str, &str)> = path.steps.iter().map(|step| (&*step.method, &*step.to)).collect();
    let robot = "root@corp-top.iam.gserviceaccount.com";
    assert_eq!(steps, [("gcp-get-access-token", CI), ("gcp-create-service-account-key", robot)]);
    assert_eq!(&*path.to, robot);
}

#[test]
fn a_right_over_one_service_account_wins_that_one_only() {
    let of = |account: &str| {
        let mut world = world();
        world.person(ROBOT, IdentityKind::Workload).role(ROBOT, "roles/owner", P);
        let scope = format!("//iam.googleapis.com/projects/corp-prod/serviceAccounts/{account}");
        world.role(ANN, "roles/iam.serviceAccountTokenCreator", &scope);
        world.path(&Gcp, ANN).is_some()
    };
    assert_eq!((of(ROBOT), of(CI)), (true, false));
}

#[test]
fn a_service_account_is_the_same_by_its_number() {
    let mut world = world();
    world.person(ROBOT, IdentityKind::Workload).role(ROBOT, "roles/owner", P);
    let by_number = "//iam.googleapis.com/projects/corp-prod/serviceAccounts/100";
    world.role(ANN, "roles/iam.serviceAccountTokenCreator", by_number);
    assert_eq!(world.path(&Gcp, ANN), None);
    world.member(&format!("//iam.googleapis.com/projects/corp-prod/serviceAccounts/{ROBOT}"), by_number);
    assert_eq!(&*world.path(&Gcp, ANN).expect("a path").to, ROBOT);
}
