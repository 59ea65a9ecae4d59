//! Who made a call: the identity behind the key, the session, and what was shown to obtain it.

use std::borrow::Cow;

use jiff::Timestamp;

use super::call::{Call, UserIdentity};
use crate::import::aws::{Arn, SESSION_KEY, access_key};
use crate::import::time::instant;
use crate::model::{CredentialId, IdentityKind, Proof};

/// The caller.
pub(super) struct Actor<'a> {
    /// The identity: the user, the role of a role session, an outside subject, a service.
    pub(super) id: Option<Cow<'a, str>>,
    /// What kind of thing it is, where the record says.
    pub(super) kind: IdentityKind,
    /// The key that signed the call, with its kind.
    pub(super) key: Option<(CredentialId, &'static str)>,
    /// A service of AWS acting by itself.
    pub(super) by_service: bool,
    /// The name of the role session, and the source identity that its caller set.
    pub(super) session: Option<Cow<'a, str>>,
    /// Whether a second factor was shown, where the record says.
    pub(super) mfa: Option<bool>,
    /// When the session began.
    pub(super) session_began: Option<Timestamp>,
    /// What was shown to begin the session, where later records still say.
    pub(super) session_proof: Proof,
    /// What the caller shows when it obtains another credential with this call.
    pub(super) shows: Proof,
}

impl<'a> Actor<'a> {
    /// The caller of `call`; everything unknown where the record does not say.
    pub(super) fn of(call: &'a Call<'a>) -> Self {
        let nobody = Self {
            id: None,
            kind: IdentityKind::Unknown,
            mfa: None,
            key: None,
            by_service: false,
            session: None,
            session_began: None,
            session_proof: Proof::Unknown,
            shows: Proof::Unknown,
        };
        let Some(identity) = call.user_identity.get() else { return nobody };
        let key = identity.access_key_id.get().and_then(access_key);
        let context = identity.session_context.get();
        let attributes = context.and_then(|context| context.attributes.get());
        Self {
            id: id(identity),
            kind: kind(identity),
            mfa: attributes.and_then(|attributes| attributes.mfa_authenticated.get()).map(|said| said == "true"),
            by_service: identity.kind.get() == Some("AWSService"),
            session: session_name(identity)
                .map(|name| named(name, context.and_then(|context| context.source_identity.get()))),
            session_began: attributes.and_then(|attributes| attributes.creation_date.get()).and_then(instant),
            session_proof: session_proof(identity),
            shows: shows(identity, key.as_ref().map(|(_, kind)| *kind)),
            key,
        }
    }

    /// The role behind a role session.
    pub(super) fn role(&self) -> Option<&str> {
        self.id.as_deref().filter(|id| id.contains(":role/"))
    }
}

fn id<'a>(identity: &'a UserIdentity<'a>) -> Option<Cow<'a, str>> {
    let arn = identity.arn.get();
    let issuer = identity.session_context.get().and_then(|context| context.session_issuer.get());
    let issuer = issuer.and_then(|issuer| issuer.arn.get());
    match identity.kind.or_empty() {
        "AssumedRole" => issuer.map(Cow::Borrowed).or_else(|| role_of_session(arn?).map(Cow::Owned)),
        "FederatedUser" => issuer.or(arn).map(Cow::Borrowed),
        "WebIdentityUser" | "SAMLUser" => identity.user_name.get().map(Cow::Borrowed),
        "AWSService" => identity.invoked_by.get().map(Cow::Borrowed),
        "IdentityCenterUser" => identity.on_behalf_of.get().and_then(|person| person.user_id.get()).map(Cow::Borrowed),
        _ => arn.map(Cow::Borrowed),
    }
}

fn kind(identity: &UserIdentity<'_>) -> IdentityKind {
    match identity.kind.or_empty() {
        "IdentityCenterUser" => IdentityKind::Person,
        "IAMUser" => IdentityKind::User,
        "Root" => IdentityKind::Root,
        "AssumedRole" => IdentityKind::Role,
        "AWSService" => IdentityKind::Workload,
        _ => IdentityKind::Unknown,
    }
}

/// The name of a session with the source identity that goes with it: both may hold the id of a run or a request.
pub(super) fn named<'a>(name: &'a str, source_identity: Option<&'a str>) -> Cow<'a, str> {
    match source_identity {
        Some(source) if source != name => Cow::Owned(format!("{name} {source}")),
        _ => Cow::Borrowed(name),
    }
}

/// `arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION` without the session; the role's path is not in it.
fn role_of_session(arn: &str) -> Option<String> {
    let arn = Arn::parse(arn)?;
    let name = arn.resource.strip_prefix("assumed-role/")?.split('/').next()?;
    Some(format!("arn:{}:iam::{}:role/{name}", arn.partition, arn.account))
}

fn session_name<'a>(identity: &'a UserIdentity<'a>) -> Option<&'a str> {
    let resource = Arn::parse(identity.arn.get()?)?.resource;
    let rest = resource.strip_prefix("assumed-role/").or_else(|| resource.strip_prefix("federated-user/"))?;
    rest.rsplit('/').next()
}

/// What was shown for the session that the caller uses: records of use name the provider, or say that the instance
/// metadata delivered the key.
fn session_proof(identity: &UserIdentity<'_>) -> Proof {
    let Some(context) = identity.session_context.get() else { return Proof::Unknown };
    if context.web_id_federation_data.get().is_some_and(|data| data.federated_provider.get().is_some()) {
        Proof::Oidc
    } else if context.ec2_role_delivery.get().is_some() {
        Proof::Attested
    } else {
        Proof::Unknown
    }
}

fn shows(identity: &UserIdentity<'_>, key: Option<&'static str>) -> Proof {
    let attributes = identity.session_context.get().and_then(|context| context.attributes.get());
    let mfa = attributes.is_some_and(|attributes| attributes.mfa_authenticated.is_true());
    match identity.kind.or_empty() {
        "WebIdentityUser" => Proof::Oidc,
        "SAMLUser" => Proof::Saml,
        "AWSService" => Proof::Service,
        "AssumedRole" | "FederatedUser" => Proof::Session,
        "IAMUser" | "Root" if mfa => Proof::Mfa,
        "IAMUser" | "Root" => match key {
            Some(SESSION_KEY) => Proof::Session,
            Some(_) => Proof::StaticKey,
            None => Proof::Unknown,
        },
        _ => Proof::Unknown,
    }
}
