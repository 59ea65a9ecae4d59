//! The only place where a severity differs from what the check's rule says, and always with the reason.

use crate::ledger::{CredentialRow, Privilege};
use crate::model::{Confidence, LastUse, Presence, Severity, StandingClass, Status};

use super::Context;
use super::basis::words::{between, span};
use super::basis::{gate, life};

/// How bad, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rating {
    pub(super) severity: Severity,
    pub(super) reason: String,
}

/// The severity of the rule, whatever else is known.
pub(super) fn default(ctx: &Context<'_>) -> Rating {
    Rating { severity: ctx.rule.severity, reason: format!("the default of {}", ctx.rule.id) }
}

/// A severity that the check's own thresholds give.
pub(super) fn by_threshold(severity: Severity, reason: impl Into<String>) -> Rating {
    Rating { severity, reason: reason.into() }
}

/// One step up where the rule asks for it and the identity is an effective administrator.
pub(super) fn for_privilege(ctx: &Context<'_>, rating: Rating, privilege: &Privilege) -> Rating {
    match privilege {
        Privilege::Admin { how, .. } if ctx.rule.raised_for_admin => Rating {
            severity: rating.severity.raised(),
            reason: format!("{}; one step up: the identity is an administrator ({how})", rating.reason),
        },
        _ => rating,
    }
}

/// How bad a secret in code is: by what a reader sees, then by what exports and logs say about it.
pub(super) fn of_exposure(ctx: &Context<'_>, row: &CredentialRow) -> Rating {
    let seen = by_presence(row);
    if let Some(ended) = life::ended(row, ctx.ledger.as_of) {
        let severity = seen.severity.min(Severity::Low);
        return Rating { severity, reason: format!("lowered: it {}", ended.how) };
    }
    if row.readouts.iter().any(|fact| (&*fact.name, &*fact.value) == ("mode", "test")) {
        let severity = seen.severity.min(Severity::Low);
        return Rating { severity, reason: "lowered: it opens the provider's test mode only".to_owned() };
    }
    let rating = match live(ctx, row) {
        Some(why) => Rating {
            severity: seen.severity.raised(),
            reason: format!("{}; one step up: it is live, {why}", seen.reason),
        },
        None => Rating { reason: format!("{}; no export or log says whether it works", seen.reason), ..seen },
    };
    for_privilege(ctx, for_doubt(row, rating), &row.privilege)
}

/// One step down where something speaks against it and neither an export nor a log knows it.
fn for_doubt(row: &CredentialRow, rating: Rating) -> Rating {
    if row.confidence() > Confidence::Low {
        return rating;
    }
    let reason = format!("{}; one step down: it may be none", rating.reason);
    Rating { severity: rating.severity.lowered(), reason }
}

/// What a reader of the repository sees, and how long the type lives.
fn by_presence(row: &CredentialRow) -> Rating {
    let visible =
        row.exposures.iter().any(|place| !matches!(place.presence, Presence::HistoryOnly | Presence::Unreachable));
    let place = if visible { "where a reader of the newest state sees it" } else { "in history only" };
    let (severity, class) = match (row.standing, visible) {
        (StandingClass::Standing, true) => (Severity::High, "standing credential"),
        (StandingClass::Standing, false) => (Severity::Medium, "standing credential"),
        (StandingClass::Depends, true) => (Severity::Medium, "credential whose end is not known"),
        (StandingClass::Depends, false) => (Severity::Low, "credential whose end is not known"),
        (StandingClass::Ephemeral, _) => (Severity::Low, "short-lived credential"),
    };
    Rating { severity, reason: format!("{class} {place}") }
}

/// Why the credential is known to work; nothing where nobody says so.
fn live(ctx: &Context<'_>, row: &CredentialRow) -> Option<String> {
    if row.status == Status::Active {
        return Some(format!("active in {}", gate::exported(ctx, row).source));
    }
    let LastUse::At(used) = row.last_use else { return None };
    let age = between(ctx.ledger.as_of, used);
    (age <= ctx.span("live-days")).then(|| format!("accepted {} before the end of the evidence", span(age)))
}
