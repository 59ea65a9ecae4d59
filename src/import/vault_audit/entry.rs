//! An audit entry as far as it is read. Tokens themselves are read as digests under the device's salt only, by which they
//! are revoked.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::import::lenient::{Maybe, Text};
use crate::model::CredentialId;

/// One entry.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Entry<'a> {
    #[serde(borrow)]
    pub(super) time: Text<'a>,
    #[serde(rename = "type")]
    pub(super) kind: Text<'a>,
    pub(super) auth: Maybe<Auth<'a>>,
    pub(super) request: Maybe<Request<'a>>,
    pub(super) response: Maybe<Response<'a>>,
    pub(super) error: Text<'a>,
}

/// A token as it is described in the request's and in the response's part.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Auth<'a> {
    #[serde(borrow)]
    pub(super) accessor: Text<'a>,
    pub(super) client_token: Text<'a>,
    pub(super) display_name: Text<'a>,
    pub(super) policies: Option<&'a RawValue>,
    pub(super) entity_id: Text<'a>,
    pub(super) token_type: Text<'a>,
    pub(super) token_ttl: Text<'a>,
    pub(super) token_issue_time: Text<'a>,
    #[serde(alias = "remaining_uses")]
    pub(super) num_uses: Text<'a>,
}

/// What was asked.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Request<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    pub(super) operation: Text<'a>,
    pub(super) mount_type: Text<'a>,
    pub(super) client_token_accessor: Text<'a>,
    pub(super) path: Text<'a>,
    pub(super) remote_address: Text<'a>,
    pub(super) data: Maybe<Body<'a>>,
}

/// The parts of a request's body that name a credential.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Body<'a> {
    #[serde(borrow)]
    pub(super) accessor: Text<'a>,
    pub(super) token: Text<'a>,
    pub(super) lease_id: Text<'a>,
    pub(super) period: Text<'a>,
    pub(super) no_parent: Text<'a>,
}

/// What was answered.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Response<'a> {
    #[serde(borrow)]
    pub(super) auth: Maybe<Auth<'a>>,
    pub(super) secret: Maybe<Lease<'a>>,
    pub(super) wrap_info: Maybe<Wrapping<'a>>,
    pub(super) mount_type: Text<'a>,
}

/// A dynamic secret.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Lease<'a> {
    #[serde(borrow)]
    pub(super) lease_id: Text<'a>,
}

/// An answer that was not given but put behind a token for one use.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Wrapping<'a> {
    /// Seconds.
    #[serde(borrow)]
    pub(super) ttl: Text<'a>,
    pub(super) accessor: Text<'a>,
    pub(super) creation_path: Text<'a>,
    /// The accessor of the token in the answer, where it is the answer to a login.
    pub(super) wrapped_accessor: Text<'a>,
}

impl Auth<'_> {
    /// Who holds the token: the entity, or the display name of a token without one.
    pub(super) fn holder(&self) -> Option<&str> {
        self.entity_id.get().or_else(|| self.display_name.get())
    }

    /// The token's time to live in seconds, as issued.
    pub(super) fn ttl(&self) -> Option<i64> {
        self.token_ttl.get().and_then(|text| text.parse().ok()).filter(|ttl| *ttl > 0)
    }

    /// Its policies in one line; empty if there are none.
    pub(super) fn scope(&self) -> String {
        let mut policies = crate::import::lenient::texts(self.policies).unwrap_or_default();
        policies.sort();
        policies.join(",")
    }
}

/// A token by its accessor: hashed under the salt of the device, or plain where the device leaves it so.
pub(super) fn token(accessor: Option<&str>) -> Option<CredentialId> {
    let accessor = accessor?;
    if accessor.starts_with("hmac-sha256:") {
        return Some(CredentialId::hashed("vault/hmac-sha256", accessor));
    }
    Some(CredentialId::issued("vault", accessor))
}

/// A token by the digest that the device writes of its value. A device that writes values in clear tells nothing here.
pub(super) fn value(token: Option<&str>) -> Option<CredentialId> {
    let digest = token.filter(|token| token.starts_with("hmac-sha256:"))?;
    Some(CredentialId::hashed("vault/hmac-sha256/value", digest))
}
