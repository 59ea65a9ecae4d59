//! AWS CloudTrail: who obtained, used and revoked which key, and when recording was stopped.
//!
//! A stream is what one account recorded of management events; data events are a stream of their own, since a trail may
//! hold the one and not the other. Insights, network activity and digests are no calls: they are counted and left out.
//! A call across accounts is recorded by both, under one `sharedEventID`: the caller's record counts as the use, and an
//! issuance is the same credential in both.

mod actor;
mod call;
mod digest;
mod grant;
mod guard;
mod issue;
mod recording;
mod revoke;
mod scan;
mod session;
mod verdict;

use std::collections::BTreeMap;
use std::net::IpAddr;

use jiff::Timestamp;

use super::lenient::fault;
use super::time::instant;
use super::{Importer, Layout, Out, Record, Shape, Worker};
use crate::model::{Event, EventKind, GapReason, IdentityKind, Outcome, StreamKey};
use crate::rules::check::Needs;
use actor::Actor;
use call::Call;

const ID: &str = "aws-cloudtrail";

/// Reads CloudTrail log files and the answers of `lookup-events`.
pub(super) struct AwsCloudtrail;

impl Importer for AwsCloudtrail {
    fn id(&self) -> &'static str {
        ID
    }

    fn title(&self) -> &'static str {
        "AWS CloudTrail events"
    }

    fn how_to_export(&self) -> &'static str {
        "aws s3 sync s3://BUCKET/AWSLogs/ACCOUNT/CloudTrail/ cloudtrail/ (files may stay compressed; Parquet and CSV of Athena or CloudTrail Lake are read too)"
    }

    fn layout(&self) -> Layout {
        Layout::Records(&["Records", "Events"])
    }

    fn shapes(&self) -> &'static [Shape] {
        &[
            Shape { list: None, keys: &["eventTime", "eventSource", "eventName"] },
            Shape { list: Some("Events"), keys: &["CloudTrailEvent"] },
            Shape { list: None, keys: &["digestStartTime", "digestEndTime", "logFiles"] },
        ]
    }

    fn gives(&self) -> Vec<Needs> {
        vec![Needs::Grants]
    }

    fn worker(&self, _name: &str) -> Box<dyn Worker> {
        Box::new(Trail::default())
    }
}

#[derive(Default)]
struct Trail {
    management: BTreeMap<Box<str>, StreamKey>,
    data: BTreeMap<Box<str>, StreamKey>,
}

impl Worker for Trail {
    fn record(&mut self, record: &Record<'_>, out: &mut Out<'_>) {
        if let Some(call) = scan::call(record.text) {
            return self.call(&call, record, out);
        }
        let call: Call<'_> = match serde_json::from_str(record.text) {
            Ok(call) => call,
            Err(error) => return out.problem(record, "", GapReason::Damaged, fault(&error)),
        };
        let Some(inner) = call.cloud_trail_event.get() else { return self.call(&call, record, out) };
        match serde_json::from_str::<Call<'_>>(inner) {
            Ok(call) => self.call(&call, record, out),
            Err(error) => out.problem(record, "CloudTrailEvent", GapReason::Damaged, fault(&error)),
        }
    }
}

impl Trail {
    fn call(&mut self, call: &Call<'_>, record: &Record<'_>, out: &mut Out<'_>) {
        if call.digest_start_time.get().is_some() {
            digest::listed(record, out);
            return out.ignore("digest files, not events");
        }
        let (Some(source), Some(name)) = (call.event_source.get(), call.event_name.get()) else {
            return out.problem(
                record,
                "",
                GapReason::Damaged,
                "is no CloudTrail event: eventSource or eventName is missing",
            );
        };
        let Some(time) = call.event_time.get().and_then(instant) else {
            return out.problem(record, "eventTime", GapReason::Damaged, "has no eventTime that can be read");
        };
        if let Some(why) = not_a_call(call) {
            return out.ignore(why);
        }
        let stream = self.stream(call);
        out.sink.observed(stream, time);
        let source = source.strip_suffix(".amazonaws.com").unwrap_or(source);
        let action = [source, ":", name].concat();
        let facts = Facts::of(call, record, stream, time, &action);
        let mattered = [
            facts.used(out),
            issue::issued(source, name, &facts, out.sink),
            revoke::revoked(source, name, &facts, out.sink),
            session::console(source, name, &facts, out.sink),
            grant::changed(source, name, &facts, out.sink),
            guard::weakened(source, name, &facts, out.sink),
            guard::truncated(source, &facts, out.sink),
            recording::changed(source, name, &facts, out.sink),
        ];
        match (source, name) {
            _ if mattered.contains(&true) => {}
            ("sso", "GetRoleCredentials") => out.ignore("sessions by Identity Center, which other records name by key"),
            _ => out.ignore("events without a credential"),
        }
    }

    /// The stream that the record belongs to: the account that recorded it.
    fn stream(&mut self, call: &Call<'_>) -> &StreamKey {
        let identity = call.user_identity.get();
        let account =
            call.recipient_account_id.get().or_else(|| identity.and_then(|identity| identity.account_id.get()));
        let account = account.unwrap_or_default();
        let (streams, suffix) = match call.event_category.or_empty() {
            "Data" => (&mut self.data, " data events"),
            _ => (&mut self.management, ""),
        };
        streams.entry(account.into()).or_insert_with(|| StreamKey::new(ID, format!("{account}{suffix}").trim_start()))
    }
}

/// Why a record is no call: it was derived from calls, or tells of network traffic.
fn not_a_call(call: &Call<'_>) -> Option<&'static str> {
    match (call.event_category.or_empty(), call.event_type.or_empty()) {
        ("Insight", _) | (_, "AwsCloudTrailInsight") => Some("insights, not events"),
        ("NetworkActivity", _) | (_, "AwsVpceEvent") => Some("network activity, not events"),
        ("" | "Management" | "Data", _) => None,
        _ => Some("aggregated or unknown categories, not events"),
    }
}

/// One call with what all its events share.
struct Facts<'a> {
    call: &'a Call<'a>,
    record: &'a Record<'a>,
    stream: &'a StreamKey,
    time: Timestamp,
    outcome: Outcome,
    actor: Actor<'a>,
    action: &'a str,
}

impl<'a> Facts<'a> {
    fn of(call: &'a Call<'a>, record: &'a Record<'a>, stream: &'a StreamKey, time: Timestamp, action: &'a str) -> Self {
        let outcome = verdict::outcome(call.error_code.get());
        Self { call, record, stream, time, outcome, actor: Actor::of(call), action }
    }

    /// An event of this call; who asked is the caller.
    fn event(&self, kind: EventKind) -> Event<'_> {
        let mut event = Event::new(self.time, kind, self.stream, self.record.origin(self.call.event_id.get()));
        event.outcome = self.outcome;
        event.error = self.call.error_code.get();
        event.requester = self.actor.id.as_deref();
        event.requester_kind = self.actor.kind;
        event.address = self.call.source_ip_address.get().and_then(|text| text.parse::<IpAddr>().ok());
        event.agent = self.call.user_agent.get().filter(|agent| !is_aws_itself(agent));
        event.action = Some(self.action);
        event
    }

    /// Whether the call was accepted.
    fn succeeded(&self) -> bool {
        self.outcome == Outcome::Ok
    }

    /// The account that the call changed something in.
    fn account(&self) -> &str {
        let identity = self.call.user_identity.get();
        self.call
            .recipient_account_id
            .get()
            .or_else(|| identity.and_then(|identity| identity.account_id.get()))
            .unwrap_or_default()
    }

    /// The ARN of an identity of that account that the record knows by name only, so without its path. The caller's own
    /// is taken from the record.
    fn arn(&self, kind: &str, name: Option<&str>) -> Option<String> {
        let own = self.actor.id.as_deref();
        let Some(name) = name else {
            return own.filter(|arn| arn.contains(":user/") && kind == "user").map(str::to_owned);
        };
        let path_end = format!("/{name}");
        if let Some(own) = own.filter(|arn| arn.contains(&format!(":{kind}/")) && arn.ends_with(&path_end)) {
            return Some(own.to_owned());
        }
        Some(format!("arn:{}:iam::{}:{kind}/{name}", self.partition(), self.account()))
    }

    fn partition(&self) -> &'static str {
        match self.call.aws_region.or_empty() {
            region if region.starts_with("cn-") => "aws-cn",
            region if region.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        }
    }

    /// The use of the key that signed the call.
    fn used(&self, out: &mut Out<'_>) -> bool {
        let Some((credential, kind)) = self.actor.key.clone() else { return false };
        let identity = self.call.user_identity.get();
        let home = identity.and_then(|identity| identity.account_id.get());
        let elsewhere = home.is_some_and(|home| self.call.recipient_account_id.get().is_some_and(|here| here != home));
        if elsewhere && self.call.shared_event_id.get().is_some() {
            out.note("copies of calls from other accounts", 1);
            return false;
        }
        let mut event = self.event(EventKind::Used);
        event.requester = None;
        event.requester_kind = IdentityKind::Unknown;
        event.credential = Some(credential);
        event.credential_kind = kind;
        event.principal = self.actor.id.as_deref();
        event.by_service = self.actor.by_service;
        event.session = self.actor.session.as_deref();
        event.target = self.call.recipient_account_id.get();
        if kind == super::aws::SESSION_KEY {
            event.issued_at = self.actor.session_began;
            event.proof = self.actor.session_proof;
            event.scope = self.actor.role();
        }
        out.sink.event(&event);
        true
    }
}

fn is_aws_itself(agent: &str) -> bool {
    agent.ends_with(".amazonaws.com") || agent == "AWS Internal"
}
