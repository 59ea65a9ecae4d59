//! E02: one static credential, many users.

use super::basis::words::{count, list, minute};
use super::basis::{card, life, origins};
use super::{Answers, Check, Context, severity};
use crate::ledger::{Concurrency, CredentialRow, Moment, Timeline};
use crate::model::Evidence;

/// See `rules/checks/shared_credential.yaml`.
pub(super) struct SharedCredential;

/// Signs of several users, each as a sentence part, with the records.
#[derive(Default)]
struct Signs {
    said: Vec<String>,
    facts: Vec<(&'static str, String)>,
    evidence: Vec<Evidence>,
}

impl Check for SharedCredential {
    fn id(&self) -> &'static str {
        "shared-credential"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        for row in ctx.shared.lasting.iter().copied().filter(|row| life::is_static(row)) {
            let Some(timeline) = row.timeline.as_deref().filter(|timeline| timeline.accepted > 0) else { continue };
            answers.examine();
            let signs = signs(ctx, timeline);
            if !signs.said.is_empty() {
                report(ctx, row, signs, answers);
            }
        }
    }
}

fn signs(ctx: &Context<'_>, timeline: &Timeline) -> Signs {
    let mut signs = Signs::default();
    let networks = origins::networks(ctx, timeline);
    if networks.len() as u64 >= ctx.parameter("networks") {
        let more = if timeline.more_networks { "at least " } else { "" };
        signs.said.push(format!("from {more}{}", count(networks.len() as u64, "network")));
        let names = networks.iter().map(|(address, _)| origins::network_name(*address));
        signs.add("Networks", list(names, 8), networks.iter().map(|(_, moment)| *moment));
    }
    let workloads = origins::workloads(timeline);
    if workloads.len() as u64 >= ctx.parameter("workloads") {
        signs.said.push(format!("by {}", count(workloads.len() as u64, "workload")));
        let names = workloads.iter().map(|(name, _)| name.clone());
        signs.add("Workloads", list(names, 8), workloads.iter().map(|(_, moment)| *moment));
    }
    if let Some(seen) = origins::concurrency(ctx, timeline).filter(|_| ctx.parameter("hosts-in-minute") <= 2) {
        signs.said.push("from two hosts inside one minute".to_owned());
        signs.add_hosts(seen);
    }
    signs
}

impl Signs {
    fn add<'a>(&mut self, label: &'static str, value: String, moments: impl Iterator<Item = &'a Moment>) {
        self.facts.push((label, value));
        self.evidence.extend(card::records(moments));
    }

    fn add_hosts(&mut self, seen: &Concurrency) {
        self.facts.push(("Two hosts", format!("{} and {} at {}", seen.one.0, seen.other.0, minute(seen.minute))));
        self.evidence.extend([seen.one.1.clone(), seen.other.1.clone()]);
    }
}

fn report(ctx: &Context<'_>, row: &CredentialRow, signs: Signs, answers: &mut Answers) {
    let rating = severity::for_privilege(ctx, severity::default(ctx), &row.privilege);
    let message = format!("{} was used {}.", card::name(row), list(signs.said, 3));
    let finding = card::about(ctx, row, &rating, "").message(message);
    let finding = signs.facts.into_iter().fold(finding, |finding, (label, value)| finding.fact(label, value));
    let limit = format!("{} networks, {} workloads", ctx.limit("networks"), ctx.limit("workloads"));
    let finding = finding.fact("Limit", limit).evidence(signs.evidence).evidence(card::evidence(row));
    answers.found(&row.id.to_string(), card::complete(ctx, row, finding));
}
