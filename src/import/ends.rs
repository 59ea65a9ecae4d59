//! When something ends and how long it lives, in the words of every system.

use super::lookup::Node;
use super::time::instant;
use crate::model::Expiry;

/// When something ends, by the value that says so; `without` where there is none. Years from 2200 on, the year 1, -1,
/// and `infinity` mean never.
pub(super) fn end(value: Node<'_>, without: Expiry) -> Expiry {
    let Some(text) = value.text() else {
        return if value.is_list() || value.entries().next().is_some() { Expiry::Unknown } else { without };
    };
    ending(&text)
}

/// The same of a text.
pub(super) fn ending(text: &str) -> Expiry {
    let text = text.trim();
    if text.starts_with('-') || text.eq_ignore_ascii_case("infinity") || text.eq_ignore_ascii_case("never") {
        return Expiry::Never;
    }
    let year: Option<u32> = text.split('-').next().and_then(|year| year.parse().ok()).filter(|_| text.contains('-'));
    match year {
        Some(0 | 1 | 2200..) => Expiry::Never,
        _ => instant(text).map_or(Expiry::Unknown, Expiry::At),
    }
}

/// A duration in seconds: `3600`, `1h`, `1h30m`.
pub(super) fn seconds(text: &str) -> Option<i64> {
    if let Ok(seconds) = text.parse() {
        return Some(seconds);
    }
    let (mut total, mut digits) = (0_i64, String::new());
    for c in text.chars() {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        let unit = match c {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            _ => return None,
        };
        total = total.checked_add(std::mem::take(&mut digits).parse::<i64>().ok()?.checked_mul(unit)?)?;
    }
    digits.is_empty().then_some(total)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_systems_never_is_one_value() {
        let of = |value: serde_json::Value| end(Node::of(&value), Expiry::Unknown);
        for never in [
            json!("9999-12-31T23:59:59Z"),
            json!("2299-12-31T00:00:00Z"),
            json!("0001-01-01T00:00:00Z"),
            json!(-1),
            json!("infinity"),
            json!("2999-01-01"),
        ] {
            assert_eq!(of(never.clone()), Expiry::Never, "{never}");
        }
        assert_eq!(of(json!("")), Expiry::Unknown);
        assert_eq!(of(json!("soon")), Expiry::Unknown);
        assert_eq!(end(Node::of(&json!([1])), Expiry::Never), Expiry::Unknown);
        for time in [json!("2024-01-02"), json!("1704153600.000"), json!(1_704_153_600_000_i64)] {
            assert_eq!(
                of(time.clone()).at().map(|time| time.to_string()).as_deref(),
                Some("2024-01-02T00:00:00Z"),
                "{time}"
            );
        }
    }

    #[test]
    fn durations_are_numbers_or_go_durations() {
        assert_eq!(seconds("3600"), Some(3600));
        assert_eq!(seconds("1h30m"), Some(5400));
        assert_eq!(seconds("0s"), Some(0));
        assert_eq!(seconds("1x"), None);
        assert_eq!(seconds("99999999999999999999h"), None);
    }
}
