//! How a fault, and what only looks like one, is put into the log.

use super::Options;
use super::Record;
use super::Truth;
use super::random::{Random, key_id};
use super::record::{Call, Caller, user};
use super::session::{Session, Shown, address, new_key};

/// One hour in seconds.
pub(crate) const HOUR: i64 = 3600;
/// One day in seconds.
pub(crate) const DAY: i64 = 24 * HOUR;

/// The account in which faults happen.
pub(crate) const ACCOUNT: &str = "111122223333";

/// Events and what they mean. Times count in seconds from the beginning of the log where they are positive, and from its
/// end where they are negative.
pub(crate) struct Plot {
    options: Options,
    random: Random,
    number: u64,
    /// The events so far, in no order.
    pub(crate) records: Vec<Record>,
    /// The log of the access broker: time and line.
    pub(crate) broker: Vec<(i64, String)>,
    /// The table of CI jobs.
    pub(crate) jobs: Vec<String>,
    /// What the events mean.
    pub(crate) truth: Vec<Truth>,
}

/// A user with a key.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    /// The name of the user.
    pub(crate) user: String,
    /// The key id.
    pub(crate) id: String,
    /// The address it is used from.
    pub(crate) address: String,
}

impl Plot {
    /// Nothing yet.
    pub(crate) fn new(options: &Options) -> Self {
        let random = Random::new(options.seed ^ 0x5eed);
        Self {
            options: options.clone(),
            random,
            number: 0,
            records: Vec::new(),
            broker: Vec::new(),
            jobs: Vec::new(),
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

    /// A key whose creation no log holds.
    pub(crate) fn old_key(&mut self) -> Key {
        let number = self.next();
        Key { user: format!("plot-{number}"), id: key_id("AKIA", number), address: address(number) }
    }

    /// A further key of the same user, made now.
    pub(crate) fn further_key(&mut self, key: &Key, time: i64) -> Key {
        let number = self.next();
        let further = Key { id: key_id("AKIA", number), ..key.clone() };
        let at = self.at(time);
        let admin = admin();
        let mut call = Call::new(at, ACCOUNT, ("iam", "CreateAccessKey"), &admin);
        call.request = Some(format!(r#"{{"userName":"{}"}}"#, further.user));
        call.response = Some(new_key(&further.user, &further.id, at));
        self.push(at, &call);
        further
    }

    /// A key that is made now.
    pub(crate) fn new_key(&mut self, time: i64) -> Key {
        let key = self.old_key();
        self.further_key(&key, time)
    }

    /// The key is used.
    pub(crate) fn used(&mut self, key: &Key, time: i64) {
        self.used_from(key, time, &key.address.clone(), None);
    }

    /// The key is used from an address; with an error code if there is one.
    pub(crate) fn used_from(&mut self, key: &Key, time: i64, address: &str, error: Option<&str>) {
        let caller = user(ACCOUNT, &key.user, &key.id, address.to_owned());
        let at = self.at(time);
        let mut call = Call::new(at, ACCOUNT, ("s3", "ListBuckets"), &caller);
        call.error = error;
        self.push(at, &call);
    }

    /// The key is used from `from` to `to`, every `every` seconds.
    pub(crate) fn used_during(&mut self, key: &Key, from: i64, to: i64, every: i64) {
        let (from, to) = (self.at(from) - self.options.from, self.at(to) - self.options.from);
        (from..to).step_by(usize::try_from(every).unwrap_or(1)).for_each(|time| self.used(key, time));
    }

    /// The administrator does something about the key: `DeleteAccessKey`, `UpdateAccessKey`.
    pub(crate) fn change(&mut self, key: &Key, time: i64, name: &str, status: &str) {
        let admin = admin();
        let at = self.at(time);
        let mut call = Call::new(at, ACCOUNT, ("iam", name), &admin);
        call.request = Some(format!(r#"{{"userName":"{}","accessKeyId":"{}","status":"{status}"}}"#, key.user, key.id));
        self.push(at, &call);
    }

    /// A role of its own, taken by a pipeline for so many seconds.
    pub(crate) fn session(&mut self, time: i64, seconds: i64) -> Session {
        let role = format!("plot-{}", self.next());
        let subject = format!("repo:acme/{role}:ref:refs/heads/main");
        self.session_of(&role, time, seconds, &Shown::Token(&subject))
    }

    /// A session of a role.
    pub(crate) fn session_of(&mut self, role: &str, time: i64, seconds: i64, shown: &Shown<'_>) -> Session {
        let number = self.next();
        let session = Session::new(ACCOUNT, role, number, self.at(time), seconds);
        let json = session.issuance(shown, &mut self.random);
        self.records.push(Record { time: session.began, account: ACCOUNT.to_owned(), json });
        session
    }

    /// A session of a role under a name of its own.
    pub(crate) fn session_named(
        &mut self,
        role: &str,
        name: &str,
        time: i64,
        seconds: i64,
        shown: &Shown<'_>,
    ) -> Session {
        let number = self.next();
        let session = Session { name: name.to_owned(), ..Session::new(ACCOUNT, role, number, self.at(time), seconds) };
        let json = session.issuance(shown, &mut self.random);
        self.records.push(Record { time: session.began, account: ACCOUNT.to_owned(), json });
        session
    }

    /// The session is used so many seconds after its begin.
    pub(crate) fn session_used(&mut self, session: &Session, after: i64) {
        self.session_used_from(session, after, &session.address.clone(), None);
    }

    /// The same from another address; with an error code if there is one.
    pub(crate) fn session_used_from(&mut self, session: &Session, after: i64, address: &str, error: Option<&str>) {
        let caller = Caller { address: address.to_owned(), ..session.caller() };
        let mut call = Call::new(session.began + after, ACCOUNT, ("s3", "GetObject"), &caller);
        call.error = error;
        self.push(session.began + after, &call);
    }

    /// All older sessions of the role are ended at the moment, as the console does it.
    pub(crate) fn end_sessions(&mut self, session: &Session, after: i64) {
        let admin = admin();
        let at = session.began + after;
        let policy = format!(
            r#"{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Effect\":\"Deny\",\"Action\":[\"*\"],\"Resource\":[\"*\"],\"Condition\":{{\"DateLessThan\":{{\"aws:TokenIssueTime\":\"{}\"}}}}}}]}}"#,
            super::record::instant(at)
        );
        let mut call = Call::new(at, ACCOUNT, ("iam", "PutRolePolicy"), &admin);
        call.request = Some(format!(
            r#"{{"roleName":"{}","policyName":"AWSRevokeOlderSessions","policyDocument":"{policy}"}}"#,
            session.role
        ));
        self.push(at, &call);
    }

    /// A call in an account of its own.
    pub(crate) fn call_in(&mut self, account: &str, time: i64, (source, name): (&str, &str)) {
        let caller = super::record::service("config");
        let at = self.at(time);
        let call = Call::new(at, account, (source, name), &caller);
        self.push(at, &call);
    }

    fn push(&mut self, time: i64, call: &Call<'_>) {
        let json = call.json(&mut self.random);
        self.records.push(Record { time, account: call.account.to_owned(), json });
    }
}

/// A person with a session that shows no key.
fn admin() -> Caller {
    Caller {
        identity: r#"{"type":"IdentityCenterUser","accountId":"111122223333","onBehalfOf":{"userId":"fa4e0000-0000-4000-8000-00000000beef","identityStoreArn":"arn:aws:identitystore::111122223333:identitystore/d-fa4e000000"}}"#.to_owned(),
        address: "203.0.113.7".to_owned(),
        agent: "aws-cli/2.15.0 Python/3.11.6",
    }
}
