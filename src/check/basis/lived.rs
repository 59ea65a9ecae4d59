//! Short-lived credentials by what they are good for and who asked for them.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::issued::{Groups, Session, subject as scope_subject};
use crate::check::severity::Rating;
use crate::ledger::{CredentialRow, Timeline};
use crate::model::{FindingBuilder, StandingClass};

use super::Context;
use super::words::after;

/// One short-lived credential with a known issue and end.
#[derive(Clone, Copy, Debug)]
pub(in crate::check) struct Lived<'a> {
    /// The credential.
    pub(in crate::check) row: &'a CredentialRow,
    /// Its life.
    pub(in crate::check) timeline: &'a Timeline,
    /// When it was issued.
    pub(in crate::check) from: Timestamp,
    /// When it ends by itself.
    pub(in crate::check) to: Timestamp,
}

impl Lived<'_> {
    /// From issue to end.
    pub(in crate::check) fn ttl(&self) -> SignedDuration {
        self.to.duration_since(self.from).max(SignedDuration::ZERO)
    }

    /// From issue to the last accepted use; nothing where it was never used.
    pub(in crate::check) fn used(&self) -> Option<SignedDuration> {
        let last = self.timeline.last_accepted.as_ref()?.time;
        Some(last.duration_since(self.from).max(SignedDuration::ZERO))
    }
}

/// Scope and requester; empty where not known.
pub(in crate::check) type Key<'a> = (&'a str, &'a str);

/// Those of one scope and requester, in order of issue.
pub(in crate::check) type ByKey<'a> = BTreeMap<Key<'a>, Vec<Lived<'a>>>;

/// All of them in order of issue. What services of the provider take for themselves is left out.
pub(in crate::check) fn by_scope_and_requester<'a>(groups: &Groups<'a>) -> ByKey<'a> {
    let mut all = ByKey::new();
    for ((requester, scope), sessions) in groups {
        let mut lived: Vec<Lived<'_>> = sessions.iter().filter_map(lived).collect();
        lived.sort_by(|a, b| (a.from, a.to, &a.row.id).cmp(&(b.from, b.to, &b.row.id)));
        if !lived.is_empty() {
            all.insert((*scope, *requester), lived);
        }
    }
    all
}

fn lived<'a>(session: &Session<'a>) -> Option<Lived<'a>> {
    let Session { row, life: timeline } = *session;
    let ttl = || Some(after(timeline.issued_at?, SignedDuration::from_secs(timeline.ttl_s?)));
    let (from, to) = (timeline.issued_at?, row.expiry.at().or_else(ttl)?);
    (row.standing == StandingClass::Ephemeral).then_some(Lived { row, timeline, from, to })
}

/// Starts a finding about what was issued for one scope to one requester.
pub(in crate::check) fn about(ctx: &Context<'_>, (scope, requester): Key<'_>, rating: &Rating) -> FindingBuilder {
    let name = if scope.is_empty() { requester } else { scope };
    let subject = scope_subject(name, requester);
    FindingBuilder::new(&ctx.rule.id, ctx.id(scope, requester), subject, rating.severity, &rating.reason)
        .standing(StandingClass::Ephemeral)
        .fact("Requester", requester)
}

/// The records of issue of some of them.
pub(in crate::check) fn records(issues: &[Lived<'_>]) -> Vec<crate::model::Evidence> {
    super::card::records(
        issues.iter().filter_map(|issue| issue.timeline.issued.as_ref().or(issue.timeline.seen.as_ref())),
    )
}

/// The value at a percentile of a sorted list, by the nearest rank.
pub(in crate::check) fn percentile<T: Copy>(sorted: &[T], percent: usize) -> Option<T> {
    let rank = sorted.len().saturating_mul(percent).div_ceil(100).saturating_sub(1);
    sorted.get(rank).copied()
}
