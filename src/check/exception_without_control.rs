//! I07: a static credential that the organisation lives with, without what should make up for it.

use jiff::tz::TimeZone;

use super::basis::words::{between, list, span};
use super::basis::{card, life};
use super::severity::by_threshold;
use super::{Answers, Check, Context, severity};
use crate::ledger::{CredentialRow, identity_key};
use crate::model::{Exception, Severity};

/// What a condition names when it limits from where a request may come.
const PLACES: [&str; 5] = ["aws:sourceip", "aws:sourcevpc", "aws:sourcevpce", "aws:vpcsourceip", "request.origin"];

/// See `rules/checks/exception_without_control.yaml`.
pub(super) struct ExceptionWithoutControl;

impl Check for ExceptionWithoutControl {
    fn id(&self) -> &'static str {
        "exception-without-control"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        for exception in &ctx.policy.exceptions.complete {
            let Some(subject) = exception.subject.as_deref() else { continue };
            let rows =
                ctx.shared.lasting.iter().copied().filter(|row| life::is_static(row) && row.id.to_string() == subject);
            for row in rows.filter(|row| !life::is_over(row, ctx.ledger.as_of)) {
                answers.examine();
                ask(ctx, row, &exception.shown, answers);
            }
        }
    }
}

fn ask(ctx: &Context<'_>, row: &CredentialRow, exception: &Exception, answers: &mut Answers) {
    let today = ctx.ledger.as_of.to_zoned(TimeZone::UTC).date();
    let past = (exception.expires < today).then(|| format!("its date has passed ({})", exception.expires));
    let old =
        row.created.map(|created| between(ctx.ledger.as_of, created)).filter(|age| *age > ctx.span("rotation-days"));
    let old = old.map(|age| format!("it was not rotated for {}", span(age)));
    let unwatched = ctx.ledger.stream_for(row).is_none().then(|| "no log of its use was read".to_owned());
    let lacking: Vec<String> = [past.clone(), old, anywhere(ctx, row), unwatched].into_iter().flatten().collect();
    if lacking.is_empty() {
        return;
    }
    let rating = match past {
        Some(_) => by_threshold(Severity::High, "the exception's own date has passed"),
        None => severity::default(ctx),
    };
    let finding = card::about(ctx, row, &rating, &exception.at)
        .message(format!("{} is excepted, and {}.", card::name(row), list(lacking, 4)))
        .fact("Exception", format!("{} ({}), until {}", exception.at, exception.reason, exception.expires))
        .fact("Owner", exception.owner.clone())
        .fact("Limit", format!("rotation every {}", ctx.limit("rotation-days")))
        .evidence(card::evidence(row));
    answers.found(&row.id.to_string(), card::complete(ctx, row, finding));
}

/// Nothing where a policy of the identity names a place, or where no export tells its policies.
fn anywhere(ctx: &Context<'_>, row: &CredentialRow) -> Option<String> {
    let holder = identity_key(row.principal.as_deref()?);
    let identity = ctx.ledger.identities.values().find(|identity| identity_key(&identity.id) == holder)?;
    let policies = identity.policies.iter().filter_map(|id| ctx.ledger.policies.get(id));
    let mut statements = policies.flat_map(|policy| &policy.statements).peekable();
    statements.peek()?;
    let limited = statements.any(|statement| {
        let conditions = statement.conditions.to_lowercase();
        PLACES.iter().any(|place| conditions.contains(place))
    });
    (!limited).then(|| "no policy limits from where it may be used".to_owned())
}
