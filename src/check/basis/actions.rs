//! Actions (`s3:PutObject`) and the patterns that cover them.

use crate::model::{Effect, Policy};

/// Whether an action only fetches or inspects a session, so that it is no use of the access itself.
pub(in crate::check) fn is_fetching(action: &str) -> bool {
    action.get(..4).is_some_and(|service| service.eq_ignore_ascii_case("sts:"))
}

/// The service, mount or part of a system that an action belongs to: `s3` of `s3:GetObject`, `secret` of
/// `read secret/data/shop`, `storage` of `storage.objects.get`. None for what every session does to exist.
pub(in crate::check) fn service(action: &str) -> Option<&str> {
    let service = match (action.split_once(':'), action.split_once(' ')) {
        (Some((service, _)), None) => service.strip_suffix(".amazonaws.com").unwrap_or(service),
        (_, Some((_, path))) => path.trim_start_matches('/').split('/').next()?,
        (None, None) => action.split('.').next()?,
    };
    (!service.is_empty() && !BESIDE_THE_WORK.contains(&service)).then_some(service)
}

/// Parts of a system that serve sessions themselves, their keys and their logs: no tool that somebody chooses.
const BESIDE_THE_WORK: [&str; 10] =
    ["sts", "signin", "auth", "sys", "identity", "kms", "logs", "monitoring", "cloudwatch", "xray"];

/// Whether one of the policies allows the action by naming it or its service. A bare `*` names nothing.
pub(in crate::check) fn is_named_by(policies: &[&Policy], action: &str) -> bool {
    let allows = policies
        .iter()
        .flat_map(|policy| &policy.statements)
        .filter(|statement| statement.effect == Effect::Allow && !statement.not_actions);
    allows.flat_map(|statement| &statement.actions).any(|pattern| &**pattern != "*" && covers(pattern, action))
}

/// Whether one of the policies allows everything.
pub(in crate::check) fn allows_all(policies: &[&Policy]) -> bool {
    let mut statements = policies.iter().flat_map(|policy| &policy.statements);
    statements.any(|statement| {
        statement.effect == Effect::Allow
            && !statement.not_actions
            && statement.actions.iter().any(|pattern| matches!(&**pattern, "*" | "*:*"))
    })
}

/// Whether a pattern with `*` and `?` covers an action; case does not matter.
pub(in crate::check) fn covers(pattern: &str, action: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), action.as_bytes());
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while let Some(byte) = text.get(t) {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(own) if *own == b'?' || own.eq_ignore_ascii_case(byte) => {
                p += 1;
                t += 1;
            }
            _ => {
                let Some((star_p, star_t)) = star else { return false };
                star = Some((star_p, star_t + 1));
                p = star_p + 1;
                t = star_t + 1;
            }
        }
    }
    pattern.iter().skip(p).all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_covers_what_its_stars_stand_for() {
        for (pattern, action) in [("s3:*", "s3:PutObject"), ("S3:put*", "s3:PutObject"), ("*", "x"), ("a?c*", "abc")] {
            assert!(covers(pattern, action), "{pattern} {action}");
        }
        for (pattern, action) in [("s3:Get*", "s3:PutObject"), ("s3", "s3:x"), ("", "x"), ("a?c", "ac")] {
            assert!(!covers(pattern, action), "{pattern} {action}");
        }
    }

    #[test]
    fn the_service_of_an_action_is_told_in_the_words_of_its_system() {
        let of = |action| service(action);
        assert_eq!(of("s3:PutObject"), Some("s3"));
        assert_eq!(of("ec2.amazonaws.com:RunInstances"), Some("ec2"));
        assert_eq!(of("read secret/data/a:b"), Some("secret"));
        assert_eq!(of("storage.objects.get"), Some("storage"));
        for none in ["sts:AssumeRole", "update auth/token/renew-self", "", ":x", "kms:Decrypt"] {
            assert_eq!(of(none), None, "{none}");
        }
    }

    #[test]
    fn many_stars_are_no_trouble() {
        assert!(!covers(&"*a".repeat(200), &"a".repeat(199)));
    }
}
