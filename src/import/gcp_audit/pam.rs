//! Privileged Access Manager: grants asked for, decided, activated and ended. A grant is a request and its outcome; its
//! name is the id of both.

use jiff::SignedDuration;
use serde_json::Value;

use super::actor::with_kind;
use super::entry::value;
use super::token::seconds;
use super::{Facts, GCP};
use crate::import::Out;
use crate::import::gcp::{Member, scope};
use crate::import::part::Part;
use crate::model::{Event, EventKind, Expiry, GrantChange, GrantObject, IdentityKind, Standing};

/// Pushes a step in the life of a grant; false if the call is about something else.
pub(super) fn step(facts: &Facts<'_>, out: &mut Out<'_>) -> bool {
    let kind = match facts.call() {
        "CreateGrant" => EventKind::Requested,
        "ApproveGrant" => EventKind::Approved,
        "DenyGrant" => EventKind::Declined,
        "PAMActivateGrant" => EventKind::Granted,
        "RevokeGrant" | "WithdrawGrant" | "PAMEndGrant" | "PAMExpireGrant" => EventKind::Ungranted,
        "UpdateEntitlement" => return super::safeguard::entitlement(facts, out.sink),
        _ => return false,
    };
    let bodies = [&facts.log.response, &facts.log.metadata, &facts.log.request].map(|raw| value(*raw));
    let name = named(facts, &bodies);
    let Some(name) = name.as_deref() else {
        out.note("steps of privileged access of which the entry does not name the grant", 1);
        return false;
    };
    let about = Grant::of(&bodies);
    let mut event = facts.event(kind);
    event.request = Some(name);
    event.ttl_s = about.ttl_s();
    event.reason = match kind {
        EventKind::Requested => about.part.and_then(|part| part.text("justification/unstructuredJustification")),
        _ => Part::of(&bodies[2]).text("reason"),
    };
    if kind == EventKind::Granted || (kind == EventKind::Approved && !about.awaits()) {
        event.expiry = about.end(facts);
    }
    let requester = about.requester();
    if event.requester.is_none() {
        event.requester = requester.as_deref();
        event.requester_kind = requester.as_deref().map_or(IdentityKind::Unknown, |id| Member::read(id).kind);
    }
    tell(&event, &about, requester.as_deref().unwrap_or_default(), name, out);
    true
}

/// One event for each role, since a request may be for several; one where the entry does not say which.
fn tell(event: &Event<'_>, about: &Grant<'_>, holder: &str, name: &str, out: &mut Out<'_>) {
    let changes = matches!(event.kind, EventKind::Granted | EventKind::Ungranted);
    let resource = about.part.and_then(|part| part.text("privilegedAccess/gcpIamAccess/resource")).map(scope);
    let roles: Vec<&str> = about.roles();
    let grant = |holder: &str, role: &str| GrantChange {
        system: GCP.into(),
        holder: holder.into(),
        object: GrantObject::Role(role.into()),
        scope: resource.unwrap_or_default().into(),
        id: name.into(),
        standing: Standing::JitActive,
    };
    let known = !holder.is_empty() && resource.is_some();
    if roles.is_empty() || (changes && !known) {
        let by_name = changes && event.kind == EventKind::Ungranted;
        let event = Event { grant: by_name.then(|| grant("", "")), ..event.clone() };
        return out.sink.event(&event);
    }
    for role in roles {
        let mut event = event.clone();
        event.scope = Some(role);
        event.target = resource.or(event.target);
        event.principal = changes.then_some(holder);
        event.grant = changes.then(|| grant(holder, role));
        out.sink.event(&event);
    }
}

/// The name of the grant: in the answer, in the request, or as the resource of a system event.
fn named(facts: &Facts<'_>, bodies: &[Value; 3]) -> Option<String> {
    let inside = bodies.iter().filter_map(|body| Part::of(body).first(&["name", "grant/name", "updatedGrant/name"]));
    let names = inside.chain(facts.log.resource_name.get());
    names.filter(|name| name.contains("/grants/")).map(str::to_owned).next()
}

/// What the entry tells of a grant.
struct Grant<'v> {
    part: Option<Part<'v>>,
}

impl<'v> Grant<'v> {
    fn of(bodies: &'v [Value; 3]) -> Self {
        let places = ["grant", "updatedGrant", "response"];
        let nested = bodies.iter().flat_map(|body| places.map(|place| Part::of(body).at(place)));
        let mut all = bodies.iter().map(Part::of).chain(nested);
        Self { part: all.find(|part| part.has("privilegedAccess") || part.has("requestedDuration")) }
    }

    fn requester(&self) -> Option<String> {
        let text = with_kind(self.part?.text("requester")?);
        Some(Member::read(&text).id.to_owned())
    }

    fn roles(&self) -> Vec<&'v str> {
        let Some(part) = self.part else { return Vec::new() };
        part.each("privilegedAccess/gcpIamAccess/roleBindings").filter_map(|(_, role)| role.text("role")).collect()
    }

    fn ttl_s(&self) -> Option<i64> {
        self.part?.text("requestedDuration").and_then(seconds)
    }

    /// Whether further approvals are awaited.
    fn awaits(&self) -> bool {
        self.part.is_some_and(|part| part.text("state") == Some("APPROVAL_AWAITED"))
    }

    fn end(&self, facts: &Facts<'_>) -> Expiry {
        let end = self.ttl_s().and_then(|ttl| facts.time.checked_add(SignedDuration::from_secs(ttl)).ok());
        end.map_or(Expiry::Unknown, Expiry::At)
    }
}
