//! A CloudTrail record as far as it is read. Requests and responses stay text until an event needs them.

use serde::Deserialize;

use crate::import::lenient::{Maybe, Raw, Text};

/// One record.
#[derive(Debug, Deserialize, Default, PartialEq, Eq)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Call<'a> {
    #[serde(borrow)]
    pub(super) event_time: Text<'a>,
    pub(super) event_source: Text<'a>,
    pub(super) event_name: Text<'a>,
    #[serde(rename = "eventID")]
    pub(super) event_id: Text<'a>,
    pub(super) event_type: Text<'a>,
    pub(super) event_category: Text<'a>,
    pub(super) aws_region: Text<'a>,
    pub(super) recipient_account_id: Text<'a>,
    #[serde(rename = "sharedEventID")]
    pub(super) shared_event_id: Text<'a>,
    #[serde(rename = "sourceIPAddress")]
    pub(super) source_ip_address: Text<'a>,
    pub(super) user_agent: Text<'a>,
    pub(super) error_code: Text<'a>,
    pub(super) user_identity: Maybe<UserIdentity<'a>>,
    pub(super) request_parameters: Raw<'a>,
    pub(super) response_elements: Raw<'a>,
    /// The record itself, as text, in the answers of `lookup-events`.
    #[serde(rename = "CloudTrailEvent")]
    pub(super) cloud_trail_event: Text<'a>,
    /// Only digest files have it.
    pub(super) digest_start_time: Text<'a>,
}

/// Who called.
#[derive(Debug, Deserialize, Default, PartialEq, Eq)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct UserIdentity<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Text<'a>,
    pub(super) arn: Text<'a>,
    pub(super) account_id: Text<'a>,
    pub(super) access_key_id: Text<'a>,
    pub(super) user_name: Text<'a>,
    pub(super) invoked_by: Text<'a>,
    pub(super) on_behalf_of: Maybe<Person<'a>>,
    pub(super) session_context: Maybe<SessionContext<'a>>,
}

/// The session that the caller's key belongs to.
#[derive(Debug, Deserialize, Default, PartialEq, Eq)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct SessionContext<'a> {
    #[serde(borrow)]
    pub(super) session_issuer: Maybe<SessionIssuer<'a>>,
    pub(super) attributes: Maybe<Attributes<'a>>,
    pub(super) web_id_federation_data: Maybe<Federation<'a>>,
    pub(super) ec2_role_delivery: Text<'a>,
    pub(super) source_identity: Text<'a>,
}

/// A user of IAM Identity Center.
#[derive(Debug, Deserialize, Default, PartialEq, Eq)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Person<'a> {
    #[serde(borrow)]
    pub(super) user_id: Text<'a>,
}

/// The role or user behind a session.
#[derive(Debug, Deserialize, Default, PartialEq, Eq)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct SessionIssuer<'a> {
    #[serde(borrow)]
    pub(super) arn: Text<'a>,
}

/// How a session began.
#[derive(Debug, Deserialize, Default, PartialEq, Eq)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Attributes<'a> {
    #[serde(borrow)]
    pub(super) creation_date: Text<'a>,
    pub(super) mfa_authenticated: Text<'a>,
}

/// The identity provider of a session, if it came from one.
#[derive(Debug, Deserialize, Default, PartialEq, Eq)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Federation<'a> {
    #[serde(borrow)]
    pub(super) federated_provider: Text<'a>,
}
