//! What ends a credential, and what does not.

use overstay::ledger::{Fold, Ledger};
use overstay::model::{EventKind, Outcome, Sink, Status};

use crate::facts::*;

const MADE: &str = "2025-02-01T10:00:00Z";
const SESSION: &str = "ASIAIAAAAAAAAAAAAAAA";
const LATER: &str = "2026-06-02T00:00:00Z";

fn with_event(time: &str, kind: EventKind, change: impl FnOnce(&mut Fold)) -> Ledger {
    finish(|fold| {
        report(fold, CI, 1, MADE);
        listed(fold, KEY, "ci", MADE);
        change(fold);
        fold.event(&Trail::new().event(time, kind, KEY));
    })
}

#[test]
fn a_deletion_after_the_export_overrides_it() {
    assert_eq!(row(&with_event(LATER, EventKind::Revoked, |_| {}), KEY).status, Status::Inactive);
    assert_eq!(row(&with_event(LATER, EventKind::Disabled, |_| {}), KEY).status, Status::Inactive);
}

#[test]
fn a_change_before_the_export_is_known_to_the_export() {
    assert_eq!(row(&with_event("2026-05-01T00:00:00Z", EventKind::Disabled, |_| {}), KEY).status, Status::Active);
}

#[test]
fn a_key_that_was_disabled_and_enabled_again_is_active() {
    let ledger = with_event("2026-06-03T00:00:00Z", EventKind::Enabled, |fold| {
        fold.event(&Trail::new().event(LATER, EventKind::Disabled, KEY));
    });
    assert_eq!(row(&ledger, KEY).status, Status::Active);
}

#[test]
fn a_deletion_that_failed_changes_nothing() {
    let ledger = finish(|fold| {
        report(fold, CI, 1, MADE);
        listed(fold, KEY, "ci", MADE);
        let trail = Trail::new();
        let mut event = trail.event(LATER, EventKind::Revoked, KEY);
        event.outcome = Outcome::Denied;
        fold.event(&event);
    });
    assert_eq!(row(&ledger, KEY).status, Status::Active);
}

#[test]
fn an_older_export_does_not_override_a_newer_one() {
    let ledger = finish(|fold| {
        report(fold, CI, 1, MADE);
        let id = overstay::model::CredentialId::derived("aws", &format!("{CI}#key1@{MADE}"));
        let mut old = overstay::model::Credential::observed(id, "aws-access-key-id", "", place("old.csv", "inactive"));
        old.status = Status::Inactive;
        old.observed_at = Some(at("2026-05-01T00:00:00Z"));
        fold.credential(old);
    });
    assert_eq!(ledger.credentials[0].status, Status::Active);
}

fn revoke_sessions(fold: &mut Fold, role: &str) {
    let trail = Trail::new();
    let mut event = trail.event("2026-05-02T00:00:00Z", EventKind::SessionsRevoked, "");
    event.scope = Some(role);
    event.before = Some(at("2026-05-02T00:00:00Z"));
    fold.event(&event);
}

#[test]
fn revoking_the_sessions_of_a_role_ends_those_issued_before() {
    let ledger = finish(|fold| {
        revoke_sessions(fold, ROLE);
        Trail::new().session(fold, "2026-05-01T23:59:59Z", SESSION, CI);
        Trail::new().session(fold, "2026-05-02T00:00:00Z", "ASIAIBBBBBBBBBBBBBBB", CI);
    });
    assert_eq!(row(&ledger, SESSION).status, Status::Inactive);
    assert_eq!(row(&ledger, "ASIAIBBBBBBBBBBBBBBB").status, Status::Unknown);
}

#[test]
fn revoking_the_sessions_of_another_role_ends_nothing() {
    let ledger = finish(|fold| {
        revoke_sessions(fold, "arn:aws:iam::444455556666:role/deploy");
        Trail::new().session(fold, "2026-05-01T00:00:00Z", SESSION, CI);
    });
    assert_eq!(row(&ledger, SESSION).status, Status::Unknown);
}

#[test]
fn revoking_the_sessions_of_a_user_does_not_end_its_keys() {
    let ledger = finish(|fold| {
        revoke_sessions(fold, CI);
        let trail = Trail::new();
        for id in [KEY, SESSION] {
            let mut event = trail.event("2026-05-01T00:00:00Z", EventKind::Issued, id);
            event.principal = Some(CI);
            fold.event(&event);
        }
    });
    assert_eq!(row(&ledger, SESSION).status, Status::Inactive);
    assert_eq!(row(&ledger, KEY).status, Status::Unknown);
}

#[test]
fn a_role_is_the_same_with_and_without_its_path() {
    let ledger = finish(|fold| {
        revoke_sessions(fold, "arn:aws:iam::111122223333:role/teams/ci/deploy");
        Trail::new().session(fold, "2026-05-01T00:00:00Z", SESSION, CI);
    });
    assert_eq!(row(&ledger, SESSION).status, Status::Inactive);
}

#[test]
fn the_end_of_a_parent_key_does_not_end_its_sessions() {
    let ledger = finish(|fold| {
        let trail = Trail::new();
        let mut event = trail.event("2026-05-01T00:00:00Z", EventKind::Issued, SESSION);
        event.parent = Some(aws(KEY));
        event.principal = Some(ROLE);
        fold.event(&event);
        fold.event(&trail.event("2026-05-01T00:10:00Z", EventKind::Revoked, KEY));
    });
    assert_eq!(row(&ledger, SESSION).status, Status::Unknown);
    assert_eq!(row(&ledger, KEY).status, Status::Inactive);
}

fn delete_user(fold: &mut Fold, time: &str, user: &str) {
    let trail = Trail::new();
    let mut event = trail.event(time, EventKind::IdentityDeleted, "");
    event.principal = Some(user);
    fold.event(&event);
}

#[test]
fn deleting_a_user_ends_its_keys_even_those_that_no_record_names() {
    let ledger = finish(|fold| {
        report(fold, CI, 1, MADE);
        listed(fold, KEY, "ci", MADE);
        delete_user(fold, LATER, CI);
    });
    assert_eq!(row(&ledger, KEY).status, Status::Inactive);
}

#[test]
fn deleting_a_user_does_not_end_the_keys_of_a_user_made_anew_under_its_name() {
    let ledger = finish(|fold| {
        listed(fold, KEY, CI, "2026-06-03T00:00:00Z");
        delete_user(fold, LATER, CI);
    });
    assert_eq!(row(&ledger, KEY).status, Status::Active);
}

fn switch_user(fold: &mut Fold, time: &str, kind: EventKind) {
    let trail = Trail::new();
    let mut event = trail.event(time, kind, "");
    event.principal = Some(CI);
    fold.event(&event);
}

#[test]
fn disabling_a_user_stops_its_keys_until_it_is_enabled_again() {
    let (off, on) = (LATER, "2026-06-03T00:00:00Z");
    let status = |switches: &[(&str, EventKind)]| {
        let ledger = finish(|fold| {
            report(fold, CI, 1, MADE);
            listed(fold, KEY, "ci", MADE);
            for (time, kind) in switches {
                switch_user(fold, time, *kind);
            }
        });
        row(&ledger, KEY).status
    };
    assert_eq!(status(&[(off, EventKind::IdentityDisabled)]), Status::Inactive);
    assert_eq!(status(&[(off, EventKind::IdentityDisabled), (on, EventKind::IdentityEnabled)]), Status::Active);
    assert_eq!(status(&[(on, EventKind::IdentityEnabled), (off, EventKind::IdentityDisabled)]), Status::Active);
    assert_eq!(status(&[(off, EventKind::IdentityEnabled), (on, EventKind::IdentityDisabled)]), Status::Inactive);
}

#[test]
fn an_export_of_keys_does_not_speak_for_their_user() {
    let ledger = finish(|fold| {
        report(fold, CI, 1, MADE);
        listed(fold, KEY, "ci", MADE);
        switch_user(fold, "2026-05-01T00:00:00Z", EventKind::IdentityDisabled);
    });
    assert_eq!(row(&ledger, KEY).status, Status::Inactive);
}

#[test]
fn a_key_that_was_disabled_itself_is_not_enabled_with_its_user() {
    let ledger = with_event(LATER, EventKind::Disabled, |fold| {
        switch_user(fold, "2026-06-03T00:00:00Z", EventKind::IdentityDisabled);
        switch_user(fold, "2026-06-04T00:00:00Z", EventKind::IdentityEnabled);
    });
    let row = row(&ledger, KEY);
    assert_eq!(row.status, Status::Inactive);
    let off = row.timeline.as_ref().and_then(|timeline| timeline.off()).expect("off");
    assert_eq!((off.kind, off.time), (EventKind::Disabled, at(LATER)));
}

#[test]
fn a_user_that_is_enabled_without_having_been_disabled_changes_nothing() {
    let ledger = finish(|fold| {
        report(fold, CI, 1, MADE);
        listed(fold, KEY, "ci", MADE);
        switch_user(fold, LATER, EventKind::IdentityEnabled);
    });
    assert!(row(&ledger, KEY).timeline.is_none());
}

/// A credential that a token obtained, the token revoked a quarter of an hour later.
fn with_child(ends_with_parent: bool) -> Ledger {
    finish(|fold| {
        child(fold, SESSION, token("parent"), ends_with_parent);
        revoke(fold, token("parent"));
    })
}

fn token(digest: &str) -> overstay::model::CredentialId {
    overstay::model::CredentialId::hashed("vault/hmac-sha256", digest)
}

fn child(fold: &mut Fold, id: &str, parent: overstay::model::CredentialId, ends_with_parent: bool) {
    let trail = Trail::new();
    let mut issued = trail.event("2026-05-01T00:00:00Z", EventKind::Issued, id);
    issued.parent = Some(parent);
    issued.ends_with_parent = ends_with_parent;
    fold.event(&issued);
}

fn revoke(fold: &mut Fold, token: overstay::model::CredentialId) {
    let trail = Trail::new();
    let mut revoked = trail.event("2026-05-01T00:15:00Z", EventKind::Revoked, "");
    revoked.credential = Some(token);
    revoked.credential_kind = "vault-token";
    fold.event(&revoked);
}

#[test]
fn a_child_ends_with_the_token_that_it_was_obtained_with_and_says_so() {
    let ledger = with_child(true);
    let row = row(&ledger, SESSION);
    assert_eq!(row.status, Status::Inactive);
    let off = row.timeline.as_ref().and_then(|timeline| timeline.off()).expect("off");
    assert_eq!(off.time, at("2026-05-01T00:15:00Z"));
    assert_eq!(off.evidence.shows, "revoked with the token that it was obtained with");
}

#[test]
fn an_orphan_and_a_session_do_not_end_with_what_they_were_obtained_with() {
    assert_ne!(row(&with_child(false), SESSION).status, Status::Inactive);
}

#[test]
fn a_grandchild_ends_with_its_grandparent_even_where_its_parent_is_not_revoked_itself() {
    let ledger = finish(|fold| {
        child(fold, KEY, aws(OTHER_KEY), true);
        child(fold, OTHER_KEY, token("parent"), true);
        child(fold, SESSION, aws(KEY), false);
        revoke(fold, token("parent"));
    });
    assert_eq!(row(&ledger, KEY).status, Status::Inactive);
    assert_eq!(row(&ledger, OTHER_KEY).status, Status::Inactive);
    assert_ne!(row(&ledger, SESSION).status, Status::Inactive);
}

#[test]
fn a_circle_of_parents_in_a_forged_log_ends() {
    let ledger = finish(|fold| {
        child(fold, KEY, aws(OTHER_KEY), true);
        child(fold, OTHER_KEY, aws(KEY), true);
        revoke(fold, aws(KEY));
    });
    assert_ne!(row(&ledger, OTHER_KEY).status, Status::Inactive);
}
