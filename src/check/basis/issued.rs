//! What was issued for a while, by who asked for it and what it is good for: one cause, one finding.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::check::severity::Rating;
use crate::ledger::{CredentialRow, Ledger, Moment, Privilege, Timeline, identity_key};
use crate::model::{Evidence, FindingBuilder, StandingClass, Subject, SubjectKind};

use super::words::{count, list};
use super::{Context, card};

/// How many records of credentials a finding about a group lists.
const MAX_RECORDS: usize = 8;
/// How many credentials it names.
const MAX_NAMES: usize = 6;

/// A credential that ends by itself, with its life in the logs.
#[derive(Clone, Copy, Debug)]
pub(in crate::check) struct Session<'a> {
    /// The credential.
    pub(in crate::check) row: &'a CredentialRow,
    /// What the logs show of it.
    pub(in crate::check) life: &'a Timeline,
}

/// Credentials by requester and scope; a text is empty where no record says.
pub(in crate::check) type Groups<'a> = BTreeMap<(&'a str, &'a str), Vec<Session<'a>>>;

impl<'a> Session<'a> {
    /// The credential with its life, where a log names it.
    pub(in crate::check) fn of(row: &'a CredentialRow) -> Option<Self> {
        Some(Self { row, life: row.timeline.as_ref()? })
    }

    /// Who asked for it, and what it is good for.
    pub(in crate::check) fn group(&self) -> (&'a str, &'a str) {
        let text = |text: &'a Option<Arc<str>>| text.as_deref().unwrap_or_default();
        (text(&self.life.requester), text(&self.life.scope))
    }

    /// What it is good for, else who asked for it, else its id.
    pub(in crate::check) fn name(&self) -> String {
        let (requester, scope) = self.group();
        match [scope, requester].into_iter().find(|text| !text.is_empty()) {
            Some(text) => card::short(text).to_owned(),
            None => self.row.id.to_string(),
        }
    }

    /// The record of its issuance, or the first that carries its issue time.
    pub(in crate::check) fn issued(&self) -> Option<&'a Moment> {
        self.life.issued.as_ref().or(self.life.seen.as_ref())
    }
}

/// Whether it is one that does not stand for ever and that no service of the provider obtained for itself.
pub(in crate::check) fn is_short(session: &Session<'_>) -> bool {
    session.row.standing != StandingClass::Standing && !session.life.by_service
}

/// Starts a finding about what one requester obtains for one scope, both as `session` says; about the credential itself
/// where no record says either.
pub(in crate::check) fn about(
    ctx: &Context<'_>,
    session: &Session<'_>,
    place: &str,
    rating: &Rating,
) -> FindingBuilder {
    let (requester, scope) = session.group();
    if (requester, scope) == ("", "") {
        return card::about(ctx, session.row, rating, place);
    }
    let id = ctx.id(scope, &[requester, place].join("\0"));
    FindingBuilder::new(&ctx.rule.id, id, subject(scope, requester), rating.severity, &rating.reason)
        .standing(StandingClass::Ephemeral)
}

/// Starts a finding about a scope, whoever asked for it.
pub(in crate::check) fn about_scope(ctx: &Context<'_>, scope: &str, rating: &Rating) -> FindingBuilder {
    FindingBuilder::new(&ctx.rule.id, ctx.id(scope, ""), subject(scope, ""), rating.severity, &rating.reason)
        .standing(StandingClass::Ephemeral)
}

/// What credentials are good for, as the subject of a finding; their requester where the logs name no scope.
pub(in crate::check) fn subject(scope: &str, requester: &str) -> Subject {
    let id = if scope.is_empty() { requester } else { scope };
    let title = match id {
        _ if scope.is_empty() => "requester",
        _ if id.starts_with("arn:") => "role",
        _ => "scope",
    };
    Subject {
        kind: SubjectKind::Identity,
        class: title.to_owned(),
        id: id.to_owned(),
        title: title.to_owned(),
        principal: (!requester.is_empty()).then(|| requester.to_owned()),
    }
}

/// The lines that tell which credentials a finding speaks of, and the records of their issuance.
pub(in crate::check) fn tell(builder: FindingBuilder, sessions: &[Session<'_>]) -> FindingBuilder {
    let names = list(sessions.iter().map(|session| session.row.id.to_string()), MAX_NAMES);
    let number = count(sessions.len() as u64, "credential");
    let builder = builder.fact("Credentials", format!("{number}: {names}")).evidence(records(sessions));
    let mut requesters: Vec<&str> = sessions.iter().map(|session| session.group().0).collect();
    requesters.sort_unstable();
    requesters.dedup();
    let asked = list(requesters.into_iter().filter(|asked| !asked.is_empty()).map(str::to_owned), MAX_NAMES);
    if asked.is_empty() { builder } else { builder.fact("Requester", asked) }
}

/// The records of issuance, at most as many as a finding lists.
pub(in crate::check) fn records(sessions: &[Session<'_>]) -> Vec<Evidence> {
    let issued = sessions.iter().filter_map(Session::issued);
    issued.take(MAX_RECORDS).map(|moment| moment.evidence.clone()).collect()
}

/// What scopes allow, where they are identities (roles) that exports speak about.
#[derive(Debug)]
pub(in crate::check) struct Privileges<'a>(BTreeMap<String, &'a Privilege>);

impl<'a> Privileges<'a> {
    /// Of all identities of a ledger.
    pub(in crate::check) fn of(ledger: &'a Ledger) -> Self {
        Self(ledger.identities.values().map(|row| (identity_key(&row.id), &row.privilege)).collect())
    }

    /// What a scope allows.
    pub(in crate::check) fn get(&self, scope: &str) -> &'a Privilege {
        self.0.get(&identity_key(scope)).copied().unwrap_or(&Privilege::NotExamined)
    }
}
