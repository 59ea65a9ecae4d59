//! Entities, groups, mounts and policies.

use super::credential::{give, policies};
use super::{Answer, SYSTEM, policy_id};
use crate::import::Out;
use crate::import::vault_policy::{Fault, statements};
use crate::model::{Expiry, GapReason, Grant, GrantObject, Identity, IdentityKind, Policy, Readout, Standing, Status};

/// An entity: the person or workload behind the tokens.
pub(super) fn entity(answer: &Answer<'_, '_>, out: &mut Out<'_>) {
    let data = answer.data;
    let Some(id) = data.key("id").text() else {
        return out.problem(answer.record, "data/id", GapReason::Damaged, "has no id");
    };
    let mut identity = Identity::observed(SYSTEM, &id, IdentityKind::User, answer.record.evidence("entity", "data"));
    identity.name = (*data.key("name").text().unwrap_or(id.clone())).into();
    identity.created = data.key("creation_time").time();
    identity.status = match data.key("disabled").truth() {
        Some(true) => Status::Inactive,
        Some(false) => Status::Active,
        None => Status::Unknown,
    };
    for alias in data.key("aliases").list() {
        let mount = alias.first(&["mount_path", "mount_type"]).or_empty();
        identity.facts.push(Readout::new("alias", &format!("{mount}{}", alias.key("name").or_empty())));
    }
    out.sink.identity(identity);
    give(answer, &id, &policies(answer, &["policies"]), Expiry::Never, out);
}

/// A group with its members.
pub(super) fn group(answer: &Answer<'_, '_>, out: &mut Out<'_>) {
    let data = answer.data;
    let Some(id) = data.key("id").text() else {
        return out.problem(answer.record, "data/id", GapReason::Damaged, "has no id");
    };
    let mut identity = Identity::observed(SYSTEM, &id, IdentityKind::Group, answer.record.evidence("group", "data"));
    identity.name = (*data.key("name").text().unwrap_or(id.clone())).into();
    identity.created = data.key("creation_time").time();
    out.sink.identity(identity);
    give(answer, &id, &policies(answer, &["policies"]), Expiry::Never, out);
    for member in ["member_entity_ids", "member_group_ids"].iter().flat_map(|key| data.key(key).texts()) {
        let evidence = answer.record.evidence("member", "data");
        out.sink.grant(Grant {
            standing: Standing::Standing,
            expiry: Expiry::Never,
            ..Grant::observed(SYSTEM, &member, GrantObject::Group((*id).into()), evidence)
        });
    }
}

/// `vault auth list`: the ways to log in.
pub(super) fn mounts(answer: &Answer<'_, '_>, out: &mut Out<'_>) {
    for (path, mount) in answer.data.entries().filter(|(path, _)| path.ends_with('/')) {
        let evidence = answer.record.evidence("auth method", "");
        let mut identity = Identity::observed(SYSTEM, &format!("auth/{path}"), IdentityKind::Scope, evidence);
        identity.name = path.into();
        let facts = [("type", "type"), ("config.max_lease_ttl", "max-ttl"), ("config.token_type", "token-type")];
        identity.facts =
            facts.iter().filter_map(|(at, fact)| Some(Readout::new(fact, &mount.at(at).text()?))).collect();
        out.sink.identity(identity);
    }
}

/// A policy: its text is HCL or JSON.
pub(super) fn policy(answer: &Answer<'_, '_>, out: &mut Out<'_>) {
    let name = answer.data.key("name").text();
    let from_path = || answer.path.and_then(|path| path.rsplit('/').next());
    let name = name.as_deref().or_else(from_path).unwrap_or(answer.named);
    let Some(text) = answer.data.first(&["policy", "rules"]).text() else {
        return out.problem(answer.record, "data/policy", GapReason::Damaged, "the policy is no text");
    };
    match statements(&text) {
        Ok(statements) => out.sink.policy(Policy {
            id: policy_id(name).into(),
            system: SYSTEM.into(),
            statements,
            created: answer.data.key("modified").time(),
            evidence: answer.record.evidence("policy", "data/policy"),
        }),
        Err(Fault { line, what }) => {
            let detail = format!("line {line} of the policy {what}: what it allows is unknown");
            out.problem(answer.record, "data/policy", GapReason::Damaged, detail);
        }
    }
}
