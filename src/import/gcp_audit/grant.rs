//! Roles given and taken: the differences of policies.

use super::entry::value;
use super::{Facts, GCP};
use crate::import::Out;
use crate::import::gcp::{Member, ends};
use crate::import::part::Part;
use crate::model::{EventKind, Expiry, GapReason, GrantChange, GrantObject, Standing};

/// Pushes each role that a change of a policy gave or took. The entry tells the difference; where a service tells the new
/// policy alone, what was there before is not known.
pub(super) fn changed(facts: &Facts<'_>, out: &mut Out<'_>) -> bool {
    let body = value(facts.log.service_data);
    let more = value(facts.log.metadata);
    let delta = [Part::of(&body).at("policyDelta"), Part::of(&more).at("policyDelta")];
    let sets = facts.call().to_ascii_lowercase();
    let sets = matches!(sets.as_str(), "setiampolicy" | "setiampermissions");
    let Some(delta) = delta.into_iter().find(|delta| delta.at("bindingDeltas").is_list()) else {
        out.note("policies set without a word on what changed", u64::from(sets));
        return false;
    };
    let scope = scope(facts);
    let mut any = false;
    for (index, change) in delta.each("bindingDeltas") {
        let kind = match change.text("action") {
            Some("ADD") => EventKind::Granted,
            Some("REMOVE") => EventKind::Ungranted,
            _ => {
                let inside = format!("protoPayload/serviceData/policyDelta/bindingDeltas/{index}");
                out.problem(facts.record, &inside, GapReason::Damaged, "is neither given nor taken");
                continue;
            }
        };
        any |= bound(facts, change, kind, &scope, out);
    }
    any
}

fn bound(facts: &Facts<'_>, change: Part<'_>, kind: EventKind, scope: &str, out: &mut Out<'_>) -> bool {
    let (Some(role), Some(member)) = (change.text("role"), change.text("member")) else { return false };
    let member = Member::read(member);
    if member.is_service_agent() {
        out.sink.set_aside("gcp-service-agent", 1);
        return true;
    }
    let expiry = ends(change.text("condition/expression").unwrap_or_default());
    let by_manager = facts.actor.id.as_deref().is_some_and(|id| id.ends_with("@gcp-sa-pam.iam.gserviceaccount.com"));
    let mut event = facts.event(kind);
    event.principal = Some(member.id);
    event.expiry = expiry;
    event.grant = Some(GrantChange {
        system: GCP.into(),
        holder: member.id.into(),
        object: GrantObject::Role(role.split("_withcond_").next().unwrap_or(role).into()),
        scope: scope.into(),
        id: "".into(),
        standing: match expiry {
            _ if by_manager => Standing::JitActive,
            Expiry::Never => Standing::Standing,
            Expiry::At(_) => Standing::TimeBound,
            Expiry::Unknown => Standing::Unknown,
        },
    });
    out.sink.event(&event);
    true
}

/// The resource whose policy was changed, under the name that exports of policies and assets use.
fn scope(facts: &Facts<'_>) -> String {
    let name = facts.log.resource_name.or_empty();
    let service = facts.log.service_name.or_empty();
    let parts: Vec<&str> = name.split('/').collect();
    match (service, parts.as_slice()) {
        ("storage.googleapis.com", ["projects", _, "buckets", bucket]) => format!("//storage.googleapis.com/{bucket}"),
        ("iam.googleapis.com", ["projects", "-", "serviceAccounts", account]) => {
            let project = facts.entry.resource.labels.project_id.or_empty();
            format!("//iam.googleapis.com/projects/{project}/serviceAccounts/{account}")
        }
        (_, ["projects" | "folders" | "organizations", _]) => name.to_owned(),
        _ if name.starts_with("//") || service.is_empty() => name.to_owned(),
        _ => format!("//{service}/{name}"),
    }
}
