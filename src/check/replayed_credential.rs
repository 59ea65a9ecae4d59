//! G02: a temporary credential that was used from another origin.

use super::basis::words::{count, list, minute};
use super::basis::{card, origins};
use super::{Answers, AskRow, Check, Context, severity};
use crate::ledger::{CredentialRow, Moment};
use crate::model::StandingClass;
use std::net::IpAddr;

/// See `rules/checks/replayed_credential.yaml`.
pub(super) struct ReplayedCredential;

impl Check for ReplayedCredential {
    fn id(&self) -> &'static str {
        "replayed-credential"
    }

    fn of_row(&self) -> Option<AskRow> {
        Some(ask_row)
    }
}

fn ask_row(ctx: &Context<'_>, row: &CredentialRow, answers: &mut Answers) {
    if row.standing != StandingClass::Ephemeral {
        return;
    }
    let Some(timeline) = row.timeline.as_deref().filter(|timeline| timeline.accepted > 0) else { return };
    answers.examine();
    let networks = origins::networks(ctx, timeline);
    if networks.len() as u64 >= ctx.parameter("networks") {
        report(ctx, row, networks, answers);
    }
}

fn report(ctx: &Context<'_>, row: &CredentialRow, mut networks: Vec<(IpAddr, &Moment)>, answers: &mut Answers) {
    networks.sort_by(|a, b| (a.1, a.0).cmp(&(b.1, b.0)));
    let rating = severity::for_privilege(ctx, severity::default(ctx), &row.privilege);
    let origin = |(address, moment): &(IpAddr, &Moment)| {
        format!("{} from {}", origins::network_name(*address), minute(moment.time))
    };
    let finding = card::about(ctx, row, &rating, "")
        .message(format!("{} was used from {}.", card::name(row), count(networks.len() as u64, "network")))
        .fact("Origins", list(networks.iter().map(origin), 8))
        .fact(
            "Limit",
            format!("{} networks; whether their operators differ is not known offline", ctx.limit("networks")),
        )
        .evidence(card::records(networks.iter().map(|(_, moment)| *moment)))
        .evidence(card::evidence(row));
    answers.found(&row.id.to_string(), card::complete(ctx, row, finding));
}
