//! Tokens that are a prefix and a JSON object in base 64: Sentry, Grafana Cloud, 1Password.

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Map, Value};

use super::{Reading, timestamp};

/// The fields that may be told; all others may be secret.
const TOLD: &[(&str, &str)] = &[
    ("org", "organisation"),
    ("region_url", "region"),
    ("o", "organisation-id"),
    ("n", "name"),
    ("signInAddress", "sign-in-address"),
    ("email", "email"),
];

/// Reads the harmless fields.
pub(super) fn read(token: &str) -> Reading {
    let mut reading = Reading::default();
    let Some(object) = object(token) else {
        reading.doubted("its inner part does not decode");
        return reading;
    };
    for (field, name) in TOLD {
        match object.get(*field) {
            Some(Value::String(text)) => reading.tell(name, text),
            Some(Value::Number(number)) => reading.tell(name, &number.to_string()),
            _ => {}
        }
    }
    let iat = object.get("iat").and_then(Value::as_f64);
    if let Some(at) = iat.and_then(|seconds| timestamp(seconds as i64)) {
        reading.issued(at);
    }
    reading.confirmed();
    reading
}

/// The object behind the prefix, which always begins with `{"`, so its base 64 with `eyJ`.
fn object(token: &str) -> Option<Map<String, Value>> {
    let start = token.find("eyJ")?;
    let body = token[start..].trim_end_matches('=');
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    // A random part may follow after `_`, which is also a digit of the other alphabet.
    let standard = body.split(['_', '=']).next().unwrap_or(body);
    let decoded = GeneralPurpose::new(&STANDARD, config)
        .decode(standard)
        .or_else(|_| GeneralPurpose::new(&URL_SAFE, config).decode(body))
        .ok()?;
    serde_json::from_slice(&decoded).ok()
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD as BASE64;

    use super::*;

    #[test]
    fn a_sentry_token_tells_its_organisation_and_issue_time_only() {
        let body = BASE64.encode(r#"{"iat":1700000000.5,"url":"https://sentry.example","org":"acme","k":"hush"}"#);
        let reading = read(&format!("sntrys_{body}_{}", "A".repeat(43)));
        assert_eq!(reading.created, timestamp(1_700_000_000));
        assert_eq!(&*reading.readouts[0].value, "acme");
        assert!(!format!("{reading:?}").contains("hush"));
    }

    #[test]
    fn a_token_that_does_not_decode_is_doubted() {
        assert!(matches!(read("sntrys_eyJx").confidence, Some((crate::model::Confidence::Low, _))));
    }
}
