//! The scanner and the parser say the same of every record.

use proptest::prelude::*;
use serde_json::{Map, Value};

use super::call;
use crate::import::aws_cloudtrail::call::Call;

/// The scanner may leave a record to the parser; where it does not, the parser must agree.
fn agree(text: &str) -> Result<bool, TestCaseError> {
    let Some(scanned) = call(text) else { return Ok(false) };
    match serde_json::from_str::<Call<'_>>(text) {
        Ok(parsed) => prop_assert_eq!(&scanned, &parsed, "{}", text),
        Err(error) => prop_assert!(serde_json::from_str::<Value>(text).is_err(), "{} of {}", error, text),
    }
    Ok(true)
}

/// Keys that matter at some level, keys that do not, and keys that are written in an odd way.
fn key() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "eventTime",
        "eventSource",
        "eventName",
        "eventID",
        "eventType",
        "awsRegion",
        "errorCode",
        "userAgent",
        "type",
        "arn",
        "accountId",
        "accessKeyId",
        "userName",
        "creationDate",
        "mfaAuthenticated",
        "sourceIdentity",
        "userId",
        "federatedProvider",
        "ec2RoleDelivery",
        "sharedEventID",
        "recipientAccountId",
        "CloudTrailEvent",
        "",
    ]);
    let holders = prop::sample::select(vec![
        "userIdentity",
        "sessionContext",
        "sessionIssuer",
        "attributes",
        "webIdFederationData",
        "onBehalfOf",
        "requestParameters",
        "responseElements",
        "resources",
    ]);
    prop_oneof![4 => known.prop_map(str::to_owned), 4 => holders.prop_map(str::to_owned), 1 => any::<String>()]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[a-zA-Z0-9:/ .{}\\[\\],-]{0,24}".prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key(), inner), 0..8)
                .prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn record() -> impl Strategy<Value = Value> {
    prop::collection::vec((key(), value()), 0..12)
        .prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn of_any_record_scanner_and_parser_say_the_same(record in record(), is_pretty in any::<bool>()) {
        let text = if is_pretty { serde_json::to_string_pretty(&record) } else { serde_json::to_string(&record) };
        agree(&text.expect("JSON"))?;
    }

    #[test]
    fn of_a_damaged_record_the_scanner_never_says_what_the_parser_would_not(
        record in record(),
        at in any::<prop::sample::Index>(),
        damage in prop::sample::select(vec!["", "\"", "{", "}", "[", "]", ",", ":", "\\", "null", "\u{e9}", "\n", "1"]),
        cut in 0_usize..3,
    ) {
        let mut text = serde_json::to_string(&record).expect("JSON");
        let at = text.floor_char_boundary(at.index(text.len()));
        let end = text.ceil_char_boundary((at + cut).min(text.len()));
        text.replace_range(at..end, damage);
        agree(&text)?;
    }
}

#[test]
fn a_repeated_key_an_escape_and_an_odd_type_are_left_to_the_parser() {
    for text in [
        r#"{"eventName":"a","eventName":"b"}"#,
        r#"{"eventName":"a\u0062"}"#,
        r#"{"event\u004eame":"a"}"#,
        r#"{"eventName":7}"#,
        r#"{"userIdentity":"root"}"#,
        r#"{"userIdentity":{"arn":"a","arn":"b"}}"#,
        r#"{"eventName":"a"} x"#,
        r#"{"CloudTrailEvent":"{}"}"#,
        "[]",
        "",
    ] {
        assert!(call(text).is_none(), "{text}");
    }
}

#[test]
fn an_ordinary_record_is_scanned() {
    let text = r#"{"eventVersion":"1.09","userIdentity":{"type":"AssumedRole","arn":"arn:x","sessionContext":{"sessionIssuer":
        {"arn":"arn:r"},"webIdFederationData":{},"attributes":{"creationDate":"2026-01-01T00:00:00Z"}}},"requestParameters":
        {"a":"}\"{"},"responseElements":null,"eventName":"GetObject","readOnly":true,"count":-1.5e3}"#;
    assert!(agree(text).expect("both agree"));
}
