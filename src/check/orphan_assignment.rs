//! A privileged grant in an export that no log shows being made, or that was made without a request.

use std::collections::BTreeSet;

use super::basis::words::day;
use super::basis::{holder, log, request};
use super::{Answers, Check, Context, severity};
use crate::ledger::{GrantName, IdentityRow, Privilege, identity_key};
use crate::model::{Evidence, Grant, GrantObject, Standing, Status};

/// See `rules/checks/orphan_assignment.yaml`.
pub(super) struct OrphanAssignment;

/// What the logs say about the making of a grant.
enum Origin {
    /// It was made under a request, or by something that needs none.
    Known,
    /// No log holds its making, though one covers the time.
    Unseen(String),
    /// It was made, and no request led to it.
    Unasked(Evidence),
}

impl Check for OrphanAssignment {
    fn id(&self) -> &'static str {
        "orphan-assignment"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        let made = made(ctx);
        let by_record = holder::grants_by_record(ctx);
        for row in ctx.ledger.identities.values().filter(|row| holder::acts(row) && row.status != Status::Inactive) {
            let Privilege::Admin { evidence, .. } = &row.privilege else { continue };
            let records: BTreeSet<&Evidence> = evidence.iter().collect();
            let grants = records.into_iter().filter_map(|record| by_record.get(record)).flatten().copied();
            for grant in grants.filter(|grant| grant.holder == row.id && gives(grant)) {
                answers.examine();
                match origin(ctx, row, grant, &made) {
                    Ok(Origin::Known) => {}
                    Ok(origin) => report(ctx, row, grant, origin, answers),
                    Err(why) => answers.inconclusive(&row.id, why),
                }
            }
        }
    }
}

/// Standing rights, and not memberships or trust.
fn gives(grant: &Grant) -> bool {
    matches!(grant.object, GrantObject::Policy(_) | GrantObject::Role(_)) && grant.standing == Standing::Standing
}

/// The grants that logs show being made, by holder, object and scope.
fn made<'a>(ctx: &Context<'a>) -> Vec<(String, &'a GrantName)> {
    let mut made: Vec<_> = ctx.ledger.grant_lives.keys().map(|name| (identity_key(&name.holder), name)).collect();
    made.sort();
    made
}

fn origin(
    ctx: &Context<'_>,
    row: &IdentityRow,
    grant: &Grant,
    made: &[(String, &GrantName)],
) -> Result<Origin, String> {
    let holder = identity_key(&grant.holder);
    let same =
        made.iter().find(|(known, name)| *known == holder && name.object == grant.object && name.scope == grant.scope);
    let life = same.and_then(|(_, name)| ctx.ledger.grant_lives.get(*name));
    if let Some(making) = life.and_then(|life| life.made.last()) {
        let asked = making.request.as_deref().is_some_and(|id| ctx.ledger.requests.contains_key(id));
        if asked {
            return Ok(Origin::Known);
        }
        request::covered(ctx, making.time, making.time)?;
        return Ok(Origin::Unasked(making.evidence.clone()));
    }
    let Some((key, stream)) = log::of_system(ctx.ledger, &grant.system, row.account.as_deref()) else {
        return Err("no log that would hold the making of its grants was read".to_owned());
    };
    let created = grant.created.or(row.created).ok_or("no export tells when its grants were made")?;
    let (_, end) = stream.window().ok_or_else(|| format!("{} holds no record", log::name(key)))?;
    stream.covers(created, end).map_err(|why| format!("{}: {why}", log::name(key)))?;
    Ok(Origin::Unseen(log::name(key)))
}

fn report(ctx: &Context<'_>, row: &IdentityRow, grant: &Grant, origin: Origin, answers: &mut Answers) {
    let rating = severity::default(ctx);
    let (how, record) = match origin {
        Origin::Unseen(log) => (format!("no record of {log} shows it being made"), None),
        Origin::Unasked(record) => ("it was made without a request".to_owned(), Some(record)),
        Origin::Known => return,
    };
    let object = super::basis::card::short(grant.object.id()).to_owned();
    let finding = holder::about(ctx, row, &rating, grant.object.id())
        .message(format!("{} holds {object}, and {how}.", holder::name(row)))
        .fact("Grant", object)
        .fact("Made", grant.created.map_or_else(|| "not told by the export".to_owned(), day))
        .evidence([grant.evidence.clone()])
        .evidence(record)
        .evidence(holder::evidence(row));
    answers.found(&row.id, holder::complete(ctx, row, finding));
}
