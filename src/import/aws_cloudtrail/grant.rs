//! Calls that give and take access: policies attached and put, memberships, trust, assignments of permission sets.
//!
//! Holders and objects have the ids that exports use. A record knows users and roles by name: their ARN lacks the path.

use serde::Deserialize;

use super::Facts;
use crate::import::aws_account_authorization::trusted;
use crate::import::aws_policy::{Read, encoded, expiry};
use crate::import::lenient::{Maybe, Raw, Text};
use crate::model::{Effect, EventKind, Expiry, GrantChange, GrantObject, Sink, Standing};

/// The policies that AWS attaches to a user whose key it found in public. They deny.
const QUARANTINE: &str = "policy/AWSCompromisedKeyQuarantine";

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Request<'a> {
    #[serde(borrow)]
    user_name: Text<'a>,
    role_name: Text<'a>,
    group_name: Text<'a>,
    policy_arn: Text<'a>,
    policy_name: Text<'a>,
    policy_document: Text<'a>,
    assume_role_policy_document: Text<'a>,
    permission_set_arn: Text<'a>,
    principal_id: Text<'a>,
    target_id: Text<'a>,
    group_id: Text<'a>,
    membership_id: Text<'a>,
    member_id: Maybe<Member<'a>>,
    member: Maybe<Member<'a>>,
}

/// A member as `identitystore` (`userId`) and `sso-directory` (`memberId`) write it.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Member<'a> {
    #[serde(borrow)]
    user_id: Text<'a>,
    member_id: Text<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Response<'a> {
    #[serde(borrow)]
    membership_id: Text<'a>,
    account_assignment_creation_status: Maybe<Progress<'a>>,
    account_assignment_deletion_status: Maybe<Progress<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Progress<'a> {
    #[serde(borrow)]
    status: Text<'a>,
}

/// Pushes what the call gave or took; false if it did neither.
pub(super) fn changed(source: &str, name: &str, facts: &Facts<'_>, sink: &mut dyn Sink) -> bool {
    if !facts.succeeded() || !matters(source, name) {
        return false;
    }
    let request = facts.call.request_parameters.json().unwrap_or_default();
    let request: Request<'_> = serde_json::from_str(&request).unwrap_or_default();
    match (source, name) {
        ("iam", "CreateRole" | "UpdateAssumeRolePolicy") => trust(&request, facts, sink),
        ("iam", _) => policy_or_group(name, &request, facts, sink),
        ("sso", _) => assignment(name, &request, facts, sink),
        _ => membership(name, &request, facts, sink),
    }
}

fn matters(source: &str, name: &str) -> bool {
    match source {
        "iam" => matches!(
            name,
            "AttachUserPolicy"
                | "AttachRolePolicy"
                | "AttachGroupPolicy"
                | "DetachUserPolicy"
                | "DetachRolePolicy"
                | "DetachGroupPolicy"
                | "PutUserPolicy"
                | "PutRolePolicy"
                | "PutGroupPolicy"
                | "DeleteUserPolicy"
                | "DeleteRolePolicy"
                | "DeleteGroupPolicy"
                | "AddUserToGroup"
                | "RemoveUserFromGroup"
                | "CreateRole"
                | "UpdateAssumeRolePolicy"
        ),
        "sso" => matches!(name, "CreateAccountAssignment" | "DeleteAccountAssignment"),
        "identitystore" => matches!(name, "CreateGroupMembership" | "DeleteGroupMembership"),
        "sso-directory" => matches!(name, "AddMemberToGroup" | "RemoveMemberFromGroup"),
        _ => false,
    }
}

/// A policy or a group of a user, role or group.
fn policy_or_group(name: &str, request: &Request<'_>, facts: &Facts<'_>, sink: &mut dyn Sink) -> bool {
    let (kind, named) = match name {
        _ if name.contains("Role") => ("role", request.role_name.get()),
        _ if name.contains("User") => ("user", request.user_name.get()),
        _ => ("group", request.group_name.get()),
    };
    let Some(holder) = facts.arn(kind, named).filter(|_| named.is_some()) else { return false };
    if let Some(arn) = request.policy_arn.get().filter(|arn| arn.contains(QUARANTINE)) {
        return name.starts_with("Attach") && quarantined(&holder, arn, facts, sink);
    }
    let (object, ends) = if name.contains("Group") && name.contains("User") {
        (facts.arn("group", request.group_name.get()).map(|group| GrantObject::Group(group.into())), Expiry::Never)
    } else if let Some(arn) = request.policy_arn.get() {
        (Some(GrantObject::Policy(arn.into())), Expiry::Never)
    } else {
        let id = request.policy_name.get().map(|policy| format!("{holder}#inline/{policy}"));
        let read = request.policy_document.get().and_then(|text| encoded(text).ok());
        if read.as_ref().is_some_and(|read| read.iter().all(|read| read.statement.effect == Effect::Deny)) {
            return false;
        }
        let ends =
            if name.starts_with("Put") { read.as_deref().map_or(Expiry::Unknown, expiry) } else { Expiry::Never };
        (id.map(|id| GrantObject::Policy(id.into())), ends)
    };
    let Some(object) = object else { return false };
    push(facts, is_end(name), change(&holder, object, ends), ends, sink);
    true
}

fn is_end(name: &str) -> bool {
    name.starts_with("De") || name.starts_with("Remove")
}

/// AWS found a key of the user in public and denies what an intruder would do with it.
fn quarantined(holder: &str, policy: &str, facts: &Facts<'_>, sink: &mut dyn Sink) -> bool {
    let mut event = facts.event(EventKind::Alerted);
    event.principal = Some(holder);
    event.action = policy.rsplit('/').next();
    sink.event(&event);
    true
}

/// Whom a role trusts from now on. Whom it trusted before is not in the record.
fn trust(request: &Request<'_>, facts: &Facts<'_>, sink: &mut dyn Sink) -> bool {
    let Some(role) = request.role_name.get().and_then(|name| facts.arn("role", Some(name))) else { return false };
    let document = request.policy_document.get().or_else(|| request.assume_role_policy_document.get());
    let statements = document.and_then(|text| encoded(text).ok()).unwrap_or_default();
    let allows = |read: &&Read| read.statement.effect == Effect::Allow;
    let mut any = false;
    for read in statements.iter().filter(allows) {
        let ends = read.ends.map_or(Expiry::Never, Expiry::At);
        for principal in trusted(read) {
            let object = GrantObject::AssumeRole(role.as_str().into());
            push(facts, false, change(&principal.id, object, ends), ends, sink);
            any = true;
        }
    }
    any
}

/// A permission set of IAM Identity Center in an account. It is made in the background: the answer says that it began.
fn assignment(name: &str, request: &Request<'_>, facts: &Facts<'_>, sink: &mut dyn Sink) -> bool {
    let (Some(holder), Some(set), Some(account)) =
        (request.principal_id.get(), request.permission_set_arn.get(), request.target_id.get())
    else {
        return false;
    };
    let response = facts.call.response_elements.json().unwrap_or_default();
    let response: Response<'_> = serde_json::from_str(&response).unwrap_or_default();
    let progress = [&response.account_assignment_creation_status, &response.account_assignment_deletion_status];
    if progress.iter().filter_map(|part| part.get()).any(|part| part.status.get() == Some("FAILED")) {
        return false;
    }
    let change = GrantChange { scope: account.into(), ..change(holder, GrantObject::Role(set.into()), Expiry::Never) };
    push(facts, is_end(name), change, Expiry::Never, sink);
    true
}

/// A user in a group of the identity store. The end of a membership may be told by its id alone.
fn membership(name: &str, request: &Request<'_>, facts: &Facts<'_>, sink: &mut dyn Sink) -> bool {
    let member = request.member_id.get().or_else(|| request.member.get());
    let user = member.and_then(|member| member.user_id.get().or_else(|| member.member_id.get()));
    let response = facts.call.response_elements.json().unwrap_or_default();
    let response: Response<'_> = serde_json::from_str(&response).unwrap_or_default();
    let id = request.membership_id.get().or_else(|| response.membership_id.get());
    if id.is_none() && (user.is_none() || request.group_id.get().is_none()) {
        return false;
    }
    let group = GrantObject::Group(request.group_id.or_empty().into());
    let change =
        GrantChange { id: id.unwrap_or_default().into(), ..change(user.unwrap_or_default(), group, Expiry::Never) };
    push(facts, is_end(name), change, Expiry::Never, sink);
    true
}

fn change(holder: &str, object: GrantObject, ends: Expiry) -> GrantChange {
    let standing = match ends {
        Expiry::At(_) => Standing::TimeBound,
        Expiry::Never => Standing::Standing,
        Expiry::Unknown => Standing::Unknown,
    };
    GrantChange { system: "aws".into(), holder: holder.into(), object, scope: "".into(), id: "".into(), standing }
}

fn push(facts: &Facts<'_>, is_end: bool, change: GrantChange, ends: Expiry, sink: &mut dyn Sink) {
    let holder = change.holder.clone();
    let mut event = facts.event(if is_end { EventKind::Ungranted } else { EventKind::Granted });
    event.principal = Some(&*holder).filter(|holder| !holder.is_empty());
    event.target = Some(facts.account()).filter(|account| !account.is_empty());
    event.expiry = if is_end { Expiry::Unknown } else { ends };
    event.grant = Some(change);
    sink.event(&event);
}

/// Whether a part of the record was left out because it was too large.
pub(super) fn is_cut(raw: Raw<'_>) -> bool {
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Cut<'a> {
        #[serde(borrow)]
        omitted: Text<'a>,
        reason: Text<'a>,
    }
    let Some(text) = raw.json() else { return false };
    let too_large = |text: &str| text.contains("too large") || text.contains("TooLarge");
    if !text.contains("omitted") {
        return text.len() < 200 && too_large(&text);
    }
    let cut: Cut<'_> = serde_json::from_str(&text).unwrap_or_default();
    cut.omitted.is_true() || too_large(cut.reason.or_empty())
}
