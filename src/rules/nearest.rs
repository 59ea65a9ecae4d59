//! "Did you mean": the known name that lies nearest to an unknown one.

/// The candidate that is most like `given`, if any is like it at all. Ties go to the first in order.
pub fn nearest<'a>(given: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let score = |candidate: &str| strsim::jaro_winkler(&given.to_lowercase(), &candidate.to_lowercase());
    let mut best: Option<(&str, f64)> = None;
    for candidate in candidates {
        let like = score(candidate);
        if best.is_none_or(|(_, so_far)| like > so_far) {
            best = Some((candidate, like));
        }
    }
    best.filter(|(_, like)| *like > 0.6).map(|(candidate, _)| candidate)
}

/// `; did you mean "x"?`, or nothing where no candidate is like `given`.
pub fn suggestion<'a>(given: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    nearest(given, candidates).map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}

/// Adds a suggestion to the YAML reader's message about an unknown field or variant, where `message` is one.
pub(crate) fn with_suggestion(message: &str) -> String {
    let after = message.split_once("unknown field `").or_else(|| message.split_once("unknown variant `"));
    let Some((given, rest)) = after.and_then(|(_, rest)| rest.split_once('`')) else { return message.to_owned() };
    let list = rest.split_once("expected ").map_or("", |(_, list)| list.trim_start_matches("one of "));
    let list = list.split_once(" at line ").map_or(list, |(list, _)| list);
    let known = list.split([',', ' ']).map(|name| name.trim_matches('`')).filter(|name| !name.is_empty());
    format!("{message}{}", suggestion(given, known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_finds_its_name() {
        assert_eq!(nearest("fail_on", ["ignore", "fail-on", "as-of"]), Some("fail-on"));
        assert_eq!(nearest("zzz", ["ignore", "fail-on"]), None);
    }

    #[test]
    fn the_message_about_an_unknown_field_gains_the_nearest_one() {
        for known in ["`fail-on`, `as-of`", "fail-on, as-of"] {
            let message = format!("unknown field `as_of`, expected one of {known} at line 1");
            assert!(with_suggestion(&message).ends_with("; did you mean `as-of`?"), "{message}");
        }
        assert_eq!(with_suggestion("anything else"), "anything else");
    }
}
