//! Actions (`s3:PutObject`) and the patterns that cover them.

use crate::model::{Effect, Policy};

/// Whether an action only fetches or inspects a session, so that it is no use of the access itself.
pub(in crate::check) fn is_fetching(action: &str) -> bool {
    action.get(..4).is_some_and(|service| service.eq_ignore_ascii_case("sts:"))
}

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
    fn many_stars_are_no_trouble() {
        assert!(!covers(&"*a".repeat(200), &"a".repeat(199)));
    }
}
