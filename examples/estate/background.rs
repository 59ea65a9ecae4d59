//! What happens all day: pipelines, people and services obtain sessions and use them, users use their keys, services
//! decrypt, callers are denied. None of it is a fault.

use super::random::{Random, key_id};
use super::record::{Call, service, user};
use super::session::{Session, Shown, address};
use super::{Options, Record};

/// The accounts that work.
pub(crate) const ACCOUNTS: [&str; 2] = ["111122223333", "444455556666"];

const CALLS: [(&str, &str); 8] = [
    ("s3", "GetObject"),
    ("s3", "ListBuckets"),
    ("ec2", "DescribeInstances"),
    ("dynamodb", "DescribeTable"),
    ("sqs", "GetQueueAttributes"),
    ("ecr", "GetAuthorizationToken"),
    ("secretsmanager", "GetSecretValue"),
    ("cloudformation", "DescribeStacks"),
];
/// How many sessions are in use at a time.
const LIVE: usize = 64;
/// Each account records something this often, in seconds.
const BEAT: i64 = 1800;
const HOUR: i64 = 3600;

/// The events of every day, in order of time.
pub(crate) struct Background {
    options: Options,
    random: Random,
    event: u64,
    issued: u64,
    key_uses: u64,
    beats: i64,
    live: Vec<Session>,
}

impl Background {
    /// Nothing happened yet.
    pub(crate) fn new(options: &Options) -> Self {
        let random = Random::new(options.seed);
        Self { random, options: options.clone(), event: 0, issued: 0, key_uses: 0, beats: 0, live: Vec::new() }
    }

    /// The next event; nothing at the end.
    pub(crate) fn next(&mut self) -> Option<Record> {
        if self.event >= self.options.events {
            return None;
        }
        let time = self.options.from + self.scaled(self.options.seconds());
        let beat = self.options.from + self.beats / 2 * BEAT;
        if beat <= time {
            self.beats += 1;
            return Some(self.service_call(beat, ACCOUNTS[usize::try_from(self.beats % 2).unwrap_or(0)]));
        }
        self.event += 1;
        let due = self.scaled(i64::try_from(self.options.credentials - self.users()).unwrap_or(i64::MAX));
        if u64::try_from(due).unwrap_or(0) > self.issued {
            return Some(self.issuance(time));
        }
        let kind = self.random.below(16);
        match self.session(time) {
            Some(session) if kind < 11 => Some(self.session_call(&session, time)),
            _ if kind < 14 => Some(self.key_call(time)),
            _ => Some(self.service_call(time, ACCOUNTS[usize::try_from(self.event % 2).unwrap_or(0)])),
        }
    }

    /// How much of `whole` is over.
    fn scaled(&self, whole: i64) -> i64 {
        let part = i128::from(whole) * i128::from(self.event) / i128::from(self.options.events.max(1));
        i64::try_from(part).unwrap_or(i64::MAX)
    }

    fn users(&self) -> u64 {
        self.options.credentials / 50
    }

    /// A session that did not end yet.
    fn session(&mut self, time: i64) -> Option<Session> {
        self.live.retain(|session| session.ends > time + 60);
        let at = self.random.below(self.live.len() as u64);
        self.live.get(usize::try_from(at).unwrap_or(0)).cloned()
    }

    /// Requesters are as many as it takes for each to rest longer than its session lasts.
    fn requester(&self, one_of: u64, hours: u64, number: u64) -> u64 {
        let all = self.options.credentials / one_of + 1;
        let needed = all * hours * 3600 / u64::try_from(self.options.seconds()).unwrap_or(1).max(1) + 20;
        number % needed
    }

    fn issuance(&mut self, time: i64) -> Record {
        let number = self.issued;
        self.issued += 1;
        let account = ACCOUNTS[usize::try_from(number % 2).unwrap_or(0)];
        let (round, id) = (number / 10, 1_000_000 + number);
        let (session, shown) = match number % 10 {
            0..6 => {
                let repository = self.requester(1, 3, number);
                let session = Session::new(account, &format!("deploy-{repository}"), id, time, HOUR);
                (session, format!("repo:acme/service-{repository}:ref:refs/heads/main"))
            }
            6..9 => {
                let role = format!("function-{}", self.requester(3, 1, round));
                (Session::new(account, &role, id, time, HOUR), "lambda".to_owned())
            }
            _ => {
                let person = format!("person-{}@example.com", self.requester(10, 12, round));
                (Session::new(account, "analyst", id, time, 8 * HOUR), person)
            }
        };
        let how = match number % 10 {
            0..6 => Shown::Token(&shown),
            6..9 => Shown::Service(&shown),
            _ => Shown::Assertion(&shown),
        };
        let json = session.issuance(&how, &mut self.random);
        if self.live.len() >= LIVE {
            self.live.swap_remove(usize::try_from(number).unwrap_or(0) % LIVE);
        }
        self.live.push(session);
        Record { time, account: account.to_owned(), json }
    }

    fn session_call(&mut self, session: &Session, time: i64) -> Record {
        let caller = session.caller();
        let mut call = Call::new(time, &session.account, self.call(), &caller);
        call.request = Some(r#"{"bucketName":"acme-artifacts","Host":"acme-artifacts.s3.amazonaws.com","key":"releases/2026/build.tar.gz"}"#.to_owned());
        call.error = match self.random.below(40) {
            0 => Some("AccessDenied"),
            1 => Some("NoSuchBucket"),
            _ => None,
        };
        Record { time, account: session.account.clone(), json: call.json(&mut self.random) }
    }

    fn key_call(&mut self, time: i64) -> Record {
        let number = self.key_uses % self.users().max(1);
        self.key_uses += 1;
        let account = ACCOUNTS[usize::try_from(number % 2).unwrap_or(0)];
        let caller =
            user(account, &format!("robot-{number}"), &key_id("AKIA", 2_000_000_000 + number), address(number));
        let call = Call::new(time, account, self.call(), &caller);
        Record { time, account: account.to_owned(), json: call.json(&mut self.random) }
    }

    fn service_call(&mut self, time: i64, account: &str) -> Record {
        let caller = service("config");
        let mut call = Call::new(time, account, ("kms", "Decrypt"), &caller);
        call.request = Some(r#"{"encryptionAlgorithm":"SYMMETRIC_DEFAULT"}"#.to_owned());
        Record { time, account: account.to_owned(), json: call.json(&mut self.random) }
    }

    fn call(&mut self) -> (&'static str, &'static str) {
        CALLS[usize::try_from(self.random.below(CALLS.len() as u64)).unwrap_or(0)]
    }
}
