//! A log entry as far as it is read: of Cloud Logging in camel case, of collectors in other cases, of BigQuery exports.
//! Requests and responses stay text until an event needs them.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::import::lenient::{Text, embedded, or_default};

/// One entry.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Entry<'a> {
    #[serde(borrow)]
    pub(super) timestamp: Text<'a>,
    #[serde(alias = "receive_timestamp")]
    pub(super) receive_timestamp: Text<'a>,
    #[serde(alias = "insert_id")]
    pub(super) insert_id: Text<'a>,
    #[serde(alias = "log_name")]
    pub(super) log_name: Text<'a>,
    /// Some collectors write both.
    #[serde(rename = "logname")]
    pub(super) log_name_in_small_letters: Text<'a>,
    #[serde(deserialize_with = "or_default")]
    pub(super) resource: Resource<'a>,
    #[serde(
        alias = "proto_payload",
        alias = "protopayload",
        alias = "protopayload_auditlog",
        deserialize_with = "or_default"
    )]
    pub(super) proto_payload: AuditLog<'a>,
    pub(super) labels: Option<&'a RawValue>,
    #[serde(deserialize_with = "or_default")]
    pub(super) operation: Operation<'a>,
}

/// Where it happened.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Resource<'a> {
    #[serde(borrow, deserialize_with = "or_default")]
    pub(super) labels: Labels<'a>,
}

/// The labels that matter.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Labels<'a> {
    #[serde(borrow)]
    pub(super) project_id: Text<'a>,
    /// The address of a service account.
    pub(super) email_id: Text<'a>,
}

/// The part of an operation that takes longer than a call.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Operation<'a> {
    #[serde(borrow)]
    first: Text<'a>,
    last: Text<'a>,
}

impl Operation<'_> {
    /// Whether this entry tells only that an operation began; another tells how it ended.
    pub(super) fn only_began(&self) -> bool {
        self.first.is_true() && !self.last.is_true()
    }
}

/// The audit log entry itself.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct AuditLog<'a> {
    #[serde(borrow, alias = "service_name", alias = "servicename")]
    pub(super) service_name: Text<'a>,
    #[serde(alias = "method_name", alias = "methodname")]
    pub(super) method_name: Text<'a>,
    #[serde(alias = "resource_name", alias = "resourcename")]
    pub(super) resource_name: Text<'a>,
    #[serde(alias = "authentication_info", alias = "authenticationinfo", deserialize_with = "or_default")]
    pub(super) authentication_info: Authentication<'a>,
    #[serde(alias = "request_metadata", alias = "requestmetadata", deserialize_with = "or_default")]
    pub(super) request_metadata: Caller<'a>,
    #[serde(deserialize_with = "or_default")]
    pub(super) status: Status<'a>,
    #[serde(alias = "requestJson", alias = "request_json")]
    pub(super) request: Option<&'a RawValue>,
    #[serde(alias = "responseJson", alias = "response_json")]
    pub(super) response: Option<&'a RawValue>,
    #[serde(alias = "metadataJson", alias = "metadata_json")]
    pub(super) metadata: Option<&'a RawValue>,
    #[serde(alias = "service_data", alias = "servicedata", alias = "servicedata_v1_iam")]
    pub(super) service_data: Option<&'a RawValue>,
}

/// Who called, and with what.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Authentication<'a> {
    #[serde(borrow, alias = "principal_email", alias = "principalemail")]
    pub(super) principal_email: Text<'a>,
    #[serde(alias = "principal_subject", alias = "principalsubject")]
    pub(super) principal_subject: Text<'a>,
    #[serde(alias = "service_account_key_name", alias = "serviceaccountkeyname")]
    pub(super) service_account_key_name: Text<'a>,
    #[serde(alias = "service_account_delegation_info", alias = "serviceaccountdelegationinfo")]
    pub(super) service_account_delegation_info: Option<&'a RawValue>,
}

/// Where the call came from.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Caller<'a> {
    #[serde(borrow, rename = "callerIp", alias = "caller_ip", alias = "callerip")]
    ip: Text<'a>,
    /// Some collectors write both.
    #[serde(rename = "callerIP")]
    ip_in_capitals: Text<'a>,
    #[serde(
        rename = "callerSuppliedUserAgent",
        alias = "caller_supplied_user_agent",
        alias = "callersupplieduseragent"
    )]
    pub(super) user_agent: Text<'a>,
}

impl Caller<'_> {
    /// The address of the caller, or a word where it is one of Google.
    pub(super) fn address(&self) -> Option<&str> {
        self.ip.get().or_else(|| self.ip_in_capitals.get())
    }
}

/// How it ended, as a code of gRPC; nothing for success.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Status<'a> {
    #[serde(borrow)]
    pub(super) code: Text<'a>,
}

/// A body as a value, also where it is JSON inside a text; null where there is none.
pub(super) fn value(raw: Option<&RawValue>) -> Value {
    embedded(raw).and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}
