//! Times and amounts as people read them.

use jiff::{SignedDuration, Timestamp};

/// `2026-01-31`.
pub(in crate::check) fn day(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d").to_string()
}

/// `2026-01-31 10:31 UTC`.
pub(in crate::check) fn minute(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// The length of a time in its largest fitting unit: `152 days`, `5 hours`, `42 minutes`, `7 seconds`.
pub(in crate::check) fn span(length: SignedDuration) -> String {
    let seconds = length.as_secs().unsigned_abs();
    let (value, unit) = match seconds {
        172_800.. => (seconds / 86_400, "day"),
        7_200.. | 3_600 => (seconds / 3_600, "hour"),
        120.. => (seconds / 60, "minute"),
        _ => (seconds, "second"),
    };
    count(value, unit)
}

/// `1 place`, `3 places`.
pub(in crate::check) fn count(value: u64, noun: &str) -> String {
    if value == 1 { format!("1 {noun}") } else { format!("{value} {noun}s") }
}

/// The first `most` items, and how many more there are.
pub(in crate::check) fn list<I: IntoIterator<Item = String>>(items: I, most: usize) -> String {
    let all: Vec<String> = items.into_iter().collect();
    let shown: Vec<&str> = all.iter().take(most).map(String::as_str).collect();
    let more = all.len().saturating_sub(most);
    if more == 0 { shown.join(", ") } else { format!("{} and {more} more", shown.join(", ")) }
}

/// The time between two moments, `later` first; never negative.
pub(in crate::check) fn between(later: Timestamp, earlier: Timestamp) -> SignedDuration {
    later.duration_since(earlier).max(SignedDuration::ZERO)
}

/// `time - length`, at the edge of time at the latest.
pub(in crate::check) fn before(time: Timestamp, length: SignedDuration) -> Timestamp {
    time.checked_sub(length).unwrap_or(Timestamp::MIN)
}

/// `time + length`, at the edge of time at the latest.
pub(in crate::check) fn after(time: Timestamp, length: SignedDuration) -> Timestamp {
    time.checked_add(length).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_is_told_in_its_largest_fitting_unit() {
        let told = [0, 1, 119, 120, 3_600, 7_199, 7_200, 172_799, 172_800].map(|s| span(SignedDuration::from_secs(s)));
        let expected = [
            "0 seconds",
            "1 second",
            "119 seconds",
            "2 minutes",
            "1 hour",
            "119 minutes",
            "2 hours",
            "47 hours",
            "2 days",
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn a_long_list_says_how_many_are_left_out() {
        assert_eq!(list(["a", "b", "c"].map(String::from), 2), "a, b and 1 more");
        assert_eq!(list(["a", "b"].map(String::from), 2), "a, b");
    }
}
