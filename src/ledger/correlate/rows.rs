//! One row a credential: what code and exports say, beside its life in the logs.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use thin_vec::ThinVec;

use crate::ledger::arn;
use crate::ledger::kind;
use crate::ledger::many;
use crate::ledger::observed::Observed;
use crate::ledger::subject::{CredentialRow, Privilege};
use crate::ledger::timeline::Timeline;
use crate::model::{CredentialId, EventKind, LastUse, StandingClass, Status};

/// All credentials that any input names, in order of their ids.
pub(super) fn rows(
    mut credentials: BTreeMap<CredentialId, Observed>,
    timelines: BTreeMap<CredentialId, Box<Timeline>>,
) -> Vec<CredentialRow> {
    let mut seen: Vec<_> = Vec::with_capacity(timelines.len() + credentials.len());
    seen.extend(timelines.into_iter().map(|(id, timeline)| {
        let observed = credentials.remove(&id).map(Box::new);
        (id, observed, Some(timeline))
    }));
    seen.extend(credentials.into_iter().map(|(id, observed)| (id, Some(Box::new(observed)), None)));
    seen.sort_by(|a, b| a.0.cmp(&b.0));
    many::map(seen, |(id, observed, timeline)| {
        row(id, observed.map(|observed| *observed).unwrap_or_default(), timeline)
    })
}

fn row(id: CredentialId, observed: Observed, timeline: Option<Box<Timeline>>) -> CredentialRow {
    let exposures = observed.exposures();
    let (kind, title) = kind_and_title(&observed, timeline.as_deref());
    let logged = timeline.as_deref();
    let created = observed.created.or(logged.and_then(|logged| logged.issued_at));
    let expiry = observed.expiry.merge(logged.map(|logged| logged.expiry).unwrap_or_default());
    let ttl = logged.and_then(|logged| logged.ttl_s).or_else(|| lifetime(created, expiry.at()));
    let said = observed.standing.unwrap_or(StandingClass::Depends);
    let (export, observed_at) = observed.status.status();
    CredentialRow {
        standing: kind::standing(&kind, said, expiry, ttl),
        principal: principal(&observed, logged),
        created,
        expiry,
        last_use: observed.last_use.merge(used(logged)),
        status: status(export, observed_at, logged),
        observed_at,
        readouts: observed.readouts.into_iter().collect(),
        exposures: exposures.into(),
        more_exposures: observed.more_exposures,
        exports: observed.exports.into_iter().collect(),
        id,
        aliases: ThinVec::new(),
        kind,
        title,
        timeline,
        privilege: Privilege::NotExamined,
        jit_paths: ThinVec::new(),
        notes: ThinVec::new(),
    }
}

fn kind_and_title(observed: &Observed, timeline: Option<&Timeline>) -> (Arc<str>, Arc<str>) {
    if let Some((kind, title)) = observed.kinds.iter().find(|(_, title)| !title.is_empty()) {
        return (Arc::from(&**kind), Arc::from(&**title));
    }
    let known = observed.kinds.first().map(|(kind, _)| Arc::from(&**kind));
    let kind: Arc<str> = known.or_else(|| Some(Arc::clone(&timeline?.kind))).unwrap_or_default();
    let title = kind::title(&kind);
    (kind, title)
}

/// An ARN before any other text: it names the account too.
fn principal(observed: &Observed, timeline: Option<&Timeline>) -> Option<Arc<str>> {
    let logged = timeline.and_then(|timeline| timeline.principal.as_ref());
    let is_arn = |principal: &str| arn::iam(principal).is_some();
    let exported = observed.principals.iter().find(|principal| is_arn(principal));
    match (exported, logged) {
        (Some(exported), _) => Some(Arc::from(&**exported)),
        (None, Some(logged)) if observed.principals.is_empty() || is_arn(logged) => Some(Arc::clone(logged)),
        (None, _) => observed.principals.first().map(|first| Arc::from(&**first)),
    }
}

/// A refused use is none: somebody tried.
fn used(timeline: Option<&Timeline>) -> LastUse {
    let last = timeline.and_then(|timeline| timeline.last_accepted.as_ref());
    last.map_or(LastUse::Unknown, |moment| LastUse::At(moment.time))
}

fn lifetime(created: Option<Timestamp>, end: Option<Timestamp>) -> Option<i64> {
    Some(end?.duration_since(created?).as_secs())
}

/// The status as of the export, overridden by what the log shows after it. Nothing brings back what was deleted. Whether
/// the identity is disabled stands in no export of credentials, so none overrides it.
fn status(export: Status, observed_at: Option<Timestamp>, timeline: Option<&Timeline>) -> Status {
    let mut status = export;
    let mut identity_off = false;
    for switch in timeline.into_iter().flat_map(|timeline| &timeline.switches) {
        let exported = observed_at.is_some_and(|observed| switch.time <= observed) && export != Status::Unknown;
        match switch.kind {
            EventKind::IdentityDisabled => identity_off = true,
            EventKind::IdentityEnabled => identity_off = false,
            _ if exported => {}
            EventKind::Enabled => status = Status::Active,
            EventKind::Disabled => status = Status::Inactive,
            EventKind::Revoked | EventKind::SessionsRevoked | EventKind::IdentityDeleted => return Status::Inactive,
            _ => {}
        }
    }
    if identity_off { Status::Inactive } else { status }
}
