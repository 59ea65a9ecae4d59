//! A04: a credential that was issued without an end, or for more than a year.

use jiff::SignedDuration;

use super::basis::words::{between, span};
use super::basis::{card, life};
use super::{Answers, AskRow, Check, Context, severity};
use crate::ledger::CredentialRow;
use crate::model::Expiry;

/// How long a credential was meant to live when it was issued.
enum Life {
    Endless,
    For(SignedDuration),
}

/// See `rules/checks/non_expiring_credential.yaml`.
pub(super) struct NonExpiringCredential;

impl Check for NonExpiringCredential {
    fn id(&self) -> &'static str {
        "non-expiring-credential"
    }

    fn of_row(&self) -> Option<AskRow> {
        Some(ask_row)
    }
}

fn ask_row(ctx: &Context<'_>, row: &CredentialRow, answers: &mut Answers) {
    let Some(life) = life_at_issue(row) else { return };
    answers.examine();
    let too_long = match life {
        Life::Endless => true,
        Life::For(length) => length > ctx.span("lifetime-days"),
    };
    if too_long && !life::is_over(row, ctx.ledger.as_of) {
        report(ctx, row, &life, answers);
    }
}

/// Nothing where nobody knows.
fn life_at_issue(row: &CredentialRow) -> Option<Life> {
    match row.expiry {
        Expiry::Never => has_choice(row).then_some(Life::Endless),
        Expiry::Unknown => None,
        Expiry::At(end) => {
            let logged = row.timeline.as_deref().and_then(|timeline| timeline.ttl_s).map(SignedDuration::from_secs);
            logged.or_else(|| Some(between(end, row.created?))).map(Life::For)
        }
    }
}

/// Whether the system could have set an end: IAM cannot. That a whole type has no end is known from its documentation and
/// says nothing about one credential, so text alone counts only where the credential itself says "never".
fn has_choice(row: &CredentialRow) -> bool {
    let says = || row.readouts.iter().any(|fact| &*fact.name == "expires");
    !row.kind.starts_with("aws-") && (life::is_known(row) || says())
}

fn report(ctx: &Context<'_>, row: &CredentialRow, life: &Life, answers: &mut Answers) {
    let rating = severity::for_privilege(ctx, severity::default(ctx), &row.privilege);
    let how = match life {
        Life::Endless => "without an end".to_owned(),
        Life::For(length) => format!("for {}", span(*length)),
    };
    let finding = card::about(ctx, row, &rating, "")
        .message(format!("{} was issued {how}.", card::name(row)))
        .fact("Life at issue", format!("{how}; the limit is {}", ctx.limit("lifetime-days")))
        .evidence(card::evidence(row));
    answers.found(&row.id.to_string(), card::complete(ctx, row, finding));
}
