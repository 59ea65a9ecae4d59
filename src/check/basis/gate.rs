//! The coverage gate: an answer that rests on the absence of an event needs a log that would hold the event.

use jiff::{SignedDuration, Timestamp};

use crate::ledger::CredentialRow;
use crate::model::Status;

use super::Context;
use super::life::is_derived;
use super::words::{before, day};

/// How long before the issuance the log has to begin.
const LEAD: SignedDuration = SignedDuration::from_hours(1);

/// Something is known to hold until this time, and who says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::check) struct Known {
    /// Until when.
    pub(in crate::check) until: Timestamp,
    /// Who says so, in words.
    pub(in crate::check) source: String,
}

/// The log that would hold the credential's events covers the time from `from` to its own end, without a gap of more
/// than an hour. Otherwise the reason why nothing can be concluded from it.
pub(in crate::check) fn covered(ctx: &Context<'_>, row: &CredentialRow, from: Timestamp) -> Result<Known, String> {
    if is_derived(row) {
        return Err("the export gives no id by which a log would name it".to_owned());
    }
    let Some((key, stream)) = ctx.ledger.stream_for(row) else {
        return Err("no log that would hold its events was read".to_owned());
    };
    let name = format!("{}/{}", key.importer, key.scope);
    let Some((_, end)) = stream.window() else { return Err(format!("{name} holds no record")) };
    stream.covers(from, end).map_err(|why| format!("{name}: {why}"))?;
    Ok(Known { until: end, source: format!("{name} covers {} to {}", day(from), day(end)) })
}

/// The same for its uses, which some systems write to a log of their own.
pub(in crate::check) fn covered_uses(ctx: &Context<'_>, row: &CredentialRow, from: Timestamp) -> Result<Known, String> {
    let mut known = covered(ctx, row, from)?;
    let Some((stream, _)) = ctx.ledger.stream_for(row) else { return Ok(known) };
    if let Some(further) = stream.of_further_uses().filter(|further| !ctx.ledger.streams.contains_key(further)) {
        known.source = format!("{} (not read: {}, which would hold other uses)", known.source, further.scope);
    }
    let Some(uses) = stream.of_uses() else { return Ok(known) };
    let name = format!("{}/{}", uses.importer, uses.scope);
    match ctx.ledger.streams.get(&uses) {
        Some(stream) => stream.covers(from, known.until).map_err(|why| format!("{name}: {why}"))?,
        None => return Err(format!("{name}, which would hold its uses, was not read")),
    }
    Ok(known)
}

/// All uses of a credential that was issued at `issued`.
pub(in crate::check) fn covered_uses_since_issue(
    ctx: &Context<'_>,
    row: &CredentialRow,
    issued: Timestamp,
) -> Result<Known, String> {
    covered_uses(ctx, row, before(issued, LEAD))
}

/// The same as [`covered`] for the whole life of a credential that was issued at `issued`.
pub(in crate::check) fn covered_since_issue(
    ctx: &Context<'_>,
    row: &CredentialRow,
    issued: Timestamp,
) -> Result<Known, String> {
    covered(ctx, row, before(issued, LEAD))
}

/// The time as of which the exports speak about a credential. Not all of them carry their date: those are taken to be as
/// new as the evidence, and that is said.
pub(in crate::check) fn exported(ctx: &Context<'_>, row: &CredentialRow) -> Known {
    if let Some(until) = row.observed_at {
        return Known { until, source: format!("the export of {}", day(until)) };
    }
    let until = ctx.ledger.as_of;
    Known { until, source: format!("an export without a date, taken to be of {}", day(until)) }
}

/// Until when it is known that nothing ended the credential: an export lists it as active, or the log that would hold
/// the end covers its life.
pub(in crate::check) fn alive(ctx: &Context<'_>, row: &CredentialRow, issued: Timestamp) -> Result<Known, String> {
    if row.status != Status::Active {
        return covered_since_issue(ctx, row, issued);
    }
    let exported = exported(ctx, row);
    let later = covered(ctx, row, exported.until).ok().filter(|known| known.until > exported.until);
    Ok(later.unwrap_or_else(|| Known { source: format!("active in {}", exported.source), ..exported }))
}
