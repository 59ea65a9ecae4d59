//! The finding about a grant that a log shows being made: subject, card and evidence.

use crate::check::severity::Rating;
use crate::ledger::{GrantLife, GrantName, Making};
use crate::model::{Evidence, FindingBuilder, Subject, SubjectKind};

use super::Context;
use super::card::{self, short};
use super::words::minute;

/// `user/alice: policy/AdministratorAccess over prod`, in full ids.
pub(in crate::check) fn id(name: &GrantName) -> String {
    let over = if name.scope.is_empty() { String::new() } else { format!(" over {}", name.scope) };
    let eligible = if name.eligible { " (eligible)" } else { "" };
    format!("{}: {}{over}{eligible}", name.holder, name.object.id())
}

/// `policy/AdministratorAccess for user/alice`, as a sentence begins.
pub(in crate::check) fn sentence(name: &GrantName) -> String {
    let over = if name.scope.is_empty() { String::new() } else { format!(" over {}", short(&name.scope)) };
    format!("{}{over} for {}", short(name.object.id()), short(&name.holder))
}

/// Starts a finding about one making of a grant, with its card.
pub(in crate::check) fn about(
    ctx: &Context<'_>,
    (name, life): (&GrantName, &GrantLife),
    made: &Making,
    rating: &Rating,
) -> FindingBuilder {
    let subject = Subject {
        kind: SubjectKind::Grant,
        class: name.system.to_string(),
        id: id(name),
        title: "grant".to_owned(),
        principal: Some(name.holder.to_string()),
    };
    let lines = [
        ("Granted", Some(minute(made.time))),
        ("Granted by", made.by.as_deref().map(str::to_owned)),
        ("Request", made.request.as_deref().map(str::to_owned)),
        ("Reason", made.reason.as_deref().filter(|reason| !reason.is_empty()).map(str::to_owned)),
        ("Ends", made.expiry.at().map(minute)),
        ("Gives", card::privilege(&life.privilege)),
    ];
    let finding = FindingBuilder::new(&ctx.rule.id, ctx.id(&id(name), ""), subject, rating.severity, &rating.reason);
    let known = lines.into_iter().filter_map(|(label, value)| Some((label, value?)));
    known.fold(finding, |finding, (label, value)| finding.fact(label, value))
}

/// The record of a making.
pub(in crate::check) fn evidence(made: &Making) -> [Evidence; 1] {
    [made.evidence.clone()]
}
