//! Patterns of IAM actions and resources: `*` stands for any text, `?` for one character, case does not count.

/// Whether `pattern` covers everything that `other` covers, where `other` may be a pattern or plain text.
///
/// A wildcard of `other` is only covered by a `*`, or a `?` by a `?`, so the answer "yes" is always right.
pub(super) fn covers(pattern: &str, other: &str) -> bool {
    let (pattern, other) = (pattern.as_bytes(), other.as_bytes());
    let (mut at, mut seen) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while let Some(&byte) = other.get(seen) {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, seen));
                at += 1;
            }
            Some(&want) if fits(want, byte) => {
                at += 1;
                seen += 1;
            }
            _ => {
                let Some((place, taken)) = star else { return false };
                star = Some((place, taken + 1));
                (at, seen) = (place + 1, taken + 1);
            }
        }
    }
    pattern.get(at..).is_some_and(|rest| rest.iter().all(|&byte| byte == b'*'))
}

/// Whether `pattern` covers every action there is: `*`, `*:*` and the like.
pub(super) fn is_every_action(pattern: &str) -> bool {
    let any = |part: &str| {
        part.contains('*') && part.bytes().all(|byte| b"*?".contains(&byte)) && part.matches('?').count() <= 1
    };
    match pattern.split_once(':') {
        Some((service, action)) => any(service) && any(action),
        None => any(pattern),
    }
}

/// Whether `pattern` covers every resource: nothing but stars.
pub(super) fn is_every_resource(pattern: &str) -> bool {
    !pattern.is_empty() && pattern.bytes().all(|byte| byte == b'*')
}

/// Whether no action can match both: what stands before their first wildcards differs. "No" may be wrong.
pub(super) fn are_disjoint(one: &str, other: &str) -> bool {
    let literal = |text: &str| text.split(['*', '?']).next().unwrap_or_default().to_ascii_lowercase();
    let (a, b) = (literal(one), literal(other));
    !a.starts_with(&b) && !b.starts_with(&a)
}

fn fits(want: u8, byte: u8) -> bool {
    match want {
        b'?' => byte != b'*',
        _ => want.eq_ignore_ascii_case(&byte) && byte != b'*',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_covers_what_it_matches_whatever_the_case() {
        assert!(covers("iam:*", "IAM:CreateUser"));
        assert!(covers("s3:Get?bject", "s3:GetObject"));
        assert!(covers("*", "iam:*"));
        assert!(covers("a*b*c", "aXbXbXc"));
        assert!(covers("iam:*", "iam:*"));
    }

    #[test]
    fn a_pattern_does_not_cover_a_wider_one() {
        assert!(!covers("iam:Create*", "iam:*"));
        assert!(!covers("iam:?", "iam:*"));
        assert!(!covers("iam:CreateUser", "iam:CreateUse?"));
        assert!(!covers("s3:*", "iam:CreateUser"));
        assert!(!covers("", "a"));
    }

    #[test]
    fn every_action_can_be_written_in_several_ways() {
        for all in ["*", "*:*", "**", "?*", "*:?*"] {
            assert!(is_every_action(all), "{all}");
        }
        for not in ["iam:*", "*:Get*", "", "?", "???*", "*:*:*x"] {
            assert!(!is_every_action(not), "{not}");
        }
        assert!(is_every_resource("*") && !is_every_resource("arn:aws:s3:::*") && !is_every_resource(""));
    }

    #[test]
    fn patterns_of_two_services_are_disjoint() {
        assert!(are_disjoint("s3:*", "iam:*"));
        assert!(!are_disjoint("iam:Create*", "IAM:*"));
        assert!(!are_disjoint("*", "iam:*"));
    }
}
