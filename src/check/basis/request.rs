//! The finding about a request for access: subject, card and evidence, the same for every check.

use jiff::Timestamp;

use crate::check::severity::Rating;
use crate::ledger::{CredentialRow, Decision, Ledger, Request};
use crate::model::{Evidence, Expiry, FindingBuilder, StreamKey, Subject, SubjectKind};

use super::Context;
use super::card::{name as name_of, short};
use super::words::{list, minute};

/// How many decisions a finding lists.
const MAX_DECISIONS: usize = 8;

/// Starts a finding about a request.
pub(in crate::check) fn about(ctx: &Context<'_>, id: &str, request: &Request, rating: &Rating) -> FindingBuilder {
    let subject = Subject {
        kind: SubjectKind::Request,
        class: request.streams.first().map(|stream| stream.importer.to_string()).unwrap_or_default(),
        id: id.to_owned(),
        title: "request".to_owned(),
        principal: request.requester.as_deref().map(str::to_owned),
    };
    FindingBuilder::new(&ctx.rule.id, ctx.id(id, ""), subject, rating.severity, &rating.reason)
}

/// `Request REQ-1042 of alice`, as a sentence begins.
pub(in crate::check) fn name(id: &str, request: &Request) -> String {
    let of = request.requester.as_deref().map(|who| format!(" of {}", short(who))).unwrap_or_default();
    format!("Request {id}{of}")
}

/// The lines of the card that are known, in the order of the life of a request.
pub(in crate::check) fn complete(request: &Request, builder: FindingBuilder) -> FindingBuilder {
    let texts = |set: &std::collections::BTreeSet<Box<str>>| {
        (!set.is_empty()).then(|| list(set.iter().map(|text| short(text).to_owned()), 4))
    };
    let until = match request.expiry {
        Expiry::At(time) => Some(minute(time)),
        Expiry::Never => Some("no end".to_owned()),
        Expiry::Unknown => None,
    };
    let moment = |moment: &Option<crate::ledger::Moment>| moment.as_ref().map(|moment| minute(moment.time));
    let lines = [
        ("Requested", moment(&request.requested)),
        ("Asked for", texts(&request.scopes)),
        ("Where", texts(&request.targets)),
        ("Reason", request.reason.as_deref().filter(|reason| !reason.is_empty()).map(str::to_owned)),
        ("Until", until),
        (
            "Decisions",
            (!request.decisions.is_empty()).then(|| list(request.decisions.iter().map(decision), MAX_DECISIONS)),
        ),
        ("Issued", moment(&request.issued)),
        ("Ended", moment(&request.ended)),
    ];
    let known = lines.into_iter().filter_map(|(label, value)| Some((label, value?)));
    known.fold(builder, |builder, (label, value)| builder.fact(label, value))
}

/// `approved by bob, 2026-01-31 10:31 UTC`.
pub(in crate::check) fn decision(decision: &Decision) -> String {
    let what = if decision.approved { "approved" } else { "declined" };
    let by = decision.by.as_deref().map_or_else(|| "somebody unknown".to_owned(), |by| short(by).to_owned());
    format!("{what} by {by}, {}", minute(decision.time))
}

/// The records of the request, in the order of its life.
pub(in crate::check) fn evidence(request: &Request) -> Vec<Evidence> {
    let decisions = request.decisions.iter().take(MAX_DECISIONS).map(|decision| decision.evidence.clone());
    let moment = |moment: &Option<crate::ledger::Moment>| moment.as_ref().map(|moment| moment.evidence.clone());
    let requested = moment(&request.requested);
    requested.into_iter().chain(decisions).chain(moment(&request.issued)).chain(moment(&request.ended)).collect()
}

/// Something that was given under a request: a credential, or a grant.
#[derive(Clone, Debug)]
pub(in crate::check) struct Given<'a> {
    /// The request's id.
    pub(in crate::check) id: &'a str,
    /// The request.
    pub(in crate::check) request: &'a Request,
    /// What was given, as a sentence begins: `Session ASIA... of deploy`.
    pub(in crate::check) name: String,
    /// The role or scope that was given, where known.
    pub(in crate::check) scope: Option<&'a str>,
    /// When.
    pub(in crate::check) at: Timestamp,
    /// Until when.
    pub(in crate::check) until: Expiry,
    /// The credential, where it is one.
    pub(in crate::check) credential: Option<&'a CredentialRow>,
    /// The record.
    pub(in crate::check) evidence: Option<Evidence>,
}

/// Everything that was given under a request that a log holds, in order of the requests.
pub(in crate::check) fn given(ledger: &Ledger) -> Vec<Given<'_>> {
    let mut all: Vec<Given<'_>> = credentials(ledger).chain(grants(ledger)).collect();
    all.sort_by(|a, b| (a.id, a.at, &a.name).cmp(&(b.id, b.at, &b.name)));
    all
}

fn credentials(ledger: &Ledger) -> impl Iterator<Item = Given<'_>> {
    let rows = ledger.credentials.iter().filter(|_| !ledger.requests.is_empty());
    rows.filter_map(|row| {
        let timeline = row.timeline.as_ref()?;
        let (id, request) = ledger.requests.get_key_value(timeline.request.as_deref()?)?;
        Some(Given {
            id,
            request,
            name: name_of(row),
            scope: timeline.scope.as_deref(),
            at: timeline.issued_at?,
            until: row.expiry,
            credential: Some(row),
            evidence: timeline.issued.as_ref().or(timeline.seen.as_ref()).map(|moment| moment.evidence.clone()),
        })
    })
}

fn grants(ledger: &Ledger) -> impl Iterator<Item = Given<'_>> {
    let makings = ledger.grant_lives.iter().flat_map(|(name, life)| life.made.iter().map(move |made| (name, made)));
    makings.filter_map(|(name, made)| {
        let (id, request) = ledger.requests.get_key_value(made.request.as_deref()?)?;
        Some(Given {
            id,
            request,
            name: format!("{} for {}", short(name.object.id()), short(&name.holder)),
            scope: Some(name.object.id()),
            at: made.time,
            until: made.expiry,
            credential: None,
            evidence: Some(made.evidence.clone()),
        })
    })
}

/// Starts a finding about the request under which something was given, with its card and all its records.
pub(in crate::check) fn of_given(
    ctx: &Context<'_>,
    given: &Given<'_>,
    rating: &Rating,
    message: String,
) -> FindingBuilder {
    let finding = about(ctx, given.id, given.request, rating)
        .message(message)
        .fact("Given", format!("{}, {}", given.name, minute(given.at)));
    complete(given.request, finding).evidence(given.evidence.clone()).evidence(evidence(given.request))
}

/// The first of each request: one finding a request says enough.
pub(in crate::check) fn first_of_each<'g, 'a>(all: impl IntoIterator<Item = &'g Given<'a>>) -> Vec<&'g Given<'a>>
where
    'a: 'g,
{
    let mut firsts: Vec<&Given<'_>> = Vec::new();
    for given in all {
        if firsts.last().is_none_or(|last| last.id != given.id) {
            firsts.push(given);
        }
    }
    firsts
}

/// The logs that hold requests: what is in none of them was not asked for, as far as they cover the time.
pub(in crate::check) fn streams(ledger: &Ledger) -> Vec<&StreamKey> {
    let asked = ledger.requests.values().filter(|request| request.requested.is_some());
    let mut streams: Vec<&StreamKey> = asked.flat_map(|request| &request.streams).collect();
    streams.sort();
    streams.dedup();
    streams
}

/// Whether a log of requests covers the time from `from` to `to`. Otherwise why nothing can be concluded from it.
pub(in crate::check) fn covered(ctx: &Context<'_>, from: Timestamp, to: Timestamp) -> Result<String, String> {
    let mut reason = "no log of requests was read".to_owned();
    for &key in &ctx.shared.request_streams {
        let name = format!("{}/{}", key.importer, key.scope);
        let Some(stream) = ctx.ledger.streams.get(key) else { continue };
        match stream.covers(from, to) {
            Ok(()) => return Ok(name),
            Err(why) => reason = format!("{name}: {why}"),
        }
    }
    Err(reason)
}
