//! Facts that stand in the form of a token itself: its mode, or an id in base 64.
//!
//! Sources: the providers' pages on their keys, named in the rules. A Data Center token is base 64 of
//! `<token id>:<random bytes>`, an Elasticsearch API key of `<key id>:<key>`
//! (<https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-security-create-api-key>).

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::Reading;

/// How keys of test environments are marked, and keys of the real one.
const TEST: &[&str] = &["test", "sandbox", "sbox", "sdbx", "SBX-", "EZTK"];
const LIVE: &[&str] = &["live", "production", "prod", "PRD-", "EZAK", "FLWSECK-"];
/// The marks stand among the first so many bytes.
const MARK_WITHIN: usize = 24;

/// Tells `mode` from the prefix of a key.
pub(super) fn mode(key: &str) -> Reading {
    let mut reading = Reading::default();
    let front: String = key.chars().take(MARK_WITHIN).collect();
    let has =
        |marks: &[&str]| marks.iter().any(|mark| front.contains(mark) || front.contains(&mark.to_ascii_uppercase()));
    if has(TEST) {
        reading.tell("mode", "test");
    } else if has(LIVE) {
        reading.tell("mode", "live");
    }
    reading
}

/// Reads the token id of a Jira or Confluence Data Center token.
pub(super) fn atlassian_data_center(token: &str) -> Reading {
    let mut reading = Reading::default();
    let id = id_before_colon(token).filter(|id| id.bytes().all(|byte| byte.is_ascii_digit()));
    match id {
        Some(id) => {
            reading.tell("token-id", &id);
            reading.confirmed();
        }
        None => reading.doubted("it does not decode to a token id and a secret"),
    }
    reading
}

/// Reads the key id of an encoded Elasticsearch API key.
pub(super) fn elastic_api_key(key: &str) -> Reading {
    let mut reading = Reading::default();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    match id_before_colon(key).filter(|id| id.len() >= 16 && id.bytes().all(plain)) {
        Some(id) => {
            reading.tell("key-id", &id);
            reading.confirmed();
        }
        None => reading.doubted("it does not decode to a key id and a key"),
    }
    reading
}

/// What stands before the first colon of the decoded value.
fn id_before_colon(encoded: &str) -> Option<String> {
    let lenient = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let decoded = GeneralPurpose::new(&STANDARD, lenient).decode(encoded).ok()?;
    let colon = decoded.iter().position(|&byte| byte == b':').filter(|&at| at > 0)?;
    String::from_utf8(decoded[..colon].to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD as BASE64;

    use super::*;
    use crate::model::Confidence;

    fn told(reading: &Reading) -> Vec<(&str, &str)> {
        reading.readouts.iter().map(|readout| (&*readout.name, &*readout.value)).collect()
    }

    #[test]
    fn the_mode_is_read_from_the_prefix_only() {
        for (key, wanted) in [
            ("sk_test_aaaa", Some("test")),
            ("pdl_sdbx_apikey_01", Some("test")),
            ("FLWSECK_TEST-00", Some("test")),
            ("FLWSECK-00", Some("live")),
            ("sk_live_aaaa", Some("live")),
            ("access-production-aaaa", Some("live")),
            ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaatest", None),
        ] {
            assert_eq!(told(&mode(key)).first().map(|(_, value)| *value), wanted, "{key}");
        }
    }

    #[test]
    fn the_id_is_told_and_the_secret_behind_it_is_not() {
        let reading = atlassian_data_center(&BASE64.encode("123456789012:hushhushhushhushhush"));
        assert_eq!(told(&reading), [("token-id", "123456789012")]);
        let reading = elastic_api_key(&BASE64.encode("VuaCfGcBCdbkQm-e5aOx:hushhushhushhushhush12"));
        assert_eq!(told(&reading), [("key-id", "VuaCfGcBCdbkQm-e5aOx")]);
    }

    #[test]
    fn what_does_not_decode_is_doubted() {
        for reading in
            [atlassian_data_center("TTTT"), atlassian_data_center(&BASE64.encode("abc:def")), elastic_api_key("!")]
        {
            assert!(matches!(reading.confidence, Some((Confidence::Low, _))));
        }
    }
}
