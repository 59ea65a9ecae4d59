//! AWS IAM Identity Center: permission sets, who is assigned them in which account, and the identity store.
//!
//! No answer holds when an assignment was made or when it ends: whether one is standing only CloudTrail can tell, so it
//! stays unknown here. `SessionDuration` is the length of a session and not of the assignment.

use jiff::{SignedDuration, Span};

use super::Shape;
use super::aws_policy::encoded;
use super::format::{Facts, Format, readouts};
use super::part::Part;
use crate::model::{Grant, GrantObject, Identity, IdentityKind, Policy};

/// Reads answers of `aws sso-admin` and `aws identitystore`.
pub(super) static FORMAT: Format = Format {
    id: "aws-identity-center",
    title: "AWS IAM Identity Center: permission sets, account assignments, users and groups",
    how_to_export: "for each permission set P and account A: aws sso-admin describe-permission-set --instance-arn I \
                    --permission-set-arn P >> permission-sets.json; aws sso-admin list-account-assignments \
                    --instance-arn I --account-id A --permission-set-arn P >> assignments.json; aws identitystore \
                    list-users --identity-store-id D > users.json; likewise list-groups and list-group-memberships. \
                    The policies of a set (list-managed-policies-in-permission-set, \
                    get-inline-policy-for-permission-set) need its ps-... id in the name of the file",
    lists: &["AccountAssignments", "Users", "Groups", "GroupMemberships"],
    shapes: &[
        Shape { list: None, keys: &["PermissionSetArn", "PrincipalId"] },
        Shape { list: None, keys: &["AccountAssignments"] },
        Shape { list: Some("Users"), keys: &["UserId", "IdentityStoreId"] },
        Shape { list: Some("Groups"), keys: &["GroupId", "IdentityStoreId"] },
        Shape { list: Some("GroupMemberships"), keys: &["GroupId", "MemberId"] },
        Shape { list: None, keys: &["Instances.InstanceArn", "Instances.IdentityStoreId"] },
        Shape { list: None, keys: &["PermissionSet.PermissionSetArn", "PermissionSet.Name"] },
        Shape { list: None, keys: &["PermissionSetArn", "SessionDuration", "Name"] },
        Shape { list: None, keys: &["AttachedManagedPolicies.Arn", "AttachedManagedPolicies.Name"] },
        Shape { list: None, keys: &["InlinePolicy"] },
    ],
    read,
};

fn read(part: Part<'_>, facts: &mut Facts<'_, '_, '_>) -> bool {
    match facts.record.list {
        Some("Users") => member(part, "UserId", IdentityKind::User, facts),
        Some("Groups") => member(part, "GroupId", IdentityKind::Group, facts),
        Some("GroupMemberships") => membership(part, facts),
        _ if part.text("PrincipalId").is_some() => assignment(part, facts),
        Some(_) => return false,
        None if part.has("PermissionSet") => permission_set(part.at("PermissionSet"), "PermissionSet", facts),
        None if part.has("SessionDuration") => permission_set(part, "", facts),
        None if part.at("Instances").is_list() => instances(part, facts),
        None => return policies(part, facts),
    }
    true
}

fn assignment(part: Part<'_>, facts: &mut Facts<'_, '_, '_>) {
    let (Some(holder), Some(set), Some(account)) =
        (part.text("PrincipalId"), part.text("PermissionSetArn"), part.word("AccountId"))
    else {
        return facts.damaged("", "an assignment lacks its principal, its permission set or its account");
    };
    let kind = match part.text("PrincipalType") {
        Some("GROUP") => IdentityKind::Group,
        Some("USER") => IdentityKind::User,
        _ => IdentityKind::Unknown,
    };
    let evidence = facts.evidence("account assignment", "");
    facts.identity(Identity::observed("aws", holder, kind, evidence.clone()), &[]);
    let grant = Grant::observed("aws", holder, GrantObject::Role(set.into()), evidence);
    facts.out.sink.grant(Grant {
        scope: account.into(),
        facts: readouts(&[("source", Some("identity-center"))]),
        ..grant
    });
}

fn member(part: Part<'_>, key: &str, kind: IdentityKind, facts: &mut Facts<'_, '_, '_>) {
    let Some(id) = part.text(key) else { return facts.damaged(key, "has no id") };
    let name = part.first(&["UserName", "DisplayName"]).unwrap_or(id);
    let seen = Identity::observed("aws", id, kind, facts.evidence("in the identity store", ""));
    let identity = Identity { name: name.into(), account: part.text("IdentityStoreId").map(Into::into), ..seen };
    facts.identity(identity, &[("identity-store", part.text("IdentityStoreId"))]);
}

fn membership(part: Part<'_>, facts: &mut Facts<'_, '_, '_>) {
    let (Some(user), Some(group)) = (part.text("MemberId/UserId"), part.text("GroupId")) else {
        return facts.damaged("", "a membership lacks its user or its group");
    };
    let evidence = facts.evidence("member of the group", "");
    let grant = Grant::observed("aws", user, GrantObject::Group(group.into()), evidence);
    facts.out.sink.grant(Grant { id: part.text("MembershipId").unwrap_or_default().into(), ..grant });
}

fn permission_set(part: Part<'_>, inside: &str, facts: &mut Facts<'_, '_, '_>) {
    let Some(arn) = part.text("PermissionSetArn") else {
        return facts.damaged(inside, "a permission set has no PermissionSetArn");
    };
    let seen = Identity::observed("aws", arn, IdentityKind::Role, facts.evidence("permission set", inside));
    let name = part.text("Name").map_or_else(|| seen.name.clone(), Into::into);
    let seconds = part.text("SessionDuration").and_then(seconds);
    let identity = Identity { name, created: part.time("CreatedDate"), ..seen };
    facts.identity(identity, &[("max-session-seconds", seconds.as_deref())]);
}

/// `PT12H` in seconds.
fn seconds(text: &str) -> Option<String> {
    let span: Span = text.parse().ok()?;
    Some(SignedDuration::try_from(span).ok()?.as_secs().to_string())
}

fn instances(part: Part<'_>, facts: &mut Facts<'_, '_, '_>) {
    for (index, instance) in part.each("Instances") {
        let inside = format!("Instances/{index}");
        let Some(arn) = instance.text("InstanceArn") else {
            facts.damaged(&inside, "has no InstanceArn");
            continue;
        };
        let seen =
            Identity::observed("aws", arn, IdentityKind::Scope, facts.evidence("Identity Center instance", &inside));
        let account = instance.word("OwnerAccountId");
        let identity = Identity { account: account.map(Into::into), created: instance.time("CreatedDate"), ..seen };
        facts.identity(identity, &[("identity-store", instance.text("IdentityStoreId"))]);
    }
}

/// The policies of the permission set that the name of the file tells.
fn policies(part: Part<'_>, facts: &mut Facts<'_, '_, '_>) -> bool {
    let inline = part.text("InlinePolicy");
    let managed = part.at("AttachedManagedPolicies").is_list();
    if inline.is_none() && !managed {
        let empty = part.has("InlinePolicy");
        if empty {
            facts.out.note("permission sets without inline policy", 1);
        }
        return empty;
    }
    let Some(set) = named(facts.stem()) else {
        facts.absent("", "the file does not say of which permission set it holds policies: name it ssoins-...-ps-...");
        return true;
    };
    for (index, policy) in part.each("AttachedManagedPolicies") {
        let inside = format!("AttachedManagedPolicies/{index}");
        match policy.text("Arn") {
            Some(arn) => attach(&set, arn, &inside, facts),
            None => facts.damaged(&inside, "an attached policy has no Arn"),
        }
    }
    if let Some(text) = inline {
        let id = format!("{set}#inline/InlinePolicy");
        attach(&set, &id, "InlinePolicy", facts);
        match encoded(text) {
            Ok(read) => {
                let statements = read.into_iter().map(|read| read.statement).collect();
                let evidence = facts.evidence("policy", "InlinePolicy");
                let policy = Policy { id: id.into(), system: "aws".into(), statements, created: None, evidence };
                facts.out.sink.policy(policy);
            }
            Err(detail) => facts.damaged("InlinePolicy", detail),
        }
    }
    true
}

fn attach(set: &str, policy: &str, inside: &str, facts: &mut Facts<'_, '_, '_>) {
    let evidence = facts.evidence("policy of the permission set", inside);
    facts.out.sink.grant(Grant::observed("aws", set, GrantObject::Policy(policy.into()), evidence));
}

/// The ARN of a permission set from `...ssoins-0123456789abcdef-ps-0123456789abcdef...`.
fn named(stem: &str) -> Option<String> {
    let from = stem.find("ssoins-")?;
    let mut words = stem.get(from..)?.split(['-', '.', '_', '+', ' ']);
    let (_, instance, mark, set) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let is_id = |text: &str| text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    (mark == "ps" && is_id(instance) && is_id(set))
        .then(|| format!("arn:aws:sso:::permissionSet/ssoins-{instance}/ps-{set}"))
}
