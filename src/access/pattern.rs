//! Patterns: `*` stands for any text, `?` for one character.

/// Whether `pattern` covers everything that `other` covers, where `other` may be a pattern or plain text. Case does not
/// count.
///
/// A wildcard of `other` is only covered by a `*`, or a `?` by a `?`, so the answer "yes" is always right.
pub(crate) fn covers(pattern: &str, other: &str) -> bool {
    walk(pattern, other, |want, byte| want.eq_ignore_ascii_case(&byte))
}

/// The same, where case counts.
pub(crate) fn covers_exactly(pattern: &str, other: &str) -> bool {
    walk(pattern, other, |want, byte| want == byte)
}

/// Whether some text matches both patterns. Case counts.
pub(crate) fn overlaps(one: &str, other: &str) -> bool {
    if !is_pattern(one) || !is_pattern(other) {
        return covers_exactly(one, other) || covers_exactly(other, one);
    }
    let (a, b) = (one.as_bytes(), other.as_bytes());
    // A row of the table: whether the rest of `one` from here and the rest of `other` from each place can be one text.
    let mut below: Vec<bool> = vec![false; b.len() + 1];
    for at in (0..=a.len()).rev() {
        let mut row = vec![false; b.len() + 1];
        for to in (0..=b.len()).rev() {
            row[to] = match (a.get(at), b.get(to)) {
                (None, None) => true,
                (Some(b'*'), _) if below[to] => true,
                (_, Some(b'*')) if row[to + 1] => true,
                (Some(b'*'), Some(_)) => row[to + 1],
                (Some(_), Some(b'*')) => below[to],
                (Some(x), Some(y)) => (x == y || *x == b'?' || *y == b'?') && below[to + 1],
                _ => false,
            };
        }
        below = row;
    }
    below[0]
}

/// Whether a text holds a wildcard.
pub(crate) fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// Whether `pattern` covers every action there is: `*`, `*:*` and the like.
pub(crate) fn is_every_action(pattern: &str) -> bool {
    let any = |part: &str| {
        part.contains('*') && part.bytes().all(|byte| b"*?".contains(&byte)) && part.matches('?').count() <= 1
    };
    match pattern.split_once(':') {
        Some((service, action)) => any(service) && any(action),
        None => any(pattern),
    }
}

/// Whether `pattern` covers every resource: nothing but stars.
pub(crate) fn is_every_resource(pattern: &str) -> bool {
    !pattern.is_empty() && pattern.bytes().all(|byte| byte == b'*')
}

/// Whether no action can match both: what stands before their first wildcards differs. "No" may be wrong.
pub(crate) fn are_disjoint(one: &str, other: &str) -> bool {
    let (a, b) = (literal(one).as_bytes(), literal(other).as_bytes());
    let shorter = a.len().min(b.len());
    !a.iter().zip(b).take(shorter).all(|(x, y)| x.eq_ignore_ascii_case(y))
}

/// What stands before the first wildcard.
pub(crate) fn literal(pattern: &str) -> &str {
    pattern.split(['*', '?']).next().unwrap_or_default()
}

fn walk(pattern: &str, other: &str, same: impl Fn(u8, u8) -> bool) -> bool {
    let fits = |want: u8, byte: u8| byte != b'*' && (want == b'?' || same(want, byte));
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
        assert!(!covers_exactly("iam:create*", "iam:CreateUser"));
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
    fn two_patterns_overlap_if_one_text_matches_both() {
        for (one, other) in [("a*", "*b"), ("a?c", "ab*"), ("*", ""), ("a*c", "abc"), ("a*", "a*"), ("?*", "x")] {
            assert!(overlaps(one, other) && overlaps(other, one), "{one} {other}");
        }
        for (one, other) in [("a*", "b*"), ("a?c", "ab"), ("?*", ""), ("A", "a"), ("a*b", "a*c"), ("?", "??")] {
            assert!(!overlaps(one, other) && !overlaps(other, one), "{one} {other}");
        }
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
