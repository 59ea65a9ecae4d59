//! F05: a credential without a limit on its uses, with more than were approved, or used far more than its like.

use super::basis::card;
use super::basis::issued::{self, Privileges, Session};
use super::basis::words::count;
use super::severity::Rating;
use super::{Answers, Check, Context, severity};
use crate::ledger::{Moment, Privilege, Timeline};
use crate::model::Evidence;

/// See `rules/checks/unlimited_use.yaml`.
pub(super) struct UnlimitedUse;

/// What is unlimited or exceeded in a group.
struct Excess<'a> {
    place: &'static str,
    said: String,
    exceeded: bool,
    sessions: Vec<Session<'a>>,
    evidence: Vec<Evidence>,
}

impl Check for UnlimitedUse {
    fn id(&self) -> &'static str {
        "unlimited-use"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        let privileges = &ctx.shared.privileges;
        for (_, sessions) in ctx.shared.known_groups() {
            let enough = sessions.len() as u64 > ctx.parameter("issuances");
            let limits =
                sessions.iter().any(|session| session.life.max_uses.is_some() || approved(ctx, session).is_some());
            if !enough && !limits {
                continue;
            }
            answers.examine();
            let found =
                [no_limit(ctx, privileges, sessions), over_approval(ctx, sessions), over_its_like(ctx, sessions)];
            for excess in found.into_iter().flatten() {
                report(ctx, &excess, answers);
            }
        }
    }
}

/// Credentials of a guarded scope that may be used without end.
fn no_limit<'a>(ctx: &Context<'_>, privileges: &Privileges<'_>, sessions: &[Session<'a>]) -> Option<Excess<'a>> {
    let scope = sessions.first()?.group().1;
    let admin = matches!(privileges.get(scope), Privilege::Admin { .. });
    if !admin && !ctx.policy.jit.takes_approval(scope) {
        return None;
    }
    let unlimited = |session: &&Session<'_>| session.life.max_uses == Some(0) && approved(ctx, session).is_none();
    let found: Vec<Session<'a>> = sessions.iter().filter(unlimited).copied().collect();
    let said = format!("{} may be used without a limit", count(found.len() as u64, "credential"));
    (!found.is_empty()).then(|| Excess {
        place: "no-limit",
        said,
        exceeded: false,
        sessions: found,
        evidence: Vec::new(),
    })
}

/// Credentials that allow or saw more uses than their request was approved for.
fn over_approval<'a>(ctx: &Context<'_>, sessions: &[Session<'a>]) -> Option<Excess<'a>> {
    let over = |session: &&Session<'_>| {
        let Some(most) = approved(ctx, session) else { return false };
        let allows = session.life.max_uses.is_some_and(|limit| limit == 0 || limit > most);
        allows || least_uses(session.life) > most
    };
    let found: Vec<Session<'a>> = sessions.iter().filter(over).copied().collect();
    let first = found.first()?;
    let most = approved(ctx, first)?;
    let allows = match first.life.max_uses {
        Some(0) => "allows any number of uses".to_owned(),
        Some(limit) if limit > most => format!("allows {}", count(limit, "use")),
        _ => format!("was used at least {}", count(least_uses(first.life), "time")),
    };
    let said = format!("{} {allows}, and {} were approved", card::name(first.row), count(most, "use"));
    let request = first.life.request.as_deref().and_then(|id| ctx.ledger.requests.get(id));
    let evidence = request.and_then(|request| request.requested.as_ref()).map(|asked| asked.evidence.clone());
    let used = first.life.actions.values().chain(first.life.tasks.values());
    let evidence = evidence.into_iter().chain(card::records(used)).collect();
    Some(Excess { place: "approval", said, exceeded: true, sessions: found, evidence })
}

/// How many uses were approved; a request without a limit has none.
fn approved(ctx: &Context<'_>, session: &Session<'_>) -> Option<u64> {
    let request = ctx.ledger.requests.get(session.life.request.as_deref()?)?;
    request.max_uses.filter(|most| *most > 0)
}

/// How many uses there were at least. The number of records is not exact, because a record may lie in two files: what is
/// counted are uses that differ from each other.
fn least_uses(life: &Timeline) -> u64 {
    let times = [&life.first_use, &life.last_accepted].into_iter().flatten().map(|moment: &Moment| moment.time);
    let mut times: Vec<_> = times.collect();
    times.dedup();
    let sets = [
        life.actions.len(),
        life.tasks.len(),
        life.targets.len(),
        life.networks.len(),
        life.accepted_hours.len(),
        times.len(),
    ];
    sets.into_iter().max().map_or(0, |most| (most as u64).min(life.accepted))
}

/// Credentials that were used far more often than the others of their requester and scope.
fn over_its_like<'a>(ctx: &Context<'_>, sessions: &[Session<'a>]) -> Option<Excess<'a>> {
    if sessions.len() as u64 <= ctx.parameter("issuances") {
        return None;
    }
    let mut uses: Vec<u64> = sessions.iter().map(|session| session.life.accepted).collect();
    uses.sort_unstable();
    let usual = |own: u64| {
        let others = uses.len() - 1;
        let rank = (others * 99).div_ceil(100).max(1);
        let at = uses.partition_point(|other| *other < own);
        // The own number stands at `at`: the others are all but that one.
        let index = if rank > at { rank } else { rank - 1 };
        uses.get(index).copied().unwrap_or_default()
    };
    let (times, least) = (ctx.parameter("times-usual"), ctx.parameter("least-uses"));
    let over = |session: &&Session<'_>| {
        let own = session.life.accepted;
        own >= least && own > usual(own).saturating_mul(times)
    };
    let found: Vec<Session<'a>> = sessions.iter().filter(over).copied().collect();
    let most = found.iter().max_by_key(|session| session.life.accepted)?;
    let own = most.life.accepted;
    let said = format!(
        "{} was used {}, and 99 of 100 others of {} at most {}",
        card::name(most.row),
        count(own, "time"),
        most.name(),
        count(usual(own), "time")
    );
    let evidence = card::records([&most.life.first_use, &most.life.last_use].into_iter().flatten());
    Some(Excess { place: "usual", said, exceeded: true, sessions: found, evidence })
}

fn report(ctx: &Context<'_>, excess: &Excess<'_>, answers: &mut Answers) {
    let Some(first) = excess.sessions.first() else { return };
    let default = severity::default(ctx);
    let rating = if excess.exceeded {
        let reason = format!("{}; one step up: a limit was exceeded", default.reason);
        Rating { severity: default.severity.raised(), reason }
    } else {
        default
    };
    let message = if excess.exceeded {
        format!("{}.", excess.said)
    } else {
        format!("Of what is issued for {}, {}.", first.name(), excess.said)
    };
    let limit = format!(
        "{} the usual, of more than {} credentials and from {} uses on",
        ctx.limit("times-usual"),
        ctx.limit("issuances"),
        ctx.limit("least-uses")
    );
    let finding = issued::about(ctx, first, excess.place, &rating).message(message).fact("Limit", limit);
    let finding = finding.evidence(excess.evidence.iter().cloned());
    answers.found(&first.name(), issued::tell(finding, &excess.sessions));
}
