//! The activity log of Azure: roles assigned and unassigned, keys of storage accounts and others listed and made anew,
//! elevated access, and recording or locks that were taken away. Names are compared in small letters: the log itself
//! writes them in any.

use serde_json::Value;

use super::azure::{AZURE, guid};
use super::azure_logs::{Actor, Entry, LISTS, Reader, address};
use super::part::Part;
use super::{Importer, Layout, Out, Shape, Worker};
use crate::model::{
    CredentialId, Event, EventKind, Expiry, GrantChange, GrantObject, IdentityKind, Outcome, Sink, Standing,
};
use crate::rules::check::Needs;

pub(super) const ID: &str = "azure-activity";

/// Reads activity logs of Azure.
pub(super) struct AzureActivity;

impl Importer for AzureActivity {
    fn id(&self) -> &'static str {
        ID
    }

    fn title(&self) -> &'static str {
        "Azure activity log"
    }

    fn how_to_export(&self) -> &'static str {
        "az monitor activity-log list --offset 90d --max-events 100000 -o json > activity.json; or the storage account or \
         workspace of the diagnostic setting of the subscription"
    }

    fn layout(&self) -> Layout {
        Layout::Records(LISTS)
    }

    fn shapes(&self) -> &'static [Shape] {
        &[
            Shape { list: None, keys: &["operationName", "resourceId", "eventTimestamp"] },
            Shape { list: None, keys: &["operationName", "resourceId", "identity.claims"] },
            Shape { list: None, keys: &["operationName", "resourceId", "identity.authorization"] },
            Shape { list: None, keys: &["operationName", "resourceId", "properties.eventCategory"] },
            Shape { list: None, keys: &["OperationNameValue", "ActivityStatusValue"] },
        ]
    }

    fn gives(&self) -> Vec<Needs> {
        vec![Needs::Grants]
    }

    fn worker(&self, _name: &str) -> Box<dyn Worker> {
        Box::new(Reader::default())
    }
}

/// Reads one record; false if it is of no concern.
pub(super) fn read(entry: &Entry<'_>, out: &mut Out<'_>) -> bool {
    let outer = entry.outer;
    let name = outer.first(&["operationName/value", "operationName", "operationNameValue"]).unwrap_or_default();
    let operation = name.to_ascii_lowercase();
    let status = outer.first(&["status/value", "activityStatusValue", "resultType", "status"]).unwrap_or_default();
    if matches!(status.to_ascii_lowercase().as_str(), "start" | "started" | "accept" | "accepted") {
        out.note("operations that only began, told again with their end", 1);
        return false;
    }
    if status.to_ascii_lowercase().starts_with("fail") {
        out.note("operations that failed", 1);
        return false;
    }
    let actor = actor(outer);
    let resource = outer.first(&["resourceId", "_ResourceId", "authorization/scope"]).unwrap_or_default();
    let call = Call { entry, operation: &operation, resource: &resource.to_ascii_lowercase(), actor: &actor };
    call.tell(out)
}

struct Call<'a> {
    entry: &'a Entry<'a>,
    operation: &'a str,
    resource: &'a str,
    actor: &'a Actor,
}

impl Call<'_> {
    fn tell(&self, out: &mut Out<'_>) -> bool {
        let (parent, verb) = self.operation.rsplit_once('/').unwrap_or_default();
        match (parent.rsplit('/').next().unwrap_or_default(), verb) {
            ("roleassignments", "write") => self.assigned(out),
            ("roleassignments", "delete") => self.unassigned(out.sink),
            ("elevateaccess", "action") => self.elevated(out.sink),
            ("listkeys" | "listsecrets" | "listconnectionstrings" | "listaccountsas" | "listservicesas", "action") => {
                self.keys(EventKind::Issued, out.sink)
            }
            ("regeneratekey" | "regeneratekeys" | "regeneratecredential", "action") => {
                self.keys(EventKind::Revoked, out.sink)
            }
            ("diagnosticsettings", "delete") => self.simple(EventKind::LogStopped, out.sink),
            ("locks", "delete") if parent.starts_with("microsoft.authorization") => {
                self.simple(EventKind::Weakened, out.sink)
            }
            _ => false,
        }
    }

    fn event(&self, kind: EventKind) -> Event<'_> {
        let mut event = self.entry.event(kind, Outcome::Ok, self.actor);
        event.action = Some(self.operation);
        event.target = Some(self.resource).filter(|resource| !resource.is_empty());
        event
    }

    fn simple(&self, kind: EventKind, sink: &mut dyn Sink) -> bool {
        sink.event(&self.event(kind));
        true
    }

    /// An assignment that was made: whose and which, the body of the request or of the answer says.
    fn assigned(&self, out: &mut Out<'_>) -> bool {
        let Some(change) = self.change() else {
            out.note("role assignments whose record does not say whom they give what", 1);
            return false;
        };
        self.grant(EventKind::Granted, change, out.sink)
    }

    /// An assignment that was taken away; most records name it by its id alone.
    fn unassigned(&self, sink: &mut dyn Sink) -> bool {
        let by_id = || GrantChange {
            system: AZURE.into(),
            holder: "".into(),
            object: GrantObject::Role("".into()),
            scope: "".into(),
            id: self.resource.into(),
            standing: Standing::Standing,
        };
        let change = self.change();
        (change.is_some() || !self.resource.is_empty())
            && self.grant(EventKind::Ungranted, change.unwrap_or_else(by_id), sink)
    }

    fn grant(&self, kind: EventKind, change: GrantChange, sink: &mut dyn Sink) -> bool {
        let holder = change.holder.clone();
        let mut event = self.event(kind);
        event.principal = Some(&*holder).filter(|holder| !holder.is_empty());
        event.expiry = Expiry::Never;
        event.grant = Some(change);
        sink.event(&event);
        true
    }

    fn change(&self) -> Option<GrantChange> {
        let bodies = ["responseBody", "requestbody"].map(|name| body(self.entry.part.at(name)));
        let parts = bodies.iter().map(|body| Part::of(body).at("properties"));
        let part = parts.into_iter().find(|part| part.has("principalId") && part.has("roleDefinitionId"))?;
        let scope = part.text("scope").map(str::to_owned);
        let scope =
            scope.or_else(|| Some(self.resource.split_once("/providers/microsoft.authorization")?.0.to_owned()));
        Some(GrantChange {
            system: AZURE.into(),
            holder: part.text("principalId")?.to_ascii_lowercase().into(),
            object: GrantObject::Role(guid(part.text("roleDefinitionId")?).into()),
            scope: scope.unwrap_or_default().into(),
            id: self.resource.into(),
            standing: Standing::Standing,
        })
    }

    /// A global administrator who took the right to give any role anywhere.
    fn elevated(&self, sink: &mut dyn Sink) -> bool {
        let Some(holder) = self.actor.id.as_deref() else { return false };
        let change = GrantChange {
            system: AZURE.into(),
            holder: holder.into(),
            object: GrantObject::Role("18d7d88d-d35e-4fb5-a5c3-7773c20a72d9".into()),
            scope: "/".into(),
            id: "".into(),
            standing: Standing::Standing,
        };
        self.grant(EventKind::Granted, change, sink)
    }

    /// Keys of a resource, which have no ids: whoever lists them holds them, until they are made anew.
    fn keys(&self, kind: EventKind, sink: &mut dyn Sink) -> bool {
        let mut event = self.event(kind);
        event.credential = Some(CredentialId::derived(AZURE, &format!("keys of {}", self.resource)));
        event.credential_kind = "azure-resource-key";
        event.principal = Some(self.resource);
        event.scope = Some(self.resource);
        if kind == EventKind::Issued {
            event.expiry = Expiry::Never;
        }
        sink.event(&event);
        true
    }
}

/// A body as a value, also where it is still a text.
fn body(part: Part<'_>) -> Value {
    match part.as_text() {
        Some(text) => serde_json::from_str(text).unwrap_or_default(),
        None => serde_json::from_str(&part.to_json()).unwrap_or_default(),
    }
}

fn actor(outer: Part<'_>) -> Actor {
    const OBJECT: &str = "http://schemas.microsoft.com/identity/claims/objectidentifier";
    const UPN: &str = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn";
    let claims = [outer.at("claims"), outer.at("identity/claims")].into_iter().find(|claims| claims.is_object());
    let claim = |name: &str| claims?.all().find(|(known, _)| known.eq_ignore_ascii_case(name))?.1.as_text();
    let evidence = outer.text("identity/authorization/evidence/principalId");
    let id = claim(OBJECT).or(evidence).or_else(|| claim(UPN)).or_else(|| claim("name")).or(outer.text("caller"));
    let is_app = claim("idtyp") == Some("app");
    Actor {
        id: id.map(str::to_ascii_lowercase),
        kind: if is_app { IdentityKind::Workload } else { IdentityKind::Unknown },
        by_service: false,
        address: address(outer.first(&["callerIpAddress", "httpRequest/clientIpAddress"])),
    }
}
