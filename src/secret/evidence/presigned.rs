//! Presigned URLs of AWS (Signature Version 4) and of Google Cloud (V4): when they begin and end, and who signed them.
//!
//! Sources: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>,
//! <https://cloud.google.com/storage/docs/authentication/canonical-requests>.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use percent_encoding::percent_decode_str;

use super::Reading;

/// No signature of either provider is good for longer, in seconds: seven days.
const LONGEST: i64 = 7 * 24 * 3600;

/// Reads the parameters beside the signature.
pub(super) fn read(matched: &[u8]) -> Reading {
    let mut reading = Reading::default();
    let text = String::from_utf8_lossy(matched).replace("\\u0026", "&");
    let value = |name: &str| {
        let parts = text.split(['&', '?', '"', '\'', ' ']).map(|part| part.trim_start_matches("amp;"));
        let value =
            parts.filter_map(|part| part.split_once('=')).find(|(key, _)| key.get(6..).is_some_and(|key| key == name));
        value.map(|(_, value)| percent_decode_str(value).decode_utf8_lossy().into_owned())
    };
    if let Some(credential) = value("Credential") {
        who(&credential, &mut reading);
    }
    let begins = value("Date").as_deref().and_then(time);
    let lasts =
        value("Expires").and_then(|seconds| seconds.parse::<i64>().ok()).filter(|life| (1..=LONGEST).contains(life));
    if let Some(at) = begins {
        reading.issued(at);
    }
    match begins.zip(lasts).and_then(|(at, life)| at.checked_add(SignedDuration::from_secs(life)).ok()) {
        Some(at) => reading.expires(at),
        None => reading.doubted("its dates cannot be read, so its end is not known"),
    }
    reading
}

/// `<who>/<date>/<region>/<service>/<kind>`.
fn who(credential: &str, reading: &mut Reading) {
    let mut parts = credential.rsplitn(5, '/').skip(1);
    let (service, region) = (parts.next(), parts.next());
    let signer = parts.nth(1);
    for (name, part) in [("signed-by", signer), ("region", region), ("service", service)] {
        reading.tell(name, part.unwrap_or_default());
    }
}

/// `20250102T030405Z`.
fn time(text: &str) -> Option<Timestamp> {
    let civil = DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()?;
    Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Confidence, Expiry};

    const AWS: &str = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=someone%2F20250102%2Feu-west-1%2Fs3%2Faws4_request\
        &X-Amz-Date=20250102T030405Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Signature=hush";

    fn told<'a>(reading: &'a Reading, name: &str) -> Option<&'a str> {
        reading.readouts.iter().find(|readout| &*readout.name == name).map(|readout| &*readout.value)
    }

    #[test]
    fn start_end_signer_and_service_are_read_and_the_signature_is_not() {
        let reading = read(AWS.as_bytes());
        assert_eq!(reading.expiry, Some(Expiry::At("2025-01-02T04:04:05Z".parse().unwrap())));
        assert_eq!(reading.created, "2025-01-02T03:04:05Z".parse().ok());
        assert_eq!((told(&reading, "signed-by"), told(&reading, "service")), (Some("someone"), Some("s3")));
        assert!(!format!("{reading:?}").contains("hush"));
    }

    #[test]
    fn separators_escaped_for_html_and_json_are_understood() {
        for separator in ["&amp;", "\\u0026"] {
            let reading = read(AWS.replace('&', separator).as_bytes());
            assert_eq!(told(&reading, "expires"), Some("2025-01-02T04:04:05Z"), "{separator}");
        }
    }

    #[test]
    fn a_life_beyond_seven_days_and_an_impossible_date_are_doubts() {
        for (from, to) in [("3600", "604801"), ("20250102T", "20251302T"), ("3600", "-1")] {
            let reading = read(AWS.replacen(from, to, 2).as_bytes());
            assert!(matches!(reading.confidence, Some((Confidence::Low, _))), "{to}");
            assert_eq!(reading.expiry, None);
        }
    }
}
