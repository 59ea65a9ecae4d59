//! Exports and logs together: who is an administrator, who was made one, and what roles are really used for.

use serde_json::json;

use crate::estate::account::{Role, User};
use crate::estate::plot::{DAY, HOUR, Plot};
use crate::estate::record::instant;
use crate::estate::session::Shown;

use super::exported::EXPORTED;
use super::governed::Asked;

/// All stories.
pub(crate) const PLANTS: &[super::Plant] = &[
    |plot| plot.inside(EXPORTED, everything),
    |plot| plot.inside(EXPORTED, far_too_wide),
    |plot| plot.inside(EXPORTED, made_by_nobody),
    |plot| plot.inside(EXPORTED, asks_for_what_it_has),
    |plot| plot.inside(EXPORTED, let_in_long_ago),
    granted,
];

/// Stories about whole accounts.
pub(crate) const WHOLE: &[super::Plant] = &[around_the_broker, group];

/// A session of an administrator's role: just taken, and under a request that somebody approved.
fn everything(plot: &mut Plot) {
    let role = Role::administrator(plot);
    let arn = role.export(plot);
    let time = plot.some_time(5);
    let subject = format!("repo:acme/{}:ref:refs/heads/main", role.name);
    let session = plot.session_of(&role.name, time, HOUR, &Shown::Token(&subject));
    plot.session_used(&session, 1200);
    plot.fault("admin-scoped-session", &arn);
    let meant = Role::administrator(plot);
    let meant = Role { name: format!("jit-{}", meant.name), ..meant };
    let arn = meant.export(plot);
    let asked = Asked::at(plot, &meant.name, time);
    asked.decided(plot, 300, "bob", "user", "approve");
    asked.taken(plot, HOUR);
    plot.decoy("admin-scoped-session", &arn);
}

/// Twenty allowed actions of which two are used by 20 sessions, and three.
fn far_too_wide(plot: &mut Plot) {
    let actions: Vec<String> = ["Instances", "Images", "Subnets", "Vpcs", "Volumes"]
        .into_iter()
        .flat_map(|what| ["Describe", "Tag", "Create", "Delete"].map(|verb| format!("ec2:{verb}{what}")))
        .collect();
    let calls = ["DescribeInstances", "DescribeImages", "DescribeSubnets"];
    for (used, is_fault) in [(2, true), (3, false)] {
        let statements = json!([{"Effect": "Allow", "Action": actions, "Resource": "*"}]);
        let role = Role { statements, ..Role::new(plot) };
        let arn = role.export(plot);
        let subject = format!("repo:acme/{}:ref:refs/heads/main", role.name);
        for one in 0..20 {
            let session = plot.session_of(&role.name, 5 * DAY + one * 2 * DAY, HOUR, &Shown::Token(&subject));
            for (minute, call) in (20..).zip(&calls[..used]) {
                plot.session_used_for(&session, minute * 60, ("ec2", call));
            }
        }
        plot.tell("scope-over-use", &arn, is_fault);
    }
}

/// Administrators that no log shows being made: by a policy of their own, and by a group. And one that was made without
/// a request.
fn made_by_nobody(plot: &mut Plot) {
    let user = User { age: 30, ..User::administrator(plot) };
    let arn = user.export(plot);
    plot.faults(&["orphan-assignment", "standing-privileged-grant"], &arn);
    let user = User { age: 30, groups: vec!["administrators".to_owned()], ..User::new(plot) };
    let arn = user.export(plot);
    plot.decoy("orphan-assignment", &arn);
    plot.fault("standing-privileged-grant", &arn);
    let user = User { age: 30, ..User::administrator(plot) };
    let arn = user.export(plot);
    let policy = "arn:aws:iam::aws:policy/AdministratorAccess";
    let request = json!({"userName": user.name, "policyArn": policy}).to_string();
    plot.iam(-10 * DAY, "AttachUserPolicy", request, None);
    plot.faults(&["orphan-assignment", "standing-privileged-grant"], &arn);
    plot.decoy("unrevoked-grant", &format!("{arn}: {policy}"));
}

/// The group whose members are administrators.
fn group(plot: &mut Plot) {
    plot.inside(EXPORTED, |plot| plot.exports().group(EXPORTED, "administrators", "AdministratorAccess"));
}

/// Administrators and others ask for a role of the broker where they are.
fn asks_for_what_it_has(plot: &mut Plot) {
    for is_fault in [true, false] {
        let role = Role::new(plot);
        let role = Role { name: format!("jit-{}", role.name), ..role };
        let scope = role.export(plot);
        let user = if is_fault { User::administrator(plot) } else { User::new(plot) };
        let user = User { statements: json!([{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]), ..user };
        let arn = user.export(plot);
        plot.beside.decide("people", format!("  {}: [\"{arn}\", \"acme/user/{}\"]", user.name, user.name));
        let asked = Asked::by(plot, &user.name, &scope);
        asked.decided(plot, 300, "bob", "user", "approve");
        plot.tell("requester-already-privileged", &scope, is_fault);
        if is_fault {
            plot.fault("standing-privileged-grant", &arn);
        }
    }
}

/// A role of the broker that trusts a user by name, since two weeks before the user took it and since a day less. Nobody
/// asked, and the user is not the broker.
fn let_in_long_ago(plot: &mut Plot) {
    for (age, is_fault) in [(24, true), (23, false)] {
        let user = User::new(plot);
        let (user, key) = user.with_key(plot, 20, Some(9));
        let arn = user.export(plot);
        let role = Role::new(plot);
        let trust = json!([{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": arn}}]);
        let role = Role { name: format!("jit-{}", role.name), age, trust, ..role };
        let scope = role.export(plot);
        let shown = Shown::Key(&key.user, &key.id);
        let session = plot.session_of(&role.name, -10 * DAY, HOUR, &shown);
        plot.session_used(&session, 1200);
        plot.tell("standing-role-behind-jit", &scope, is_fault);
        plot.faults(&["issued-without-request", "broker-bypass"], &scope);
    }
}

/// A policy attached 15 days ago: for good, since taken away, with an end of its own; and one attached 13 days ago.
fn granted(plot: &mut Plot) {
    let policy = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    for (days, taken, is_fault) in [(15, false, true), (15, true, false), (13, false, false)] {
        let user = format!("plot-{}", plot.next());
        let request = json!({"userName": user, "policyArn": policy}).to_string();
        plot.iam(-days * DAY, "AttachUserPolicy", request.clone(), None);
        if taken {
            plot.iam(-days * DAY + HOUR, "DetachUserPolicy", request, None);
        }
        plot.tell("unrevoked-grant", &format!("arn:aws:iam::{}:user/{user}: {policy}", plot.account), is_fault);
    }
    let user = format!("plot-{}", plot.next());
    let ends = instant(plot.at(-DAY));
    let document = json!({"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*",
        "Condition": {"DateLessThan": {"aws:CurrentTime": ends}}}]});
    let request = json!({"userName": user, "policyName": "for-a-while", "policyDocument": document.to_string()});
    plot.iam(-15 * DAY, "PutUserPolicy", request.to_string(), None);
    let arn = format!("arn:aws:iam::{}:user/{user}", plot.account);
    plot.decoy("unrevoked-grant", &format!("{arn}: {arn}#inline/for-a-while"));
}

/// Six of a hundred privileged uses by the key of an administrator, and five.
fn around_the_broker(plot: &mut Plot) {
    for (account, around, is_fault) in [("888800000004", 6, true), ("888800000005", 5, false)] {
        plot.inside(account, |plot| {
            let user = User { statements: json!([]), ..User::administrator(plot) };
            let (user, key) = user.with_key(plot, 20, Some(2));
            let arn = user.export(plot);
            plot.fault("standing-privileged-grant", &arn);
            let role = Role::new(plot);
            let role = Role { name: format!("jit-{}", role.name), ..role };
            role.export(plot);
            let asked = Asked::at(plot, &role.name, 50 * DAY);
            asked.decided(plot, 300, "bob", "user", "approve");
            let session = asked.taken(plot, HOUR);
            (1..100 - around).for_each(|use_| plot.session_used(&session, use_ * 30));
            (0..around).for_each(|use_| plot.used(&key, -5 * DAY + use_ * HOUR));
        });
        plot.tell("low-jit-coverage", &format!("aws-cloudtrail/{account}"), is_fault);
    }
}
