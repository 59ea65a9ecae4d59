//! CloudTrail in tables: lakes write the names of columns in lower case, and what has no fixed fields as text.
//!
//! Sources: the table definitions that AWS documents for Athena
//! (<https://docs.aws.amazon.com/athena/latest/ug/create-cloudtrail-table.html>) and for CloudTrail Lake
//! (<https://docs.aws.amazon.com/awscloudtrail/latest/userguide/query-event-data-store-schema.html>).

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::de::IgnoredAny;
use serde_json::{Map, Value};

/// How deep a structure in a text may be nested.
const MAX_NESTING: u8 = 32;

/// The longest key in such a structure.
const MAX_KEY: usize = 64;

/// The fields of a record as CloudTrail spells them.
const FIELDS: &[&str] = &[
    "accessKeyId",
    "accountId",
    "additionalEventData",
    "addendum",
    "apiVersion",
    "arn",
    "attributes",
    "awsRegion",
    "cipherSuite",
    "clientProvidedHostHeader",
    "creationDate",
    "credentialId",
    "ec2RoleDelivery",
    "edgeDeviceDetails",
    "errorCode",
    "errorMessage",
    "eventCategory",
    "eventData",
    "eventID",
    "eventJson",
    "eventName",
    "eventSource",
    "eventTime",
    "eventType",
    "eventVersion",
    "federatedProvider",
    "identityProvider",
    "identityStoreArn",
    "inScopeOf",
    "invokedBy",
    "managementEvent",
    "mfaAuthenticated",
    "onBehalfOf",
    "principalId",
    "readOnly",
    "recipientAccountId",
    "requestID",
    "requestParameters",
    "resources",
    "responseElements",
    "serviceEventDetails",
    "sessionContext",
    "sessionCredentialFromConsole",
    "sessionIssuer",
    "sharedEventID",
    "sourceIPAddress",
    "sourceIdentity",
    "tlsDetails",
    "tlsVersion",
    "type",
    "userAgent",
    "userId",
    "userIdentity",
    "userName",
    "vpcEndpointId",
    "webIdFederationData",
];

/// The fields that tables hold as text, or as a structure printed as text.
const TEXTS: &[&str] = &[
    "addendum",
    "additionalEventData",
    "attributes",
    "edgeDeviceDetails",
    "eventData",
    "eventJson",
    "requestParameters",
    "resources",
    "responseElements",
    "serviceEventDetails",
    "sessionContext",
    "tlsDetails",
    "userIdentity",
];

/// How the columns of a table are to be read. The default changes nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Names {
    is_trail: bool,
    is_whole: bool,
}

impl Names {
    /// Judges a table by all its columns.
    pub(super) fn of(columns: &BTreeSet<&str>) -> Self {
        let has = |name: &str| columns.iter().any(|column| column.eq_ignore_ascii_case(name));
        let is_whole = !has("eventName") && (has("eventJson") || has("eventData"));
        Self { is_trail: is_whole || (has("eventTime") && has("eventSource") && has("eventName")), is_whole }
    }

    /// Whether the rows are records of CloudTrail.
    pub(super) fn is_trail(self) -> bool {
        self.is_trail
    }

    /// The name of a column as CloudTrail spells it.
    pub(super) fn restored(self, name: &str) -> &str {
        let own = || FIELDS.iter().find(|field| field.eq_ignore_ascii_case(name));
        if self.is_trail { own().copied().unwrap_or(name) } else { name }
    }

    /// Whether a text in this column may hold JSON.
    pub(super) fn holds_json(self, restored: &str) -> bool {
        self.is_trail && TEXTS.contains(&restored)
    }

    /// Whether this column holds whole records.
    pub(super) fn holds_record(self, restored: &str) -> bool {
        self.is_whole && matches!(restored, "eventJson" | "eventData")
    }
}

/// The JSON on one line that a text holds: as such, once more as a text, or printed by a query engine as
/// `{key=value, other={...}}`.
pub(super) fn structured(text: &str) -> Option<Cow<'_, str>> {
    let text = text.trim();
    match text.as_bytes().first()? {
        b'{' | b'[' if serde_json::from_str::<IgnoredAny>(text).is_ok() => Some(on_one_line(text)),
        b'{' => {
            let mut printed = Printed { rest: text, depth: MAX_NESTING };
            let value = printed.object()?;
            printed.rest.is_empty().then(|| Cow::Owned(value.to_string()))
        }
        b'"' => {
            let inner: String = serde_json::from_str(text).ok()?;
            let inner = inner.trim();
            let is_json = inner.starts_with(['{', '[']) && serde_json::from_str::<IgnoredAny>(inner).is_ok();
            is_json.then(|| Cow::Owned(on_one_line(inner).into_owned()))
        }
        _ => None,
    }
}

/// Line ends in JSON are white space: inside of its strings they are escaped.
fn on_one_line(json: &str) -> Cow<'_, str> {
    if json.contains(['\n', '\r']) { Cow::Owned(json.replace(['\n', '\r'], " ")) } else { Cow::Borrowed(json) }
}

/// A structure as Athena prints it. Its texts are bare: a comma belongs to a value unless a key and `=` follow it.
struct Printed<'a> {
    rest: &'a str,
    depth: u8,
}

impl Printed<'_> {
    fn object(&mut self) -> Option<Value> {
        self.depth = self.depth.checked_sub(1)?;
        self.rest = self.rest.strip_prefix('{')?;
        let mut fields = Map::new();
        while !self.rest.starts_with('}') {
            let (key, rest) = key(self.rest)?;
            self.rest = rest;
            let value = if rest.starts_with('{') { self.object()? } else { self.text() };
            let names = Names { is_trail: true, is_whole: false };
            if !value.is_null() {
                fields.insert(names.restored(key).to_owned(), value);
            }
            self.rest = self.rest.strip_prefix(", ").unwrap_or(self.rest);
        }
        self.rest = self.rest.strip_prefix('}')?;
        self.depth += 1;
        Some(Value::Object(fields))
    }

    fn text(&mut self) -> Value {
        let ends = |at: usize, rest: &str| match rest.strip_prefix(", ") {
            Some(next) => key(next).is_some(),
            None => rest.starts_with('}') || at == self.rest.len(),
        };
        let end = self.rest.char_indices().find(|(at, _)| ends(*at, &self.rest[*at..]));
        let (text, rest) = self.rest.split_at(end.map_or(self.rest.len(), |(at, _)| at));
        self.rest = rest;
        if text == "null" { Value::Null } else { Value::from(text) }
    }
}

/// The key that a text begins with, and what follows the `=` behind it.
fn key(text: &str) -> Option<(&str, &str)> {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let length = text.bytes().take(MAX_KEY).take_while(|byte| is_part(*byte)).count();
    let (key, rest) = text.split_at_checked(length).filter(|(key, _)| !key.is_empty())?;
    Some((key, rest.strip_prefix('=')?))
}

#[cfg(test)]
mod tests {
    use super::structured;

    #[test]
    fn json_is_found_in_a_text_and_in_a_text_of_a_text() {
        assert_eq!(structured(" {\"a\":\n1} ").as_deref(), Some("{\"a\": 1}"));
        assert_eq!(structured("\"{\\\"a\\\":1}\"").as_deref(), Some("{\"a\":1}"));
        assert_eq!(structured("{\"a\":"), None);
        assert_eq!(structured("null"), None);
    }

    #[test]
    fn a_printed_structure_is_read_with_the_names_of_the_log() {
        let text = "{type=AssumedRole, accesskeyid=null, arn=arn:x, y=z, sessioncontext={attributes={mfaauthenticated=false}}}";
        assert_eq!(
            structured(text).as_deref(),
            Some(
                "{\"arn\":\"arn:x\",\"sessionContext\":{\"attributes\":{\"mfaAuthenticated\":\"false\"}},\
                 \"type\":\"AssumedRole\",\"y\":\"z\"}"
            )
        );
        assert_eq!(structured("{userid=a, b, type=x}").as_deref(), Some("{\"type\":\"x\",\"userId\":\"a, b\"}"));
    }

    #[test]
    fn what_is_nested_without_end_is_left_as_text() {
        assert_eq!(structured(&"{a=".repeat(100_000)), None);
    }
}
