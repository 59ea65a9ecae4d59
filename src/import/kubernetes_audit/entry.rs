//! An audit event as far as it is read. Bodies stay text until an event needs them; values of tokens are never read.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::import::lenient::{Maybe, Text, or_default, texts};

/// One event, or the record of a collector that holds one as text.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Entry<'a> {
    #[serde(borrow)]
    pub(super) kind: Text<'a>,
    pub(super) api_version: Text<'a>,
    #[serde(rename = "auditID", alias = "AuditId")]
    pub(super) audit_id: Text<'a>,
    #[serde(alias = "Stage")]
    pub(super) stage: Text<'a>,
    #[serde(alias = "Verb")]
    pub(super) verb: Text<'a>,
    #[serde(alias = "User")]
    pub(super) user: Maybe<User<'a>>,
    #[serde(alias = "ImpersonatedUser")]
    pub(super) impersonated_user: Maybe<User<'a>>,
    #[serde(rename = "sourceIPs", alias = "SourceIps")]
    pub(super) source_ips: Option<&'a RawValue>,
    #[serde(alias = "UserAgent")]
    pub(super) user_agent: Text<'a>,
    #[serde(alias = "ObjectRef", deserialize_with = "or_default")]
    pub(super) object_ref: ObjectRef<'a>,
    #[serde(alias = "ResponseStatus")]
    pub(super) response_status: Maybe<Status<'a>>,
    #[serde(alias = "RequestObject")]
    pub(super) request_object: Option<&'a RawValue>,
    #[serde(alias = "ResponseObject")]
    pub(super) response_object: Option<&'a RawValue>,
    #[serde(alias = "StageReceivedTime")]
    pub(super) stage_timestamp: Text<'a>,
    #[serde(alias = "RequestReceivedTime")]
    pub(super) request_received_timestamp: Text<'a>,
    #[serde(alias = "Annotations")]
    pub(super) annotations: Maybe<Annotations<'a>>,
    /// CloudWatch keeps the event as text here.
    #[serde(alias = "@message")]
    pub(super) message: Text<'a>,
    /// Diagnostic settings of Azure keep it below this.
    pub(super) properties: Maybe<Properties<'a>>,
    /// And so does the older table of Log Analytics.
    pub(super) log_s: Text<'a>,
    /// The cluster, in records of Azure.
    #[serde(alias = "ResourceId", alias = "_ResourceId")]
    pub(super) resource_id: Text<'a>,
    /// The log, in results of CloudWatch Logs Insights: `111122223333:/aws/eks/NAME/cluster`.
    #[serde(rename = "@log")]
    pub(super) log_group: Text<'a>,
}

/// Who asked, or as whom.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct User<'a> {
    #[serde(borrow)]
    pub(super) username: Text<'a>,
    pub(super) extra: Maybe<Extra<'a>>,
}

/// What the authenticator adds about the credential: lists of one text each.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Extra<'a> {
    #[serde(borrow, rename = "authentication.kubernetes.io/credential-id")]
    credential_id: Option<&'a RawValue>,
    #[serde(rename = "authentication.kubernetes.io/pod-name")]
    pod_name: Option<&'a RawValue>,
    #[serde(rename = "authentication.kubernetes.io/pod-uid")]
    pod_uid: Option<&'a RawValue>,
    /// The key of AWS that signed the token with which somebody came to EKS.
    #[serde(rename = "accessKeyId")]
    access_key_id: Option<&'a RawValue>,
    #[serde(rename = "sessionName")]
    session_name: Option<&'a RawValue>,
}

impl Extra<'_> {
    /// `JTI=...` or `X509SHA256=...`.
    pub(super) fn credential_id(&self) -> Option<Box<str>> {
        only(self.credential_id)
    }

    /// The name and the UID of the pod that the token is bound to.
    pub(super) fn pod(&self) -> Option<(Box<str>, Box<str>)> {
        Some((only(self.pod_name)?, only(self.pod_uid)?))
    }

    /// The access key of AWS.
    pub(super) fn access_key_id(&self) -> Option<Box<str>> {
        only(self.access_key_id)
    }

    /// The name of the session of AWS.
    pub(super) fn session_name(&self) -> Option<Box<str>> {
        only(self.session_name)
    }
}

/// The text of a list of one.
fn only(raw: Option<&RawValue>) -> Option<Box<str>> {
    texts(raw).ok()?.into_iter().next().filter(|text| !text.is_empty())
}

/// What was acted upon.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ObjectRef<'a> {
    #[serde(borrow)]
    pub(super) resource: Text<'a>,
    pub(super) subresource: Text<'a>,
    pub(super) namespace: Text<'a>,
    pub(super) name: Text<'a>,
    pub(super) uid: Text<'a>,
    pub(super) api_group: Text<'a>,
}

/// How it ended.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Status<'a> {
    #[serde(borrow)]
    pub(super) code: Text<'a>,
}

/// What the API server notes about credentials.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Annotations<'a> {
    #[serde(borrow, rename = "authentication.kubernetes.io/issued-credential-id")]
    pub(super) issued_credential_id: Text<'a>,
    /// The name of the secret, whose token was used; its namespace is the account's.
    #[serde(
        rename = "authentication.k8s.io/legacy-token-manual-secret",
        alias = "authentication.k8s.io/legacy-token-autogenerated-secret"
    )]
    pub(super) token_secret: Text<'a>,
    /// The account of which a token from some secret was used: all that versions before 1.29 tell.
    #[serde(rename = "authentication.k8s.io/legacy-token")]
    pub(super) legacy_token: Text<'a>,
}

/// A record of a diagnostic setting.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Properties<'a> {
    #[serde(borrow)]
    pub(super) log: Text<'a>,
}

impl Entry<'_> {
    /// The text in which a collector keeps the event.
    pub(super) fn inner(&self) -> Option<&str> {
        let below = self.properties.get().and_then(|properties| properties.log.get());
        below.or_else(|| self.log_s.get()).or_else(|| self.message.get())
    }

    /// Whether this is an event of the audit log, and not another object or another log.
    pub(super) fn is_audit(&self) -> bool {
        let named = self.kind.get() == Some("Event") && self.api_version.or_empty().starts_with("audit.k8s.io/");
        named
            || self.audit_id.get().is_some()
            || (self.verb.get().is_some() && self.object_ref.resource.get().is_some())
    }

    /// Where the log was kept, which tells one cluster from another; empty where the record does not say.
    pub(super) fn cluster(&self) -> String {
        let place = self.resource_id.get().or_else(|| self.log_group.get());
        place.unwrap_or_default().to_ascii_lowercase()
    }
}
