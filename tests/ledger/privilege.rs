//! Who is an effective administrator, who is not, and of whom that cannot be told.

use overstay::ledger::{Fold, Privilege};
use overstay::model::{Effect, GrantObject, IdentityKind, Statement};

use crate::facts::*;

const GROUP: &str = "arn:aws:iam::111122223333:group/deployers";

fn of_user(facts: impl FnOnce(&mut Fold)) -> Privilege {
    let ledger = finish(|fold| {
        identity(fold, CI, IdentityKind::User);
        grant(fold, "x", GrantObject::AssumeRole("y".into()));
        facts(fold);
    });
    ledger.identities[CI].privilege.clone()
}

/// The privilege of a user with one policy of these statements.
fn with(statements: Vec<Statement>) -> Privilege {
    of_user(|fold| {
        policy(fold, "p", statements);
        attach(fold, CI, "p");
    })
}

fn allow(action: &str) -> Statement {
    statement(Effect::Allow, action, "*")
}

fn deny(action: &str) -> Statement {
    statement(Effect::Deny, action, "*")
}

fn how(privilege: &Privilege) -> &str {
    match privilege {
        Privilege::Admin { how, evidence } => {
            assert!(!evidence.is_empty());
            how
        }
        other => panic!("not an administrator: {other:?}"),
    }
}

fn why_unknown(privilege: &Privilege) -> &str {
    match privilege {
        Privilege::Unknown(why) => why,
        other => panic!("not unknown: {other:?}"),
    }
}

#[test]
fn everything_on_everything_is_an_administrator() {
    assert_eq!(how(&with(vec![allow("*")])), "p");
    assert_eq!(how(&with(vec![allow("*:*")])), "p");
}

#[test]
fn everything_of_one_service_or_on_some_resources_is_not() {
    assert_eq!(with(vec![allow("iam:*")]), Privilege::Limited);
    assert_eq!(with(vec![statement(Effect::Allow, "*", "arn:aws:s3:::bucket/*")]), Privilege::Limited);
    assert_eq!(with(vec![]), Privilege::Limited);
}

#[test]
fn an_administrator_by_a_group_is_one_and_the_group_is_named() {
    let privilege = of_user(|fold| {
        identity(fold, GROUP, IdentityKind::Group);
        grant(fold, CI, GrantObject::Group(GROUP.into()));
        policy(fold, ADMIN, vec![allow("*")]);
        attach(fold, GROUP, ADMIN);
    });
    assert_eq!(how(&privilege), "AdministratorAccess via group deployers");
}

#[test]
fn the_group_of_somebody_else_makes_nobody_an_administrator() {
    let privilege = of_user(|fold| {
        identity(fold, GROUP, IdentityKind::Group);
        grant(fold, "arn:aws:iam::111122223333:user/cd", GrantObject::Group(GROUP.into()));
        policy(fold, ADMIN, vec![allow("*")]);
        attach(fold, GROUP, ADMIN);
    });
    assert_eq!(privilege, Privilege::Limited);
}

#[test]
fn a_group_that_is_not_in_the_export_leaves_it_unknown() {
    let privilege = of_user(|fold| grant(fold, CI, GrantObject::Group(GROUP.into())));
    assert_eq!(why_unknown(&privilege), format!("group {GROUP} is not in the export"));
}

#[test]
fn the_published_administrator_policy_needs_no_content_and_any_other_does() {
    assert_eq!(how(&of_user(|fold| attach(fold, CI, ADMIN))), "AdministratorAccess");
    let own = "arn:aws:iam::111122223333:policy/AdministratorAccess";
    let privilege = of_user(|fold| attach(fold, CI, own));
    assert_eq!(why_unknown(&privilege), format!("{own} is attached but not in the export"));
}

#[test]
fn a_denial_of_everything_or_of_iam_takes_it_away() {
    assert_eq!(with(vec![allow("*"), deny("*")]), Privilege::Limited);
    assert_eq!(with(vec![allow("*"), deny("IAM:*")]), Privilege::Limited);
    let mut all_but = deny("s3:*");
    all_but.not_actions = true;
    assert_eq!(with(vec![allow("*"), all_but]), Privilege::Limited);
    let mut elsewhere = statement(Effect::Deny, "*", "arn:aws:s3:::bucket/*");
    elsewhere.not_resources = true;
    assert_eq!(with(vec![allow("*"), elsewhere]), Privilege::Limited);
}

#[test]
fn a_denial_of_another_service_or_one_resource_does_not_and_is_said() {
    assert_eq!(how(&with(vec![allow("*"), deny("s3:*")])), "p, except s3:*");
    let one = statement(Effect::Deny, "*", "arn:aws:s3:::bucket/*");
    assert_eq!(how(&with(vec![allow("*"), one])), "p, except * on arn:aws:s3:::bucket/*");
}

#[test]
fn a_denial_of_a_part_of_iam_leaves_it_unknown() {
    let privilege = with(vec![allow("*"), deny("iam:CreateUser")]);
    assert_eq!(why_unknown(&privilege), "administrator by p, but iam:CreateUser is denied");
    let wide = statement(Effect::Deny, "iam:*", "arn:aws:iam::*:role/*");
    assert!(why_unknown(&with(vec![allow("*"), wide])).contains("on arn:aws:iam::*:role/*"));
}

#[test]
fn conditions_leave_it_unknown_on_either_side() {
    let mut conditional = allow("*");
    conditional.conditions = r#"{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#.into();
    assert!(why_unknown(&with(vec![conditional])).contains("under conditions"));
    let mut denied = deny("*");
    denied.conditions = r#"{"Bool":{"aws:MultiFactorAuthPresent":"false"}}"#.into();
    assert!(why_unknown(&with(vec![allow("*"), denied])).contains("* under conditions is denied"));
}

#[test]
fn everything_but_iam_is_no_administrator_until_iam_is_added() {
    let mut but_iam = allow("iam:*");
    but_iam.not_actions = true;
    assert_eq!(with(vec![but_iam.clone()]), Privilege::Limited);
    assert_eq!(with(vec![but_iam.clone(), allow("iam:Get*")]), Privilege::Limited);
    assert_eq!(how(&with(vec![but_iam, allow("iam:*")])), "p");
}

#[test]
fn two_policies_together_are_both_named_and_a_third_is_not() {
    let privilege = of_user(|fold| {
        let mut but_iam = allow("iam:*");
        but_iam.not_actions = true;
        policy(fold, "power", vec![but_iam]);
        policy(fold, "iam-full", vec![allow("iam:*")]);
        policy(fold, "logs", vec![allow("logs:*")]);
        for id in ["power", "iam-full", "logs"] {
            attach(fold, CI, id);
        }
    });
    assert_eq!(how(&privilege), "iam-full and power");
}

#[test]
fn a_boundary_that_is_not_in_the_export_leaves_an_administrator_unknown() {
    let bounded = |boundary: &str| {
        let ledger = finish(|fold| {
            bounded_identity(fold, CI, IdentityKind::User, Some(boundary));
            attach(fold, CI, ADMIN);
        });
        ledger.identities[CI].privilege.clone()
    };
    assert_eq!(why_unknown(&bounded("b")), "permissions boundary b is attached but not in the export");
    assert_eq!(how(&bounded(ADMIN)), "AdministratorAccess");
}

#[test]
fn an_identity_that_no_export_of_grants_lists_was_not_examined() {
    let ledger = finish(|fold| identity(fold, CI, IdentityKind::User));
    assert_eq!(ledger.identities[CI].privilege, Privilege::NotExamined);
}

#[test]
fn the_key_of_an_administrator_carries_the_privilege_whatever_the_path_of_the_user() {
    let ledger = finish(|fold| {
        identity(fold, "arn:aws:iam::111122223333:user/bots/ci", IdentityKind::User);
        attach(fold, "arn:aws:iam::111122223333:user/bots/ci", ADMIN);
        listed(fold, KEY, CI, "2025-02-01T10:00:00Z");
    });
    assert_eq!(how(&row(&ledger, KEY).privilege), "AdministratorAccess");
}
