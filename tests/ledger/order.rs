//! Facts may come in any order, in any number of parts, and more than once.

use std::net::IpAddr;

use overstay::ledger::{Fold, Joining};
use overstay::model::{
    Credential, EventKind, Expiry, Gap, GapReason, GrantChange, GrantObject, Outcome, Shard, Sink, Standing, Status,
};
use proptest::prelude::*;

use crate::facts::*;

/// A fact in small numbers, so that the same subjects come up again and again.
#[derive(Clone, Debug)]
struct Fact {
    shape: u8,
    subject: u8,
    minute: u16,
    address: u8,
    outcome: Outcome,
}

fn fact() -> impl Strategy<Value = Fact> {
    let outcome = prop_oneof![Just(Outcome::Ok), Just(Outcome::Denied), Just(Outcome::Refused), Just(Outcome::Error)];
    (0..22_u8, 0..3_u8, 0..6000_u16, 0..40_u8, outcome).prop_map(|(shape, subject, minute, address, outcome)| Fact {
        shape,
        subject,
        minute,
        address,
        outcome,
    })
}

impl Fact {
    fn push(&self, fold: &mut Fold) {
        let key = [KEY, OTHER_KEY, "ASIAIAAAAAAAAAAAAAAA"][usize::from(self.subject)];
        let time = (at("2026-05-01T00:00:00Z") + jiff::SignedDuration::from_mins(i64::from(self.minute))).to_string();
        match self.shape {
            0 => leaked(fold, key),
            1 => listed(fold, key, "ci", MADE[usize::from(self.address) % 2]),
            2 => report(fold, CI, 1, MADE[usize::from(self.address) % 2]),
            3 => fold.credential(self.exported(key, &time)),
            4 => fold.gap(Gap {
                what: key.into(),
                reason: GapReason::Damaged,
                detail: "".into(),
                effect: "".into(),
                count: 1,
            }),
            _ => self.log(fold, key, &time),
        }
    }

    fn exported(&self, key: &str, time: &str) -> Credential {
        let evidence = place(&format!("{}.csv", self.minute), "row");
        let mut credential = Credential::observed(aws(key), "aws-access-key-id", "AWS access key", evidence);
        credential.status = if self.address.is_multiple_of(2) { Status::Active } else { Status::Inactive };
        credential.observed_at = (self.address.is_multiple_of(3)).then(|| at(time));
        credential
    }

    fn log(&self, fold: &mut Fold, key: &str, time: &str) {
        let kind = match self.shape {
            5 => EventKind::Issued,
            6 => EventKind::Renewed,
            7 => SWITCHES[usize::from(self.address) % SWITCHES.len()],
            8 => EventKind::SessionsRevoked,
            12 => EventKind::Requested,
            13 => EventKind::Approved,
            14 => EventKind::Declined,
            15 => EventKind::Granted,
            16 => EventKind::Ungranted,
            17 => EventKind::TaskStarted,
            18 => EventKind::TaskEnded,
            19 => EventKind::Alerted,
            20 => EventKind::Weakened,
            21 => EventKind::Truncated,
            _ => EventKind::Used,
        };
        let trail = Trail::new();
        let agent = format!("agent {}", self.address);
        let mut event = trail.event(time, kind, key);
        event.outcome = self.outcome;
        event.address = Some(IpAddr::from([198, 51, self.address, self.subject]));
        event.agent = Some(&agent);
        event.action = Some(&agent);
        event.principal = Some(if key.starts_with("ASIA") { ROLE } else { CI });
        event.scope = Some(ROLE);
        event.ttl_s = (self.address.is_multiple_of(5)).then_some(i64::from(self.address) * 60);
        event.issued_at = (self.address.is_multiple_of(7)).then(|| at("2026-05-01T00:00:00Z"));
        event.expiry = if self.address.is_multiple_of(2) { Expiry::At(event.time) } else { Expiry::Unknown };
        let (session, target) = (format!("run-{}", self.subject), format!("account {}", self.address));
        event.session = Some(&session);
        event.target = Some(&target);
        event.requester = Some(&agent);
        event.reason = (self.address.is_multiple_of(3)).then_some(&*agent);
        event.request = (self.address.is_multiple_of(4)).then_some(&*session);
        event.task = (self.address.is_multiple_of(2)).then_some(&*session);
        event.parent = self.address.is_multiple_of(6).then(|| aws(OTHER_KEY));
        event.ends_with_parent = self.address.is_multiple_of(9);
        event.also = self.address.is_multiple_of(8).then(|| aws(&format!("{key}{}", self.address % 3)));
        event.mfa = (self.address.is_multiple_of(5)).then_some(self.address.is_multiple_of(2));
        event.max_uses = (self.address.is_multiple_of(7)).then(|| u64::from(self.address));
        event.grant = Some(GrantChange {
            system: "aws".into(),
            holder: CI.into(),
            object: GrantObject::Role(ROLE.into()),
            scope: session.as_str().into(),
            id: "".into(),
            standing: Standing::Standing,
        });
        fold.event(&event);
        fold.observed(&trail.stream, event.time);
    }
}

const SWITCHES: [EventKind; 6] = [
    EventKind::Revoked,
    EventKind::Disabled,
    EventKind::Enabled,
    EventKind::IdentityDeleted,
    EventKind::IdentityDisabled,
    EventKind::IdentityEnabled,
];

const MADE: [&str; 2] = ["2025-02-01T10:00:00Z", "2025-03-01T10:00:00Z"];

/// Everything that a ledger says, as text.
fn said(fold: Fold) -> String {
    format!("{:#?}", fold.finish(&Joining::default()))
}

fn fold_of(facts: &[Fact]) -> Fold {
    let mut fold = Fold::new();
    for fact in facts {
        fact.push(&mut fold);
    }
    fold
}

/// Folds parts apart and joins them in the shape that `cuts` says.
fn split(facts: &[Fact], cuts: &[u8]) -> Fold {
    let Some((&cut, rest)) = cuts.split_first() else { return fold_of(facts) };
    let (left, right) = facts.split_at(usize::from(cut) * facts.len() / 256);
    let (more, less) = rest.split_at(rest.len() / 2);
    let mut fold = split(left, more);
    let other = split(right, less);
    fold.join(other);
    fold
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_order_and_any_split_gives_the_same_ledger(
        (facts, shuffled) in prop::collection::vec(fact(), 1..160)
            .prop_flat_map(|facts| (Just(facts.clone()), Just(facts).prop_shuffle())),
        cuts in prop::collection::vec(any::<u8>(), 0..9),
    ) {
        prop_assert_eq!(said(fold_of(&facts)), said(split(&shuffled, &cuts)));
    }

    #[test]
    fn the_same_facts_twice_change_nothing_but_the_counts(facts in prop::collection::vec(fact(), 1..120)) {
        let twice: Vec<Fact> = facts.iter().chain(&facts).cloned().collect();
        prop_assert_eq!(without_counts(fold_of(&facts)), without_counts(fold_of(&twice)));
    }
}

/// What is said, without the fields that count records.
fn without_counts(fold: Fold) -> String {
    let mut ledger = fold.finish(&Joining::default());
    for timeline in ledger.credentials.iter_mut().filter_map(|row| row.timeline.as_mut()) {
        (timeline.uses, timeline.accepted, timeline.refused, timeline.renewals) = (0, 0, 0, 0);
    }
    for hour in ledger.streams.values_mut().flat_map(|stream| stream.hours.values_mut()) {
        hour.records = 0;
    }
    for gap in &mut ledger.gaps {
        gap.count = 0;
    }
    format!("{ledger:#?}")
}

#[test]
fn more_networks_than_are_kept_is_said_whatever_the_order() {
    let uses = |order: &mut dyn Iterator<Item = u8>| {
        let facts: Vec<Fact> =
            order.map(|address| Fact { shape: 9, subject: 0, minute: 0, address, outcome: Outcome::Ok }).collect();
        let ledger = fold_of(&facts).finish(&Joining::default());
        let timeline = row(&ledger, KEY).timeline.clone().expect("logged");
        (timeline.networks.len(), timeline.more_networks, timeline.networks)
    };
    let forwards = uses(&mut (0..17));
    assert_eq!(forwards, uses(&mut (0..17).rev()));
    assert_eq!((forwards.0, forwards.1), (16, true));
    assert!(!uses(&mut (0..16)).1);
}

#[test]
fn two_hosts_in_one_minute_are_found_and_in_two_minutes_they_are_not() {
    let at_minutes = |subject: u8, minutes: [u16; 2]| {
        let facts = [0, 1].map(|address| Fact {
            shape: 9,
            subject,
            minute: minutes[usize::from(address)],
            address,
            outcome: Outcome::Ok,
        });
        let ledger = fold_of(&facts).finish(&Joining::default());
        ledger.credentials[0].timeline.clone().expect("logged").concurrency.map(|found| found.minute)
    };
    assert_eq!(at_minutes(0, [3, 3]), Some(at("2026-05-01T00:03:00Z")));
    assert_eq!(at_minutes(0, [3, 4]), None);
    assert_eq!(at_minutes(2, [3, 3]), None, "hosts of sessions are not kept");
}

#[test]
fn two_networks_of_a_session_in_one_minute_are_found_and_in_two_minutes_they_are_not() {
    let overlaps = |uses: &[(u8, u16)]| {
        let used = |&(address, minute)| Fact { shape: 9, subject: 2, minute, address, outcome: Outcome::Ok };
        let facts: Vec<Fact> = uses.iter().map(used).collect();
        let ledger = fold_of(&facts).finish(&Joining::default());
        let found = ledger.credentials[0].timeline.as_deref().expect("logged").overlaps.clone();
        found.into_iter().map(|pair| (pair.one.0.to_string(), pair.minute)).collect::<Vec<_>>()
    };
    let third = at("2026-05-01T00:03:00Z");
    assert_eq!(overlaps(&[(0, 3), (1, 3), (0, 2), (1, 1)]), [("198.51.0.0".to_owned(), third)]);
    assert_eq!(overlaps(&[(1, 1), (0, 1), (1, 3), (0, 3)]), [("198.51.0.0".to_owned(), third)]);
    assert_eq!(overlaps(&[(0, 3), (1, 4), (0, 5), (0, 3)]), []);
}

#[test]
fn of_a_session_that_never_rests_the_latest_minutes_are_kept() {
    let at_minute = |first: u16| {
        let later = (10..74).map(|minute| (0_u8, minute));
        let uses = [(0, first), (1, first)].into_iter().chain(later);
        let facts: Vec<Fact> = uses
            .map(|(address, minute)| Fact { shape: 9, subject: 2, minute, address, outcome: Outcome::Ok })
            .collect();
        let ledger = fold_of(&facts).finish(&Joining::default());
        ledger.credentials[0].timeline.as_deref().expect("logged").overlaps.len()
    };
    assert_eq!((at_minute(3), at_minute(73)), (0, 1));
}

#[test]
fn a_refused_use_is_no_sign_of_another_network() {
    let facts = [Fact { shape: 9, subject: 0, minute: 0, address: 1, outcome: Outcome::Refused }];
    let ledger = fold_of(&facts).finish(&Joining::default());
    let timeline = row(&ledger, KEY).timeline.as_ref().expect("logged");
    assert_eq!((timeline.networks.len(), timeline.uses, timeline.refused), (0, 1, 1));
    assert_eq!(timeline.last_accepted, None);
}
