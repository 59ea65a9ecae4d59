//! Roles over subscriptions and directories, applications, and ways to more rights in Azure and Entra.

use super::*;
use crate::access::roles::{Target, world::World};
use crate::model::{Privilege, Standing, Verdict};

const ANN: &str = "20000000-0000-4000-8000-00000000000a";
const APP: &str = "70000000-0000-4000-8000-000000000001";
const SERVICE: &str = "20000000-0000-4000-8000-00000000000b";
const BOSS: &str = "20000000-0000-4000-8000-0000000000b0";
const SUB: &str = "/subscriptions/00000000-0000-4000-8000-000000000001";
const GROUP: &str = "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/data";
const ROLE: &str = "40000000-0000-4000-8000-000000000001";
const OWNER: &str = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
const CONTRIBUTOR: &str = "b24988ac-6180-42a0-ab88-20f7382dd24c";
const GLOBAL: &str = "62e90394-69f5-4237-9190-012177145e10";
const GRAPH: &str = "20000000-0000-4000-8000-0000000000f1";

fn world() -> World {
    let mut world = World::new("azure");
    world.person(ANN, IdentityKind::User);
    world
}

#[test]
fn an_owner_of_a_subscription_or_above_is_an_administrator_and_of_a_resource_group_is_not() {
    for (scope, expected) in
        [("/", true), ("/providers/Microsoft.Management/managementGroups/corp", true), (SUB, true), (GROUP, false)]
    {
        for role in [OWNER, CONTRIBUTOR, "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9", "f58310d9-a9f6-439a-9e8d-f62e7b41a168"]
        {
            assert_eq!(world().role(ANN, role, scope).is_admin(&Azure, ANN), expected, "{role} {scope}");
        }
    }
}

#[test]
fn a_contributor_is_said_to_be_one() {
    let Privilege::Admin { how, .. } = world().role(ANN, CONTRIBUTOR, SUB).privilege(&Azure, ANN) else { panic!() };
    assert_eq!(how, format!("Contributor on {SUB}: all resources, but not who may use them"));
}

#[test]
fn the_roles_of_tier_zero_count_over_the_whole_directory_only() {
    let tier = Azure.table().all().iter().filter(|role| role.administrator.len() > 1).count();
    assert_eq!(tier, 4 + 15 + 7);
    assert!(world().role(ANN, GLOBAL, "directory:/").is_admin(&Azure, ANN));
    assert!(!world().role(ANN, GLOBAL, "directory:/administrativeUnits/x").is_admin(&Azure, ANN));
}

#[test]
fn an_application_has_what_its_service_principal_has() {
    let mut world = world();
    world.person(APP, IdentityKind::Application).fact(APP, "app-id", "a1");
    world.person(SERVICE, IdentityKind::Workload).fact(SERVICE, "app-id", "a1");
    assert!(!world.is_admin(&Azure, APP));
    world.role(SERVICE, "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8", GRAPH);
    let Privilege::Admin { how, .. } = world.privilege(&Azure, APP) else { panic!("no administrator") };
    assert!(how.starts_with("RoleManagement.ReadWrite.Directory on "), "{how}");
    assert!(how.contains(SERVICE), "{how}");
}

#[test]
fn a_custom_role_counts_by_what_it_allows_but_for_its_exceptions() {
    let mut world = world();
    world.role(ANN, ROLE, SUB);
    assert!(world.unknown(&Azure, ANN).starts_with("what role "));
    assert!(world.defines(ROLE, &["Microsoft.Authorization/*"], &[]).is_admin(&Azure, ANN));
    assert!(!world.defines(ROLE, &["*"], &["microsoft.authorization/*/WRITE"]).is_admin(&Azure, ANN));
}

#[test]
fn actions_on_resources_data_and_the_directory_are_apart() {
    let mut world = world();
    world.role(ANN, OWNER, SUB);
    let blob = "data:Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read";
    assert_eq!(world.verdict(&Azure, ANN, "Microsoft.Storage/storageAccounts/read", GROUP), Verdict::Allowed);
    assert_eq!(world.verdict(&Azure, ANN, blob, GROUP), Verdict::Denied);
    assert_eq!(world.verdict(&Azure, ANN, "microsoft.directory/users/password/update", SUB), Verdict::Denied);
}

#[test]
fn a_role_holds_in_what_lies_below_whatever_the_case_of_its_name() {
    let mut world = world();
    world.role(
        ANN,
        "acdd72a7-3385-48ef-bd42-f606fba81ae7",
        &GROUP.to_ascii_uppercase().replace("/SUBSCRIPTIONS", "/subscriptions"),
    );
    let inside = format!("{GROUP}/providers/Microsoft.Storage/storageAccounts/x");
    assert_eq!(world.verdict(&Azure, ANN, "Microsoft.Storage/storageAccounts/read", &inside), Verdict::Allowed);
    assert_eq!(world.verdict(&Azure, ANN, "Microsoft.Storage/storageAccounts/read", SUB), Verdict::Denied);
    let other = format!("{GROUP}2/providers/Microsoft.Storage/storageAccounts/x");
    assert_eq!(world.verdict(&Azure, ANN, "Microsoft.Storage/storageAccounts/read", &other), Verdict::Denied);
}

#[test]
fn which_subscriptions_a_management_group_holds_is_unknown() {
    let mut world = world();
    world.role(ANN, "acdd72a7-3385-48ef-bd42-f606fba81ae7", "/providers/Microsoft.Management/managementGroups/corp");
    assert_eq!(world.verdict(&Azure, ANN, "Microsoft.Compute/virtualMachines/read", SUB), Verdict::Unknown);
    assert_eq!(world.verdict(&Azure, ANN, "Microsoft.Compute/virtualMachines/write", SUB), Verdict::Denied);
}

#[test]
fn a_condition_is_open_and_an_eligible_role_must_be_activated() {
    let mut conditional = world();
    conditional.term(ANN, OWNER, SUB, ("@Request[x] StringEquals 'y'", Standing::Standing));
    assert!(conditional.unknown(&Azure, ANN).contains("@Request[x]"));
    let mut eligible = world();
    eligible.term(ANN, OWNER, SUB, ("", Standing::Eligible));
    assert_eq!(eligible.privilege(&Azure, ANN), Privilege::Limited);
    assert_eq!(&*eligible.path(&Azure, ANN).expect("a path").steps[0].method, "activate-role");
    assert!(world().term(ANN, OWNER, SUB, ("", Standing::JitActive)).is_admin(&Azure, ANN));
}

#[test]
fn a_group_of_administrators_whose_members_nobody_lists_makes_others_unknown() {
    let mut world = world();
    world.person(BOSS, IdentityKind::Group).role(BOSS, OWNER, SUB).role(
        ANN,
        "acdd72a7-3385-48ef-bd42-f606fba81ae7",
        SUB,
    );
    assert!(world.unknown(&Azure, ANN).contains(BOSS));
    assert_eq!(world.fact(BOSS, "members", "listed").privilege(&Azure, ANN), Privilege::Limited);
    assert!(world.member(ANN, BOSS).is_admin(&Azure, ANN));
}

/// A world in which Ann holds exactly these actions, and a user who owns the subscription has no directory role.
fn holding(actions: &[&str], scope: &str) -> World {
    let mut world = world();
    world.person(BOSS, IdentityKind::User).role(BOSS, OWNER, SUB);
    world.role(ANN, ROLE, scope).defines(ROLE, actions, &[]);
    world
}

fn by_actions() -> impl Iterator<Item = (&'static Method, Vec<&'static str>, &'static str)> {
    let methods = Azure.methods().iter().filter(|method| method.target != Target::Owned);
    methods.map(|method| {
        let scope = if method.target == Target::User { "directory:/" } else { GROUP };
        (method, method.actions.iter().map(String::as_str).collect(), scope)
    })
}

#[test]
fn every_method_fires_where_all_of_it_is_there() {
    for (method, actions, scope) in by_actions() {
        let path = holding(&actions, scope).path(&Azure, ANN).expect(&method.id);
        assert_eq!(&*path.steps[0].method, method.id);
        assert!(!path.steps[0].evidence.is_empty(), "{}", method.id);
        assert_eq!(path.unless.is_empty(), method.needs.is_empty(), "{}", method.id);
    }
}

#[test]
fn no_method_fires_where_a_part_of_it_is_missing() {
    for (method, actions, scope) in by_actions() {
        for missing in &actions {
            let rest: Vec<&str> = actions.iter().copied().filter(|action| action != missing).collect();
            let path = holding(&rest, scope).path(&Azure, ANN);
            assert!(path.is_none_or(|path| *path.steps[0].method != *method.id), "{} without {missing}", method.id);
        }
    }
}

#[test]
fn who_owns_an_application_wins_its_rights_if_it_has_any() {
    let mut world = world();
    world.person(APP, IdentityKind::Application).fact(APP, "app-id", "a1").role(ANN, "owner", APP);
    world.person(SERVICE, IdentityKind::Workload).fact(SERVICE, "app-id", "a1");
    assert_eq!(world.path(&Azure, ANN), None);
    world.role(SERVICE, OWNER, SUB);
    let path = world.path(&Azure, ANN).expect("a path");
    assert_eq!((&*path.steps[0].method, &*path.to), ("azure-own", APP));
}

#[test]
fn the_password_of_somebody_with_a_directory_role_is_out_of_reach() {
    let mut world = holding(&["microsoft.directory/users/password/update"], "directory:/");
    assert!(world.path(&Azure, ANN).is_some());
    world.role(BOSS, GLOBAL, "directory:/");
    assert_eq!(world.path(&Azure, ANN), None);
}
