//! The finding about an identity: subject, card and evidence, the same for every check.

use std::collections::BTreeMap;

use crate::check::severity::Rating;
use crate::ledger::{IdentityRow, Privilege};
use crate::model::{
    Evidence, FindingBuilder, Grant, IdentityKind, LastUse, Path, Standing, StandingClass, Subject, SubjectKind,
};

use super::Context;
use super::card::{self, short};
use super::words::{between, count, day, span};

/// How many records of one kind a finding lists.
const MAX_RECORDS: usize = 8;

/// An identity that no export may describe, as the subject of a finding.
pub(in crate::check) fn by_id(id: &str) -> Subject {
    let class = "identity".to_owned();
    Subject { kind: SubjectKind::Identity, title: class.clone(), class, id: id.to_owned(), principal: None }
}

/// Starts a finding about an identity.
pub(in crate::check) fn about(ctx: &Context<'_>, row: &IdentityRow, rating: &Rating, place: &str) -> FindingBuilder {
    let subject = Subject {
        kind: SubjectKind::Identity,
        class: kind(row.kind).to_owned(),
        id: row.id.to_string(),
        title: title(row),
        principal: None,
    };
    FindingBuilder::new(&ctx.rule.id, ctx.id(&row.id, place), subject, rating.severity, &rating.reason)
}

/// `AWS role deployer`, as a sentence begins.
pub(in crate::check) fn name(row: &IdentityRow) -> String {
    let name = if row.name.is_empty() { short(&row.id) } else { &row.name };
    format!("{} {name}", title(row))
}

/// The lines of the card that are known, in reading order.
pub(in crate::check) fn complete(ctx: &Context<'_>, row: &IdentityRow, builder: FindingBuilder) -> FindingBuilder {
    let account = row.account.as_deref().map(str::to_owned);
    let lines = [
        ("Account", account),
        ("Created", row.created.map(|made| format!("{}, {} old", day(made), span(between(ctx.ledger.as_of, made))))),
        ("Last use", last_use(ctx, row.last_use)),
        ("Privilege", card::privilege(&row.privilege)),
        ("Owner", row.fact("owner").map(str::to_owned)),
    ];
    let known = lines.into_iter().filter_map(|(label, value)| Some((label, value?)));
    known.fold(builder, |builder, (label, value)| builder.fact(label, value))
}

/// Where the identity was seen, and what makes it an administrator.
pub(in crate::check) fn evidence(row: &IdentityRow) -> Vec<Evidence> {
    let mut all: Vec<Evidence> = row.evidence.iter().take(MAX_RECORDS).cloned().collect();
    if let Privilege::Admin { evidence, .. } = &row.privilege {
        all.extend(evidence.iter().take(MAX_RECORDS).cloned());
    }
    all
}

/// Whether somebody or something acts as it, so that it can hold privilege: no group, scope or role.
pub(in crate::check) fn acts(row: &IdentityRow) -> bool {
    matches!(
        row.kind,
        IdentityKind::Person
            | IdentityKind::Agent
            | IdentityKind::User
            | IdentityKind::Workload
            | IdentityKind::Application
    )
}

/// The grants by the record that shows them.
pub(in crate::check) fn grants_by_record<'a>(ctx: &Context<'a>) -> BTreeMap<&'a Evidence, Vec<&'a Grant>> {
    let mut by_record: BTreeMap<&Evidence, Vec<&Grant>> = BTreeMap::new();
    for grant in &ctx.ledger.grants {
        by_record.entry(&grant.evidence).or_default().push(grant);
    }
    by_record
}

/// `used 12 days ago`, in the words of the card.
pub(in crate::check) fn last_use(ctx: &Context<'_>, last_use: LastUse) -> Option<String> {
    match last_use {
        LastUse::At(time) => {
            Some(format!("{}, {} before the end of the evidence", day(time), span(between(ctx.ledger.as_of, time))))
        }
        LastUse::Never => Some("never".to_owned()),
        LastUse::NotInWindow => Some("none in the time that the inputs cover".to_owned()),
        LastUse::Unknown => None,
    }
}

/// A grant for people: `roles/owner on projects/shop`.
pub(in crate::check) fn gives(grant: &Grant) -> String {
    let object = short(grant.object.id());
    if grant.scope.is_empty() { object.to_owned() } else { format!("{object} on {}", grant.scope) }
}

/// The state of a grant for people.
pub(in crate::check) fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Standing => "there until somebody removes it",
        Standing::TimeBound => "ends by itself",
        Standing::ExpiredStillPresent => "over, and still there",
        Standing::Eligible => "must be activated",
        Standing::JitActive => "activated for now",
        Standing::Unknown => "not known",
    }
}

/// Grants that hold until somebody removes them make standing findings.
pub(in crate::check) fn class(standing: Standing) -> StandingClass {
    match standing {
        Standing::Standing => StandingClass::Standing,
        Standing::TimeBound | Standing::JitActive => StandingClass::Ephemeral,
        Standing::ExpiredStillPresent | Standing::Eligible | Standing::Unknown => StandingClass::Depends,
    }
}

/// The shortest path that depends on nothing; where all depend on something, the shortest of those.
pub(in crate::check) fn shortest(paths: &[Path]) -> Option<&Path> {
    paths.iter().min_by_key(|path| (!path.unless.is_empty(), path.steps.len(), *path))
}

/// How a path is counted: `3 steps`.
pub(in crate::check) fn steps(number: usize) -> String {
    count(number as u64, "step")
}

fn title(row: &IdentityRow) -> String {
    let system = match &*row.system {
        "aws" => "AWS",
        "gcp" => "Google Cloud",
        "azure" => "Azure",
        "entra" => "Entra",
        "kubernetes" => "Kubernetes",
        "vault" => "Vault",
        other => other,
    };
    format!("{system} {}", kind(row.kind))
}

fn kind(kind: IdentityKind) -> &'static str {
    match kind {
        IdentityKind::Person => "person",
        IdentityKind::Agent => "agent",
        IdentityKind::User => "user",
        IdentityKind::Root => "root user",
        IdentityKind::Role => "role",
        IdentityKind::Group => "group",
        IdentityKind::Workload => "workload",
        IdentityKind::Application => "application",
        IdentityKind::Scope => "scope",
        IdentityKind::Public => "public",
        IdentityKind::Unknown => "identity",
    }
}
