//! An administrator that nobody has needed for a long time.

use super::basis::holder;
use super::basis::words::{between, day, span};
use super::{Answers, Check, Context, severity};
use crate::ledger::{IdentityRow, Privilege};
use crate::model::{IdentityKind, LastUse, Status};

/// See `rules/checks/unused_privilege.yaml`.
pub(super) struct UnusedPrivilege;

impl Check for UnusedPrivilege {
    fn id(&self) -> &'static str {
        "unused-privilege"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        for row in ctx.ledger.identities.values().filter(|row| applies(row)) {
            answers.examine();
            match unused(ctx, row) {
                Ok(Some(why)) => report(ctx, row, &why, answers),
                Ok(None) => {}
                Err(why) => answers.inconclusive(&row.id, why),
            }
        }
    }
}

fn applies(row: &IdentityRow) -> bool {
    let may_act = holder::acts(row) || row.kind == IdentityKind::Role;
    may_act && row.status != Status::Inactive && matches!(row.privilege, Privilege::Admin { .. })
}

/// How long it was not used, in words; nothing where it was.
fn unused(ctx: &Context<'_>, row: &IdentityRow) -> Result<Option<String>, String> {
    let limit = ctx.span("idle-days");
    let young = row.created.is_some_and(|created| between(ctx.ledger.as_of, created) < limit);
    match row.last_use {
        LastUse::At(time) => {
            let idle = between(ctx.ledger.as_of, time);
            Ok((idle >= limit).then(|| format!("was last used {} ago ({})", span(idle), day(time))))
        }
        _ if young => Ok(None),
        LastUse::Never => Ok(Some("was never used".to_owned())),
        LastUse::NotInWindow => Ok(Some("was not used in the time that the inputs cover".to_owned())),
        LastUse::Unknown => Err("no export or log says when it was last used".to_owned()),
    }
}

fn report(ctx: &Context<'_>, row: &IdentityRow, why: &str, answers: &mut Answers) {
    let rating = severity::default(ctx);
    let finding = holder::about(ctx, row, &rating, "")
        .message(format!("{} is an administrator and {why}.", holder::name(row)))
        .fact("Limit", ctx.limit("idle-days"))
        .evidence(holder::evidence(row));
    answers.found(&row.id, holder::complete(ctx, row, finding));
}
