//! Cloud Audit Logs: keys and tokens of service accounts, roles given and taken, Privileged Access Manager, and who used
//! which key.
//!
//! A stream is what one project, folder or organisation recorded of one kind: administration is always recorded, access
//! to data (and with it the issuing of tokens) only where somebody switched it on. Access tokens have no id: what is issued
//! is named by account and time, and calls with a token cannot be joined with it. Only a key of a service account is
//! named by the calls that are made with it.

mod actor;
mod cluster;
mod entry;
mod grant;
mod key;
mod pam;
mod safeguard;
mod token;

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::gcp::GCP;
use super::lenient::fault;
use super::time::instant;
use super::{Importer, Layout, Out, Record, Shape, Worker};
use crate::model::{Event, EventKind, GapReason, Outcome, StreamKey};
use crate::rules::check::Needs;
use actor::Actor;
use entry::{AuditLog, Entry};

const ID: &str = "gcp-audit";
/// What the name of a stream ends in that holds access to data.
const DATA_ACCESS: &str = " data access";

/// Reads audit logs of Google Cloud.
pub(super) struct GcpAudit;

impl Importer for GcpAudit {
    fn id(&self) -> &'static str {
        ID
    }

    fn title(&self) -> &'static str {
        "Google Cloud audit logs (also of GKE)"
    }

    fn how_to_export(&self) -> &'static str {
        "gcloud logging read 'logName:cloudaudit.googleapis.com' --project=P --freshness=30d --format=json > audit.json; or \
         the files of a sink to Cloud Storage, or bq extract of a sink's tables to newline-delimited JSON (files may stay \
         compressed)"
    }

    fn layout(&self) -> Layout {
        Layout::Records(&["entries"])
    }

    fn shapes(&self) -> &'static [Shape] {
        &[
            Shape { list: None, keys: &["logName", "protoPayload", "timestamp"] },
            Shape { list: None, keys: &["protoPayload.methodName", "protoPayload.authenticationInfo"] },
            Shape { list: None, keys: &["protoPayload.methodName", "protoPayload.serviceName"] },
            Shape { list: None, keys: &["protopayload_auditlog", "timestamp"] },
            Shape { list: None, keys: &["proto_payload.method_name", "timestamp"] },
        ]
    }

    fn gives(&self) -> Vec<Needs> {
        vec![Needs::Grants, Needs::Requests]
    }

    fn worker(&self, _name: &str) -> Box<dyn Worker> {
        Box::new(Log::default())
    }
}

/// The streams seen so far, by what recorded them.
#[derive(Default)]
struct Log {
    streams: BTreeMap<String, StreamKey>,
}

impl Worker for Log {
    fn record(&mut self, record: &Record<'_>, out: &mut Out<'_>) {
        let entry: Entry<'_> = match serde_json::from_str(record.text) {
            Ok(entry) => entry,
            Err(error) => return out.problem(record, "", GapReason::Damaged, fault(&error)),
        };
        let Some(method) = entry.proto_payload.method_name.get() else {
            return out.ignore("entries that are no audited calls");
        };
        let Some(time) = [&entry.timestamp, &entry.receive_timestamp].into_iter().find_map(|text| moment(text.get()?))
        else {
            return out.problem(record, "timestamp", GapReason::Damaged, "has no time that can be read");
        };
        let stream = self.streams.entry(scope(&entry)).or_insert_with_key(|scope| StreamKey::new(ID, scope));
        out.sink.observed(stream, time);
        let facts = Facts::of(&entry, method, record, stream, time);
        if facts.log.service_name.get() == Some("k8s.io") || method.starts_with("io.k8s.") {
            return cluster::call(&facts, out);
        }
        let mattered = [facts.used(out), facts.succeeded() && changed(&facts, out)];
        if !mattered.contains(&true) {
            out.ignore("calls that name no credential and no grant");
        }
    }
}

/// Pushes what the call changed; false if that is nothing of concern.
fn changed(facts: &Facts<'_>, out: &mut Out<'_>) -> bool {
    if facts.entry.operation.only_began() {
        return false;
    }
    if facts.log.service_name.get() == Some("privilegedaccessmanager.googleapis.com") {
        return pam::step(facts, out);
    }
    match facts.call() {
        "CreateServiceAccountKey" | "UploadServiceAccountKey" => key::issued(facts, out),
        "DeleteServiceAccountKey" => key::ended(facts, EventKind::Revoked, out),
        "DisableServiceAccountKey" => key::ended(facts, EventKind::Disabled, out),
        "EnableServiceAccountKey" => key::ended(facts, EventKind::Enabled, out),
        "DeleteServiceAccount" => key::account(facts, EventKind::IdentityDeleted, out),
        "DisableServiceAccount" => key::account(facts, EventKind::IdentityDisabled, out),
        "EnableServiceAccount" => key::account(facts, EventKind::IdentityEnabled, out),
        "CreateKey" | "DeleteKey" | "UndeleteKey" if facts.method.contains("ApiKeys") => key::api_key(facts, out),
        "GenerateAccessToken" | "GenerateIdToken" | "SignJwt" | "SignBlob" => token::issued(facts, out.sink),
        "ExchangeToken" => token::exchanged(facts, out.sink),
        _ => {
            let grants = grant::changed(facts, out);
            safeguard::changed(facts, out.sink) || grants
        }
    }
}

/// One call with what all its events share.
struct Facts<'a> {
    entry: &'a Entry<'a>,
    log: &'a AuditLog<'a>,
    record: &'a Record<'a>,
    stream: &'a StreamKey,
    time: Timestamp,
    outcome: Outcome,
    actor: Actor<'a>,
    method: &'a str,
    action: String,
    target: Option<String>,
}

impl<'a> Facts<'a> {
    fn of(
        entry: &'a Entry<'a>,
        method: &'a str,
        record: &'a Record<'a>,
        stream: &'a StreamKey,
        time: Timestamp,
    ) -> Self {
        let log = &entry.proto_payload;
        let outcome = match log.status.code.get() {
            None | Some("0") => Outcome::Ok,
            Some("7") => Outcome::Denied,
            Some("16") => Outcome::Refused,
            Some(_) => Outcome::Error,
        };
        let service = log.service_name.or_empty();
        let service = service.strip_suffix(".googleapis.com").unwrap_or(service);
        let target = entry.resource.labels.project_id.get().map(|project| format!("projects/{project}"));
        let actor = Actor::of(&log.authentication_info);
        Self { entry, log, record, stream, time, outcome, actor, method, action: format!("{service}:{method}"), target }
    }

    /// An event of this call; who asked is the caller.
    fn event(&self, kind: EventKind) -> Event<'_> {
        let mut event = Event::new(self.time, kind, self.stream, self.record.origin(self.entry.insert_id.get()));
        event.outcome = self.outcome;
        event.error = self.log.status.code.get().filter(|_| !self.succeeded());
        event.requester = self.actor.id.as_deref();
        event.requester_kind = self.actor.kind;
        event.by_service = self.actor.by_service;
        event.address = self.log.request_metadata.address().and_then(|text| text.parse().ok());
        event.agent = self.log.request_metadata.user_agent.get();
        event.target = self.target.as_deref();
        event.action = Some(&self.action);
        event
    }

    /// The last part of the method's name.
    fn call(&self) -> &str {
        self.method.rsplit('.').next().unwrap_or(self.method)
    }

    fn succeeded(&self) -> bool {
        self.outcome == Outcome::Ok
    }

    /// The use of the key that the caller authenticated with.
    fn used(&self, out: &mut Out<'_>) -> bool {
        let Some(credential) = self.actor.key() else { return false };
        let mut event = self.event(EventKind::Used);
        event.requester = None;
        event.requester_kind = crate::model::IdentityKind::Unknown;
        event.credential = Some(credential);
        event.credential_kind = key::KEY;
        event.principal = self.actor.key_holder().or(self.actor.id.as_deref());
        out.sink.event(&event);
        true
    }
}

/// What recorded the entry, and of which kind it is: `projects/corp-prod`, `projects/corp-prod data access`.
fn scope(entry: &Entry<'_>) -> String {
    let name = entry.log_name.get().or(entry.log_name_in_small_letters.get()).unwrap_or_default();
    let (parent, log) = name.split_once("/logs/").unwrap_or_default();
    let parent = match entry.resource.labels.project_id.get() {
        Some(project) if parent.is_empty() => format!("projects/{project}"),
        _ => parent.to_owned(),
    };
    let kind = match log.rsplit(['/', 'F']).next().unwrap_or_default() {
        "data_access" => DATA_ACCESS,
        "system_event" => " system events",
        "policy" => " denied by policy",
        _ => "",
    };
    format!("{parent}{kind}").trim_start().to_owned()
}

/// A time; BigQuery writes the zone as a word.
fn moment(text: &str) -> Option<Timestamp> {
    instant(text.strip_suffix(" UTC").unwrap_or(text))
}

/// The address of a service account, or its number, in the name of a resource.
fn account_in(name: &str) -> Option<&str> {
    let (_, rest) = name.split_once("serviceAccounts/")?;
    rest.split('/').next().filter(|account| !account.is_empty())
}
