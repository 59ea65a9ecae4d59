//! The audit log of a Kubernetes API server: tokens and certificates issued and used, roles bound and unbound.
//!
//! Facts are taken from the stage in which a request was answered; all stages count as observed. A request names its
//! token by the JTI (version 1.30 and later), which is also what the record of its issuance names. The end of a token is
//! known where the log holds bodies (level `Request` and above); at the level `Metadata` only that it was issued. A token
//! that is bound to a pod ends with it. Records do not name their cluster: where a collector does, it is the stream.

mod body;
mod call;
mod certificate;
mod entry;
mod grant;
mod removal;
mod token;

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::lenient::{fault, texts};
use super::time::instant;
use super::{Importer, Layout, Out, Record, Shape, Worker};
use crate::model::{Event, EventKind, GapReason, IdentityKind, Outcome, StreamKey};
use crate::rules::check::Needs;
use body::Bodies;
pub(super) use call::{Call, change};
use entry::{Entry, ObjectRef};

const ID: &str = "kubernetes-audit";
/// The system of all ids.
const SYSTEM: &str = "kubernetes";

/// Reads audit logs of Kubernetes.
pub(super) struct KubernetesAudit;

impl Importer for KubernetesAudit {
    fn id(&self) -> &'static str {
        ID
    }

    fn title(&self) -> &'static str {
        "Kubernetes audit log (also of EKS and AKS)"
    }

    fn how_to_export(&self) -> &'static str {
        "copy the file of --audit-log-path; EKS: aws logs create-export-task --log-group-name /aws/eks/NAME/cluster \
         --log-stream-name-prefix kube-apiserver-audit (files may stay compressed), or aws logs filter-log-events; AKS: \
         the storage account of the diagnostic setting for kube-audit or kube-audit-admin"
    }

    fn layout(&self) -> Layout {
        Layout::Records(&["items", "events", "logEvents", "records"])
    }

    fn shapes(&self) -> &'static [Shape] {
        &[
            Shape { list: None, keys: &["kind=Event", "apiVersion", "verb", "user"] },
            Shape { list: None, keys: &["auditID", "stage", "verb"] },
            Shape { list: None, keys: &["AuditId", "Stage", "Verb"] },
            Shape { list: None, keys: &["message.auditID", "message.stage"] },
            Shape { list: None, keys: &["@message.auditID", "@message.stage"] },
            Shape { list: None, keys: &["category", "properties.log"] },
            Shape { list: None, keys: &["Category", "log_s"] },
        ]
    }

    fn gives(&self) -> Vec<Needs> {
        vec![Needs::Grants]
    }

    fn worker(&self, _name: &str) -> Box<dyn Worker> {
        Box::new(Audit::default())
    }
}

/// The streams seen so far, by cluster.
#[derive(Default)]
struct Audit {
    streams: BTreeMap<String, StreamKey>,
}

impl Worker for Audit {
    fn record(&mut self, record: &Record<'_>, out: &mut Out<'_>) {
        let outer: Entry<'_> = match serde_json::from_str(record.text) {
            Ok(entry) => entry,
            Err(error) => return out.problem(record, "", GapReason::Damaged, fault(&error)),
        };
        let Some(text) = outer.inner().filter(|_| !outer.is_audit()) else {
            return self.entry(&outer, outer.cluster(), record, out);
        };
        if !text.trim_start().starts_with('{') {
            return out.ignore("lines of other logs");
        }
        match serde_json::from_str::<Entry<'_>>(text) {
            Ok(entry) => self.entry(&entry, outer.cluster(), record, out),
            Err(error) => out.problem(record, "", GapReason::Damaged, format!("the event in it {}", fault(&error))),
        }
    }
}

impl Audit {
    fn entry(&mut self, entry: &Entry<'_>, cluster: String, record: &Record<'_>, out: &mut Out<'_>) {
        if !entry.is_audit() {
            return out.ignore("lines of other logs");
        }
        let time = [&entry.stage_timestamp, &entry.request_received_timestamp];
        let Some(time) = time.into_iter().find_map(|text| text.get().and_then(instant)) else {
            return out.problem(record, "stageTimestamp", GapReason::Damaged, "has no time that can be read");
        };
        let stream = self.streams.entry(cluster).or_insert_with_key(|cluster| StreamKey::new(ID, cluster));
        out.sink.observed(stream, time);
        if matches!(entry.stage.get(), Some("RequestReceived" | "ResponseStarted")) {
            return out.ignore("stages before the answer, told again with it");
        }
        let facts = Facts::of(entry, record, stream, time);
        let mattered = [token::used(&facts, out.sink), facts.succeeded() && changed(&facts, out)];
        if !mattered.contains(&true) {
            out.ignore("requests that name no credential");
        }
    }
}

/// Pushes what the request changed; false if that is nothing of concern.
fn changed(facts: &Facts<'_>, out: &mut Out<'_>) -> bool {
    let resource = (facts.object.resource.or_empty(), facts.object.subresource.or_empty());
    match (facts.entry.verb.or_empty(), resource) {
        ("create", ("serviceaccounts", "token")) => token::issued(facts, out.sink),
        ("create", ("secrets", "")) => token::kept_in_secret(facts, out.sink),
        ("create" | "update" | "patch", ("rolebindings" | "clusterrolebindings", "")) => grant::bound(facts, out),
        ("delete", ("rolebindings" | "clusterrolebindings", "")) => grant::unbound(facts, out.sink),
        ("create" | "update" | "patch", ("certificatesigningrequests", part)) => certificate::step(facts, part, out),
        ("delete", ("secrets" | "serviceaccounts" | "pods", "")) => removal::deleted(facts, out),
        ("deletecollection", ("secrets" | "serviceaccounts" | "rolebindings" | "clusterrolebindings" | "pods", "")) => {
            out.note("deletions of whole collections, which do not name what they delete", 1);
            false
        }
        _ => false,
    }
}

/// One answered request with what all its events share.
struct Facts<'a> {
    entry: &'a Entry<'a>,
    object: &'a ObjectRef<'a>,
    record: &'a Record<'a>,
    stream: &'a StreamKey,
    time: Timestamp,
    outcome: Outcome,
    /// Whose credential the request carried.
    user: Option<&'a str>,
    address: Option<std::net::IpAddr>,
    action: String,
}

impl<'a> Facts<'a> {
    fn of(entry: &'a Entry<'a>, record: &'a Record<'a>, stream: &'a StreamKey, time: Timestamp) -> Self {
        let object = &entry.object_ref;
        let addresses = texts(entry.source_ips).unwrap_or_default();
        Self {
            entry,
            object,
            record,
            stream,
            time,
            outcome: outcome(entry),
            user: entry.user.get().and_then(|user| user.username.get()),
            address: addresses.first().and_then(|address| address.parse().ok()),
            action: action(entry, object),
        }
    }

    /// An event of this request; who asked is whoever authenticated, also while acting as somebody else.
    fn event(&self, kind: EventKind) -> Event<'_> {
        let mut event = Event::new(self.time, kind, self.stream, self.record.origin(self.entry.audit_id.get()));
        event.outcome = self.outcome;
        event.error = self.error();
        event.requester = self.user;
        event.requester_kind = self.user.map_or(IdentityKind::Unknown, kind_of);
        event.by_service = self.user.is_some_and(is_own);
        event.address = self.address;
        event.agent = self.entry.user_agent.get();
        event.target = self.object.namespace.get();
        event.action = Some(&self.action);
        event
    }

    /// The code of an answer that is an error.
    fn error(&self) -> Option<&str> {
        if self.succeeded() {
            return None;
        }
        self.entry.response_status.get().and_then(|status| status.code.get())
    }

    fn bodies(&self) -> Bodies {
        Bodies { request: body::value(self.entry.request_object), response: body::value(self.entry.response_object) }
    }

    fn namespace(&self) -> &str {
        self.object.namespace.or_empty()
    }

    fn succeeded(&self) -> bool {
        self.outcome == Outcome::Ok
    }
}

/// How the request was answered. An answer without a code was one: nothing else has this stage.
fn outcome(entry: &Entry<'_>) -> Outcome {
    if entry.stage.get() == Some("Panic") {
        return Outcome::Error;
    }
    let code = entry.response_status.get().and_then(|status| status.code.get());
    match code.and_then(|code| code.parse::<u16>().ok()) {
        None | Some(0 | 100..=399) => Outcome::Ok,
        Some(401) => Outcome::Refused,
        Some(403) => Outcome::Denied,
        Some(_) => Outcome::Error,
    }
}

/// `create rbac.authorization.k8s.io/rolebindings`, as permissions of roles are written, and as whom.
fn action(entry: &Entry<'_>, object: &ObjectRef<'_>) -> String {
    let mut action = format!("{} ", entry.verb.or_empty());
    for (part, after) in [(&object.api_group, "/"), (&object.resource, "")] {
        if let Some(text) = part.get() {
            action.push_str(text);
            action.push_str(after);
        }
    }
    if let Some(part) = object.subresource.get() {
        action.push('/');
        action.push_str(part);
    }
    if let Some(other) = entry.impersonated_user.get().and_then(|user| user.username.get()) {
        action.push_str(" as ");
        action.push_str(other);
    }
    action
}

fn kind_of(user: &str) -> IdentityKind {
    if user.starts_with("system:") { IdentityKind::Workload } else { IdentityKind::Unknown }
}

/// A part of the cluster itself: its control plane, its nodes, the agents of its vendor.
fn is_own(user: &str) -> bool {
    if let Some(account) = user.strip_prefix("system:serviceaccount:") {
        return account.starts_with("kube-system:");
    }
    user != "system:anonymous" && ["system:", "eks:", "gke:", "aksService"].iter().any(|start| user.starts_with(start))
}
