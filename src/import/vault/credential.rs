//! Tokens, secret ids, leases and passwords that Vault rotates, by their accessors and ids.

use jiff::SignedDuration;

use super::{Answer, SYSTEM, policy_id};
use crate::import::Out;
use crate::import::ends::{end, seconds};
use crate::model::{
    Credential, CredentialId, Expiry, GapReason, Grant, GrantObject, Identity, IdentityKind, LastUse, Readout,
    Standing, StandingClass, Status,
};

/// Facts of a token to tell, where they are not nothing.
const TOKEN_FACTS: &[&str] = &["path", "period", "explicit_max_ttl", "num_uses", "orphan", "renewable", "type"];

/// `vault token lookup`: a token by its accessor. Without an `expire_time` it has no end.
pub(super) fn token(answer: &Answer<'_, '_>, out: &mut Out<'_>) {
    let data = answer.data;
    let Some(accessor) = data.key("accessor").text() else {
        return out.problem(answer.record, "data/accessor", GapReason::Damaged, "has no accessor");
    };
    let evidence = answer.record.evidence("token", "data");
    let id = CredentialId::issued(SYSTEM, &accessor);
    let mut token = Credential::observed(id, "vault-token", "Vault token", evidence);
    token.created = data.first(&["issue_time", "creation_time"]).time();
    token.expiry = end(data.key("expire_time"), Expiry::Never);
    // A periodic token lives as long as somebody renews it.
    let is_periodic = data.key("period").text().and_then(|period| seconds(&period)).is_some_and(|s| s > 0);
    let is_standing = is_periodic || token.expiry == Expiry::Never;
    token.standing = if is_standing { StandingClass::Standing } else { StandingClass::Depends };
    token.status = Status::Active;
    for name in TOKEN_FACTS {
        let text = data.key(name).text().filter(|text| !matches!(&**text, "0" | "0s"));
        token.readouts.extend(text.map(|text| Readout::new(&name.replace('_', "-"), &text)));
    }
    let policies = policies(answer, &["policies", "identity_policies"]);
    token.readouts.push(Readout::new("policies", &policies.join(",")));
    if let Some(holder) = data.first(&["entity_id", "display_name"]).text().or_else(|| data.key("display_name").text())
    {
        token.principal = Some((*holder).into());
        let mut identity = Identity::observed(
            SYSTEM,
            &holder,
            IdentityKind::Unknown,
            answer.record.evidence("holder of a token", "data"),
        );
        identity.name = (*data.key("display_name").text().unwrap_or(holder.clone())).into();
        out.sink.identity(identity);
        let expiry = token.expiry;
        give(answer, &holder, &policies, expiry, out);
    }
    out.sink.credential(token);
}

/// The names of policies under several keys, each once.
pub(super) fn policies(answer: &Answer<'_, '_>, keys: &[&str]) -> Vec<String> {
    let texts = keys.iter().flat_map(|key| answer.data.key(key).texts());
    let mut names: Vec<String> = texts.map(std::borrow::Cow::into_owned).collect();
    names.sort();
    names.dedup();
    names
}

/// Policies that somebody holds.
pub(super) fn give(answer: &Answer<'_, '_>, holder: &str, policies: &[String], expiry: Expiry, out: &mut Out<'_>) {
    for name in policies {
        let evidence = answer.record.evidence("policies", "data");
        out.sink.grant(Grant {
            standing: Standing::Standing,
            expiry,
            ..Grant::observed(SYSTEM, holder, GrantObject::Policy(policy_id(name).into()), evidence)
        });
    }
}

/// `secret-id-accessor/lookup`: the second half of an AppRole's login. The year 1 and a time to live of 0 mean never.
pub(super) fn secret_id(answer: &Answer<'_, '_>, out: &mut Out<'_>) {
    let data = answer.data;
    let Some(accessor) = data.key("secret_id_accessor").text() else {
        return out.problem(answer.record, "data/secret_id_accessor", GapReason::Damaged, "has no accessor");
    };
    let evidence = answer.record.evidence("secret id", "data");
    let id = CredentialId::issued(SYSTEM, &accessor);
    let mut secret = Credential::observed(id, "vault-approle-secret-id", "Vault AppRole secret id", evidence);
    secret.created = data.key("creation_time").time();
    let endless = data.key("secret_id_ttl").number() == Some(0);
    secret.expiry = end(data.key("expiration_time"), if endless { Expiry::Never } else { Expiry::Unknown });
    secret.standing = StandingClass::Standing;
    secret.status = Status::Active;
    if let Some(role) = answer.path.and_then(|path| path.split("/secret-id").next()) {
        secret.principal = Some(role.into());
    }
    let uses = match data.key("secret_id_num_uses").number() {
        Some(0) => "unlimited".to_owned(),
        Some(uses) => uses.to_string(),
        None => "unknown".to_owned(),
    };
    secret.readouts.push(Readout::new("uses-left", &uses));
    out.sink.credential(secret);
}

/// `sys/leases/lookup`: a lease, which its renewals move.
pub(super) fn lease(answer: &Answer<'_, '_>, out: &mut Out<'_>) {
    let data = answer.data;
    let Some(lease) = data.key("id").text() else {
        return out.problem(answer.record, "data/id", GapReason::Damaged, "has no lease id");
    };
    let id = CredentialId::issued(SYSTEM, &lease);
    let mut credential =
        Credential::observed(id, "vault-lease", "Vault lease", answer.record.evidence("lease", "data"));
    credential.standing = StandingClass::Ephemeral;
    credential.created = data.key("issue_time").time();
    credential.expiry = end(data.key("expire_time"), Expiry::Never);
    credential.status = Status::Active;
    let renewed = data.key("last_renewal").text();
    credential.readouts.extend(renewed.map(|time| Readout::new("last-renewal", &time)));
    if data.key("renewable").truth() == Some(true) {
        credential.readouts.push(Readout::new("renewable", "true"));
    }
    out.sink.credential(credential);
}

/// A static role of the database engine: one account whose password Vault changes in every period.
pub(super) fn static_role(answer: &Answer<'_, '_>, out: &mut Out<'_>) {
    let data = answer.data;
    let path = answer.path_or("database/static-roles");
    let id = CredentialId::issued(SYSTEM, &path);
    let title = "database password that Vault rotates";
    let mut password =
        Credential::observed(id, "vault-static-role-password", title, answer.record.evidence("static role", "data"));
    password.standing = StandingClass::Depends;
    password.principal = data.key("username").text().map(|name| (*name).into());
    password.created = data.first(&["last_vault_rotation", "last_openbao_rotation"]).time();
    password.last_use = LastUse::Unknown;
    let period = data.key("rotation_period").text();
    let seconds = period.as_deref().and_then(seconds).filter(|s| *s > 0);
    let next = password.created.zip(seconds).and_then(|(from, s)| from.checked_add(SignedDuration::from_secs(s)).ok());
    password.expiry = next.map_or(Expiry::Unknown, Expiry::At);
    password.readouts.extend(period.map(|period| Readout::new("rotation-period", &period)));
    out.sink.credential(password);
}
