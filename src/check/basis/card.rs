//! The finding about a credential: subject, card and evidence, the same for every check.

use std::collections::BTreeMap;

use crate::check::severity::Rating;
use crate::ledger::{CredentialRow, JitPath, Moment, Privilege};
use crate::model::{
    Evidence, Expiry, Exposure, FindingBuilder, LastUse, Place, Presence, Status, Subject, SubjectKind,
};

use super::actions::covers;
use super::words::{between, count, day, list, minute, span};
use super::{Context, origins};

/// How many places in code one finding points to.
const MAX_CODE: usize = 100;
/// How many records of one kind a finding lists.
const MAX_RECORDS: usize = 8;

/// Starts a finding about a credential: everything but the sentence, the check's own facts and the card.
pub(in crate::check) fn about(ctx: &Context<'_>, row: &CredentialRow, rating: &Rating, place: &str) -> FindingBuilder {
    let id = ctx.credential_id(&row.id, place);
    FindingBuilder::new(&ctx.rule.id, id, subject(row), rating.severity, &rating.reason)
        .standing(row.standing)
        .confidence(row.confidence())
}

/// The credential in public terms.
pub(in crate::check) fn subject(row: &CredentialRow) -> Subject {
    Subject {
        kind: SubjectKind::Credential,
        class: row.kind.to_string(),
        id: row.id.to_string(),
        title: row.title.to_string(),
        principal: row.principal.as_deref().map(str::to_owned),
    }
}

/// `AWS access key AKIA...`, as a sentence begins.
pub(in crate::check) fn name(row: &CredentialRow) -> String {
    let title = if row.title.is_empty() { &row.kind } else { &row.title };
    let of = row.principal.as_deref().map(|principal| format!(" of {}", short(principal))).unwrap_or_default();
    format!("{title} {}{of}", row.id)
}

/// The last part of an ARN; any other id as it is.
pub(in crate::check) fn short(identity: &str) -> &str {
    match identity.strip_prefix("arn:") {
        Some(rest) => rest.splitn(5, ':').nth(4).unwrap_or(identity),
        None => identity,
    }
}

/// The lines of the card that are known, in reading order: code, identity, age, use, privilege, just-in-time path.
pub(in crate::check) fn complete(ctx: &Context<'_>, row: &CredentialRow, builder: FindingBuilder) -> FindingBuilder {
    let lines = [
        ("In code", in_code(row)),
        ("Identity", identity(ctx, row)),
        ("Created", created(ctx, row)),
        ("Status", status(ctx, row)),
        ("Expires", expires(row)),
        ("Last use", last_use(ctx, row)),
        ("Privilege", privilege(&row.privilege)),
        ("Approver", approver(ctx, row)),
        ("Just in time", just_in_time(ctx, row)),
        ("Unsure", (!row.notes.is_empty()).then(|| list(row.notes.clone(), 3))),
    ];
    let known = lines.into_iter().filter_map(|(label, value)| Some((label, value?)));
    known.fold(builder, |builder, (label, value)| builder.fact(label, value))
}

/// Everything that can be pointed to: code first, then exports, then the log, then the paths around it.
pub(in crate::check) fn evidence(row: &CredentialRow) -> Vec<Evidence> {
    let code = row.exposures.iter().take(MAX_CODE).map(|place| place.evidence.clone());
    let exports = row.exports.iter().take(MAX_RECORDS).cloned();
    let mut all: Vec<Evidence> = code.chain(exports).collect();
    if let Some(timeline) = &row.timeline {
        let moments = [&timeline.issued, &timeline.last_accepted, &timeline.last_use];
        all.extend(moments.into_iter().flatten().map(|moment| moment.evidence.clone()));
        all.extend(
            timeline.issued.is_none().then_some(()).and(timeline.seen.as_ref()).map(|seen| seen.evidence.clone()),
        );
    }
    if let Privilege::Admin { evidence, .. } = &row.privilege {
        all.extend(evidence.iter().take(MAX_RECORDS).cloned());
    }
    all
}

/// The records of some moments, at most as many as a finding lists.
pub(in crate::check) fn records<'a>(moments: impl IntoIterator<Item = &'a Moment>) -> Vec<Evidence> {
    moments.into_iter().take(MAX_RECORDS).map(|moment| moment.evidence.clone()).collect()
}

/// Where in code, since when, in how many places.
fn in_code(row: &CredentialRow) -> Option<String> {
    let first = row.exposures.iter().min_by_key(|place| (is_past(place), place.since.is_none(), place.since))?;
    let since = row.exposures.iter().filter_map(|place| place.since).min();
    let since = since.map(|time| format!(", since {}", day(time))).unwrap_or_default();
    let (places, past) = (places(row), places_in(row, |exposures| exposures.iter().all(|place| is_past(place))));
    let more = if row.more_exposures { "at least " } else { "" };
    let split = match (past, places) {
        (0, 1) => String::new(),
        (0, _) => format!("; {more}{}", count(places, "place")),
        (past, places) if past == places => format!("; {more}{}, in history only", count(places, "place")),
        (past, places) => format!("; {more}{}, {past} of them in history only", count(places, "place")),
    };
    let staged = row.exposures.iter().any(|place| place.presence == Presence::Staged);
    let staged = if staged { "; staged, not committed yet" } else { "" };
    let layer = first.evidence.shows.strip_prefix(Evidence::IN_CODE).unwrap_or_default();
    Some(format!("{}{layer}{since}{split}{staged}", place_name(&first.evidence)))
}

/// How many files hold it or held it. Two versions or two lines of one file are one place.
pub(in crate::check) fn places(row: &CredentialRow) -> u64 {
    places_in(row, |_| true)
}

fn places_in(row: &CredentialRow, holds: impl Fn(&[&Exposure]) -> bool) -> u64 {
    let mut files: BTreeMap<&str, Vec<&Exposure>> = BTreeMap::new();
    for exposure in &row.exposures {
        files.entry(exposure.evidence.input.name()).or_default().push(exposure);
    }
    files.values().filter(|exposures| holds(exposures)).count() as u64
}

fn is_past(place: &Exposure) -> bool {
    matches!(place.presence, Presence::HistoryOnly | Presence::Unreachable)
}

/// `deploy/settings.py:11`.
fn place_name(evidence: &Evidence) -> String {
    match &evidence.place {
        Place::Line { line, .. } => format!("{}:{line}", evidence.input.name()),
        Place::Commit(place) => format!("{}:{}", place.path, place.line),
        Place::Member(place) => format!("{}!/{}:{}", evidence.input.name(), place.member, place.line),
        Place::Record { index, .. } => format!("{} record {index}", evidence.input.name()),
        Place::Pointer { pointer } => format!("{}{pointer}", evidence.input.name()),
    }
}

/// Who it is, and whether the account is the organisation's own.
fn identity(ctx: &Context<'_>, row: &CredentialRow) -> Option<String> {
    let account = row.readouts.iter().find(|fact| &*fact.name == "aws-account").map(|fact| &*fact.value);
    let own = |account: &str| {
        let known = &ctx.policy.known_accounts;
        let says = if known.contains(account) { "" } else { ", which is not among known-accounts" };
        if known.is_empty() { String::new() } else { says.to_owned() }
    };
    match (row.principal.as_deref(), account) {
        (Some(principal), account) => {
            Some(format!("{principal}{}", account.map(|account| foreign(&own(account), account)).unwrap_or_default()))
        }
        (None, Some(account)) => Some(format!("not known; account {account}{}", own(account))),
        (None, None) => None,
    }
}

fn foreign(says: &str, account: &str) -> String {
    if says.is_empty() { String::new() } else { format!(" (account {account}{says})") }
}

fn created(ctx: &Context<'_>, row: &CredentialRow) -> Option<String> {
    let created = row.created?;
    Some(format!("{}, {} old", day(created), span(between(ctx.ledger.as_of, created))))
}

fn status(ctx: &Context<'_>, row: &CredentialRow) -> Option<String> {
    if let Some(ended) = super::life::ended(row, ctx.ledger.as_of) {
        return Some(format!("it {}", ended.how));
    }
    (row.status == Status::Active).then(|| format!("active in {}", super::gate::exported(ctx, row).source))
}

fn expires(row: &CredentialRow) -> Option<String> {
    match row.expiry {
        Expiry::At(time) => Some(minute(time)),
        Expiry::Never => Some("never".to_owned()),
        Expiry::Unknown => None,
    }
}

/// The last use, and from how many networks the log saw it.
fn last_use(ctx: &Context<'_>, row: &CredentialRow) -> Option<String> {
    let when = match row.last_use {
        LastUse::At(time) => {
            format!("{}, {} before the end of the evidence", minute(time), span(between(ctx.ledger.as_of, time)))
        }
        LastUse::Never => "never".to_owned(),
        LastUse::NotInWindow => "none in the time that the inputs cover".to_owned(),
        LastUse::Unknown => return None,
    };
    let networks = row.timeline.as_deref().map_or(0, |timeline| origins::networks(ctx, timeline).len());
    let more = if row.timeline.as_deref().is_some_and(|timeline| timeline.more_networks) { "at least " } else { "" };
    let from =
        if networks == 0 { String::new() } else { format!("; from {more}{}", count(networks as u64, "network")) };
    Some(format!("{when}{from}"))
}

/// What an identity may do, in the words of the card; nothing where no export speaks about it.
pub(in crate::check) fn privilege(privilege: &Privilege) -> Option<String> {
    match privilege {
        Privilege::Admin { how, .. } => Some(format!("administrator: {how}")),
        Privilege::Limited => Some("limited".to_owned()),
        Privilege::Unknown(why) => Some(format!("not known: {why}")),
        Privilege::NotExamined => None,
    }
}

/// Who approved, as the log of requests says; "nobody approved" is said only where such a log was read.
fn approver(ctx: &Context<'_>, row: &CredentialRow) -> Option<String> {
    if !super::life::is_known(row) {
        return None;
    }
    if ctx.ledger.requests.is_empty() {
        return Some("none on record (no input that was read records approvals)".to_owned());
    }
    let id = row.timeline.as_deref().and_then(|timeline| timeline.request.as_deref());
    let Some((id, request)) = id.and_then(|id| ctx.ledger.requests.get_key_value(id)) else {
        return Some("none on record: no request leads to it".to_owned());
    };
    let approvals = request.decisions.iter().filter(|decision| decision.approved);
    let by = list(approvals.map(super::request::decision), 3);
    Some(if by.is_empty() { format!("nobody, of request {id}") } else { format!("request {id}, {by}") })
}

/// The way around which the credential goes: the one that is taken most, else one made for what the credential does,
/// else one named after its identity.
fn just_in_time(ctx: &Context<'_>, row: &CredentialRow) -> Option<String> {
    let own = row.principal.as_deref().map(|principal| short(principal).rsplit('/').next().unwrap_or_default());
    let named_after = |role: &str| own.is_some_and(|own| !own.is_empty() && short(role).contains(own));
    let rank = |path: &&JitPath| (path.issued, serves(ctx, row, &path.role), named_after(&path.role));
    let path = row.jit_paths.iter().max_by_key(rank)?;
    let by_others = match (path.issued, path.last_use) {
        (0, LastUse::At(time)) => format!(" (last used by anybody on {})", day(time)),
        _ => String::new(),
    };
    let goes_around = row.last_use.at().is_some_and(|used| Some(used) > row.created);
    let bypass = if goes_around { ": the static credential bypasses it" } else { "" };
    let others = row.jit_paths.len().saturating_sub(1) as u64;
    let more = if others == 0 { String::new() } else { format!("; {} more", count(others, "role")) };
    let times = count(path.issued, "time");
    Some(format!("{} exists, this identity used it {times}{by_others}{bypass}{more}", short(&path.role)))
}

/// Whether the policy says that the role is there for something that the credential was used for.
fn serves(ctx: &Context<'_>, row: &CredentialRow, role: &str) -> bool {
    let entries = ctx.policy.jit.serves.iter().filter(|entry| entry.speaks_of(role));
    let mut patterns = entries.flat_map(|entry| entry.actions.texts());
    let used: Vec<&str> =
        row.timeline.iter().flat_map(|timeline| timeline.actions.keys()).map(|name| &**name).collect();
    patterns.any(|pattern| used.iter().any(|action| covers(pattern, action)))
}
