//! A password that alone opens the console.

use super::basis::holder;
use super::{Answers, Check, Context, severity};
use crate::model::{IdentityKind, Status};

/// See `rules/checks/console_user_without_mfa.yaml`.
pub(super) struct ConsoleUserWithoutMfa;

impl Check for ConsoleUserWithoutMfa {
    fn id(&self) -> &'static str {
        "console-user-without-mfa"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        let users = ctx.ledger.identities.values().filter(|row| row.status != Status::Inactive);
        for row in users.filter(|row| row.fact("console") == Some("true")) {
            answers.examine();
            match row.fact("mfa") {
                Some("true") => {}
                Some(_) => {
                    let rating = severity::for_privilege(ctx, severity::default(ctx), &row.privilege);
                    let root = if row.kind == IdentityKind::Root { ", and it is the root user" } else { "" };
                    let finding = holder::about(ctx, row, &rating, "")
                        .message(format!("{} signs in with a password and no second factor{root}.", holder::name(row)))
                        .evidence(holder::evidence(row));
                    answers.found(&row.id, holder::complete(ctx, row, finding));
                }
                None => answers.inconclusive(&row.id, "no export says whether it has a second factor"),
            }
        }
    }
}
