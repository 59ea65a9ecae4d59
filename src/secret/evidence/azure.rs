//! Azure: shared access signatures, whose parameters say when they start, end, and for what; and annotated keys.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use percent_encoding::percent_decode_str;

use super::{Reading, timestamp};
use crate::model::StandingClass;

/// The parameters that may be told, and what they mean.
const TOLD: &[(&str, &str)] = &[
    ("sp", "permissions"),
    ("sr", "resource"),
    ("ss", "services"),
    ("srt", "resource-types"),
    ("skn", "policy"),
    ("si", "stored-policy"),
    ("sip", "ip-range"),
    ("skoid", "delegated-by"),
    ("sktid", "tenant"),
];

/// Reads the query string around a `sig=`.
pub(super) fn shared_access_signature(matched: &[u8]) -> Reading {
    let mut reading = Reading::default();
    let text = String::from_utf8_lossy(matched);
    let separators = ['&', '?', ' ', ';', '"', '\''];
    let mut stored_policy = false;
    for (name, value) in text.split(separators).filter_map(|part| part.split_once('=')) {
        let name = name.trim_start_matches("amp;");
        let value = percent_decode_str(value).decode_utf8_lossy();
        match name {
            "se" => match time(&value) {
                Some(at) => reading.expires(at),
                None => reading.tell("expires", "not readable"),
            },
            "st" => {
                if let Some(at) = time(&value) {
                    reading.tell("not-before", &at.to_string());
                }
            }
            _ => {
                stored_policy |= name == "si";
                if let Some((_, meaning)) = TOLD.iter().find(|(known, _)| *known == name) {
                    reading.tell(meaning, &value);
                }
            }
        }
    }
    if stored_policy && reading.expiry.is_none() {
        reading.standing = Some(StandingClass::Depends);
    }
    reading
}

/// Reads a key of the common annotated form: 52 random characters, `JQQJ9`, a platform character, the year (`A` is
/// 2024) and the month (`A` to `L`) of issue, and the service's four letters before the checksum
/// (<https://github.com/microsoft/security-utilities>, "common annotated security key").
pub(super) fn annotated_key(key: &str) -> Reading {
    let mut reading = Reading::default();
    let mark = key.as_bytes().get(58..60).unwrap_or_default();
    if let [year @ b'A'..=b'Z', month @ b'A'..=b'L'] = mark {
        reading.tell("issued-in", &format!("{}-{:02}", 2024 + u32::from(year - b'A'), u32::from(month - b'A') + 1));
    }
    reading.tell("service-mark", key.get(76..80).unwrap_or_default());
    reading
}

/// `2025-01-02T03:04:05Z`, `2025-01-02T03:04Z`, `2025-01-02`, or seconds since 1970.
fn time(text: &str) -> Option<Timestamp> {
    if let Ok(seconds) = text.parse::<i64>() {
        return timestamp(seconds);
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    let midnight = |date: Date| date.to_zoned(TimeZone::UTC).ok();
    Some(midnight(text.parse().ok()?)?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Expiry;

    fn told<'a>(reading: &'a Reading, name: &str) -> Option<&'a str> {
        reading.readouts.iter().find(|readout| &*readout.name == name).map(|readout| &*readout.value)
    }

    #[test]
    fn end_start_and_permissions_are_read_from_a_storage_signature() {
        let url = b"?sv=2022-11-02&sr=c&sp=rwdl&st=2025-01-01T00%3A00%3A00Z&se=2030-01-02T03%3A04%3A05Z&sig=AAAA";
        let reading = shared_access_signature(url);
        assert_eq!(reading.expiry, Some(Expiry::At("2030-01-02T03:04:05Z".parse().unwrap())));
        assert_eq!(told(&reading, "permissions"), Some("rwdl"));
        assert_eq!(told(&reading, "not-before"), Some("2025-01-01T00:00:00Z"));
        assert!(!format!("{reading:?}").contains("AAAA"));
    }

    #[test]
    fn a_service_bus_signature_ends_at_a_unix_time() {
        let reading = shared_access_signature(b"SharedAccessSignature sr=sb%3a%2f%2fx&sig=AAAA&se=1893456000&skn=root");
        assert_eq!(reading.expiry, Some(Expiry::At("2030-01-01T00:00:00Z".parse().unwrap())));
        assert_eq!(told(&reading, "policy"), Some("root"));
    }

    #[test]
    fn an_annotated_key_tells_month_and_service() {
        let key = format!("{}JQQJ99BC{}ACOGaaaa", "a".repeat(52), "b".repeat(16));
        assert_eq!(told(&annotated_key(&key), "issued-in"), Some("2025-03"));
        assert_eq!(told(&annotated_key(&key), "service-mark"), Some("ACOG"));
        assert_eq!(annotated_key("short").readouts, []);
    }

    #[test]
    fn a_date_alone_and_a_time_without_seconds_are_understood() {
        assert_eq!(time("2030-01-02"), "2030-01-02T00:00:00Z".parse().ok());
        assert_eq!(time("2030-01-02T03:04Z"), "2030-01-02T03:04:00Z".parse().ok());
        assert_eq!(time("soon"), None);
    }

    #[test]
    fn a_signature_under_a_stored_policy_has_an_unknown_end() {
        let reading = shared_access_signature(b"?sv=2022-11-02&sr=c&si=reader&sig=AAAA");
        assert_eq!((reading.expiry, told(&reading, "stored-policy")), (None, Some("reader")));
    }
}
