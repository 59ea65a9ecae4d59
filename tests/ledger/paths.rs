//! Short-lived sessions that the holder of a key could use instead.

use overstay::ledger::{Fold, JitPath, Joining, Ledger};
use overstay::model::{Effect, GrantObject, IdentityKind, LastUse};

use crate::facts::*;

const MADE: &str = "2025-02-01T10:00:00Z";
const SESSION: &str = "ASIAIAAAAAAAAAAAAAAA";

fn with_trust(trusted: &str, more: impl FnOnce(&mut Fold)) -> Ledger {
    finish(|fold| key_and_trust(fold, trusted, more))
}

fn key_and_trust(fold: &mut Fold, trusted: &str, more: impl FnOnce(&mut Fold)) {
    listed(fold, KEY, CI, MADE);
    identity(fold, CI, IdentityKind::User);
    identity(fold, ROLE, IdentityKind::Role);
    grant(fold, trusted, GrantObject::AssumeRole(ROLE.into()));
    more(fold);
}

fn paths(ledger: &Ledger) -> &[JitPath] {
    &row(ledger, KEY).jit_paths
}

fn may_assume(fold: &mut Fold) {
    policy(fold, "p", vec![statement(Effect::Allow, "sts:AssumeRole", ROLE)]);
    attach(fold, CI, "p");
}

#[test]
fn a_role_that_trusts_the_user_by_name_is_a_path() {
    let ledger = with_trust(CI, |_| {});
    assert_eq!(&*paths(&ledger)[0].role, ROLE);
    assert_eq!(paths(&ledger)[0].issued, 0);
}

#[test]
fn a_role_that_trusts_another_user_is_none() {
    assert_eq!(paths(&with_trust("arn:aws:iam::111122223333:user/cd", |_| {})), []);
    assert_eq!(paths(&with_trust("arn:aws:iam::444455556666:user/ci", may_assume)), []);
}

#[test]
fn a_role_that_trusts_the_account_is_a_path_for_who_may_assume_it() {
    let root = "arn:aws:iam::111122223333:root";
    assert_eq!(paths(&with_trust(root, |_| {})), []);
    let ledger = with_trust(root, may_assume);
    assert!(paths(&ledger)[0].evidence.iter().any(|it| it.shows.contains("allows sts:AssumeRole")));
    assert_eq!(paths(&with_trust("arn:aws:iam::444455556666:root", may_assume)), []);
}

#[test]
fn a_denied_assumption_is_no_path() {
    let ledger = with_trust("arn:aws:iam::111122223333:root", |fold| {
        may_assume(fold);
        policy(fold, "no", vec![statement(Effect::Deny, "sts:*", "*")]);
        attach(fold, CI, "no");
    });
    assert_eq!(paths(&ledger), []);
}

#[test]
fn sessions_that_the_user_obtained_are_counted_and_those_of_others_are_not() {
    let ledger = with_trust(CI, |fold| {
        let trail = Trail::new();
        trail.session(fold, "2026-05-01T00:00:00Z", SESSION, CI);
        trail.session(fold, "2026-05-01T00:05:00Z", "ASIAIBBBBBBBBBBBBBBB", "arn:aws:iam::111122223333:user/cd");
    });
    assert_eq!(paths(&ledger)[0].issued, 1);
}

#[test]
fn the_use_of_a_session_is_the_use_of_the_role() {
    let ledger = with_trust(CI, |fold| {
        let trail = Trail::new();
        trail.session(fold, "2026-05-01T00:00:00Z", SESSION, CI);
        trail.used(fold, "2026-05-01T00:10:00Z", SESSION);
    });
    assert_eq!(paths(&ledger)[0].last_use, LastUse::At(at("2026-05-01T00:10:00Z")));
}

#[test]
fn a_declared_role_is_a_path_inside_its_account_unless_it_trusts_others_only() {
    let declared = [String::from("arn:aws:iam::111122223333:role/dep*")];
    let joining = Joining { as_of: None, jit_roles: &declared };
    let with = |trusted: &str| {
        let mut fold = Fold::new();
        key_and_trust(&mut fold, trusted, |_| {});
        fold.finish(&joining)
    };
    let provider = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com";
    assert_eq!(paths(&with(provider)).len(), 1);
    assert_eq!(paths(&with("arn:aws:iam::111122223333:user/cd")), []);
}

#[test]
fn a_session_itself_needs_no_other_path() {
    let ledger = with_trust(CI, |fold| Trail::new().session(fold, "2026-05-01T00:00:00Z", SESSION, CI));
    assert_eq!(row(&ledger, SESSION).jit_paths, []);
}
