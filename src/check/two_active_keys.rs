//! An identity with two working keys of one kind.

use std::collections::BTreeMap;

use super::basis::words::{between, count, list, span};
use super::basis::{card, holder, life};
use super::{Answers, Check, Context, severity};
use crate::ledger::{CredentialRow, identity_key};
use crate::model::{FindingBuilder, StandingClass, Status};

/// Kinds of which one identity needs one. Tokens of people are made for each use, and many of them are no fault.
const KINDS: [&str; 3] = ["aws-access-key-id", "gcp-service-account-key", "azure-entra-client-secret"];

/// See `rules/checks/two_active_keys.yaml`.
pub(super) struct TwoActiveKeys;

impl Check for TwoActiveKeys {
    fn id(&self) -> &'static str {
        "two-active-keys"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        let mut holders: BTreeMap<(String, &str), Vec<&CredentialRow>> = BTreeMap::new();
        for row in ctx.ledger.credentials.iter().filter(|row| KINDS.contains(&&*row.kind) && works(ctx, row)) {
            if let Some(holder) = row.principal.as_deref() {
                holders.entry((identity_key(holder), &row.kind)).or_default().push(row);
            }
        }
        for rows in holders.into_values() {
            answers.examine();
            if rows.len() as u64 >= ctx.parameter("keys") {
                ask(ctx, &rows, answers);
            }
        }
    }
}

/// Listed as active by an export, and nothing later says otherwise.
fn works(ctx: &Context<'_>, row: &CredentialRow) -> bool {
    row.status == Status::Active && !life::is_over(row, ctx.ledger.as_of)
}

/// A rotation has two keys for a while: the youngest must be older than that.
fn ask(ctx: &Context<'_>, rows: &[&CredentialRow], answers: &mut Answers) {
    let Some(holder) = rows.first().and_then(|row| row.principal.as_deref()) else { return };
    let ages: Option<Vec<_>> = rows.iter().map(|row| Some(between(ctx.ledger.as_of, row.created?))).collect();
    let Some(youngest) = ages.and_then(|ages| ages.into_iter().min()) else {
        return answers.inconclusive(holder, "no input tells when its keys were made");
    };
    if youngest < ctx.span("overlap-days") {
        return;
    }
    let privilege = rows.first().map(|row| &row.privilege);
    let rating =
        privilege.map_or_else(|| severity::default(ctx), |it| severity::for_privilege(ctx, severity::default(ctx), it));
    let subject = holder::by_id(holder);
    let finding = FindingBuilder::new(&ctx.rule.id, ctx.id(holder, ""), subject, rating.severity, &rating.reason)
        .message(format!(
            "{} has {} that work, the youngest for {}.",
            card::short(holder),
            count(rows.len() as u64, "key"),
            span(youngest)
        ))
        .standing(StandingClass::Standing)
        .fact("Keys", list(rows.iter().map(|row| row.id.to_string()), 6))
        .fact(
            "Limit",
            format!("{} keys, {} of overlap in a rotation", ctx.parameter("keys"), ctx.limit("overlap-days")),
        )
        .evidence(rows.iter().flat_map(|row| card::evidence(row)).collect::<Vec<_>>());
    answers.found(holder, finding);
}
