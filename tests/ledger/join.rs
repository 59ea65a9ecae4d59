//! Which observations are one credential.

use overstay::model::{Expiry, Grant, GrantObject, IdentityKind, LastUse, Sink, Standing, StandingClass, Status};

use crate::facts::*;

const MADE: &str = "2025-02-01T10:00:00Z";

#[test]
fn a_key_in_code_in_the_report_in_the_listing_and_in_the_log_is_one_row() {
    let ledger = finish(|fold| {
        leaked(fold, KEY);
        report(fold, CI, 1, MADE);
        listed(fold, KEY, "ci", MADE);
        Trail::new().used(fold, "2026-05-01T00:00:00Z", KEY);
    });
    assert_eq!(ledger.credentials.len(), 1);
    let row = row(&ledger, KEY);
    assert_eq!(row.principal.as_deref(), Some(CI));
    assert_eq!((row.status, row.observed_at), (Status::Active, Some(at("2026-06-01T00:00:00Z"))));
    assert_eq!(row.created, Some(at(MADE)));
    assert_eq!(row.last_use, LastUse::At(at("2026-05-01T00:00:00Z")));
    assert_eq!((row.exposures.len(), row.exports.len(), row.aliases.len()), (1, 2, 1));
    assert!(row.exports.iter().any(|it| it.shows.contains("joined by user and time of creation")));
    assert_eq!(row.standing, StandingClass::Standing);
}

#[test]
fn keys_made_a_minute_apart_are_two() {
    let ledger = finish(|fold| {
        report(fold, CI, 1, MADE);
        listed(fold, KEY, "ci", "2025-02-01T10:01:00Z");
    });
    assert_eq!(ledger.credentials.len(), 2);
}

#[test]
fn keys_made_a_second_apart_are_one() {
    let ledger = finish(|fold| {
        report(fold, CI, 1, MADE);
        listed(fold, KEY, "ci", "2025-02-01T10:00:01Z");
    });
    assert_eq!(ledger.credentials.len(), 1);
}

#[test]
fn the_key_of_another_user_made_at_the_same_time_is_another() {
    let ledger = finish(|fold| {
        report(fold, CI, 1, MADE);
        listed(fold, KEY, "cd", MADE);
    });
    assert_eq!(ledger.credentials.len(), 2);
}

#[test]
fn a_user_name_in_two_accounts_is_told_apart_by_the_time() {
    let other = "arn:aws:iam::444455556666:user/ci";
    let ledger = finish(|fold| {
        report(fold, CI, 1, MADE);
        report(fold, other, 1, "2025-03-01T10:00:00Z");
        listed(fold, KEY, "ci", MADE);
    });
    assert_eq!(row(&ledger, KEY).principal.as_deref(), Some(CI));
    assert_eq!(ledger.credentials.len(), 2);
}

#[test]
fn two_rows_that_fit_one_key_are_not_joined_and_that_is_said() {
    let ledger = finish(|fold| {
        report(fold, CI, 1, MADE);
        report(fold, "arn:aws:iam::444455556666:user/ci", 1, MADE);
        listed(fold, KEY, "ci", MADE);
    });
    assert_eq!(ledger.credentials.len(), 3);
    let notes = &row(&ledger, KEY).notes;
    assert!(notes.iter().any(|note| note.contains("more than one row fits, not joined")), "{notes:?}");
    assert!(notes.iter().any(|note| note.contains("user ci may be")), "{notes:?}");
    assert_eq!(row(&ledger, KEY).principal.as_deref(), Some("ci"));
}

#[test]
fn the_account_in_a_key_id_decides_between_two_rows_that_fit() {
    let one = "arn:aws:iam::609629065308:user/ci";
    let ledger = finish(|fold| {
        report(fold, one, 1, MADE);
        report(fold, CI, 1, MADE);
        listed(fold, concat!("AKIA", "Y34FZKBOKMUTVV7A"), "ci", MADE);
    });
    assert_eq!(row(&ledger, concat!("AKIA", "Y34FZKBOKMUTVV7A")).principal.as_deref(), Some(one));
}

#[test]
fn a_user_name_gets_its_arn_where_only_one_user_has_it() {
    let ledger = finish(|fold| {
        identity(fold, CI, IdentityKind::User);
        listed(fold, KEY, "ci", MADE);
        listed(fold, OTHER_KEY, "nobody", MADE);
    });
    assert_eq!(row(&ledger, KEY).principal.as_deref(), Some(CI));
    assert_eq!(row(&ledger, KEY).notes, [format!("user ci is taken for {CI}, the only one of that name")]);
    assert_eq!(row(&ledger, OTHER_KEY).principal.as_deref(), Some("nobody"));
}

#[test]
fn a_key_in_the_log_is_inferred_to_be_the_only_row_of_its_user() {
    let ledger = finish(|fold| {
        report(fold, CI, 1, MADE);
        Trail::new().used(fold, "2026-05-01T00:00:00Z", KEY);
    });
    assert_eq!(ledger.credentials.len(), 1);
    assert!(row(&ledger, KEY).exports[0].shows.contains("inferred"));
}

#[test]
fn a_key_in_the_log_is_not_joined_when_its_user_has_two_rows() {
    let ledger = finish(|fold| {
        report(fold, CI, 1, MADE);
        report(fold, CI, 2, "2025-03-01T10:00:00Z");
        Trail::new().used(fold, "2026-05-01T00:00:00Z", KEY);
    });
    assert_eq!(ledger.credentials.len(), 3);
}

#[test]
fn a_key_that_was_in_use_before_the_row_was_made_is_another_key() {
    let ledger = finish(|fold| {
        report(fold, CI, 1, "2026-05-02T00:00:00Z");
        Trail::new().used(fold, "2026-05-01T00:00:00Z", KEY);
    });
    assert_eq!(ledger.credentials.len(), 2);
}

#[test]
fn a_console_password_is_never_joined_with_a_key() {
    let ledger = finish(|fold| {
        let id = overstay::model::CredentialId::derived("aws", &format!("{CI}#password"));
        let evidence = place("report.csv", "password");
        let mut password =
            overstay::model::Credential::observed(id, "aws-console-password", "AWS console password", evidence);
        password.principal = Some(CI.into());
        password.created = Some(at(MADE));
        overstay::model::Sink::credential(fold, password);
        listed(fold, KEY, "ci", MADE);
        Trail::new().used(fold, "2026-05-01T00:00:00Z", OTHER_KEY);
    });
    assert_eq!(ledger.credentials.len(), 3);
}

#[test]
fn a_key_that_no_log_shows_was_not_used_in_the_window_rather_than_never() {
    let ledger = finish(|fold| {
        listed(fold, KEY, CI, MADE);
        Trail::new().used(fold, "2026-05-01T00:00:00Z", OTHER_KEY);
    });
    assert_eq!(row(&ledger, KEY).last_use, LastUse::NotInWindow);
    let without_log = finish(|fold| listed(fold, KEY, CI, MADE));
    assert_eq!(row(&without_log, KEY).last_use, LastUse::Unknown);
}

#[test]
fn the_log_of_another_account_says_nothing_about_a_key() {
    let ledger = finish(|fold| {
        listed(fold, KEY, "arn:aws:iam::444455556666:user/ci", MADE);
        Trail::new().used(fold, "2026-05-01T00:00:00Z", OTHER_KEY);
    });
    assert_eq!(row(&ledger, KEY).last_use, LastUse::Unknown);
    assert!(ledger.stream_for(row(&ledger, KEY)).is_none());
    assert!(ledger.stream_for(row(&ledger, OTHER_KEY)).is_some());
}

#[test]
fn a_log_of_data_events_cannot_show_that_a_key_was_not_revoked() {
    let ledger = finish(|fold| {
        listed(fold, KEY, CI, MADE);
        let mut trail = Trail::new();
        trail.stream.scope = "111122223333 data events".into();
        trail.used(fold, "2026-05-01T00:00:00Z", KEY);
    });
    assert!(ledger.stream_for(row(&ledger, KEY)).is_none());
}

#[test]
fn the_time_of_judgement_is_the_newest_evidence_and_a_commit_date_is_only_used_without_any_other() {
    let ledger = finish(|fold| {
        leaked(fold, KEY);
        listed(fold, OTHER_KEY, CI, MADE);
    });
    assert_eq!(ledger.as_of, at(MADE));
    assert_eq!(ledger.as_of_source, "the newest date of a credential in an export");
    let code_only = finish(|fold| leaked(fold, KEY));
    assert_eq!((code_only.as_of, &*code_only.as_of_source), (at("2026-01-02T00:00:00Z"), "the newest date in code"));
    assert_eq!(finish(|_| {}).as_of_source, "no input carries a time");
}

#[test]
fn a_session_known_from_the_log_only_has_a_title_and_ends_by_itself() {
    let ledger = finish(|fold| {
        let trail = Trail::new();
        let mut event = trail.event("2026-05-01T00:00:00Z", overstay::model::EventKind::Issued, "ASIAIAAAAAAAAAAAAAAA");
        event.expiry = Expiry::At(at("2026-05-01T01:00:00Z"));
        overstay::model::Sink::event(fold, &event);
    });
    let row = row(&ledger, "ASIAIAAAAAAAAAAAAAAA");
    assert_eq!((&*row.title, row.standing), ("AWS temporary access key", StandingClass::Ephemeral));
    assert_eq!(row.expiry, Expiry::At(at("2026-05-01T01:00:00Z")));
    assert_eq!(row.created, Some(at("2026-05-01T00:00:00Z")));
}

#[test]
fn many_rows_and_keys_of_one_user_and_second_are_not_all_compared() {
    let ledger = finish(|fold| {
        for number in 0..500_u64 {
            report(fold, &format!("arn:aws:iam::{number:012}:user/ci"), 1, MADE);
            listed(fold, &format!("AKIAI{number:015}"), "ci", MADE);
        }
    });
    assert_eq!(ledger.credentials.len(), 1_000);
    assert!(ledger.credentials.iter().all(|row| row.notes.len() <= 201));
}

#[test]
fn a_password_that_was_changed_is_as_old_as_its_last_change() {
    let ledger = finish(|fold| {
        for changed in ["2026-02-01T00:00:00Z", MADE] {
            let id = overstay::model::CredentialId::derived("aws", &format!("{CI}#password"));
            let evidence = place(&format!("{changed}.csv"), "password");
            let mut password = overstay::model::Credential::observed(id, "aws-console-password", "", evidence);
            password.created = Some(at(changed));
            overstay::model::Sink::credential(fold, password);
        }
    });
    assert_eq!(ledger.credentials[0].created, Some(at("2026-02-01T00:00:00Z")));
}

#[test]
fn a_grant_listed_with_its_terms_and_without_them_has_them() {
    let ledger = finish(|fold| {
        let object = || GrantObject::Role("owner".into());
        let listed = Grant::observed("azure", "kim", object(), place("assignments.json", "assignment"));
        fold.grant(Grant { standing: Standing::Standing, id: "a-1".into(), ..listed.clone() });
        fold.grant(Grant { standing: Standing::Standing, id: "a-2".into(), ..listed.clone() });
        let active = Grant::observed("azure", "kim", object(), place("instances.json", "instance"));
        fold.grant(Grant { standing: Standing::JitActive, id: "a-1".into(), ..active });
    });
    let states: Vec<_> = ledger.grants.iter().map(|grant| (&*grant.id, grant.standing)).collect();
    assert_eq!(states, [("a-2", Standing::Standing), ("a-1", Standing::JitActive)]);
}
