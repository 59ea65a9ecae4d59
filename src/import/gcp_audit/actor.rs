//! Who called: a person, a service account with or without a key, an identity of a pool, a service of Google.

use serde_json::Value;

use super::GCP;
use super::entry::{Authentication, value};
use crate::import::gcp::Member;
use crate::import::part::Part;
use crate::model::{CredentialId, IdentityKind, Proof};

/// The caller.
pub(super) struct Actor<'a> {
    /// The identity, under the id that exports use.
    pub(super) id: Option<String>,
    /// What kind of thing it is.
    pub(super) kind: IdentityKind,
    /// A service of Google that acts by itself.
    pub(super) by_service: bool,
    key_name: Option<&'a str>,
    delegation: Value,
}

impl<'a> Actor<'a> {
    /// Reads the caller. The subject tells the kind; older entries have the address only.
    pub(super) fn of(info: &'a Authentication<'a>) -> Self {
        let email = info.principal_email.get();
        let subject = info.principal_subject.get().filter(|subject| is_member(subject));
        let text = match (subject, email) {
            (Some(subject), _) => Some(subject.to_owned()),
            (None, Some(email)) => Some(with_kind(email)),
            (None, None) => info.principal_subject.get().map(str::to_owned),
        };
        let (id, kind, by_service) = match text.as_deref().map(Member::read) {
            Some(member) => (Some(member.id.to_owned()), member.kind, member.is_service_agent()),
            None => (None, IdentityKind::Unknown, false),
        };
        let delegation = value(info.service_account_delegation_info);
        Self { id, kind, by_service, key_name: info.service_account_key_name.get(), delegation }
    }

    /// The key of a service account that was used, by the id that its file names too.
    pub(super) fn key(&self) -> Option<CredentialId> {
        let (_, id) = self.key_name?.split_once("/keys/")?;
        (!id.is_empty()).then(|| CredentialId::issued(GCP, id))
    }

    /// Whose key that is.
    pub(super) fn key_holder(&self) -> Option<&str> {
        super::account_in(self.key_name?).filter(|account| account.contains('@'))
    }

    /// Those on whose behalf the caller acts, outermost first.
    pub(super) fn delegators(&self) -> Vec<String> {
        let name = |(_, part): (usize, Part<'_>)| {
            let subject = part.first(&["firstPartyPrincipal/principalEmail", "principalSubject"])?;
            let text = if is_member(subject) { subject.to_owned() } else { with_kind(subject) };
            Some(Member::read(&text).id.to_owned())
        };
        let wrapped = serde_json::json!({ "chain": self.delegation });
        Part::of(&wrapped).each("chain").filter_map(name).collect()
    }

    /// What the caller showed to obtain something.
    pub(super) fn proof(&self) -> Proof {
        let id = self.id.as_deref().unwrap_or_default();
        match self.kind {
            _ if self.key_name.is_some() => Proof::StaticKey,
            _ if !self.delegators().is_empty() => Proof::Session,
            _ if id.starts_with("principal:") => Proof::Oidc,
            _ if self.by_service => Proof::Service,
            IdentityKind::Workload => Proof::Session,
            _ => Proof::Unknown,
        }
    }
}

/// An address as policies name it.
pub(super) fn with_kind(email: &str) -> String {
    match email {
        _ if is_member(email) => email.to_owned(),
        _ if email.ends_with("gserviceaccount.com") => format!("serviceAccount:{email}"),
        _ if email.contains('@') => format!("user:{email}"),
        _ => email.to_owned(),
    }
}

fn is_member(text: &str) -> bool {
    ["user:", "serviceAccount:", "principal:", "principalSet:", "group:", "domain:"]
        .iter()
        .any(|start| text.starts_with(start))
}
