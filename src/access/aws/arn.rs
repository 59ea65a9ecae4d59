//! Amazon resource names, as far as the join needs them: account, kind and name of an IAM identity.
//!
//! Exports write user ARNs with their path, records of a log often without it. Names are unique inside an account
//! whatever the path, so two ARNs mean the same identity when account, kind and name are equal.

/// An IAM identity: account, `user`, `role`, `group` or `root`, and its name without path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Iam<'a> {
    pub(crate) account: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) name: &'a str,
}

/// The identity that an IAM ARN names; nothing for any other text.
pub(crate) fn iam(arn: &str) -> Option<Iam<'_>> {
    let mut parts = arn.splitn(6, ':');
    let (prefix, _partition, service) = (parts.next()?, parts.next()?, parts.next()?);
    let (_region, account, resource) = (parts.next()?, parts.next()?, parts.next()?);
    if prefix != "arn" || service != "iam" || !is_account(account) {
        return None;
    }
    if resource == "root" {
        return Some(Iam { account, kind: "root", name: "root" });
    }
    let (kind, path) = resource.split_once('/')?;
    Some(Iam { account, kind, name: path.rsplit('/').next()? })
}

/// A text that is equal for ids of the same identity, to look things up by.
pub(crate) fn key(id: &str) -> String {
    iam(id).map_or_else(|| id.to_owned(), |Iam { account, kind, name }| [account, ":", kind, "/", name].concat())
}

/// The account that an AWS key id was issued in, read off the id itself; nothing for ids from before 2019, which do
/// not carry it.
///
/// The sixteen characters after the prefix are base32; bit 47 of their first 48 bits marks the newer form and the next
/// forty are the account number (found by Aidan Steele and Tal Be'ery, confirmed by AWS's own `get-access-key-info`).
pub(crate) fn account_of_key(id: &str) -> Option<String> {
    let coded = id.get(4..14).filter(|_| id.len() == 20)?;
    let mut bits: u64 = 0;
    for byte in coded.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'2'..=b'7' => byte - b'2' + 26,
            _ => return None,
        };
        bits = bits << 5 | u64::from(value);
    }
    let head = bits >> 2;
    (head >> 47 == 1).then(|| format!("{:012}", (head & 0x7fff_ffff_ff80) >> 7))
}

/// The account whose root an ARN or a bare account number names, as trust policies write it.
pub(crate) fn root_account(principal: &str) -> Option<&str> {
    if is_account(principal) {
        return Some(principal);
    }
    iam(principal).filter(|identity| identity.kind == "root").map(|identity| identity.account)
}

/// The account that any ARN lies in.
pub(crate) fn account(arn: &str) -> Option<&str> {
    arn.strip_prefix("arn:")?.split(':').nth(3).filter(|account| is_account(account))
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_does_not_make_another_identity() {
        let without = key("arn:aws:iam::111122223333:user/deploy");
        assert_eq!(key("arn:aws:iam::111122223333:user/ci/deploy"), without);
    }

    #[test]
    fn the_same_name_in_another_account_or_of_another_kind_is_another_identity() {
        let one = key("arn:aws:iam::111122223333:user/deploy");
        assert_ne!(one, key("arn:aws:iam::444455556666:user/deploy"));
        assert_ne!(one, key("arn:aws:iam::111122223333:role/deploy"));
    }

    #[test]
    fn a_root_principal_is_an_arn_or_an_account_number() {
        assert_eq!(root_account("arn:aws:iam::111122223333:root"), Some("111122223333"));
        assert_eq!(root_account("111122223333"), Some("111122223333"));
        assert_eq!(root_account("arn:aws:iam::111122223333:user/root"), None);
        assert_eq!(root_account("*"), None);
    }

    #[test]
    fn a_newer_key_id_tells_its_account_and_an_older_one_does_not() {
        assert_eq!(account_of_key("ASIAY34FZKBOKMUTVV7A").as_deref(), Some("609629065308"));
        assert_eq!(account_of_key("AKIAIOSFODNN7EXAMPLE"), None);
        assert_eq!(account_of_key("AKIAé"), None);
    }

    #[test]
    fn text_that_is_no_iam_arn_names_no_identity() {
        for text in ["", "arn", "ci", "arn:aws:s3:::bucket", "arn:aws:iam::x:user/a", "arn:aws:iam::111122223333:user"]
        {
            assert_eq!(iam(text), None, "{text}");
        }
        assert_eq!(account("arn:aws:sts::111122223333:assumed-role/a/b"), Some("111122223333"));
    }
}
