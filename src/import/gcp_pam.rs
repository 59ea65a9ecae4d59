//! Privileged Access Manager: who may ask for which roles, and what was granted.
//!
//! An entitlement makes its users eligible; it has no end of its own. A grant that is active ends when its time is over.
//! The history of grants reaches back 30 days after their end: that an older one is missing says nothing.

use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};

use super::Shape;
use super::format::{Facts, Format, readouts};
use super::gcp::{GCP, Member, scope};
use super::part::Part;
use crate::model::{Expiry, Grant, GrantObject, Standing};

/// Reads entitlements and grants.
pub(super) static FORMAT: Format = Format {
    id: "gcp-pam",
    title: "Google Cloud Privileged Access Manager entitlements and grants",
    how_to_export: "gcloud pam entitlements list --location=global --project=P --format=json > entitlements.json; for each \
                    entitlement E: gcloud pam grants list --entitlement=E --location=global --project=P --format=json \
                    > grants-E.json",
    lists: &["entitlements", "grants"],
    shapes: &[
        Shape { list: None, keys: &["name", "eligibleUsers", "maxRequestDuration"] },
        Shape { list: None, keys: &["name", "requester", "requestedDuration"] },
    ],
    read,
};

fn read(part: Part<'_>, facts: &mut Facts<'_, '_, '_>) -> bool {
    let Some(name) = part.text("name") else { return false };
    if part.has("eligibleUsers") {
        let facts_of = entitlement(part);
        let users: Vec<&str> = part.each("eligibleUsers").flat_map(|(_, list)| list.texts("principals")).collect();
        for user in users {
            let given = Given { standing: Standing::Eligible, expiry: Expiry::Never, created: part.time("createTime") };
            access(part, user, name, &given, &facts_of, facts);
        }
        return true;
    }
    let Some(requester) = part.text("requester") else { return false };
    if part.text("state") != Some("ACTIVE") {
        facts.out.ignore("grants that are not active");
        return true;
    }
    let requester = with_kind(requester);
    let start = started(part);
    let expiry = match (start, part.text("requestedDuration").and_then(seconds)) {
        (Some(start), Some(length)) => start.checked_add(length).map_or(Expiry::Unknown, Expiry::At),
        _ => Expiry::Unknown,
    };
    let given = Given { standing: Standing::JitActive, expiry, created: start };
    let reason = [
        ("entitlement", name.split_once("/grants/").map(|(entitlement, _)| entitlement.to_owned())),
        ("justification", part.text("justification/unstructuredJustification").map(str::to_owned)),
        ("changed-outside", (part.flag("externallyModified") == Some(true)).then(|| "yes".to_owned())),
        ("approver", approver(part).map(str::to_owned)),
    ];
    access(part, &requester, name, &given, &reason, facts);
    true
}

/// What all grants of one record share.
struct Given {
    standing: Standing,
    expiry: Expiry,
    created: Option<Timestamp>,
}

fn access(
    part: Part<'_>,
    member: &str,
    name: &str,
    given: &Given,
    notes: &[(&str, Option<String>)],
    facts: &mut Facts<'_, '_, '_>,
) {
    const INSIDE: &str = "privilegedAccess/gcpIamAccess";
    let access = part.at(INSIDE);
    let Some(resource) = access.text("resource").map(scope) else {
        return facts.damaged(INSIDE, "has no resource");
    };
    let member = Member::read(member);
    member.tell("", facts);
    let notes: Vec<(&str, Option<&str>)> = notes.iter().map(|(name, value)| (*name, value.as_deref())).collect();
    for (index, binding) in access.each("roleBindings") {
        let inside = format!("{INSIDE}/roleBindings/{index}");
        let Some(role) = binding.text("role") else {
            facts.damaged(&inside, "has no role");
            continue;
        };
        let evidence = facts.evidence("privileged access", &inside);
        let seen = Grant::observed(GCP, member.id, GrantObject::Role(role.into()), evidence);
        facts.out.sink.grant(Grant {
            scope: resource.into(),
            condition: binding.text("conditionExpression").unwrap_or_default().into(),
            standing: given.standing,
            created: given.created,
            expiry: given.expiry,
            id: name.into(),
            facts: readouts(&notes),
            ..seen
        });
    }
}

fn entitlement(part: Part<'_>) -> [(&'static str, Option<String>); 3] {
    let longest = part.text("maxRequestDuration").and_then(seconds).map(|length| length.as_secs().to_string());
    let mut steps = String::new();
    for (_, step) in part.each("approvalWorkflow/manualApprovals/steps") {
        let approvers: Vec<&str> = step.each("approvers").flat_map(|(_, list)| list.texts("principals")).collect();
        let _infallible = write!(steps, "{}{}", if steps.is_empty() { "" } else { "; " }, approvers.join(", "));
    }
    let approval = if steps.is_empty() { "none" } else { "manual" };
    [
        ("max-activation-seconds", longest),
        ("approval", Some(approval.to_owned())),
        ("approvers", Some(steps).filter(|steps| !steps.is_empty())),
    ]
}

/// Requests name people by their bare address.
fn with_kind(requester: &str) -> String {
    match requester {
        _ if requester.contains(':') => requester.to_owned(),
        _ if requester.ends_with(".gserviceaccount.com") => format!("serviceAccount:{requester}"),
        _ => format!("user:{requester}"),
    }
}

/// When the access was given, or when the grant became active.
fn started(part: Part<'_>) -> Option<Timestamp> {
    let activated = || {
        let mut events = part.each("timeline/events").map(|(_, event)| event);
        events.find(|event| event.has("activated")).and_then(|event| event.time("eventTime"))
    };
    part.time("auditTrail/accessGrantTime").or_else(activated)
}

fn approver(part: Part<'_>) -> Option<&str> {
    part.each("timeline/events").find_map(|(_, event)| event.text("approved/actor"))
}

/// `3600s` as a length.
fn seconds(text: &str) -> Option<SignedDuration> {
    let number: f64 = text.strip_suffix('s')?.parse().ok()?;
    SignedDuration::try_from_secs_f64(number).ok()
}
