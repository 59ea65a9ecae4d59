//! What all AWS formats share: the kinds of key ids and the parts of ARNs.

use jiff::Timestamp;

use crate::model::CredentialId;

/// The kind of a long-lived access key: the id of its secret rule.
pub(super) const ACCESS_KEY: &str = "aws-access-key-id";
/// The kind of a key that belongs to a session.
pub(super) const SESSION_KEY: &str = "aws-temporary-access-key-id";
/// The kind of a console password.
pub(super) const PASSWORD: &str = "aws-console-password";
/// The human name of an access key.
pub(super) const ACCESS_KEY_TITLE: &str = "AWS access key";

/// An access key id with its kind; nothing for text that is no key id (redacted, empty, invented).
pub(super) fn access_key(id: &str) -> Option<(CredentialId, &'static str)> {
    let shaped = (16..=128).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    let kind = if id.starts_with("ASIA") { SESSION_KEY } else { ACCESS_KEY };
    shaped.then(|| (CredentialId::issued("aws", id), kind))
}

/// The console password of a user or of root. It has no id of its own.
pub(super) fn password(holder: &str) -> CredentialId {
    CredentialId::derived("aws", &format!("{holder}#password"))
}

/// The parts of `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE` that matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Arn<'a> {
    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub(super) partition: &'a str,
    /// Twelve digits; empty for AWS-managed policies and services without accounts.
    pub(super) account: &'a str,
    /// `role/path/name`.
    pub(super) resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Reads an ARN; nothing for other text.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        let (arn, partition) = (parts.next()?, parts.next()?);
        let (_, _, account, resource) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        (arn == "arn").then_some(Self { partition, account, resource })
    }

    /// The last part of the resource: the name of a user or role.
    pub(super) fn name(&self) -> &'a str {
        self.resource.rsplit('/').next().unwrap_or(self.resource)
    }
}

/// From when on AWS has tracked the use of access keys: one created later and without a last use was never used.
pub(super) fn key_tracking_began() -> Timestamp {
    Timestamp::constant(1_429_660_800, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_id_is_told_from_other_text() {
        assert_eq!(access_key("AKIAFAKEFAKEFAKEFAKE").map(|(_, kind)| kind), Some(ACCESS_KEY));
        assert_eq!(access_key("ASIAFAKEFAKEFAKEFAKE").map(|(_, kind)| kind), Some(SESSION_KEY));
        for text in ["", "1", "redacted", "AKIA-FAKE-FAKE-FAKE-FAKE", "akiafakefakefakefake"] {
            assert!(access_key(text).is_none(), "{text}");
        }
    }

    #[test]
    fn key_tracking_began_in_april_2015() {
        assert_eq!(key_tracking_began().to_string(), "2015-04-22T00:00:00Z");
    }

    #[test]
    fn an_arn_gives_account_and_name() {
        let arn = Arn::parse("arn:aws:iam::111122223333:user/team/ci").expect("an ARN");
        assert_eq!((arn.account, arn.name()), ("111122223333", "ci"));
        assert_eq!(Arn::parse("arn:aws:iam"), None);
    }
}
