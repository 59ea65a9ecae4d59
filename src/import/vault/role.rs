//! Roles: who may log in as what, and for how long what they give lives.

use super::credential::{give, policies};
use super::{Answer, SYSTEM};
use crate::import::Out;
use crate::import::ends::seconds;
use crate::model::{Expiry, Grant, GrantObject, Identity, IdentityKind, Readout, Standing};

/// Settings of a role that are told as they stand. Old names come without `token_`.
const FACTS: &[&str] = &[
    "secret_id_ttl",
    "secret_id_num_uses",
    "token_ttl",
    "token_max_ttl",
    "token_period",
    "token_num_uses",
    "token_type",
    "ttl",
    "max_ttl",
    "period",
    "bound_subject",
    "bound_audiences",
    "secret_id_bound_cidrs",
    "token_bound_cidrs",
];

/// A role of an auth method.
pub(super) fn login(answer: &Answer<'_, '_>, out: &mut Out<'_>) {
    let data = answer.data;
    let is_approle = data.key("bind_secret_id").exists();
    let under = match () {
        () if is_approle => "auth/approle/role",
        () if data.key("bound_service_account_names").exists() => "auth/kubernetes/role",
        () if data.key("bound_iam_principal_arn").exists() => "auth/aws/role",
        () => "auth/jwt/role",
    };
    let id = answer.path_or(under);
    let mut identity = Identity::observed(SYSTEM, &id, IdentityKind::Role, answer.record.evidence("role", "data"));
    for name in FACTS {
        let texts = data.key(name).texts();
        if !texts.is_empty() {
            identity.facts.push(Readout::new(&name.replace('_', "-"), &texts.join(",")));
        }
    }
    let is_open = data.key("user_claim").exists()
        && !data.key("bound_subject").exists_and_is_not_empty()
        && data.key("bound_claims").entries().next().is_none();
    if is_open {
        identity.facts.push(Readout::new("bound-to", "no subject and no claim"));
    }
    out.sink.identity(identity);
    give(answer, &id, &policies(answer, &["token_policies", "policies"]), Expiry::Never, out);
    let (accounts, namespaces) =
        (data.key("bound_service_account_names").texts(), data.key("bound_service_account_namespaces").texts());
    for namespace in &namespaces {
        for account in &accounts {
            trust(answer, &format!("system:serviceaccount:{namespace}:{account}"), &id, out);
        }
    }
    for arn in data.key("bound_iam_principal_arn").texts() {
        trust(answer, &arn, &id, out);
    }
}

fn trust(answer: &Answer<'_, '_>, holder: &str, role: &str, out: &mut Out<'_>) {
    let evidence = answer.record.evidence("who may log in", "data");
    out.sink.grant(Grant {
        standing: Standing::Standing,
        expiry: Expiry::Never,
        ..Grant::observed(SYSTEM, holder, GrantObject::AssumeRole(role.into()), evidence)
    });
}

/// A role of the database engine: each login it makes is new and ends.
pub(super) fn dynamic(answer: &Answer<'_, '_>, out: &mut Out<'_>) {
    let id = answer.path_or("database/roles");
    let evidence = answer.record.evidence("database role", "data");
    let mut identity = Identity::observed(SYSTEM, &id, IdentityKind::Role, evidence);
    for (key, fact) in [("db_name", "database"), ("default_ttl", "ttl-seconds"), ("max_ttl", "max-session-seconds")] {
        let Some(text) = answer.data.key(key).text() else { continue };
        let value = if key == "db_name" { text.into_owned() } else { seconds(&text).unwrap_or_default().to_string() };
        identity.facts.push(Readout::new(fact, &value));
    }
    out.sink.identity(identity);
}
