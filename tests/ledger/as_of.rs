//! The time as of which everything is judged, and records that lie about theirs.

use overstay::ledger::{Fold, Joining, Ledger};
use overstay::model::{GapReason, Sink};

use crate::facts::*;

/// A log with a record every day of March 2026, and what else is given.
fn with(others: &[&str], change: impl FnOnce(&mut Fold)) -> Ledger {
    finish(|fold| {
        let trail = Trail::new();
        let days = (1..=31).map(|day| format!("2026-03-{day:02}T00:00:00Z"));
        for time in days.chain(others.iter().map(ToString::to_string)) {
            trail.used(fold, &time, KEY);
        }
        change(fold);
    })
}

#[test]
fn the_newest_record_that_others_stand_by_decides() {
    let ledger = with(&["2027-03-01T00:00:00Z"], |_| {});
    assert_eq!((ledger.as_of, ledger.gaps.len()), (at("2027-03-01T00:00:00Z"), 0));
}

#[test]
fn a_record_of_the_far_future_makes_nothing_old_and_is_told() {
    let ledger = with(&["2999-01-01T00:00:00Z"], |_| {});
    assert_eq!((ledger.as_of, &*ledger.as_of_source), (at("2026-03-31T00:00:00Z"), "the newest log record"));
    let [gap] = ledger.gaps.as_slice() else { panic!("{:?}", ledger.gaps) };
    assert_eq!((&*gap.what, gap.reason, gap.count), ("aws-cloudtrail/111122223333", GapReason::Damaged, 1));
    assert!(gap.detail.contains("2999-01-01 00:00 UTC"), "{}", gap.detail);
}

#[test]
fn an_export_of_that_time_vouches_for_a_lone_record() {
    let ledger = with(&["2028-01-01T00:00:00Z"], |fold| fold.exported(at("2027-12-01T00:00:00Z")));
    assert_eq!((ledger.as_of, ledger.gaps.len()), (at("2028-01-01T00:00:00Z"), 0));
}

#[test]
fn who_says_the_time_is_believed() {
    let mut fold = Fold::new();
    for time in ["2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z", "2999-01-01T00:00:00Z"] {
        Trail::new().used(&mut fold, time, KEY);
    }
    let given = at("2999-01-02T00:00:00Z");
    let ledger = fold.finish(&Joining { as_of: Some(given), ..Joining::default() });
    assert_eq!((ledger.as_of, ledger.gaps.len()), (given, 0));
}

#[test]
fn a_log_of_a_single_record_is_as_of_that_record() {
    let ledger = finish(|fold| Trail::new().used(fold, "2026-03-01T00:00:00Z", KEY));
    assert_eq!((ledger.as_of, ledger.gaps.len()), (at("2026-03-01T00:00:00Z"), 0));
}
