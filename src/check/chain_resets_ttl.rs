//! H02: a credential that lives longer than the one it was obtained with.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::basis::card;
use super::basis::issued::{self, Session};
use super::basis::words::{after, between, minute, span};
use super::{Answers, Check, Context, severity};
use crate::model::Expiry;

/// See `rules/checks/chain_resets_ttl.yaml`.
pub(super) struct ChainResetsTtl;

/// A credential, the one it was obtained with, and when both end.
struct Reset<'a> {
    child: Session<'a>,
    parent: Session<'a>,
    ends: Timestamp,
    parent_ends: Timestamp,
}

impl Check for ChainResetsTtl {
    fn id(&self) -> &'static str {
        "chain-resets-ttl"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        let lineage = &ctx.shared.lineage;
        let mut groups: BTreeMap<_, Vec<Reset<'_>>> = BTreeMap::new();
        for child in ctx.shared.sessions.iter().copied() {
            let parent = lineage.parent(child.row).and_then(Session::of);
            let Some(parent) = parent.filter(|parent| !parent.life.by_service) else { continue };
            if let (Some(ends), Some(parent_ends)) = (end(&child), end(&parent)) {
                let places = (parent.group().1, child.group());
                groups.entry(places).or_default().push(Reset { child, parent, ends, parent_ends });
            }
        }
        for (_, mut all) in groups {
            answers.examine();
            let skew = ctx.span("skew-seconds");
            all.retain(|reset| reset.ends > after(reset.parent_ends, skew));
            all.sort_by(|a, b| b.over().cmp(&a.over()).then_with(|| a.child.row.id.cmp(&b.child.row.id)));
            if !all.is_empty() {
                report(ctx, &all, answers);
            }
        }
    }
}

/// When the system said that it ends: its own end, or its time to live after its issue.
fn end(session: &Session<'_>) -> Option<Timestamp> {
    let ttl = || Some(after(session.life.issued_at?, SignedDuration::from_secs(session.life.ttl_s?)));
    match session.row.expiry {
        Expiry::At(end) => Some(end),
        Expiry::Unknown if session.life.renewals == 0 && session.life.period_s.is_none() => ttl(),
        _ => None,
    }
}

impl Reset<'_> {
    fn over(&self) -> SignedDuration {
        between(self.ends, self.parent_ends)
    }
}

fn report(ctx: &Context<'_>, resets: &[Reset<'_>], answers: &mut Answers) {
    let Some(worst) = resets.first() else { return };
    let from = worst.parent.group().1;
    let rating = severity::for_privilege(ctx, severity::default(ctx), &worst.child.row.privilege);
    let children: Vec<Session<'_>> = resets.iter().map(|reset| reset.child).collect();
    let parents: Vec<Session<'_>> = resets.iter().map(|reset| reset.parent).collect();
    let itself = if from == worst.child.group().1 { "itself, " } else { "" };
    let finding = issued::about(ctx, &worst.child, from, &rating)
        .message(format!(
            "{} was obtained with {itself}a credential for {} and outlives it by {}.",
            card::name(worst.child.row),
            worst.parent.name(),
            span(worst.over())
        ))
        .fact("Obtained with", format!("{}, which ends {}", worst.parent.row.id, minute(worst.parent_ends)))
        .fact("Ends", minute(worst.ends))
        .fact("Limit", ctx.limit("skew-seconds"));
    let finding = issued::tell(finding, &children).evidence(issued::records(&parents));
    answers.found(&worst.child.name(), finding);
}
