//! Sessions of roles: how they are obtained, and what their holder sends afterwards.

use super::random::{Random, key_id};
use super::record::{Call, Caller, instant, pipeline, service, session, spoken, user};

/// A session of a role.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    /// The account of the role.
    pub(crate) account: String,
    /// The name of the role.
    pub(crate) role: String,
    /// Its key id.
    pub(crate) key: String,
    /// When it begins, in seconds since 1970.
    pub(crate) began: i64,
    /// When it ends.
    pub(crate) ends: i64,
    /// The name of the session.
    pub(crate) name: String,
    /// The address it is used from.
    pub(crate) address: String,
}

/// What is shown to obtain a session.
#[derive(Clone, Debug)]
pub(crate) enum Shown<'a> {
    /// The token of a pipeline with this subject.
    Token(&'a str),
    /// The assertion of a person.
    Assertion(&'a str),
    /// Nothing: a service of AWS takes it.
    Service(&'a str),
    /// The key of a user: name and key id.
    Key(&'a str, &'a str),
    /// Another session.
    Session(&'a Session),
}

impl Session {
    /// A session that does not exist yet.
    pub(crate) fn new(account: &str, role: &str, number: u64, began: i64, seconds: i64) -> Self {
        Self {
            account: account.to_owned(),
            role: role.to_owned(),
            key: key_id("ASIA", number),
            began,
            ends: began + seconds,
            name: format!("run-{number}"),
            address: address(number),
        }
    }

    /// The ARN of the role.
    pub(crate) fn role_arn(&self) -> String {
        format!("arn:aws:iam::{}:role/{}", self.account, self.role)
    }

    /// Who uses it.
    pub(crate) fn caller(&self) -> Caller {
        session(&self.account, &self.role, &self.name, &self.key, self.began, self.address.clone())
    }

    /// The record of its issuance.
    pub(crate) fn issuance(&self, shown: &Shown<'_>, random: &mut Random) -> String {
        let (name, caller, answer) = match shown {
            Shown::Token(subject) => (
                "AssumeRoleWithWebIdentity",
                pipeline(subject, self.address.clone()),
                format!(r#""subjectFromWebIdentityToken":"{subject}","audience":"sts.amazonaws.com","#),
            ),
            Shown::Assertion(subject) => (
                "AssumeRoleWithSAML",
                saml(subject, self.address.clone()),
                format!(r#""subject":"{subject}","subjectType":"persistent","issuer":"https://idp.example.com","#),
            ),
            Shown::Service(name) => ("AssumeRole", service(name), String::new()),
            Shown::Key(name, key) => {
                ("AssumeRole", user(&self.account, name, key, self.address.clone()), String::new())
            }
            Shown::Session(parent) => ("AssumeRole", parent.caller(), String::new()),
        };
        let mut call = Call::new(self.began, &self.account, ("sts", name), &caller);
        let (arn, seconds) = (self.role_arn(), self.ends - self.began);
        call.request =
            Some(format!(r#"{{"roleArn":"{arn}","roleSessionName":"{}","durationSeconds":{seconds}}}"#, self.name));
        call.response = Some(format!(
            r#"{{{answer}"credentials":{{"accessKeyId":"{}","sessionToken":"HIDDEN_DUE_TO_SECURITY_REASONS","expiration":"{}"}},"assumedRoleUser":{{"assumedRoleId":"AROAFAKE{}:{}","arn":"arn:aws:sts::{}:assumed-role/{}/{}"}}}}"#,
            self.key,
            spoken(self.ends),
            self.role,
            self.name,
            self.account,
            self.role,
            self.name
        ));
        call.json(random)
    }
}

fn saml(subject: &str, address: String) -> Caller {
    Caller {
        identity: format!(
            r#"{{"type":"SAMLUser","principalId":"SAMLFAKE:{subject}","userName":"{subject}","identityProvider":"https://idp.example.com"}}"#
        ),
        address,
        agent: "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15",
    }
}

/// An address of its own for each number, in a network of its own for nearly each.
pub(crate) fn address(number: u64) -> String {
    let mixed = Random::new(number ^ 0xadd7).next();
    format!("{}.{}.{}.{}", 52 + mixed % 8, mixed >> 8 & 255, mixed >> 16 & 255, 1 + (mixed >> 24) % 250)
}

/// The JSON of the answer to `CreateAccessKey`.
pub(crate) fn new_key(user: &str, key: &str, at: i64) -> String {
    format!(
        r#"{{"accessKey":{{"userName":"{user}","accessKeyId":"{key}","status":"Active","createDate":"{}"}}}}"#,
        instant(at)
    )
}
