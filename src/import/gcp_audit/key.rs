//! Keys of service accounts and API keys: made, disabled, deleted; and accounts that were disabled or deleted.

use jiff::Timestamp;

use super::entry::value;
use super::{Facts, GCP, account_in};
use crate::import::Out;
use crate::import::gcp::end;
use crate::import::part::Part;
use crate::model::{CredentialId, EventKind, Expiry, GapReason};

pub(super) const KEY: &str = "gcp-service-account-key";
const API_KEY: &str = "gcp-api-key";
/// The end of a key that has none: the last second of the year 9999.
const NEVER: i64 = 253_402_300_799;

/// A key that was made or uploaded. Its id is that in the file of the key and in the calls made with it.
pub(super) fn issued(facts: &Facts<'_>, out: &mut Out<'_>) -> bool {
    let body = value(facts.log.response);
    let part = Part::of(&body);
    let Some((name, id)) = part.text("name").and_then(|name| Some((name, name.split_once("/keys/")?.1))) else {
        out.problem(facts.record, "protoPayload/response/name", GapReason::Absent, "names no key that was made");
        return false;
    };
    let labelled = facts.entry.resource.labels.email_id.get();
    let account = account_in(name).filter(|account| account.contains('@')).or(labelled);
    let mut event = facts.event(EventKind::Issued);
    event.credential = Some(CredentialId::issued(GCP, id));
    event.credential_kind = KEY;
    event.parent = facts.actor.key();
    event.proof = facts.actor.proof();
    event.principal = account;
    event.issued_at = Some(seconds(part, "validAfterTime").and_then(Result::ok).unwrap_or(facts.time));
    event.expiry = match seconds(part, "validBeforeTime") {
        Some(Ok(at)) => Expiry::At(at),
        Some(Err(expiry)) => expiry,
        None => end(part, "validBeforeTime"),
    };
    out.sink.event(&event);
    true
}

/// A time that is written as seconds since 1970; `Err` for an end that means "never" or that cannot be read.
fn seconds(part: Part<'_>, path: &str) -> Option<Result<Timestamp, Expiry>> {
    let text = part.word(&format!("{path}/seconds"))?;
    let whole = text.split('.').next().and_then(|whole| whole.parse::<i64>().ok());
    Some(match whole {
        Some(whole) if whole >= NEVER => Err(Expiry::Never),
        Some(whole) => Timestamp::from_second(whole).map_err(|_| Expiry::Unknown),
        None => Err(Expiry::Unknown),
    })
}

/// A key that was deleted, disabled or enabled.
pub(super) fn ended(facts: &Facts<'_>, kind: EventKind, out: &mut Out<'_>) -> bool {
    let body = value(facts.log.request);
    let names = [Part::of(&body).text("name"), facts.log.resource_name.get()];
    let Some((name, id)) = names.into_iter().flatten().find_map(|name| Some((name, name.split_once("/keys/")?.1)))
    else {
        out.problem(facts.record, "protoPayload/request/name", GapReason::Absent, "names no key");
        return false;
    };
    let labelled = facts.entry.resource.labels.email_id.get();
    let mut event = facts.event(kind);
    event.credential = Some(CredentialId::issued(GCP, id));
    event.credential_kind = KEY;
    event.principal = account_in(name).filter(|account| account.contains('@')).or(labelled);
    out.sink.event(&event);
    true
}

/// A service account that was deleted, disabled or enabled, and with it its keys and tokens:
/// <https://cloud.google.com/iam/docs/service-accounts-disable-enable>.
pub(super) fn account(facts: &Facts<'_>, kind: EventKind, out: &mut Out<'_>) -> bool {
    let body = value(facts.log.request);
    let named = Part::of(&body).text("name").or(facts.log.resource_name.get()).and_then(account_in);
    let account = named.filter(|account| account.contains('@')).or(facts.entry.resource.labels.email_id.get());
    let Some(account) = account else {
        out.note("deleted or disabled service accounts of which the entry says only the number", 1);
        return false;
    };
    let mut event = facts.event(kind);
    event.principal = Some(account);
    out.sink.event(&event);
    true
}

/// An API key: by its UID, or by the last part of its name, which is the UID where nobody chose another.
pub(super) fn api_key(facts: &Facts<'_>, out: &mut Out<'_>) -> bool {
    let bodies = [value(facts.log.response), value(facts.log.request)];
    let parts = bodies.each_ref().map(Part::of);
    let id = parts.iter().find_map(|part| part.text("uid"));
    let name = parts.iter().find_map(|part| part.text("name")).filter(|name| name.contains("/keys/"));
    let Some(id) = id.or_else(|| name?.rsplit('/').next()) else {
        out.note("API keys of which the entry does not say the id", 1);
        return false;
    };
    let kind = match facts.call() {
        "CreateKey" => EventKind::Issued,
        "DeleteKey" => EventKind::Revoked,
        _ => EventKind::Enabled,
    };
    let mut event = facts.event(kind);
    event.credential = Some(CredentialId::issued(GCP, id));
    event.credential_kind = API_KEY;
    event.principal = parts.iter().find_map(|part| part.text("serviceAccountEmail"));
    if kind == EventKind::Issued {
        event.parent = facts.actor.key();
        event.proof = facts.actor.proof();
        event.issued_at = Some(facts.time);
        event.expiry = Expiry::Never;
    }
    out.sink.event(&event);
    true
}
