//! What guards the issuing of access, and the recording itself: relaxed, stopped, started.

use super::entry::value;
use super::{DATA_ACCESS, Facts, ID};
use crate::import::part::Part;
use crate::model::{Event, EventKind, Sink, StreamKey};

/// Pushes a change of the recording or of a constraint; false if the call changes neither.
pub(super) fn changed(facts: &Facts<'_>, sink: &mut dyn Sink) -> bool {
    match facts.log.service_name.or_empty() {
        "logging.googleapis.com" => recording(facts, sink),
        "orgpolicy.googleapis.com" => constraint(facts, sink),
        _ => unaudited(facts, sink),
    }
}

/// Sinks, buckets and logs that were deleted, sinks that were switched off or told to leave entries out.
fn recording(facts: &Facts<'_>, sink: &mut dyn Sink) -> bool {
    let body = value(facts.log.request);
    let part = Part::of(&body);
    let kind = match facts.call() {
        "DeleteSink" | "DeleteBucket" | "DeleteLog" | "CreateExclusion" => EventKind::LogStopped,
        "UpdateSink" if part.flag("sink/disabled") == Some(true) || part.at("sink/exclusions").is_list() => {
            EventKind::LogStopped
        }
        "UpdateSink" if part.flag("sink/disabled") == Some(false) => EventKind::LogStarted,
        "CreateSink" | "UndeleteBucket" | "DeleteExclusion" => EventKind::LogStarted,
        _ => return false,
    };
    tell(facts, kind, sink)
}

/// Audit configurations that were taken out of a policy: access to data is no longer recorded.
fn unaudited(facts: &Facts<'_>, sink: &mut dyn Sink) -> bool {
    let body = value(facts.log.service_data);
    let removed = |(_, delta): (usize, Part<'_>)| delta.text("action") == Some("REMOVE");
    if !Part::of(&body).each("policyDelta/auditConfigDeltas").any(removed) {
        return false;
    }
    let stream = StreamKey::new(ID, &format!("{}{DATA_ACCESS}", facts.stream.scope));
    sink.event(&Event { stream: &stream, ..facts.event(EventKind::LogStopped) });
    true
}

/// Constraints of the organisation on identities and keys that no longer hold.
fn constraint(facts: &Facts<'_>, sink: &mut dyn Sink) -> bool {
    let body = value(facts.log.request);
    let part = Part::of(&body);
    let Some(name) = part.first(&["policy/name", "name"]).or(facts.log.resource_name.get()) else { return false };
    let about_identities = name.rsplit('/').next().is_some_and(|constraint| constraint.starts_with("iam."));
    let rules = || part.each("policy/spec/rules").map(|(_, rule)| rule);
    let relaxed = match facts.call() {
        "DeletePolicy" => true,
        "UpdatePolicy" | "CreatePolicy" => {
            rules().any(|rule| rule.flag("enforce") == Some(false) || rule.flag("allowAll") == Some(true))
        }
        _ => false,
    };
    about_identities && relaxed && weakened(facts, name, sink)
}

/// An entitlement that from now on gives access without approval.
pub(super) fn entitlement(facts: &Facts<'_>, sink: &mut dyn Sink) -> bool {
    let body = value(facts.log.request);
    let part = Part::of(&body);
    let mask = part.text("updateMask").unwrap_or_default().to_ascii_lowercase().replace('_', "");
    let name = part.text("entitlement/name").or(facts.log.resource_name.get()).unwrap_or_default();
    let unapproved = mask.contains("approvalworkflow") && !part.at("entitlement/approvalWorkflow").is_object();
    unapproved && weakened(facts, name, sink)
}

fn weakened(facts: &Facts<'_>, target: &str, sink: &mut dyn Sink) -> bool {
    let mut event = facts.event(EventKind::Weakened);
    event.target = Some(target);
    sink.event(&event);
    true
}

fn tell(facts: &Facts<'_>, kind: EventKind, sink: &mut dyn Sink) -> bool {
    sink.event(&facts.event(kind));
    true
}
