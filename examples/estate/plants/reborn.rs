//! What was deleted and made again, and uses that are nearly none.

use serde_json::json;

use crate::estate::plot::{ACCOUNT, DAY, HOUR, Plot};
use crate::estate::session::{Session, Shown};

/// All stories.
pub(crate) const PLANTS: &[super::Plant] =
    &[user, role, denied_or_refused, attached_again, trusted, many_accounts, around_midnight];

/// A user is deleted and made again: the old key works on, and the new one should.
fn user(plot: &mut Plot) {
    let time = -20 * DAY;
    let old = plot.old_key();
    plot.used(&old, time - HOUR);
    plot.iam(time, "DeleteUser", json!({"userName": old.user}).to_string(), None);
    plot.iam(time + 60, "CreateUser", json!({"userName": old.user}).to_string(), None);
    let new = plot.further_key(&old, time + 120);
    plot.used(&new, time + HOUR);
    plot.used(&old, time + HOUR);
    plot.fault("use-after-revocation", &old.id);
    plot.decoy("use-after-revocation", &new.id);
}

/// The same of a role and its sessions.
fn role(plot: &mut Plot) {
    let time = plot.some_time(5);
    let old = plot.session(time, HOUR);
    let taken = |plot: &mut Plot, after: i64| -> Session {
        let subject = format!("repo:acme/{}:ref:refs/heads/main", old.role);
        plot.session_of(&old.role, time + after, HOUR, &Shown::Token(&subject))
    };
    let request = json!({"roleName": old.role}).to_string();
    plot.iam(time + 900, "DeleteRole", request.clone(), None);
    let trust = json!({"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}]});
    let created = json!({"roleName": old.role, "assumeRolePolicyDocument": trust.to_string()}).to_string();
    plot.iam(time + 960, "CreateRole", created, None);
    let new = taken(plot, 1200);
    plot.session_used(&new, 1800);
    plot.session_used(&old, 2700);
    plot.fault("use-after-revocation", &old.key);
    plot.decoy("use-after-revocation", &new.key);
}

/// The last call was denied by a policy, so that the key is in use; or the key itself was refused.
fn denied_or_refused(plot: &mut Plot) {
    for (error, is_fault) in [("SignatureDoesNotMatch", true), ("AccessDenied", false)] {
        let key = plot.old_key();
        plot.used(&key, 2 * DAY);
        plot.used_from(&key, -3 * DAY, &key.address.clone(), Some(error));
        plot.tell("idle-credential", &key.id, is_fault);
    }
}

/// Attached, detached and attached again: for good 15 days ago, and detached once more.
fn attached_again(plot: &mut Plot) {
    let policy = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    for is_fault in [true, false] {
        let user = format!("plot-{}", plot.next());
        let request = json!({"userName": user, "policyArn": policy}).to_string();
        for (days, name) in [(40, "AttachUserPolicy"), (30, "DetachUserPolicy"), (15, "AttachUserPolicy")] {
            plot.iam(-days * DAY, name, request.clone(), None);
        }
        if !is_fault {
            plot.iam(-14 * DAY, "DetachUserPolicy", request, None);
        }
        plot.tell("unrevoked-grant", &format!("arn:aws:iam::{ACCOUNT}:user/{user}: {policy}"), is_fault);
    }
}

/// A role that a user may take is there for 40 days; another one was deleted since; a third is for a service.
fn trusted(plot: &mut Plot) {
    for (principal, deleted, is_fault) in [("user", false, true), ("user", true, false), ("", false, false)] {
        let name = format!("plot-{}", plot.next());
        let holder = if principal.is_empty() {
            "lambda.amazonaws.com".to_owned()
        } else {
            format!("arn:aws:iam::{ACCOUNT}:user/{name}")
        };
        let kind = if principal.is_empty() { "Service" } else { "AWS" };
        let trust =
            json!({"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {kind: holder}}]});
        let created = json!({"roleName": name, "assumeRolePolicyDocument": trust.to_string()}).to_string();
        plot.iam(-40 * DAY, "CreateRole", created, None);
        if deleted {
            plot.iam(-39 * DAY, "DeleteRole", json!({"roleName": name}).to_string(), None);
        }
        plot.tell("unrevoked-grant", &format!("{holder}: arn:aws:iam::{ACCOUNT}:role/{name}"), is_fault);
    }
}

/// A session at work in three accounts, and in two.
fn many_accounts(plot: &mut Plot) {
    let time = plot.some_time(5);
    for (accounts, is_fault) in
        [(&[ACCOUNT, "777700000041", "777700000042"][..], true), (&[ACCOUNT, "777700000041"], false)]
    {
        let session = plot.session(time, HOUR);
        for (minute, account) in (20..).zip(accounts) {
            plot.calls(&session.caller(), account, session.began + minute * 60, ("sqs", "ListQueues"), None);
        }
        plot.tell("general-purpose-token", &session.role_arn(), is_fault);
    }
}

/// A role for emergencies used three times in one night, which are two days; approved.
fn around_midnight(plot: &mut Plot) {
    let role = format!("emergency-{}", plot.next());
    let midnight = (plot.some_time(20) / DAY) * DAY;
    for hour in [-2, -1, 1] {
        let asked = super::governed::Asked::at(plot, &role, midnight + hour * HOUR);
        asked.decided(plot, 300, "bob", "user", "approve");
        asked.taken(plot, HOUR);
    }
    plot.decoy("break-glass-without-ticket", &format!("arn:aws:iam::{ACCOUNT}:role/{role}"));
}
