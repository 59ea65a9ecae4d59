//! How a fault, and what only looks like one, is put into the log.

use std::collections::BTreeMap;

use super::account::Account;
use super::beside::Beside;
use super::random::Random;
use super::{Options, Record, Truth};

/// One hour in seconds.
pub(crate) const HOUR: i64 = 3600;
/// One day in seconds.
pub(crate) const DAY: i64 = 24 * HOUR;

/// The account in which faults happen.
pub(crate) const ACCOUNT: &str = "111122223333";

/// Events and what they mean. Times count in seconds from the beginning of the log where they are positive, and from its
/// end where they are negative.
pub(crate) struct Plot {
    /// How large the estate is.
    pub(crate) options: Options,
    pub(super) random: Random,
    number: u64,
    /// The account in which things happen now.
    pub(crate) account: String,
    /// The events so far, in no order.
    pub(crate) records: Vec<Record>,
    /// Other logs, tables and exports.
    pub(crate) beside: Beside,
    /// The exports of accounts.
    pub(crate) accounts: BTreeMap<String, Account>,
    /// What the events mean.
    pub(crate) truth: Vec<Truth>,
}

impl Plot {
    /// Nothing yet.
    pub(crate) fn new(options: &Options) -> Self {
        let random = Random::new(options.seed ^ 0x5eed);
        Self {
            options: options.clone(),
            random,
            number: 0,
            account: ACCOUNT.to_owned(),
            records: Vec::new(),
            beside: Beside::default(),
            accounts: BTreeMap::new(),
            truth: Vec::new(),
        }
    }

    /// A number that was not given out before.
    pub(crate) fn next(&mut self) -> u64 {
        self.number += 1;
        (self.options.seed << 20) + 4_000_000_000 + self.number
    }

    /// The moment `time` stands for.
    pub(crate) fn at(&self, time: i64) -> i64 {
        if time < 0 { self.options.to() + time } else { self.options.from + time }
    }

    /// Some moment that leaves `days` to both ends.
    pub(crate) fn some_time(&mut self, days: i64) -> i64 {
        let free = self.options.seconds() - 2 * days * DAY;
        days * DAY + i64::try_from(self.random.below(u64::try_from(free).unwrap_or(1))).unwrap_or(0)
    }

    /// Some moment of the last weeks: keys that are used then are not idle.
    pub(crate) fn recent_time(&mut self) -> i64 {
        let free = u64::try_from(35 * DAY).unwrap_or(1);
        self.options.seconds() - 40 * DAY + i64::try_from(self.random.below(free)).unwrap_or(0)
    }

    /// The check finds this.
    pub(crate) fn fault(&mut self, check: &'static str, subject: &str) {
        self.truth.push(Truth { check, subject: subject.to_owned(), is_fault: true });
    }

    /// The check must not find this.
    pub(crate) fn decoy(&mut self, check: &'static str, subject: &str) {
        self.truth.push(Truth { check, subject: subject.to_owned(), is_fault: false });
    }

    /// The check finds this, or must not.
    pub(crate) fn tell(&mut self, check: &'static str, subject: &str, is_fault: bool) {
        if is_fault { self.fault(check, subject) } else { self.decoy(check, subject) }
    }

    /// All of these find it.
    pub(crate) fn faults(&mut self, checks: &[&'static str], subject: &str) {
        for check in checks {
            self.fault(check, subject);
        }
    }

    /// What happens in another account.
    pub(crate) fn inside<T>(&mut self, account: &str, story: impl FnOnce(&mut Self) -> T) -> T {
        let own = std::mem::replace(&mut self.account, account.to_owned());
        let told = story(self);
        self.account = own;
        told
    }
}
