//! Google Cloud in its audit log: keys of service accounts, bindings, and grants of the Privileged Access Manager.

use serde_json::{Value, json};

use crate::estate::plot::{DAY, HOUR, Plot};
use crate::estate::record::instant;
use crate::estate::session::address;

/// All stories.
pub(crate) const PLANTS: &[super::Plant] = &[keys, off, unused, deleted_account, bound, activated];

/// Stories about the whole log.
pub(crate) const WHOLE: &[super::Plant] = &[running];

const PROJECT: &str = "shop-estate";

/// An entry about what somebody did: method, resource, and further parts of the payload.
fn tell(plot: &mut Plot, at: i64, log: &str, who: &Value, (service, method): (&str, &str), more: Value) {
    let number = plot.next();
    let from = who["principalEmail"].as_str().map_or(7, |who| who.bytes().map(u64::from).sum());
    let mut payload = json!({"@type": "type.googleapis.com/google.cloud.audit.AuditLog", "status": {},
        "authenticationInfo": who, "serviceName": format!("{service}.googleapis.com"), "methodName": method,
        "requestMetadata": {"callerIp": address(from), "callerSuppliedUserAgent": "google-cloud-sdk"},
        "authorizationInfo": [{"permission": "x", "granted": true}], "resourceName": format!("projects/{PROJECT}")});
    if let (Some(payload), Value::Object(more)) = (payload.as_object_mut(), more) {
        payload.extend(more);
    }
    let entry = json!({"protoPayload": payload, "insertId": format!("i-{number}"), "timestamp": instant(at),
        "resource": {"type": "project", "labels": {"project_id": PROJECT}}, "severity": "NOTICE",
        "logName": format!("projects/{PROJECT}/logs/cloudaudit.googleapis.com%2F{log}")});
    plot.beside.line("google.ndjson", at, entry.to_string());
}

/// A call of the administrator.
fn administer(plot: &mut Plot, at: i64, call: (&str, &str), more: Value) {
    tell(plot, at, "activity", &json!({"principalEmail": "ann@acme.example"}), call, more);
}

/// The log shows that it was running.
fn running(plot: &mut Plot) {
    let (from, to) = (plot.options.from, plot.options.to());
    for at in (from..=to).step_by(3_300) {
        administer(plot, at, ("compute", "v1.compute.instances.setMetadata"), json!({}));
        let who = json!({"principalEmail": "ann@acme.example"});
        tell(plot, at, "data_access", &who, ("storage", "storage.objects.get"), json!({}));
    }
}

/// A key of a service account of its own.
struct Key {
    account: String,
    id: String,
}

impl Key {
    /// A key that nobody was seen to make.
    fn old(plot: &mut Plot) -> Self {
        let number = plot.next();
        Self { account: format!("job-{number}@{PROJECT}.iam.gserviceaccount.com"), id: format!("{number:040x}") }
    }

    /// A key that is made now, and has no end.
    fn new(plot: &mut Plot, time: i64) -> Self {
        let (key, at) = (Self::old(plot), plot.at(time));
        let name = json!({"name": key.name(), "valid_after_time": {"seconds": at}, "valid_before_time": {"seconds": 253_402_300_799_i64}});
        let more = json!({"response": name, "request": {"name": key.of()}, "resourceName": key.of()});
        administer(plot, at, ("iam", "google.iam.admin.v1.CreateServiceAccountKey"), more);
        key
    }

    fn of(&self) -> String {
        format!("projects/{PROJECT}/serviceAccounts/{}", self.account)
    }

    fn name(&self) -> String {
        format!("{}/keys/{}", self.of(), self.id)
    }

    fn used(&self, plot: &mut Plot, time: i64) {
        let who = json!({"principalEmail": self.account,
            "serviceAccountKeyName": format!("//iam.googleapis.com/{}", self.name())});
        tell(plot, plot.at(time), "data_access", &who, ("storage", "storage.objects.get"), json!({}));
    }

    /// The administrator does something about it: `Delete`, `Disable`, `Enable`.
    fn change(&self, plot: &mut Plot, time: i64, verb: &str) {
        let method = format!("google.iam.admin.v1.{verb}ServiceAccountKey");
        let more = json!({"request": {"name": self.name()}, "resourceName": self.name()});
        administer(plot, plot.at(time), ("iam", &method), more);
    }
}

/// Made 40 days ago, and 25; neither has an end.
fn keys(plot: &mut Plot) {
    for (days, is_fault) in [(40, true), (25, false)] {
        let key = Key::new(plot, -days * DAY);
        (1..days / 4).for_each(|time| key.used(plot, (4 * time - days) * DAY));
        key.used(plot, -DAY);
        plot.tell("unrevoked-credential", &key.id, is_fault);
        plot.fault("non-expiring-credential", &key.id);
    }
}

/// Deleted and used, and disabled, enabled and used.
fn off(plot: &mut Plot) {
    let time = plot.recent_time();
    for is_fault in [true, false] {
        let key = Key::old(plot);
        key.used(plot, time);
        key.change(plot, time + HOUR, if is_fault { "Delete" } else { "Disable" });
        if !is_fault {
            key.change(plot, time + 2 * HOUR, "Enable");
        }
        key.used(plot, time + 3 * HOUR);
        plot.tell("use-after-revocation", &key.id, is_fault);
        if is_fault {
            plot.fault("paper-control", &format!("gcp-audit/projects/{PROJECT}"));
        }
    }
}

/// Made and never used for 20 days; used once, which only the log of data access tells.
fn unused(plot: &mut Plot) {
    for is_fault in [true, false] {
        let key = Key::new(plot, -20 * DAY);
        if !is_fault {
            key.used(plot, -10 * DAY);
        }
        plot.tell("never-used-credential", &key.id, is_fault);
        plot.fault("non-expiring-credential", &key.id);
    }
}

/// The service account is deleted, and its key works on; the key of its neighbour may.
fn deleted_account(plot: &mut Plot) {
    let time = plot.recent_time();
    for is_fault in [true, false] {
        let key = Key::old(plot);
        key.used(plot, time);
        if is_fault {
            let more = json!({"request": {"name": key.of()}, "resourceName": key.of()});
            administer(plot, plot.at(time + HOUR), ("iam", "google.iam.admin.v1.DeleteServiceAccount"), more);
        }
        key.used(plot, time + 3 * HOUR);
        plot.tell("use-after-revocation", &key.id, is_fault);
    }
}

/// Bound 15 days ago: for good, taken away, under a condition that ends.
fn bound(plot: &mut Plot) {
    for (what, is_fault) in [("good", true), ("removed", false), ("condition", false)] {
        let who = format!("user:person-{}@acme.example", plot.next());
        let delta = |action: &str| {
            let mut delta = json!({"action": action, "role": "roles/viewer", "member": who});
            if what == "condition" {
                delta["condition"] =
                    json!({"title": "for a while", "expression": "request.time < timestamp(\"2027-01-01T00:00:00Z\")"});
            }
            json!({"serviceData": {"policyDelta": {"bindingDeltas": [delta]}}})
        };
        let call = ("cloudresourcemanager", "SetIamPolicy");
        administer(plot, plot.at(-15 * DAY), call, delta("ADD"));
        if what == "removed" {
            administer(plot, plot.at(-14 * DAY), call, delta("REMOVE"));
        }
        plot.tell("unrevoked-grant", &format!("{who}: roles/viewer over projects/{PROJECT}"), is_fault);
    }
}

/// An activation that its own requester approved, and one that somebody else did.
fn activated(plot: &mut Plot) {
    let time = plot.some_time(6);
    for is_fault in [true, false] {
        let number = plot.next();
        let requester = format!("ben-{number}@acme.example");
        let entitlement = format!("projects/{PROJECT}/locations/global/entitlements/reader");
        let name = format!("{entitlement}/grants/g-{number}");
        let grant = json!({"name": name, "requester": requester, "requestedDuration": "3600s", "state": "SCHEDULED",
            "justification": {"unstructuredJustification": format!("CHG-{number} fix the queue")},
            "privilegedAccess": {"gcpIamAccess": {"resource": format!("//cloudresourcemanager.googleapis.com/projects/{PROJECT}"),
                "resourceType": "cloudresourcemanager.googleapis.com/Project", "roleBindings": [{"role": "roles/viewer"}]}}});
        let approver = if is_fault { requester.clone() } else { "cleo@acme.example".to_owned() };
        for (after, who, verb) in [(0, &requester, "CreateGrant"), (300, &approver, "ApproveGrant")] {
            let method = format!("google.cloud.privilegedaccessmanager.v1.PrivilegedAccessManager.{verb}");
            let more = json!({"resourceName": if after == 0 { &entitlement } else { &name }, "response": grant,
                "request": {"parent": entitlement, "name": name}});
            tell(
                plot,
                plot.at(time + after),
                "activity",
                &json!({"principalEmail": who}),
                ("privilegedaccessmanager", &method),
                more,
            );
        }
        plot.tell("self-approval", &name, is_fault);
    }
}
