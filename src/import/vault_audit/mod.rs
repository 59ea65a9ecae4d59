//! The audit log of HashiCorp Vault and OpenBao: tokens and leases issued, used, renewed and revoked.
//!
//! Every call is logged twice; facts are taken from the entry of the response, and both count as observed. Token
//! accessors are HMACs under the audit device's salt. An entry does not name its device: all files form one stream, and
//! where two devices wrote one request, under one id, the accessors in both are one token. Automatic expiry and what a
//! dynamic credential is used for are not in this log, and neither is the end of leases and child tokens, which the
//! ledger hands down. A token revoked by its value joins where another entry, of its issuance or use, has the digests of
//! both.

mod change;
mod entry;
mod path;
mod proof;
mod token;

use jiff::Timestamp;

use super::lenient::{Maybe, fault};
use super::time::instant;
use super::{Importer, Layout, Out, Record, Shape, Worker};
use crate::model::{Event, EventKind, GapReason, Outcome, StreamKey};
use entry::{Auth, Entry, Request, Response};

pub(super) const ID: &str = "vault-audit";

/// Reads the audit log of Vault and OpenBao.
pub(super) struct VaultAudit;

impl Importer for VaultAudit {
    fn id(&self) -> &'static str {
        ID
    }

    fn title(&self) -> &'static str {
        "Vault or OpenBao audit log"
    }

    fn how_to_export(&self) -> &'static str {
        "copy the file of the file audit device (vault audit enable file file_path=/var/log/vault_audit.log)"
    }

    fn layout(&self) -> Layout {
        Layout::Records(&[])
    }

    fn shapes(&self) -> &'static [Shape] {
        &[Shape { list: None, keys: &["time", "type", "request", "request.path", "request.operation"] }]
    }

    fn worker(&self, _name: &str) -> Box<dyn Worker> {
        Box::new(Audit { stream: StreamKey::new(ID, "") })
    }
}

struct Audit {
    stream: StreamKey,
}

impl Worker for Audit {
    fn record(&mut self, record: &Record<'_>, out: &mut Out<'_>) {
        let entry: Entry<'_> = match serde_json::from_str(record.text) {
            Ok(entry) => entry,
            Err(error) => return out.problem(record, "", GapReason::Damaged, fault(&error)),
        };
        let Some(request) = entry.request.get() else {
            return out.problem(record, "", GapReason::Damaged, "is no audit entry: it has no request");
        };
        let Some(time) = entry.time.get().and_then(instant) else {
            return out.problem(record, "time", GapReason::Damaged, "has no time that can be read");
        };
        out.sink.observed(&self.stream, time);
        match entry.kind.get() {
            Some("response") => {}
            Some("request") => return out.ignore("requests, told again by their responses"),
            _ => return out.problem(record, "type", GapReason::Damaged, "is neither a request nor a response"),
        }
        let facts = Facts::of(&entry, request, record, &self.stream, time);
        let mattered = [
            token::used(&facts, out.sink),
            token::issued(&facts, out),
            token::leased(&facts, out.sink),
            token::wrapped(&facts, out),
            change::revoked(&facts, out),
            change::recording(&facts, out.sink),
        ];
        if !mattered.contains(&true) {
            out.ignore("responses without a credential");
        }
    }
}

/// One response with what all its events share.
struct Facts<'a> {
    request: &'a Request<'a>,
    response: Option<&'a Response<'a>>,
    /// Whose token the request carried; in the answer to a login, the new one.
    auth: Option<&'a Auth<'a>>,
    record: &'a Record<'a>,
    stream: &'a StreamKey,
    time: Timestamp,
    outcome: Outcome,
    error: Option<&'static str>,
    path: &'a str,
    action: String,
}

impl<'a> Facts<'a> {
    fn of(
        entry: &'a Entry<'a>,
        request: &'a Request<'a>,
        record: &'a Record<'a>,
        stream: &'a StreamKey,
        time: Timestamp,
    ) -> Self {
        let path = request.path.or_empty();
        let known = request.client_token_accessor.get().is_some();
        let (outcome, error) = verdict(entry.error.get(), known);
        Self {
            request,
            response: entry.response.get(),
            auth: Maybe::get(&entry.auth),
            record,
            stream,
            time,
            outcome,
            error,
            path,
            action: format!("{} {}", request.operation.or_empty(), path::shown(path)),
        }
    }

    /// An event of this response; who asked is the holder of the token.
    fn event(&self, kind: EventKind) -> Event<'_> {
        let mut event = Event::new(self.time, kind, self.stream, self.record.origin(self.request.id.get()));
        event.outcome = self.outcome;
        event.error = self.error;
        event.requester = self.caller();
        event.address = self.request.remote_address.get().and_then(|text| text.parse().ok());
        event.action = Some(&self.action);
        event
    }

    /// The identity that asked, unless nobody was known yet.
    fn caller(&self) -> Option<&str> {
        self.request.client_token_accessor.get()?;
        self.auth.and_then(Auth::holder)
    }

    fn succeeded(&self) -> bool {
        self.outcome == Outcome::Ok
    }
}

/// How the response ended. Vault answers a token that it does not know like one without permission; it then could not
/// name an accessor.
fn verdict(error: Option<&str>, known: bool) -> (Outcome, Option<&'static str>) {
    let Some(error) = error else { return (Outcome::Ok, None) };
    let has = |part: &str| error.contains(part);
    if has("invalid token") || has("bad token") || has("token is expired") {
        (Outcome::Refused, Some("invalid token"))
    } else if has("permission denied") {
        (if known { Outcome::Denied } else { Outcome::Refused }, Some("permission denied"))
    } else {
        (Outcome::Error, Some("error"))
    }
}
