//! Every way in which the formats write an instant. A text that is none of them is nothing, never a guess.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// Reads RFC 3339 with any number of digits, the same without offset (UTC) or with a space before it, a date alone,
/// seconds, milli-, micro- or nanoseconds since 1970, and the form of AWS STS: `Jul 10, 2023, 12:09:47 PM`.
pub(super) fn instant(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    plain(text.as_bytes()).or_else(|| written(text)).or_else(|| epoch(text)).or_else(|| spoken(text))
}

/// `2024-01-02T03:04:05Z`, the form of nearly every record, without the general parser.
fn plain(text: &[u8]) -> Option<Timestamp> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T', h1, h2, b':', n1, n2, b':', s1, s2, b'Z'] = *text else {
        return None;
    };
    let number = |digits: &[u8]| {
        digits.iter().try_fold(0_i64, |sum, digit| Some(sum * 10 + i64::from(char::from(*digit).to_digit(10)?)))
    };
    let (year, month, day) = (number(&[y1, y2, y3, y4])?, number(&[m1, m2])?, number(&[d1, d2])?);
    let (hour, minute, second) = (number(&[h1, h2])?, number(&[n1, n2])?, number(&[s1, s2])?);
    if !(1..=12).contains(&month) || !(1..=28).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let days = days_since_1970(year, month, day);
    Timestamp::from_second(((days * 24 + hour) * 60 + minute) * 60 + second).ok()
}

/// Days from 1970-01-01 in the proleptic Gregorian calendar: the year starts in March, so leap days come last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn written(text: &str) -> Option<Timestamp> {
    if text.as_bytes().get(4) != Some(&b'-') {
        return None;
    }
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    if let Some((time, offset)) = text.rsplit_once(' ')
        && (matches!(offset, "UTC" | "Z") || offset.starts_with(['+', '-']))
    {
        let offset = if offset == "UTC" { "Z" } else { offset };
        return format!("{time}{offset}").parse().ok();
    }
    let civil: DateTime = text.parse().ok()?;
    Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// Seconds with or without a fraction, or the unit in which the number lies between the years 1973 and 5138.
fn epoch(text: &str) -> Option<Timestamp> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let fraction_ok = fraction.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() < 9 || !whole.bytes().all(|byte| byte.is_ascii_digit()) || !fraction_ok {
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    match whole {
        0..100_000_000_000 => {}
        100_000_000_000..100_000_000_000_000 => return Timestamp::from_millisecond(whole).ok(),
        100_000_000_000_000..100_000_000_000_000_000 => return Timestamp::from_microsecond(whole).ok(),
        _ => return Timestamp::from_nanosecond(i128::from(whole)).ok(),
    }
    let nanos: String = fraction.chars().chain(std::iter::repeat('0')).take(9).collect();
    Timestamp::new(whole, nanos.parse().ok()?).ok()
}

/// `Jul 10, 2023, 12:09:47 PM`, with or without the second comma, with any kind of space.
fn spoken(text: &str) -> Option<Timestamp> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut words = text.split(|c: char| c.is_whitespace() || c == ',').filter(|word| !word.is_empty());
    let month = words.next()?;
    let month = MONTHS.iter().position(|name| month.eq_ignore_ascii_case(name))?;
    let day: i8 = words.next()?.parse().ok()?;
    let year: i16 = words.next()?.parse().ok()?;
    let mut clock = words.next()?.splitn(3, ':').map(|part| part.parse::<i8>().ok());
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    let hour = match words.next() {
        Some("AM" | "am") if hour == 12 => 0,
        Some("PM" | "pm") if hour < 12 => hour + 12,
        _ => hour,
    };
    let civil = DateTime::new(year, i8::try_from(month + 1).ok()?, day, hour, minute, second, 0).ok()?;
    Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::instant;

    fn shown(text: &str) -> Option<String> {
        instant(text).map(|time| time.to_string())
    }

    #[test]
    fn every_form_seen_in_the_wild_is_read() {
        for (text, expected) in [
            ("2024-02-28T03:04:05Z", "2024-02-28T03:04:05Z"),
            ("2024-02-29T03:04:05Z", "2024-02-29T03:04:05Z"),
            ("1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z"),
            ("2016-10-11T15:27:35+00:00", "2016-10-11T15:27:35Z"),
            ("2021-06-29T19:26:11.123456789+02:00", "2021-06-29T17:26:11.123456789Z"),
            ("2019-03-31 11:36:54+00:00", "2019-03-31T11:36:54Z"),
            ("2024-02-23 19:00:00.000", "2024-02-23T19:00:00Z"),
            ("2024-02-23", "2024-02-23T00:00:00Z"),
            ("1709229845", "2024-02-29T18:04:05Z"),
            ("1709229845.5", "2024-02-29T18:04:05.5Z"),
            ("1709229845123", "2024-02-29T18:04:05.123Z"),
            ("1709229845123456", "2024-02-29T18:04:05.123456Z"),
            ("1709229845123456789", "2024-02-29T18:04:05.123456789Z"),
            ("2024-10-10 12:56:35.822 -0700", "2024-10-10T19:56:35.822Z"),
            ("2024-10-10 12:56:35 UTC", "2024-10-10T12:56:35Z"),
            ("2020-11-25 21:27:03.496000000", "2020-11-25T21:27:03.496Z"),
            ("Jul 10, 2023, 12:09:47 PM", "2023-07-10T12:09:47Z"),
            ("Jul 10, 2023 12:24:29 AM", "2023-07-10T00:24:29Z"),
            ("Jul 10, 2023, 1:02:03\u{202f}PM", "2023-07-10T13:02:03Z"),
            ("Jan 01, 2019 0:00:00 PM", "2019-01-01T12:00:00Z"),
        ] {
            assert_eq!(shown(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn the_fast_path_agrees_with_the_general_parser() {
        for day in 0..20_000_i64 {
            let time = jiff::Timestamp::from_second(day * 288_007 - 2_000_000_000).expect("in range");
            assert_eq!(instant(&time.to_string()), Some(time));
        }
    }

    #[test]
    fn what_is_no_instant_is_nothing() {
        for text in ["", "N/A", "no_information", "12", "Jul 40, 2023, 1:00:00 PM", "2024-13-01T00:00:00Z", "-1", "x"] {
            assert_eq!(instant(text), None, "{text}");
        }
    }
}
