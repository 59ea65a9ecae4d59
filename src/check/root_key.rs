//! An access key of a root user.

use super::basis::{card, life};
use super::{Answers, Check, Context, severity};
use crate::model::{IdentityKind, Status};

/// See `rules/checks/root_key.yaml`.
pub(super) struct RootKey;

/// What a root user should not have.
const KINDS: [&str; 2] = ["aws-access-key-id", "aws-signing-certificate"];

impl Check for RootKey {
    fn id(&self) -> &'static str {
        "root-key"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        for root in ctx.ledger.identities.values().filter(|row| row.kind == IdentityKind::Root) {
            answers.examine();
            let own = ctx.ledger.credentials.iter().filter(|row| row.principal.as_deref() == Some(&*root.id));
            for row in own.filter(|row| KINDS.contains(&&*row.kind)) {
                if row.status == Status::Active && !life::is_over(row, ctx.ledger.as_of) {
                    let rating = severity::default(ctx);
                    let finding = card::about(ctx, row, &rating, "")
                        .message(format!("{} opens everything in the account.", card::name(row)))
                        .evidence(card::evidence(row))
                        .evidence(root.evidence.iter().take(1).cloned());
                    answers.found(&row.id.to_string(), card::complete(ctx, row, finding));
                }
            }
        }
    }
}
