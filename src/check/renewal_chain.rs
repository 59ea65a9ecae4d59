//! B04: short-lived in name, standing by renewal.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::basis::card;
use super::basis::issued::subject as scope_subject;
use super::basis::words::{after, between, count, minute, span};
use super::{Answers, AskRow, Check, Context, severity};
use crate::ledger::{CredentialRow, Timeline};
use crate::model::{CredentialId, FindingBuilder, StandingClass};

/// See `rules/checks/renewal_chain.yaml`.
pub(super) struct RenewalChain;

/// From issue to end of one credential.
#[derive(Clone, Copy)]
struct Life<'a> {
    from: Timestamp,
    to: Timestamp,
    row: &'a CredentialRow,
    timeline: &'a Timeline,
}

impl Check for RenewalChain {
    fn id(&self) -> &'static str {
        "renewal-chain"
    }

    fn of_row(&self) -> Option<AskRow> {
        Some(ask_row)
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        for ((requester, scope), lives) in reissued(ctx) {
            answers.examine();
            ask_chain(ctx, requester, scope, lives, answers);
        }
    }
}

fn ask_row(ctx: &Context<'_>, row: &CredentialRow, answers: &mut Answers) {
    if let Some((timeline, age)) = renewable(row) {
        answers.examine();
        ask_token(ctx, row, timeline, age, answers);
    }
}

/// A token that its system can renew, and how old it was when it was last accepted or renewed.
fn renewable(row: &CredentialRow) -> Option<(&Timeline, SignedDuration)> {
    if matches!(&row.id, CredentialId::Issued { system, .. } if &**system == "aws") {
        return None;
    }
    let timeline = row.timeline.as_deref()?;
    let last =
        [&timeline.last_accepted, &timeline.last_renewal].into_iter().flatten().map(|moment| moment.time).max()?;
    let timed = timeline.ttl_s.is_some_and(|ttl| ttl > 0) || timeline.period_s.is_some_and(|period| period > 0);
    timed.then_some((timeline, between(last, timeline.issued_at?)))
}

fn ask_token(ctx: &Context<'_>, row: &CredentialRow, timeline: &Timeline, age: SignedDuration, answers: &mut Answers) {
    let times = i64::try_from(ctx.parameter("times-ttl")).unwrap_or(i64::MAX);
    let ttl = timeline.ttl_s.filter(|ttl| *ttl > 0);
    let outlived = ttl.filter(|ttl| age.as_secs() > ttl.saturating_mul(times));
    let periodic = timeline.period_s.filter(|period| *period > 0 && age >= ctx.span("chain-hours"));
    let how = match (outlived, periodic) {
        (Some(ttl), _) => {
            let ttl_words = span(SignedDuration::from_secs(ttl));
            format!(
                "was still accepted {} after its issue, {} its time to live of {ttl_words}",
                span(age),
                factor(age, ttl)
            )
        }
        (None, Some(period)) => {
            let period = span(SignedDuration::from_secs(period));
            format!("is renewed every {period} without an end and has lived for {}", span(age))
        }
        (None, None) => return,
    };
    let rating = severity::for_privilege(ctx, severity::default(ctx), &row.privilege);
    let moments = [&timeline.first_renewal, &timeline.last_renewal, &timeline.last_accepted, &timeline.seen];
    let finding = card::about(ctx, row, &rating, "")
        .message(format!("{} {how}.", card::name(row)))
        .fact("Chain", format!("{}; {}", span(age), count(timeline.renewals, "renewal")))
        .fact("Limit", format!("{} the time to live, or {}", ctx.limit("times-ttl"), ctx.limit("chain-hours")))
        .evidence(card::evidence(row))
        .evidence(card::records(moments.into_iter().flatten()));
    answers.found(&row.id.to_string(), card::complete(ctx, row, finding));
}

/// `20.3 times`.
fn factor(age: SignedDuration, ttl: i64) -> String {
    let tenths = age.as_secs().saturating_mul(10) / ttl.max(1);
    format!("{}.{} times", tenths / 10, tenths % 10)
}

/// Short-lived credentials by requester and scope.
fn reissued<'a>(ctx: &Context<'a>) -> BTreeMap<(&'a str, &'a str), Vec<Life<'a>>> {
    let mut groups: BTreeMap<_, Vec<Life<'a>>> = BTreeMap::new();
    for (key, sessions) in ctx.shared.known_groups() {
        let ephemeral = sessions.iter().filter(|session| session.row.standing == StandingClass::Ephemeral);
        let known = ephemeral.filter(|session| session.life.requester.is_some() && session.life.scope.is_some());
        let lives = known.filter_map(|session| {
            let (from, to) = interval(session.life)?;
            Some(Life { from, to, row: session.row, timeline: session.life })
        });
        let lives: Vec<Life<'_>> = lives.collect();
        if !lives.is_empty() {
            groups.insert(key, lives);
        }
    }
    groups
}

fn interval(timeline: &Timeline) -> Option<(Timestamp, Timestamp)> {
    let from = timeline.issued_at?;
    let ttl = || Some(after(from, SignedDuration::from_secs(timeline.ttl_s?)));
    let end = timeline.expiry.at().or_else(ttl)?;
    let revoked = timeline.switches.iter().map(|switch| switch.time).find(|time| *time > from);
    Some((from, revoked.map_or(end, |time| time.min(end))))
}

fn ask_chain(ctx: &Context<'_>, requester: &str, scope: &str, mut lives: Vec<Life<'_>>, answers: &mut Answers) {
    lives.sort_by(|a, b| (a.from, a.to, &a.row.id).cmp(&(b.from, b.to, &b.row.id)));
    let Some((chain, to)) = longest_chain(&lives, ctx.span("gap-minutes")) else { return };
    let (Some(first), Some(last)) = (chain.first(), chain.last()) else { return };
    let length = between(to, first.from);
    if chain.len() < 2 || length < ctx.span("chain-hours") {
        return;
    }
    let rating = severity::default(ctx);
    let id = ctx.id(scope, requester);
    let names = (card::short(requester), card::short(scope), span(length));
    let finding =
        FindingBuilder::new(&ctx.rule.id, id, scope_subject(scope, requester), rating.severity, &rating.reason)
            .message(format!("{} held {} for {} without a pause by asking again and again.", names.0, names.1, names.2))
            .standing(StandingClass::Ephemeral)
            .fact(
                "Chain",
                format!("{} from {} to {}", count(chain.len() as u64, "session"), minute(first.from), minute(to)),
            )
            .fact("Limit", format!("{} with pauses of at most {}", ctx.limit("chain-hours"), ctx.limit("gap-minutes")))
            .fact("Requester", requester)
            .evidence(card::records(
                [first, last]
                    .into_iter()
                    .filter_map(|life| life.timeline.issued.as_ref().or(life.timeline.seen.as_ref())),
            ));
    answers.found(scope, finding);
}

/// The run of lives that covers the longest time with pauses of at most `gap`, and when it ends.
fn longest_chain<'a, 'b>(lives: &'b [Life<'a>], gap: SignedDuration) -> Option<(&'b [Life<'a>], Timestamp)> {
    let mut best: Option<(&[Life<'a>], Timestamp)> = None;
    let (mut start, mut end) = (0, lives.first()?.to);
    for index in 1..=lives.len() {
        if let Some(next) = lives.get(index).filter(|life| life.from <= after(end, gap)) {
            end = end.max(next.to);
            continue;
        }
        let run = lives.get(start..index)?;
        let length = |(run, end): (&[Life<'a>], Timestamp)| run.first().map(|first| between(end, first.from));
        if best.is_none_or(|best| length((run, end)) > length(best)) {
            best = Some((run, end));
        }
        start = index;
        end = lives.get(index).map_or(end, |life| life.to);
    }
    best
}
