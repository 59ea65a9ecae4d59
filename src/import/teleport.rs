//! Resources of Teleport as `tctl get` writes them, YAML or JSON: roles, users and join tokens.
//!
//! The name of a join token of the method `token` is the secret itself, so it is never read: such a token is known by its
//! place in the file only.

use super::Shape;
use super::ends::end;
use super::ends::seconds;
use super::listing::{Element, Holder, Listed};
use crate::model::{
    Credential, CredentialId, Expiry, GrantObject, IdentityKind, Policy, Readout, StandingClass, Statement, Status,
};

const SYSTEM: &str = "teleport";

/// Reads resources of Teleport.
pub(super) static FORMAT: Listed = Listed {
    id: "teleport",
    title: "Teleport roles, users and join tokens",
    how_to_export: "tctl get roles > roles.yaml; tctl get users > users.yaml; tctl get tokens > tokens.yaml",
    lists: &[],
    openings: &["kind: role", "kind: user", "kind: token", "kind: bot"],
    shapes: &[
        Shape { list: None, keys: &["kind=role", "metadata.name", "spec", "version"] },
        Shape { list: None, keys: &["kind=user", "metadata.name", "spec", "version"] },
        Shape { list: None, keys: &["kind=token", "metadata.name", "spec", "version"] },
    ],
    elements: &[Element::Other(role), Element::Other(user), Element::Other(token)],
};

/// A role: how long its sessions are, whom it lets in as whom, and which resources of Teleport itself it may change.
fn role(holder: &mut Holder<'_, '_, '_>) {
    let node = holder.node;
    let Some(name) = node.at("metadata.name").text() else { return holder.damaged("metadata/name", "has no name") };
    let id = format!("teleport/role/{name}");
    let mut facts = holder.facts(&[
        ("logins", &["spec.allow.logins"]),
        ("kubernetes-groups", &["spec.allow.kubernetes_groups"]),
        ("aws-role", &["spec.allow.aws_role_arns"]),
        ("requires-mfa", &["spec.options.require_session_mfa"]),
    ]);
    let ttl = node.at("spec.options.max_session_ttl").text().and_then(|text| seconds(&text));
    facts.extend(ttl.map(|seconds| Readout::new("max-session-seconds", &seconds.to_string())));
    for key in ["node_labels", "kubernetes_labels", "db_labels", "app_labels"] {
        let labels = node.at("spec.allow").key(key);
        if labels.key("*").texts().iter().any(|value| value == "*") {
            facts.push(Readout::new("any", key));
        }
    }
    holder.identity(SYSTEM, &id, IdentityKind::Group, |identity| identity.facts.append(&mut facts));
    let mut statements = Vec::new();
    for rule in node.at("spec.allow.rules").list() {
        let resources = rule.key("resources").texts();
        let verbs = rule.key("verbs").texts();
        let actions =
            verbs.iter().flat_map(|verb| resources.iter().map(move |resource| format!("{verb} {resource}").into()));
        statements.push(Statement {
            conditions: rule.key("where").or_empty().into_owned().into(),
            ..Statement::allow(actions.collect::<Vec<Box<str>>>())
        });
    }
    let evidence = holder.record.evidence("rules of the role", "spec/allow/rules");
    holder.out.sink.policy(Policy {
        id: id.as_str().into(),
        system: SYSTEM.into(),
        statements,
        created: None,
        evidence,
    });
    holder.grant(SYSTEM, &id, GrantObject::Policy(id.as_str().into()), "");
}

/// A user with its roles.
fn user(holder: &mut Holder<'_, '_, '_>) {
    let node = holder.node;
    let Some(name) = node.at("metadata.name").text() else { return holder.damaged("metadata/name", "has no name") };
    let id = format!("teleport/user/{name}");
    let locked = node.at("spec.status.is_locked").truth();
    let mut facts =
        holder.facts(&[("ends", &["metadata.expires", "spec.expires"]), ("traits", &["spec.traits.logins"])]);
    holder.identity(SYSTEM, &id, IdentityKind::User, |identity| {
        identity.created = node.at("spec.created_by.time").time();
        identity.status = match locked {
            Some(true) => Status::Inactive,
            Some(false) => Status::Active,
            None => Status::Unknown,
        };
        identity.facts.append(&mut facts);
    });
    for role in node.at("spec.roles").texts() {
        holder.gives(SYSTEM, &id, &role, "");
    }
}

/// A join token. Those of other methods than `token` prove what joins by its platform: no secret exists.
fn token(holder: &mut Holder<'_, '_, '_>) {
    let node = holder.node;
    let method = node.at("spec.join_method").text().unwrap_or("token".into());
    if method != "token" {
        return holder.out.ignore("join tokens without a secret");
    }
    let id = CredentialId::derived(SYSTEM, &format!("{}#join-token-{}", holder.named, holder.record.index + 1));
    let evidence = holder.record.evidence("join token", "");
    let mut token = Credential::observed(id, "teleport-join-token", "Teleport join token", evidence);
    token.expiry = end(node.at("metadata.expires"), Expiry::Never);
    token.standing = if token.expiry == Expiry::Never { StandingClass::Standing } else { StandingClass::Depends };
    token.readouts = holder.facts(&[("joins-as", &["spec.roles"]), ("bot", &["spec.bot_name"])]);
    holder.out.sink.credential(token);
}
