//! Users, roles and keys as the exports of an account show them.

use serde_json::{Value, json};

use crate::estate::account::{Role, User};
use crate::estate::plot::{DAY, HOUR, Plot};
use crate::estate::record::instant;

/// The account whose identities are exported.
pub(super) const EXPORTED: &str = "888800000001";

/// All stories.
pub(crate) const PLANTS: &[super::Plant] = &[
    |plot| plot.inside(EXPORTED, abandoned),
    |plot| plot.inside(EXPORTED, two_keys),
    |plot| plot.inside(EXPORTED, overdue),
    |plot| plot.inside(EXPORTED, still_listed),
    |plot| plot.inside(EXPORTED, passwords),
    |plot| plot.inside(EXPORTED, without_owner),
    |plot| plot.inside(EXPORTED, long_sessions),
    |plot| plot.inside(EXPORTED, escalation),
    |plot| plot.inside(EXPORTED, trusts),
    |plot| plot.inside(EXPORTED, trusted_providers),
    |plot| plot.inside(EXPORTED, administrators),
    |plot| plot.inside(EXPORTED, unused),
];

/// Stories about whole accounts.
pub(crate) const WHOLE: &[super::Plant] = &[roots];

/// The only key unused for longer than 90 days, and one of two.
fn abandoned(plot: &mut Plot) {
    let user = User::new(plot);
    let (user, key) = user.with_key(plot, 200, Some(91));
    let arn = user.export(plot);
    plot.fault("abandoned-identity", &arn);
    plot.faults(&["idle-credential", "rotation-overdue", "unrevoked-credential"], &key.id);
    let user = User::new(plot);
    let (user, old) = user.with_key(plot, 200, Some(91));
    let (user, new) = user.with_key(plot, 20, Some(3));
    let arn = user.export(plot);
    plot.decoy("abandoned-identity", &arn);
    plot.fault("two-active-keys", &arn);
    plot.faults(&["idle-credential", "unrevoked-credential", "unfinished-rotation"], &old.id);
    plot.decoy("unrevoked-credential", &new.id);
}

/// A rotation that took longer than a week, and one that took less; neither is done.
fn two_keys(plot: &mut Plot) {
    for (youngest, is_fault) in [(8, true), (5, false)] {
        let user = User::new(plot);
        let (user, old) = user.with_key(plot, 29, Some(8));
        let (user, new) = user.with_key(plot, youngest, Some(2));
        let arn = user.export(plot);
        plot.tell("two-active-keys", &arn, is_fault);
        plot.fault("unfinished-rotation", &old.id);
        plot.decoy("unrevoked-credential", &old.id);
        plot.decoy("rotation-overdue", &new.id);
    }
}

/// A day too old, and a day too young.
fn overdue(plot: &mut Plot) {
    for (age, is_fault) in [(91, true), (89, false)] {
        let user = User::new(plot);
        let (user, key) = user.with_key(plot, age, Some(2));
        user.export(plot);
        plot.tell("rotation-overdue", &key.id, is_fault);
        plot.fault("unrevoked-credential", &key.id);
    }
}

/// Deleted in the log five hours before the export that lists it, and three.
fn still_listed(plot: &mut Plot) {
    for (hours, is_fault) in [(6, true), (4, false)] {
        let user = User::new(plot);
        let (user, key) = user.with_key(plot, 20, Some(2));
        user.export(plot);
        plot.change(&key, -hours * HOUR, "DeleteAccessKey", "");
        plot.tell("revoked-in-log-still-in-export", &key.id, is_fault);
    }
}

/// A password with a second factor and without.
fn passwords(plot: &mut Plot) {
    for mfa in [false, true] {
        let user = User { password: Some(mfa), ..User::new(plot) };
        let arn = user.export(plot);
        plot.tell("console-user-without-mfa", &arn, !mfa);
    }
}

/// No tag that names an owner, and one under another name.
fn without_owner(plot: &mut Plot) {
    for (tag, is_fault) in [("cost-centre", true), ("acme:technical-owner", false)] {
        let user = User { tags: json!([{"Key": tag, "Value": "platform"}]), ..User::new(plot) };
        let arn = user.export(plot);
        plot.tell("ownerless-identity", &arn, is_fault);
    }
}

/// A second longer than four hours, and four hours.
fn long_sessions(plot: &mut Plot) {
    for (longest, is_fault) in [(14_401, true), (14_400, false)] {
        let role = Role { longest, ..Role::new(plot) };
        let arn = role.export(plot);
        plot.tell("long-session-role", &arn, is_fault);
    }
}

/// A user that may attach policies to itself, and one to whom a second statement denies it.
fn escalation(plot: &mut Plot) {
    let allow = json!({"Effect": "Allow", "Action": "iam:Attach*", "Resource": "*"});
    let deny = json!({"Effect": "Deny", "Action": "iam:*Policy", "Resource": "*"});
    for (statements, is_fault) in [(json!([allow]), true), (json!([allow, deny]), false)] {
        let user = User { statements, ..User::new(plot) };
        let arn = user.export(plot);
        plot.tell("privilege-escalation-path", &arn, is_fault);
    }
}

fn trusting(plot: &mut Plot, statements: Value) -> String {
    let role = Role { trust: statements, ..Role::new(plot) };
    role.export(plot)
}

fn allow(principal: &Value) -> Value {
    json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal})
}

/// Roles for everybody, for another organisation, for ten users; and roles that are nearly like them.
fn trusts(plot: &mut Plot) {
    let everybody = trusting(plot, json!([allow(&json!({"AWS": "*"}))]));
    plot.fault("public-grant", &everybody);
    let nobody = json!({"Effect": "Deny", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}});
    let own = allow(&json!({"AWS": format!("arn:aws:iam::{EXPORTED}:root")}));
    let guarded = trusting(plot, json!([own, nobody]));
    plot.decoy("public-grant", &guarded);
    for (account, is_fault) in [("999900000009", true), ("444455556666", false)] {
        let arn = trusting(plot, json!([allow(&json!({"AWS": format!("arn:aws:iam::{account}:root")}))]));
        plot.tell("unknown-account-trust", &arn, is_fault);
    }
    for (users, is_fault) in [(10, true), (9, false)] {
        let named = |user: i32| format!("arn:aws:iam::{EXPORTED}:user/worker-{user}");
        let mut principals: Vec<String> = (0..users).map(named).collect();
        principals.push(format!("arn:aws:iam::{EXPORTED}:root"));
        let arn = trusting(plot, json!([allow(&json!({"AWS": principals}))]));
        plot.tell("shared-identity", &arn, is_fault);
    }
}

/// Any repository of GitHub, and those of one owner.
fn trusted_providers(plot: &mut Plot) {
    for (subject, is_fault) in [("repo:*", true), ("repo:acme/*", false)] {
        let trust = json!([{"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
            "Principal": {"Federated": format!("arn:aws:iam::{EXPORTED}:oidc-provider/token.actions.githubusercontent.com")},
            "Condition": {"StringLike": {"token.actions.githubusercontent.com:sub": subject},
                "StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}}}]);
        let arn = trusting(plot, trust);
        plot.tell("unrestricted-oidc-trust", &arn, is_fault);
    }
}

/// An administrator for good, and one until tomorrow.
fn administrators(plot: &mut Plot) {
    let user = User { password: Some(true), ..User::administrator(plot) };
    let arn = user.export(plot);
    plot.fault("standing-privileged-grant", &arn);
    let until = instant(plot.at(-1) + DAY);
    let statements = json!([{"Effect": "Allow", "Action": "*", "Resource": "*",
        "Condition": {"DateLessThan": {"aws:CurrentTime": until}}}]);
    let user = User { statements, password: Some(true), ..User::new(plot) };
    let arn = user.export(plot);
    plot.decoy("standing-privileged-grant", &arn);
}

/// A role of an administrator that was last used 91 days ago, and one used 89 days ago.
fn unused(plot: &mut Plot) {
    for (used, is_fault) in [(91, true), (89, false)] {
        let role = Role { used, ..Role::administrator(plot) };
        let arn = role.export(plot);
        plot.tell("unused-privilege", &arn, is_fault);
    }
}

/// A root user with a key, and one without; and the log of the account.
fn roots(plot: &mut Plot) {
    plot.inside(EXPORTED, |plot| plot.recorded(0, -1));
    plot.inside(EXPORTED, |plot| plot.exports().root(EXPORTED, None));
    let other = "888800000002";
    let made = instant(plot.at(-20 * DAY));
    plot.inside(other, |plot| plot.exports().root(other, Some(&made)));
    plot.fault("root-key", &format!("arn:aws:iam::{other}:root#key1@{made}"));
    plot.decoy("root-key", &format!("arn:aws:iam::{EXPORTED}:root#key1@{made}"));
}
