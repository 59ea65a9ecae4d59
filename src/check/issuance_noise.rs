//! G05: credentials that are issued faster than anybody can use them, or that nobody uses.

use jiff::{SignedDuration, Timestamp};

use super::basis::issued::{self, Session};
use super::basis::words::{after, count, minute};
use super::basis::{gate, life};
use super::{Answers, Check, Context, severity};
use crate::model::Evidence;

/// The time in which issuances are counted.
const MINUTE: SignedDuration = SignedDuration::from_mins(1);
/// How long a credential without a known end is given to be used.
const PATIENCE: SignedDuration = SignedDuration::from_hours(1);

/// See `rules/checks/issuance_noise.yaml`.
pub(super) struct IssuanceNoise;

/// Why there are too many, with the credentials that show it.
struct Noise<'a> {
    said: String,
    shown: Vec<Session<'a>>,
}

impl Check for IssuanceNoise {
    fn id(&self) -> &'static str {
        "issuance-noise"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        for (_, sessions) in ctx.shared.known_groups() {
            let mut all: Vec<Session<'_>> =
                sessions.iter().filter(|session| session.life.issued.is_some()).copied().collect();
            all.sort_by_key(|session| (session.life.issued_at, &session.row.id));
            let Some(first) = all.first() else { continue };
            answers.examine();
            let burst = burst(ctx, &all);
            let unused = unused(ctx, &all);
            if let Err(why) = &unused
                && burst.is_none()
            {
                answers.inconclusive(&first.name(), why.as_str());
            }
            let noises: Vec<Noise<'_>> = burst.into_iter().chain(unused.ok().flatten()).collect();
            if !noises.is_empty() {
                report(ctx, &all, &noises, answers);
            }
        }
    }
}

/// The most that were issued inside one minute, where that is too many.
fn burst<'a>(ctx: &Context<'_>, all: &[Session<'a>]) -> Option<Noise<'a>> {
    let times: Vec<Timestamp> = all.iter().filter_map(|session| session.life.issued_at).collect();
    let until = |start: Timestamp| times.partition_point(|time| *time < after(start, MINUTE));
    let runs = times.iter().enumerate().map(|(from, start)| (until(*start) - from, from));
    let (most, from) = runs.max_by_key(|(most, from)| (*most, std::cmp::Reverse(*from)))?;
    let start = *times.get(from)?;
    (most as u64 >= ctx.parameter("a-minute")).then(|| Noise {
        said: format!("{} were issued within a minute from {}", count(most as u64, "credential"), minute(start)),
        shown: all.iter().skip(from).take(most).copied().collect(),
    })
}

/// Those that were never used, where they are too large a part. An error where the logs cannot tell.
fn unused<'a>(ctx: &Context<'_>, all: &[Session<'a>]) -> Result<Option<Noise<'a>>, String> {
    let over: Vec<Session<'a>> =
        all.iter().filter(|session| end(session).is_some_and(|end| end <= ctx.ledger.as_of)).copied().collect();
    let idle: Vec<Session<'a>> = over.iter().filter(|session| session.life.uses == 0).copied().collect();
    let share = 100 * idle.len() as u64 / (over.len() as u64).max(1);
    if (over.len() as u64) < ctx.parameter("issuances") || share < ctx.parameter("unused-percent") {
        return Ok(None);
    }
    if idle.len() == over.len() {
        return Err("no use of any of them is in the logs: their uses may be recorded elsewhere, or not at all \
                    (data events of CloudTrail, the log of the database behind a lease)"
            .to_owned());
    }
    let Some(first) = over.first() else { return Ok(None) };
    if over.iter().any(|session| life::is_derived(session.row)) {
        return Err("the log gives no id by which a use would name them".to_owned());
    }
    let since = first.life.issued_at.unwrap_or(ctx.ledger.as_of);
    gate::covered_since_issue(ctx, first.row, since)?;
    let said = format!("{} of {} were never used ({share}%)", idle.len(), count(over.len() as u64, "credential"));
    Ok(Some(Noise { said, shown: idle }))
}

/// When it can no longer be used.
fn end(session: &Session<'_>) -> Option<Timestamp> {
    let issued = session.life.issued_at?;
    Some(session.row.expiry.at().unwrap_or_else(|| after(issued, PATIENCE)))
}

fn report(ctx: &Context<'_>, all: &[Session<'_>], noises: &[Noise<'_>], answers: &mut Answers) {
    let Some(first) = all.first() else { return };
    let rating = severity::default(ctx);
    let said: Vec<&str> = noises.iter().map(|noise| noise.said.as_str()).collect();
    let records: Vec<Evidence> = noises.iter().flat_map(|noise| issued::records(&noise.shown)).collect();
    let limit = format!(
        "{} a minute; {}% unused of {} or more",
        ctx.limit("a-minute"),
        ctx.limit("unused-percent"),
        ctx.limit("issuances")
    );
    let finding = issued::about(ctx, first, "", &rating)
        .message(format!("Of what is issued for {}, {}.", first.name(), said.join(", and ")))
        .fact("Issued", count(all.len() as u64, "credential"))
        .fact("Limit", limit)
        .evidence(records);
    answers.found(&first.name(), issued::tell(finding, all));
}
