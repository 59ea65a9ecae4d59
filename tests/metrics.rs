//! The figures about the whole estate, over small ledgers whose figures can be counted by hand.

#![expect(clippy::unwrap_used, reason = "what cannot be read in a test has failed the test")]

#[path = "checks/facts.rs"]
#[expect(dead_code, reason = "the fixtures of checks also say what is expected")]
mod facts;

use overstay::check::metric::measure;
use overstay::model::{FingerprintKey, Metric};
use overstay::rules::check::CheckRules;
use overstay::rules::control::Controls;
use overstay::rules::policy::Policy;
use overstay::yaml;

const LOG: &str = "streams:\n  - {importer: aws-cloudtrail, scope: \"111122223333\", \
                   records: [[2026-01-01T00:00:00Z, 2026-01-31T00:00:00Z, 1800]]}\n";
const KIND: &str = "credential-kind: aws-temporary-access-key-id";

fn metrics(policy: &str, facts: &str) -> Vec<Metric> {
    let rules = CheckRules::embedded(&Controls::embedded().unwrap()).unwrap();
    let text = format!("as-of: 2026-01-31T00:00:00Z\nabout: figures\n{facts}expect: {{examined: 0}}\n");
    let fixture: facts::Fixture = yaml::parse("fixture", &text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let policy = Policy::parse("overstay.yaml", policy, &rules).unwrap();
    let ledger = facts::ledger(&fixture, &[], &FingerprintKey::new(vec![7; 32]));
    measure(&ledger, &policy)
}

fn metric(all: &[Metric], id: &str) -> Metric {
    all.iter().find(|metric| metric.id == id).unwrap_or_else(|| panic!("no metric {id}")).clone()
}

/// A session that lives an hour from this time, used after so many minutes.
fn session(id: u32, hour: &str, used_at: &str) -> String {
    format!(
        "  - {{at: 2026-01-20T{hour}:00:00Z, kind: issued, id: ASIA-{id}, {KIND}, scope: \"arn:aws:iam::111122223333:role/a-jit\", \
         expires: 2026-01-20T{hour}:59:00Z}}\n  - {{at: 2026-01-20T{used_at}:00Z, kind: used, id: ASIA-{id}, {KIND}}}\n"
    )
}

#[test]
fn without_any_input_no_figure_has_a_number_but_the_counts_of_nothing() {
    for metric in metrics("", "") {
        assert_eq!(metric.numerator.unwrap_or_default(), 0, "{}", metric.say());
    }
}

#[test]
fn every_figure_has_an_id_of_its_own_and_says_what_it_rests_on() {
    let all = metrics("", "");
    let ids: std::collections::BTreeSet<&str> = all.iter().map(|metric| metric.id.as_str()).collect();
    assert_eq!(ids.len(), all.len());
    assert!(all.iter().all(|metric| !metric.coverage.is_empty()));
}

#[test]
fn coverage_needs_the_policy_to_say_what_just_in_time_access_is() {
    let facts = format!("{LOG}events:\n{}", session(1, "10", "10:05"));
    assert!(metric(&metrics("", &facts), "jit-coverage").say().starts_with("unknown: overstay.yaml names no"));
    let policy = "jit: {roles: [\"arn:aws:iam::*:role/*-jit\"]}";
    assert_eq!(metric(&metrics(policy, &facts), "jit-coverage").say(), "100% (1 of 1)");
}

#[test]
fn what_goes_around_is_told_by_its_cause() {
    let alice = "arn:aws:iam::111122223333:user/alice";
    let admin = format!(
        "identities:\n  - {{id: \"{alice}\", kind: user}}\ngrants:\n  - {{holder: \"{alice}\", policy: \"arn:aws:iam::aws:policy/AdministratorAccess\"}}\n\
         credentials:\n  - {{id: AKIA-1, kind: aws-access-key-id, standing: standing, principal: \"{alice}\", status: active}}\n"
    );
    let key = format!(
        "  - {{at: 2026-01-20T12:00:00Z, kind: used, id: AKIA-1, credential-kind: aws-access-key-id, principal: \"{alice}\"}}\n"
    );
    let facts = format!("{admin}{LOG}events:\n{}{key}", session(1, "10", "10:05"));
    let bypass = metric(&metrics("jit: {roles: [\"arn:aws:iam::*:role/*-jit\"]}", &facts), "jit-bypass");
    assert_eq!(bypass.say(), "50% (1 of 2)");
    assert_eq!(bypass.parts[0], ("static credential".to_owned(), 1));
}

#[test]
fn overstay_is_the_time_from_the_last_use_to_the_effective_end() {
    let long = |id: u32, used: &str| session(id, "01", used).replace("01:59:00Z", "09:00:00Z");
    let facts = format!("{LOG}events:\n{}{}", long(1, "02:00"), long(2, "05:00"));
    let overstay = metric(&metrics("", &facts), "overstay");
    assert_eq!(overstay.say(), "660 minutes over 2");
    assert_eq!(overstay.parts, [("p50".to_owned(), 240), ("p95".to_owned(), 420), ("longest".to_owned(), 420)]);
    let revoked = format!("{facts}  - {{at: 2026-01-20T03:00:00Z, kind: revoked, id: ASIA-1, {KIND}}}\n");
    assert_eq!(metric(&metrics("", &revoked), "overstay").say(), "300 minutes over 2");
}

#[test]
fn a_session_that_has_not_ended_is_no_overstay_yet() {
    let open = session(1, "10", "10:05").replace("2026-01-20T10:59:00Z", "2026-02-01T00:00:00Z");
    assert!(metric(&metrics("", &format!("{LOG}events:\n{open}")), "overstay").say().starts_with("unknown"));
}

#[test]
fn the_share_of_static_credentials_made_lately_counts_those_of_known_age_only() {
    let key = |id: u32, created: &str| {
        let created = if created.is_empty() { String::new() } else { format!("created: {created}, ") };
        format!("  - {{id: AKIA-{id}, kind: aws-access-key-id, standing: standing, {created}status: active}}\n")
    };
    let facts =
        format!("credentials:\n{}{}{}", key(1, "2026-01-01T00:00:00Z"), key(2, "2024-01-01T00:00:00Z"), key(3, ""));
    let all = metrics("", &facts);
    assert_eq!(metric(&all, "rotated-in-time").say(), "50% (1 of 2)");
    assert_eq!(metric(&all, "credential-age").parts.last().unwrap(), &("age not known".to_owned(), 1));
    assert_eq!(metric(&all, "unrevoked-credentials").say(), "3 of 3");
}

#[test]
fn hours_without_a_record_are_no_coverage() {
    let holes = "streams:\n  - {importer: aws-cloudtrail, scope: x, records: \
                 [[2026-01-01T00:00:00Z, 2026-01-01T06:00:00Z, 1800], [2026-01-01T18:00:00Z, 2026-01-02T00:00:00Z, 1800]]}\n";
    assert_eq!(metric(&metrics("", holes), "evidence-coverage").say(), "50% (12 of 24)");
}

#[test]
fn an_approval_counts_only_where_it_came_before_what_was_given() {
    let request = |id: u32, decided: &str| {
        format!(
            "  - {{at: 2026-01-20T09:00:00Z, kind: requested, request: REQ-{id}, requester: alice}}\n\
             \x20 - {{at: 2026-01-20T{decided}:00Z, kind: approved, request: REQ-{id}, requester: bob}}\n\
             \x20 - {{at: 2026-01-20T10:00:00Z, kind: issued, id: ASIA-{id}, {KIND}, request: REQ-{id}}}\n"
        )
    };
    let facts = format!("{LOG}events:\n{}{}", request(1, "09:30"), request(2, "11:00"));
    assert_eq!(metric(&metrics("", &facts), "approval-evidence").say(), "50% (1 of 2)");
}
