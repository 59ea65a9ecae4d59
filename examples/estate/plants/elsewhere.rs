//! Other systems: Kubernetes, Entra, Google Cloud, and source code.

use serde_json::{Value, json};

use crate::estate::account::Role;
use crate::estate::plot::{DAY, HOUR, Plot};
use crate::estate::random::Random;
use crate::estate::record::instant;

use super::exported::EXPORTED;

/// All stories.
pub(crate) const PLANTS: &[super::Plant] = &[|plot| plot.inside(EXPORTED, over_the_bridge), eligible, over, in_code];

/// Service accounts of Kubernetes that act as a role of AWS: an administrator's, and another one.
fn over_the_bridge(plot: &mut Plot) {
    let number = plot.next();
    let mut items = Vec::new();
    for is_fault in [true, false] {
        let role = if is_fault { Role::administrator(plot) } else { Role::new(plot) };
        let arn = role.export(plot);
        items.push(json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {
            "name": role.name, "namespace": format!("shop-{number}"), "creationTimestamp": "2025-06-01T08:00:00Z",
            "annotations": {"eks.amazonaws.com/role-arn": arn}}}));
        plot.tell("cross-system-path", &format!("system:serviceaccount:shop-{number}:{}", role.name), is_fault);
    }
    let list = json!({"apiVersion": "v1", "kind": "List", "items": items});
    plot.beside.file(&format!("exports/kubernetes/{number}.json"), list.to_string());
}

/// Readers of reports who could activate the role and have it all the time: here, and in another unit of the directory.
fn eligible(plot: &mut Plot) {
    let number = plot.next();
    let (mut assigned, mut schedules): (Vec<Value>, Vec<Value>) = (Vec::new(), Vec::new());
    for (place, is_fault) in [("/", true), ("/administrativeUnits/10000000-0000-4000-8000-00000000000a", false)] {
        let who = Random::new(plot.next()).uuid();
        let own = |id: &str, place: &str, ends: Value| {
            json!({"id": format!("{id}-{who}"), "principalId": who, "directoryScopeId": place, "memberType": "Direct",
                "roleDefinitionId": "4a5d8f65-41da-4de4-8968-e035b65339cf", "startDateTime": "2026-01-02T08:00:00Z",
                "endDateTime": ends, "principal": {"@odata.type": "#microsoft.graph.user", "displayName": "Kim",
                "userPrincipalName": format!("{who}@acme.example")},
                "roleDefinition": {"displayName": "Reports Reader", "templateId": "4a5d8f65-41da-4de4-8968-e035b65339cf"}})
        };
        let mut all = own("asg", "/", Value::Null);
        all["assignmentType"] = json!("Assigned");
        assigned.push(all);
        schedules.push(own("elig", place, json!("2027-02-01T08:00:00Z")));
        plot.tell("eligible-exists-but-standing-used", &who, is_fault);
    }
    for (kind, values) in [("Assignment", assigned), ("Eligibility", schedules)] {
        let context =
            format!("https://graph.microsoft.com/v1.0/$metadata#roleManagement/directory/role{kind}ScheduleInstances");
        let answer = json!({"@odata.context": context, "value": values});
        plot.beside.file(&format!("exports/entra/{kind}-{number}.json"), answer.to_string());
    }
}

/// Bindings of Google Cloud whose condition ended eight days ago, six days ago, and a day from now.
fn over(plot: &mut Plot) {
    let number = plot.next();
    let mut bindings = Vec::new();
    for (days, is_fault) in [(8, true), (6, false), (-1, false)] {
        let who = format!("user:person-{}@acme.example", plot.next());
        let ends = instant(plot.options.to() - days * DAY);
        bindings.push(json!({"role": "roles/viewer", "members": [who],
            "condition": {"title": "for a while", "expression": format!("request.time < timestamp(\"{ends}\")")}}));
        plot.tell("expired-grant-still-present", &who, is_fault);
    }
    let policy = json!({"bindings": bindings, "etag": "BwFAKE=", "version": 3});
    plot.beside.file(&format!("exports/gcp/projects_shop-{number}.json"), policy.to_string());
}

/// A key in a settings file that works, one that was deleted, and the one of the documentation.
fn in_code(plot: &mut Plot) {
    for (deleted, is_live) in [(false, true), (true, false)] {
        let key = plot.old_key();
        plot.used(&key, -5 * DAY);
        if deleted {
            plot.change(&key, -5 * DAY + HOUR, "DeleteAccessKey", "");
        }
        plot.beside.file(&format!("code/{}/settings.py", key.user), format!("AWS_ACCESS_KEY_ID = \"{}\"\n", key.id));
        plot.fault("hardcoded-secret", &key.id);
        plot.tell("live-leaked-secret", &key.id, is_live);
    }
    let documented = format!("AKIA{}", "IOSFODNN7EXAMPLE");
    plot.beside.file("code/handbook/settings.py", format!("AWS_ACCESS_KEY_ID = \"{documented}\"\n"));
    plot.decoy("hardcoded-secret", &documented);
}
