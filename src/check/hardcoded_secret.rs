//! A credential in code or history: one finding for each credential, however many places hold it.

use super::basis::card;
use super::basis::words::{count, list};
use super::{Answers, Check, Context, severity};
use crate::ledger::CredentialRow;
use crate::model::{Confidence, Finding, Presence};

/// See `rules/checks/hardcoded_secret.yaml`.
pub(super) struct HardcodedSecret;

impl Check for HardcodedSecret {
    fn id(&self) -> &'static str {
        Finding::SECRET_IN_CODE
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        for row in &ctx.shared.in_code {
            answers.examine();
            report(ctx, row, answers);
        }
    }
}

fn report(ctx: &Context<'_>, row: &CredentialRow, answers: &mut Answers) {
    let rating = severity::of_exposure(ctx, row);
    let mut finding = card::about(ctx, row, &rating, "").message(sentence(row));
    finding = card::complete(ctx, row, finding);
    if !row.readouts.is_empty() {
        let read = row.readouts.iter().map(|fact| format!("{} {}", fact.name, fact.value));
        finding = finding.fact("Read off it", list(read, 6));
    }
    if let Some(doubt) = doubt(row) {
        finding = finding.fact("Doubt", doubt);
    }
    answers.found(&row.id.to_string(), finding.evidence(card::evidence(row)));
}

fn sentence(row: &CredentialRow) -> String {
    let now =
        row.exposures.iter().any(|place| !matches!(place.presence, Presence::HistoryOnly | Presence::Unreachable));
    let places = count(card::places(row), "place");
    let what = card::name(row);
    if now {
        format!("{what} lies in code, in {places}.")
    } else {
        format!("{what} lies in history only, in {places}.")
    }
}

/// What speaks against it, where no export or log knows it.
fn doubt(row: &CredentialRow) -> Option<String> {
    if row.confidence() == Confidence::High {
        return None;
    }
    let surest = row.exposures.iter().max_by_key(|place| place.confidence)?;
    (!surest.doubt.is_empty()).then(|| surest.doubt.to_string())
}
