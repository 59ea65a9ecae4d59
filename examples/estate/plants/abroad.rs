//! Grants that logs of Kubernetes, Okta and GitHub show being made 15 days ago, and what took some of them away.

use serde_json::{Value, json};

use crate::estate::plot::{DAY, Plot};
use crate::estate::record::instant;

/// All stories.
pub(crate) const PLANTS: &[super::Plant] = &[bindings, privileges, threatened, members];

/// Stories about whole logs.
pub(crate) const WHOLE: &[super::Plant] = &[running];

/// The administrator of Okta, without a session.
const ADMIN: (&str, &str) = ("00uann", "unknown");

/// The logs show that they were running.
fn running(plot: &mut Plot) {
    let (from, to) = (plot.at(-16 * DAY), plot.options.to());
    for at in (from..=to).step_by(3_300) {
        kubernetes(plot, at, "get", ("pods", "web"), &Value::Null);
        okta(plot, at, "application.lifecycle.update", ADMIN, (&[], &json!({})));
        github(plot, at, "repo.create", &json!({}));
    }
}

fn kubernetes(plot: &mut Plot, at: i64, verb: &str, (resource, name): (&str, &str), object: &Value) {
    let id = format!("k-{}", plot.next());
    let line = json!({"kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "RequestResponse", "auditID": id,
        "stage": "ResponseComplete", "requestURI": "/x", "verb": verb, "user": {"username": "ann@acme.example"},
        "sourceIPs": ["198.51.100.7"], "userAgent": "kubectl/v1.34.0", "responseStatus": {"metadata": {}, "code": 200},
        "objectRef": {"resource": resource, "apiVersion": "v1", "name": name, "apiGroup": "rbac.authorization.k8s.io"},
        "requestReceivedTimestamp": instant(at), "stageTimestamp": instant(at), "requestObject": object,
        "responseObject": object});
    plot.beside.line("kubernetes.ndjson", at, line.to_string());
}

/// A binding that stays, also when somebody joins; one that is deleted; and one in which another person takes the place.
fn bindings(plot: &mut Plot) {
    for (what, is_fault) in [("stays", true), ("joined", true), ("deleted", false), ("replaced", false)] {
        let number = plot.next();
        let (name, who) = (format!("readers-{number}"), format!("ben-{number}@acme.example"));
        let other = format!("cleo-{number}@acme.example");
        let subject = |who: &str| json!({"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": who});
        let binding = |who: &[&str]| {
            let subjects: Vec<Value> = who.iter().map(|who| subject(who)).collect();
            json!({"kind": "ClusterRoleBinding", "apiVersion": "rbac.authorization.k8s.io/v1", "metadata": {"name": name},
                "subjects": subjects,
                "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"}})
        };
        let of = ("clusterrolebindings", name.as_str());
        kubernetes(plot, plot.at(-15 * DAY), "create", of, &binding(&[&who]));
        match what {
            "deleted" => kubernetes(plot, plot.at(-14 * DAY), "delete", of, &json!({"kind": "DeleteOptions"})),
            "replaced" => kubernetes(plot, plot.at(-10 * DAY), "update", of, &binding(&[&other])),
            "joined" => kubernetes(plot, plot.at(-10 * DAY), "update", of, &binding(&[&who, &other])),
            _ => {}
        }
        plot.tell("unrevoked-grant", &format!("{who}: ClusterRole/view"), is_fault);
    }
}

/// An event about a session of somebody, or without one.
fn okta(plot: &mut Plot, at: i64, event: &str, (who, session): (&str, &str), (targets, debug): (&[Value], &Value)) {
    let line = json!({"uuid": format!("o-{}", plot.next()), "published": instant(at), "eventType": event, "version": "0",
        "severity": "INFO", "actor": {"id": who, "type": "User", "alternateId": format!("{who}@acme.example"), "displayName": who},
        "client": {"ipAddress": "198.51.100.7", "userAgent": {"rawUserAgent": "okta-cli"}},
        "outcome": {"result": "SUCCESS", "reason": null}, "target": targets, "transaction": {"type": "WEB", "id": "t", "detail": {}},
        "debugContext": {"debugData": debug}, "authenticationContext": {"authenticationStep": 0, "externalSessionId": session, "credentialType": "OTP"}});
    plot.beside.line("okta.ndjson", at, line.to_string());
}

/// Two roles of which one is taken away again, and a membership that is.
fn privileges(plot: &mut Plot) {
    let user = format!("00u{}", plot.next());
    let target =
        [json!({"id": user, "type": "User", "alternateId": format!("{user}@acme.example"), "displayName": "Bob"})];
    let granted = json!({"privilegeGranted": "Report administrator, Read only admin"});
    okta(plot, plot.at(-15 * DAY), "user.account.privilege.grant", ADMIN, (&target, &granted));
    let revoked = json!({"privilegeRevoked": "Read only admin"});
    okta(plot, plot.at(-14 * DAY), "user.account.privilege.revoke", ADMIN, (&target, &revoked));
    for (role, is_fault) in [("REPORT_ADMIN", true), ("READ_ONLY_ADMIN", false)] {
        plot.tell("unrevoked-grant", &format!("okta/{user}: {role}"), is_fault);
    }
    let group = json!({"id": format!("00g{user}"), "type": "UserGroup", "displayName": "readers"});
    let [member] = target;
    okta(plot, plot.at(-15 * DAY), "group.user_membership.add", ADMIN, (&[member.clone(), group.clone()], &json!({})));
    okta(plot, plot.at(-14 * DAY), "group.user_membership.remove", ADMIN, (&[group, member], &json!({})));
    plot.decoy("unrevoked-grant", &format!("okta/{user}: okta/00g{user}"));
}

/// A threat to somebody with a session: nobody ends it, an administrator ends all of that user's, or suspends the user.
fn threatened(plot: &mut Plot) {
    for (answer, is_fault) in [("", true), ("user.session.clear", false), ("user.lifecycle.suspend", false)] {
        let number = plot.next();
        let (user, session) = (format!("00u{number}"), format!("trs-{number}"));
        let (own, at, nothing) = ((user.as_str(), session.as_str()), plot.at(-9 * DAY), json!({}));
        okta(plot, at, "user.session.start", own, (&[], &nothing));
        okta(plot, at + 600, "security.threat.detected", own, (&[], &nothing));
        if is_fault {
            okta(plot, at + 600 + 901, "user.authentication.sso", own, (&[], &nothing));
        } else {
            let target = [json!({"id": user, "type": "User", "displayName": "Bob"})];
            okta(plot, at + 600 + 900, answer, ADMIN, (&target, &nothing));
        }
        plot.tell("no-revocation-on-alert", &format!("okta/{user}"), is_fault);
    }
}

fn github(plot: &mut Plot, at: i64, action: &str, more: &Value) {
    let mut line = json!({"_document_id": format!("g-{}", plot.next()), "@timestamp": at * 1000, "created_at": at * 1000,
        "action": action, "actor": "ann", "actor_ip": "198.51.100.7", "org": "acme", "operation_type": "create"});
    if let (Some(line), Value::Object(more)) = (line.as_object_mut(), more.clone()) {
        line.extend(more);
    }
    plot.beside.line("github.ndjson", at, line.to_string());
}

/// Owners of the organisation: one stays, one is removed, which the log tells without the role, one becomes a member.
fn members(plot: &mut Plot) {
    for (then, is_fault) in [("", true), ("org.remove_member", false), ("org.update_member", false)] {
        let user = format!("carl-{}", plot.next());
        github(plot, plot.at(-15 * DAY), "org.add_member", &json!({"user": user, "permission": "admin"}));
        if then == "org.remove_member" {
            github(plot, plot.at(-13 * DAY), then, &json!({"user": user}));
        } else if !is_fault {
            let more = json!({"user": user, "permission": "read", "old_permission": "admin"});
            github(plot, plot.at(-13 * DAY), then, &more);
            plot.decoy("unrevoked-grant", &format!("github/{user}: read over acme"));
        }
        plot.tell("unrevoked-grant", &format!("github/{user}: admin over acme"), is_fault);
    }
}
