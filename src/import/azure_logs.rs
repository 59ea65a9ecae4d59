//! The logs of Entra and Azure, which one event hub or storage account may hold in one file: every record is read for
//! what it is, whichever of the formats the file was recognised by.

use std::collections::BTreeMap;
use std::net::IpAddr;

use jiff::Timestamp;
use serde_json::Value;

use super::lookup::parse;
use super::part::Part;
use super::{Out, Record, Worker, azure_activity, entra_audit, entra_sign_ins};
use crate::model::{Event, EventKind, GapReason, IdentityKind, Outcome, StreamKey};

/// The keys of the lists that hold records.
pub(super) const LISTS: &[&str] = &["value", "records"];

/// Reads records of all three logs.
#[derive(Default)]
pub(super) struct Reader {
    streams: BTreeMap<(&'static str, String), StreamKey>,
}

impl Worker for Reader {
    fn record(&mut self, record: &Record<'_>, out: &mut Out<'_>) {
        let Some(mut value) = parse(record, out) else { return };
        open(&mut value);
        let outer = Part::of(&value);
        let inner = outer.at("properties");
        let part = if inner.is_object() { inner } else { outer };
        let (id, read): (_, fn(&Entry<'_>, &mut Out<'_>) -> bool) = match kind(outer, part) {
            Kind::Audit => (entra_audit::ID, entra_audit::read),
            Kind::SignIn => (entra_sign_ins::ID, entra_sign_ins::read),
            Kind::Activity => (azure_activity::ID, azure_activity::read),
            Kind::Other => return out.ignore("records of other logs"),
        };
        let Some(time) = time(outer, part, id) else {
            return out.problem(record, "time", GapReason::Damaged, "has no time that can be read");
        };
        let scope = if id == azure_activity::ID { subscription(outer, part) } else { tenant(outer, part) };
        let stream = self.streams.entry((id, scope)).or_insert_with_key(|(id, scope)| StreamKey::new(id, scope));
        out.sink.observed(stream, time);
        if !read(&Entry { outer, part, record, stream, time }, out) {
            out.ignore("records that name no credential and no grant");
        }
    }

    fn page(&mut self, page: &Record<'_>, out: &mut Out<'_>) {
        const NEXT: [&str; 2] = ["@odata.nextLink", "nextLink"];
        let Ok(value) = serde_json::from_str::<Value>(page.text) else { return };
        if let Some(name) = NEXT.into_iter().find(|name| Part::of(&value).text(name).is_some()) {
            out.problem(page, name, GapReason::Absent, "the last page says that more pages follow");
        }
    }
}

/// One record.
pub(super) struct Entry<'a> {
    /// All of it.
    pub(super) outer: Part<'a>,
    /// What the service itself says: `properties` in diagnostic settings, all of it elsewhere.
    pub(super) part: Part<'a>,
    /// Where it lies.
    pub(super) record: &'a Record<'a>,
    stream: &'a StreamKey,
    /// When it happened.
    pub(super) time: Timestamp,
}

impl<'a> Entry<'a> {
    /// The text under one of the names, in what the service says or around it.
    pub(super) fn first(&self, paths: &[&str]) -> Option<&'a str> {
        self.part.first(paths).or_else(|| self.outer.first(paths))
    }

    /// An event of this record by `actor`.
    pub(super) fn event<'e>(&'e self, kind: EventKind, outcome: Outcome, actor: &'e Actor) -> Event<'e> {
        let id = self.first(&["id", "eventDataId", "correlationId"]);
        let mut event = Event::new(self.time, kind, self.stream, self.record.origin(id));
        event.outcome = outcome;
        event.requester = actor.id.as_deref();
        event.requester_kind = actor.kind;
        event.by_service = actor.by_service;
        event.address = actor.address;
        event.agent = self.first(&["userAgent"]);
        event
    }
}

/// Who did it.
#[derive(Debug, Default)]
pub(super) struct Actor {
    /// The object id, or a name where there is none.
    pub(super) id: Option<String>,
    /// What kind of thing it is.
    pub(super) kind: IdentityKind,
    /// A service of Microsoft that acts by itself.
    pub(super) by_service: bool,
    /// Where from.
    pub(super) address: Option<IpAddr>,
}

/// An address, with or without a port.
pub(super) fn address(text: Option<&str>) -> Option<IpAddr> {
    let text = text?;
    text.parse().ok().or_else(|| text.parse::<std::net::SocketAddr>().ok().map(|with_port| with_port.ip()))
}

enum Kind {
    Audit,
    SignIn,
    Activity,
    Other,
}

fn kind(outer: Part<'_>, part: Part<'_>) -> Kind {
    let category = outer.first(&["category", "Type"]).unwrap_or_default().to_ascii_lowercase();
    let has = |name: &str| part.has(name) || outer.has(name);
    if has("activityDisplayName") || (has("initiatedBy") && has("operationName")) {
        Kind::Audit
    } else if category.ends_with("signinlogs") || (has("appId") && (has("isInteractive") || has("signInEventTypes"))) {
        Kind::SignIn
    } else if is_activity(outer, &category) {
        Kind::Activity
    } else {
        Kind::Other
    }
}

/// Whether a record is of the activity log, and not one of a resource, which has the same form.
fn is_activity(outer: Part<'_>, category: &str) -> bool {
    const CATEGORIES: [&str; 8] = [
        "administrative",
        "policy",
        "security",
        "servicehealth",
        "alert",
        "autoscale",
        "recommendation",
        "resourcehealth",
    ];
    let is_listed = outer.has("eventTimestamp") || outer.has("operationNameValue");
    is_listed || outer.has("operationName") && CATEGORIES.contains(&category)
}

fn time(outer: Part<'_>, part: Part<'_>, id: &str) -> Option<Timestamp> {
    const NAMES: [&str; 7] = [
        "activityDateTime",
        "createdDateTime",
        "eventTimestamp",
        "time",
        "timeGenerated",
        "eventSubmissionTimestamp",
        "date",
    ];
    // The properties of an activity hold times of the resource.
    let inner = if id == azure_activity::ID { outer } else { part };
    NAMES.iter().find_map(|name| inner.time(name).or_else(|| outer.time(name)))
}

/// The tenant: in diagnostic settings a part of the resource.
fn tenant(outer: Part<'_>, part: Part<'_>) -> String {
    let resource = outer.text("resourceId").unwrap_or_default().to_ascii_lowercase();
    let of_resource = resource.split_once("/tenants/").and_then(|(_, rest)| rest.split('/').next());
    let named =
        || part.first(&["aadTenantId", "tenantId", "homeTenantId"]).or(outer.first(&["aadTenantId", "tenantId"]));
    of_resource.filter(|tenant| !tenant.is_empty()).or_else(named).unwrap_or_default().to_ascii_lowercase()
}

fn subscription(outer: Part<'_>, part: Part<'_>) -> String {
    let resource = outer.first(&["resourceId", "_ResourceId"]).unwrap_or_default().to_ascii_lowercase();
    let of_resource = resource.split_once("/subscriptions/").and_then(|(_, rest)| rest.split('/').next());
    of_resource.map_or_else(|| tenant(outer, part), str::to_owned)
}

/// How deep texts are opened.
const MAX_DEPTH: usize = 3;

/// Puts objects and lists in place of the texts that hold them, as Log Analytics writes them. Values that changed
/// (`oldValue`, `newValue`) stay as they are.
fn open(value: &mut Value) {
    open_to(value, MAX_DEPTH);
}

fn open_to(value: &mut Value, depth: usize) {
    let Some(object) = value.as_object_mut().filter(|_| depth > 0) else { return };
    for (name, inner) in object {
        if let Value::String(text) = inner
            && name != "oldValue"
            && name != "newValue"
            && text.trim_start().starts_with(['{', '['])
            && let Ok(opened) = serde_json::from_str(text)
        {
            *inner = opened;
        }
        open_to(inner, depth - 1);
    }
}
