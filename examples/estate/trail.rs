//! What happens in the log of CloudTrail: keys and sessions are made, used and taken away.

use super::Record;
use super::plot::Plot;
use super::random::key_id;
use super::record::{Call, Caller, service, user};
use super::session::{Session, Shown, address, new_key};

/// A user with a key.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    /// The account of the user.
    pub(crate) account: String,
    /// The name of the user.
    pub(crate) user: String,
    /// The key id.
    pub(crate) id: String,
    /// The address it is used from.
    pub(crate) address: String,
}

impl Key {
    /// The ARN of its user.
    pub(crate) fn user_arn(&self) -> String {
        format!("arn:aws:iam::{}:user/{}", self.account, self.user)
    }
}

impl Plot {
    /// A key whose creation no log holds.
    pub(crate) fn old_key(&mut self) -> Key {
        let user = format!("plot-{}", self.next());
        self.key_of(&user)
    }

    /// The same of a user with a name.
    pub(crate) fn key_of(&mut self, user: &str) -> Key {
        let number = self.next();
        Key {
            account: self.account.clone(),
            user: user.to_owned(),
            id: key_id("AKIA", number),
            address: address(number),
        }
    }

    /// A further key of the same user, made now.
    pub(crate) fn further_key(&mut self, key: &Key, time: i64) -> Key {
        let number = self.next();
        let further = Key { id: key_id("AKIA", number), ..key.clone() };
        let (at, caller) = (self.at(time), admin(&key.account));
        let mut call = Call::new(at, &key.account, ("iam", "CreateAccessKey"), &caller);
        call.request = Some(format!(r#"{{"userName":"{}"}}"#, further.user));
        call.response = Some(new_key(&further.user, &further.id, at));
        self.push(&call);
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
        let caller = user(&key.account, &key.user, &key.id, address.to_owned());
        self.calls(&caller, &key.account, self.at(time), ("s3", "ListBuckets"), error);
    }

    /// The key is used for a call.
    pub(crate) fn used_for(&mut self, key: &Key, time: i64, call: (&str, &str)) {
        let caller = user(&key.account, &key.user, &key.id, key.address.clone());
        self.calls(&caller, &key.account, self.at(time), call, None);
    }

    /// The key is used from `from` to `to`, every `every` seconds.
    pub(crate) fn used_during(&mut self, key: &Key, from: i64, to: i64, every: i64) {
        let (from, to) = (self.at(from) - self.options.from, self.at(to) - self.options.from);
        (from..to).step_by(usize::try_from(every).unwrap_or(1)).for_each(|time| self.used(key, time));
    }

    /// The administrator does something about the key: `DeleteAccessKey`, `UpdateAccessKey`.
    pub(crate) fn change(&mut self, key: &Key, time: i64, name: &str, status: &str) {
        let request = format!(r#"{{"userName":"{}","accessKeyId":"{}","status":"{status}"}}"#, key.user, key.id);
        self.inside(&key.account, |plot| plot.iam(time, name, request, None));
    }

    /// The administrator calls IAM; with an error code if the call failed.
    pub(crate) fn iam(&mut self, time: i64, name: &str, request: String, error: Option<&str>) {
        let (account, caller) = (self.account.clone(), admin(&self.account));
        let mut call = Call::new(self.at(time), &account, ("iam", name), &caller);
        (call.request, call.error) = (Some(request), error);
        self.push(&call);
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
        let session = Session::new(&self.account, role, number, self.at(time), seconds);
        self.issued(session, shown)
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
        let session = Session::new(&self.account, role, number, self.at(time), seconds);
        self.issued(Session { name: name.to_owned(), ..session }, shown)
    }

    fn issued(&mut self, session: Session, shown: &Shown<'_>) -> Session {
        let json = session.issuance(shown, &mut self.random);
        self.records.push(Record { time: session.began, account: session.account.clone(), json });
        session
    }

    /// The session is used so many seconds after its begin.
    pub(crate) fn session_used(&mut self, session: &Session, after: i64) {
        self.session_used_from(session, after, &session.address.clone(), None);
    }

    /// The same from another address; with an error code if there is one.
    pub(crate) fn session_used_from(&mut self, session: &Session, after: i64, address: &str, error: Option<&str>) {
        let caller = Caller { address: address.to_owned(), ..session.caller() };
        self.calls(&caller, &session.account, session.began + after, ("s3", "GetObject"), error);
    }

    /// The session is used for a call.
    pub(crate) fn session_used_for(&mut self, session: &Session, after: i64, call: (&str, &str)) {
        self.calls(&session.caller(), &session.account, session.began + after, call, None);
    }

    /// All older sessions of the role are ended at the moment, as the console does it.
    pub(crate) fn end_sessions(&mut self, session: &Session, after: i64) {
        let at = session.began + after;
        let policy = format!(
            r#"{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Effect\":\"Deny\",\"Action\":[\"*\"],\"Resource\":[\"*\"],\"Condition\":{{\"DateLessThan\":{{\"aws:TokenIssueTime\":\"{}\"}}}}}}]}}"#,
            super::record::instant(at)
        );
        let request = format!(
            r#"{{"roleName":"{}","policyName":"AWSRevokeOlderSessions","policyDocument":"{policy}"}}"#,
            session.role
        );
        let time = at - self.options.from;
        self.inside(&session.account, |plot| plot.iam(time, "PutRolePolicy", request, None));
    }

    /// A service calls in an account of its own.
    pub(crate) fn call_in(&mut self, account: &str, time: i64, call: (&str, &str)) {
        self.calls(&service("config"), account, self.at(time), call, None);
    }

    /// A service calls so often that the log of the account has no hole.
    pub(crate) fn recorded(&mut self, from: i64, to: i64) {
        let account = self.account.clone();
        let (from, to) = (self.at(from), self.at(to));
        for at in (from..=to).step_by(3_300) {
            self.calls(&service("config"), &account, at, ("kms", "Decrypt"), None);
        }
    }

    /// Somebody calls, at a moment in seconds since 1970.
    pub(crate) fn calls(&mut self, caller: &Caller, account: &str, at: i64, call: (&str, &str), error: Option<&str>) {
        self.push(&Call { error, ..Call::new(at, account, call, caller) });
    }

    /// Adds the record of a call.
    pub(crate) fn push(&mut self, call: &Call<'_>) {
        let json = call.json(&mut self.random);
        self.records.push(Record { time: call.time, account: call.account.to_owned(), json });
    }
}

/// A person with a session that shows no key.
pub(crate) fn admin(account: &str) -> Caller {
    Caller {
        identity: format!(
            r#"{{"type":"IdentityCenterUser","accountId":"{account}","onBehalfOf":{{"userId":"fa4e0000-0000-4000-8000-00000000beef","identityStoreArn":"arn:aws:identitystore::111122223333:identitystore/d-fa4e000000"}}}}"#
        ),
        address: "203.0.113.7".to_owned(),
        agent: "aws-cli/2.15.0 Python/3.11.6",
    }
}
