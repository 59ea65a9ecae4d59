//! B06: a certificate that lives too long, or that a person issued by hand.

use jiff::SignedDuration;

use super::basis::card;
use super::basis::words::span;
use super::{Answers, AskRow, Check, Context, severity};
use crate::ledger::CredentialRow;
use crate::model::{Expiry, IdentityKind};

/// See `rules/checks/certificate_over_lifetime.yaml`.
pub(super) struct CertificateOverLifetime;

impl Check for CertificateOverLifetime {
    fn id(&self) -> &'static str {
        "certificate-over-lifetime"
    }

    fn of_row(&self) -> Option<AskRow> {
        Some(ask_row)
    }
}

fn ask_row(ctx: &Context<'_>, row: &CredentialRow, answers: &mut Answers) {
    if !is_certificate(row) {
        return;
    }
    let Some(timeline) = &row.timeline else { return };
    let Some(from) = timeline.issued_at else { return };
    let life = match row.expiry {
        Expiry::At(end) => end.duration_since(from),
        Expiry::Never => SignedDuration::MAX,
        Expiry::Unknown => return,
    };
    answers.examine();
    let (class, limit, words) = ceiling(ctx, row);
    if life > limit {
        report(ctx, row, class, (life, limit), &words, answers);
    }
}

/// A certificate, by the type of the credential.
pub(super) fn is_certificate(row: &CredentialRow) -> bool {
    row.kind.contains("certificate") || row.kind.contains("svid")
}

/// The class of a certificate with its ceiling, and that in words.
fn ceiling(ctx: &Context<'_>, row: &CredentialRow) -> (&'static str, SignedDuration, String) {
    let requester = row.timeline.as_ref().map_or(IdentityKind::Unknown, |timeline| timeline.requester_kind);
    let workload = matches!(requester, IdentityKind::Workload | IdentityKind::Agent | IdentityKind::Application);
    if row.kind.contains("svid") || workload {
        return ("workload", ctx.span("workload-hours"), ctx.limit("workload-hours"));
    }
    if ["user", "ssh", "teleport"].iter().any(|part| row.kind.contains(part)) || requester == IdentityKind::Person {
        return ("person", ctx.span("person-hours"), ctx.limit("person-hours"));
    }
    ("server", ctx.span("server-days"), ctx.limit("server-days"))
}

fn report(
    ctx: &Context<'_>,
    row: &CredentialRow,
    class: &str,
    (life, most): (SignedDuration, SignedDuration),
    limit: &str,
    answers: &mut Answers,
) {
    let rating = severity::default(ctx);
    let how_long = if life == SignedDuration::MAX {
        "without end".to_owned()
    } else {
        format!("for {}, {} too long", span(life), span(life.saturating_sub(most)))
    };
    let by_hand = row.timeline.as_ref().is_some_and(|timeline| timeline.requester_kind == IdentityKind::Person);
    let finding = card::about(ctx, row, &rating, "")
        .message(format!(
            "{} is valid {how_long}; certificates of a {class} should live {limit} at most.",
            card::name(row)
        ))
        .fact("Class", class)
        .fact("Issued by", if by_hand { "a person" } else { "not a person, or not known" })
        .evidence(card::evidence(row));
    answers.found(&row.id.to_string(), card::complete(ctx, row, finding));
}
