//! D06: approvals that nobody can have thought about.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::basis::card::short;
use super::basis::words::{between, count, list, span};
use super::{Answers, Check, Context, severity};
use crate::ledger::{Decision, Request};
use crate::model::{Evidence, FindingBuilder, IdentityKind, Severity, Subject, SubjectKind};

/// How many records a finding lists.
const MAX_RECORDS: usize = 8;

/// See `rules/checks/rubber_stamp_approval.yaml`.
pub(super) struct RubberStampApproval;

/// What one approver decided.
#[derive(Default)]
struct Record<'a> {
    approved: Vec<(SignedDuration, &'a Decision)>,
    declined: u64,
    /// Approvals of requests that only machines approved.
    alone: Vec<&'a Decision>,
    /// Something that takes an approval was among them.
    sensitive: bool,
}

impl Check for RubberStampApproval {
    fn id(&self) -> &'static str {
        "rubber-stamp-approval"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        for (approver, mut record) in records(ctx) {
            answers.examine();
            record.approved.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)));
            if let Some(how) = machine(&record).or_else(|| hasty(ctx, &record)) {
                report(ctx, approver, &record, &how, answers);
            }
        }
    }
}

fn records<'a>(ctx: &Context<'a>) -> BTreeMap<&'a str, Record<'a>> {
    let mut records: BTreeMap<&str, Record<'a>> = BTreeMap::new();
    for request in ctx.ledger.requests.values() {
        let machines_only = request.decisions.iter().filter(|decision| decision.approved).all(is_machine);
        let sensitive = request.scopes.iter().any(|scope| ctx.policy.jit.takes_approval(scope));
        for decision in &request.decisions {
            let Some(by) = decision.by.as_deref() else { continue };
            let record = records.entry(by).or_default();
            if !decision.approved {
                record.declined += 1;
                continue;
            }
            record.sensitive |= sensitive;
            record.approved.push((latency(request, decision), decision));
            if machines_only {
                record.alone.push(decision);
            }
        }
    }
    records
}

fn is_machine(decision: &Decision) -> bool {
    matches!(decision.by_kind, IdentityKind::Workload | IdentityKind::Agent | IdentityKind::Application)
}

fn latency(request: &Request, decision: &Decision) -> SignedDuration {
    request.requested.as_ref().map_or(SignedDuration::MAX, |asked| between(decision.time, asked.time))
}

fn machine(record: &Record<'_>) -> Option<String> {
    let times = record.alone.len() as u64;
    (times > 0).then(|| format!("is no person and alone approved {}", count(times, "request")))
}

fn hasty(ctx: &Context<'_>, record: &Record<'_>) -> Option<String> {
    let (approved, all) = (record.approved.len() as u64, record.approved.len() as u64 + record.declined);
    let (median, _) = record.approved.get(record.approved.len() / 2)?;
    let share = approved.saturating_mul(100);
    let hasty = approved >= ctx.parameter("approvals")
        && share >= all.saturating_mul(ctx.parameter("yes-percent"))
        && *median < ctx.span("median-seconds");
    hasty.then(|| format!("approved {approved} of {}, half of them within {}", count(all, "request"), span(*median)))
}

fn report(ctx: &Context<'_>, approver: &str, record: &Record<'_>, how: &str, answers: &mut Answers) {
    let rating = if record.sensitive {
        severity::by_threshold(Severity::High, "among what was approved is access that takes an approval")
    } else {
        severity::default(ctx)
    };
    let subject = Subject {
        kind: SubjectKind::Identity,
        class: "approver".to_owned(),
        id: approver.to_owned(),
        title: "approver".to_owned(),
        principal: None,
    };
    let slowest = record.approved.last().map(|(longest, _)| *longest);
    let quickest = record.approved.first().map(|(shortest, _)| *shortest);
    let mut finding = FindingBuilder::new(&ctx.rule.id, ctx.id(approver, ""), subject, rating.severity, &rating.reason)
        .message(format!("{} {how}.", short(approver)))
        .fact("Decisions", format!("{} approved, {} declined", record.approved.len(), record.declined))
        .fact("Limit", limit(ctx));
    if let (Some(quickest), Some(slowest)) = (quickest, slowest.filter(|longest| *longest < SignedDuration::MAX)) {
        finding = finding.fact("Time to approve", list([span(quickest), span(slowest)], 2).replace(", ", " to "));
    }
    let records = record.approved.iter().take(MAX_RECORDS).map(|(_, decision)| decision.evidence.clone());
    answers.found(approver, finding.evidence(records.collect::<Vec<Evidence>>()));
}

fn limit(ctx: &Context<'_>) -> String {
    format!(
        "{} approvals, {} in a hundred of all decisions, half of them within {}; or approvals by machines alone",
        ctx.parameter("approvals"),
        ctx.parameter("yes-percent"),
        ctx.limit("median-seconds")
    )
}
