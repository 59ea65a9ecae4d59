//! D08: access of which the logs do not tell who, why, what, by whose approval, since when and until when.

use std::collections::BTreeMap;

use super::basis::log;
use super::basis::request::{self, Given};
use super::basis::words::{count, list};
use super::{Answers, Check, Context, severity};
use crate::model::{Evidence, Expiry, StreamKey};

/// How many requests a finding points to.
const MAX_RECORDS: usize = 8;

/// See `rules/checks/incomplete_evidence.yaml`.
pub(super) struct IncompleteEvidence;

/// Requests of one log that lack the same things.
type Lacking<'a> = BTreeMap<(&'a StreamKey, Vec<&'static str>), Vec<&'a Given<'a>>>;

impl Check for IncompleteEvidence {
    fn id(&self) -> &'static str {
        "incomplete-evidence"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        let worn = worn_reasons(ctx);
        let mut lacking: Lacking<'_> = BTreeMap::new();
        let mut of_stream: BTreeMap<&StreamKey, u64> = BTreeMap::new();
        for given in request::first_of_each(&ctx.shared.given) {
            let Some(stream) = given.request.streams.first() else { continue };
            answers.examine();
            *of_stream.entry(stream).or_default() += 1;
            let missing = missing(ctx, given, &worn);
            if !missing.is_empty() {
                lacking.entry((stream, missing)).or_default().push(given);
            }
        }
        for ((stream, missing), requests) in lacking {
            let all = of_stream.get(stream).copied().unwrap_or_default();
            report(ctx, stream, &missing, &requests, all, answers);
        }
    }
}

/// Reasons that so many requests give that they say nothing about any of them.
fn worn_reasons(ctx: &Context<'_>) -> BTreeMap<String, u64> {
    let mut times: BTreeMap<String, u64> = BTreeMap::new();
    for reason in ctx.ledger.requests.values().filter_map(|request| request.reason.as_deref()) {
        *times.entry(plain(reason)).or_default() += 1;
    }
    times.retain(|_, times| *times >= ctx.parameter("repeated"));
    times
}

fn plain(reason: &str) -> String {
    reason.trim().to_lowercase()
}

/// What the logs do not tell, in the order of the life of a request.
fn missing(ctx: &Context<'_>, given: &Given<'_>, worn: &BTreeMap<String, u64>) -> Vec<&'static str> {
    let request = given.request;
    let reason = request.reason.as_deref().map(plain).unwrap_or_default();
    let says_why = reason.chars().count() as u64 >= ctx.parameter("reason-characters") && !worn.contains_key(&reason);
    let ends = request.ended.is_some()
        || matches!(request.expiry, Expiry::At(_))
        || matches!(given.until, Expiry::At(_))
        || given.credential.is_some_and(|row| super::basis::life::is_over(row, ctx.ledger.as_of));
    let told = [
        ("who asked", request.requested.is_some() && request.requester.is_some()),
        ("why", says_why),
        ("for what", !request.scopes.is_empty() || !request.targets.is_empty()),
        ("who approved", request.first_approval().is_some_and(|approval| approval.by.is_some())),
        ("when it was given", given.evidence.is_some()),
        ("when it ended", ends),
    ];
    told.into_iter().filter_map(|(what, told)| (!told).then_some(what)).collect()
}

fn report(
    ctx: &Context<'_>,
    stream: &StreamKey,
    missing: &[&str],
    requests: &[&Given<'_>],
    all: u64,
    answers: &mut Answers,
) {
    let name = log::name(stream);
    let rating = severity::default(ctx);
    let what = list(missing.iter().map(|&what| what.to_owned()), 6);
    let records = requests.iter().take(MAX_RECORDS).filter_map(|given| {
        let asked = given.request.requested.as_ref().map(|asked| asked.evidence.clone());
        asked.or_else(|| given.evidence.clone())
    });
    let verb = if requests.len() == 1 { "leaves" } else { "leave" };
    let finding = log::about(ctx, stream, &rating, &what)
        .message(format!("{} of {name} {verb} open: {what}.", count(requests.len() as u64, "request")))
        .fact("Told", format!("{} of 6 for each", 6 - missing.len().min(6)))
        .fact(
            "Requests",
            format!("{}; {} of {all}", list(requests.iter().map(|given| given.id.to_owned()), 8), requests.len()),
        )
        .evidence(records.collect::<Vec<Evidence>>());
    answers.found(&name, finding);
}
