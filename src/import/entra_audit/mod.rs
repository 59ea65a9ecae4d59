//! The audit log of Entra: roles and groups given, activated and taken (Privileged Identity Management), credentials of
//! applications, permissions, deletions, and safeguards that were relaxed.
//!
//! What Privileged Identity Management does it logs itself; the directory logs the effect again as done by `MS-PIM`, and
//! that copy is left out. Of an assignment outside of it the directory's record counts, which is there in every tenant.
//! The end of an application's secret is not in the log.

mod credential;
mod permission;
mod pim;
mod safeguard;

use serde_json::Value;

use super::azure::{AZURE, kind};
use super::azure_logs::{Actor, Entry, LISTS, Reader, address};
use super::part::Part;
use super::{Importer, Layout, Out, Shape, Worker};
use crate::model::{Event, EventKind, GrantChange, GrantObject, IdentityKind, Outcome, Sink, Standing};
use crate::rules::check::Needs;

pub(super) const ID: &str = "entra-audit";

/// Reads audit logs of Entra.
pub(super) struct EntraAudit;

impl Importer for EntraAudit {
    fn id(&self) -> &'static str {
        ID
    }

    fn title(&self) -> &'static str {
        "Entra audit log (with Privileged Identity Management)"
    }

    fn how_to_export(&self) -> &'static str {
        "az rest --url 'https://graph.microsoft.com/v1.0/auditLogs/directoryAudits' > directory-audits.json; or the storage \
         account or workspace of the diagnostic setting for AuditLogs"
    }

    fn layout(&self) -> Layout {
        Layout::Records(LISTS)
    }

    fn shapes(&self) -> &'static [Shape] {
        &[
            Shape { list: None, keys: &["activityDisplayName", "activityDateTime"] },
            Shape { list: None, keys: &["ActivityDisplayName", "TargetResources"] },
            Shape { list: None, keys: &["OperationName", "InitiatedBy", "TargetResources"] },
            Shape { list: None, keys: &["operationName", "properties.activityDisplayName"] },
            Shape { list: None, keys: &["operationName", "properties.initiatedBy"] },
        ]
    }

    fn gives(&self) -> Vec<Needs> {
        vec![Needs::Grants, Needs::Requests]
    }

    fn worker(&self, _name: &str) -> Box<dyn Worker> {
        Box::new(Reader::default())
    }
}

/// Reads one record; false if it is of no concern.
pub(super) fn read(entry: &Entry<'_>, out: &mut Out<'_>) -> bool {
    let audit = Audit::of(entry);
    if !audit.succeeded {
        out.note("changes that failed", 1);
        return false;
    }
    let plain = ["member to role", "member from role"].iter().any(|end| audit.activity.ends_with(end));
    if audit.actor.by_service && plain {
        out.note("effects that Privileged Identity Management logs itself", 1);
        return false;
    }
    let told = [
        pim::step(&audit, out),
        credential::changed(&audit, out),
        permission::changed(&audit, out.sink),
        permission::deleted(&audit, out.sink),
        permission::switched(&audit, out.sink),
        safeguard::relaxed(&audit, out),
    ];
    told.contains(&true)
}

/// One record with what all its events share.
struct Audit<'a> {
    entry: &'a Entry<'a>,
    /// What was done, in small letters, with plain dashes and single spaces.
    activity: String,
    succeeded: bool,
    actor: Actor,
}

impl<'a> Audit<'a> {
    fn of(entry: &'a Entry<'a>) -> Self {
        let name = entry.first(&["activityDisplayName", "operationName"]).unwrap_or_default();
        let plain = name.replace(['–', '—'], "-").to_lowercase();
        let activity = plain.split_whitespace().collect::<Vec<_>>().join(" ");
        let result = entry.first(&["result", "resultType"]).unwrap_or_default().to_ascii_lowercase();
        let succeeded = !matches!(result.as_str(), "failure" | "failed" | "timeout" | "clienterror");
        Self { entry, activity, succeeded, actor: actor(entry) }
    }

    fn event(&self, kind: EventKind) -> Event<'_> {
        let mut event = self.entry.event(kind, Outcome::Ok, &self.actor);
        event.action = Some(&self.activity);
        event
    }

    /// The targets of one of the types, in order: their order among others says nothing.
    fn targets(&self, types: &'a [&str]) -> impl Iterator<Item = Part<'a>> {
        let all = self.entry.part.each("targetResources").map(|(_, target)| target);
        all.filter(|target| {
            target.text("type").is_some_and(|kind| types.iter().any(|known| known.eq_ignore_ascii_case(kind)))
        })
    }

    /// The id of the first target of one of the types.
    fn target(&self, types: &'a [&str]) -> Option<String> {
        self.targets(types).find_map(|target| target.text("id")).map(str::to_ascii_lowercase)
    }

    /// A further detail by name.
    fn detail(&self, name: &str) -> Option<&'a str> {
        let mut details = self.entry.part.each("additionalDetails").map(|(_, detail)| detail);
        details.find(|detail| detail.text("key").is_some_and(|key| key.eq_ignore_ascii_case(name)))?.text("value")
    }

    /// The properties that changed, of all targets: name, old and new value. Values are JSON in a text.
    fn modified(&self) -> impl Iterator<Item = (&'a str, String, String)> {
        let targets = self.entry.part.each("targetResources").map(|(_, target)| target);
        targets.flat_map(|target| target.each("modifiedProperties")).filter_map(|(_, property)| {
            let text = |name: &str| plain(property.text(name).unwrap_or_default());
            Some((property.text("displayName")?, text("oldValue"), text("newValue")))
        })
    }

    /// The value of a property that changed: the new one, or what was there before it was taken away.
    fn value(&self, names: &[&str]) -> Option<String> {
        let found = self.modified().filter(|(name, ..)| names.iter().any(|known| known.eq_ignore_ascii_case(name)));
        found.flat_map(|(_, old, new)| [new, old]).find(|text| !text.is_empty())
    }

    /// Pushes a grant that was made or taken away.
    fn changed(&self, kind: EventKind, change: GrantChange, sink: &mut dyn Sink) -> bool {
        let holder = change.holder.clone();
        let mut event = self.event(kind);
        event.principal = Some(&holder);
        event.grant = Some(change);
        if kind == EventKind::Granted {
            event.expiry = crate::model::Expiry::Never;
        }
        sink.event(&event);
        true
    }
}

/// A grant in the directory or in Azure.
fn grant(holder: &str, object: GrantObject, scope: &str, standing: Standing) -> GrantChange {
    GrantChange {
        system: AZURE.into(),
        holder: holder.to_ascii_lowercase().into(),
        object,
        scope: scope.into(),
        id: "".into(),
        standing,
    }
}

/// The text in a value that is JSON in a text.
fn plain(text: &str) -> String {
    match serde_json::from_str::<Value>(text) {
        Ok(Value::String(inner)) => inner.trim().to_owned(),
        Ok(Value::Null) => String::new(),
        _ => text.to_owned(),
    }
}

fn actor(entry: &Entry<'_>) -> Actor {
    let by = entry.part.at("initiatedBy");
    let (user, app) = (by.at("user"), by.at("app"));
    let (id, of) = if user.is_object() {
        (user.first(&["id", "userPrincipalName"]), "user")
    } else {
        (app.first(&["servicePrincipalId", "appId", "displayName"]), "servicePrincipal")
    };
    let manager =
        app.text("displayName").is_some_and(|name| matches!(name, "MS-PIM" | "MS-PIM-Fairfax" | "Azure AD PIM"));
    let from = user.text("ipAddress").or_else(|| entry.outer.text("callerIpAddress"));
    Actor {
        id: id.map(str::to_ascii_lowercase),
        kind: if id.is_some() { kind(Some(of)) } else { IdentityKind::Unknown },
        by_service: manager,
        address: address(from),
    }
}
