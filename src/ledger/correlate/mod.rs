//! Works out what the folded facts mean together: one row a credential, with its status, identity and alternatives.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::fold::{self, Fold, Source};
use super::subject::{CredentialRow, IdentityRow, Privilege};
use super::{Joining, Ledger};
use crate::model::{Gap, Grant, LastUse};

mod kind;
mod rows;
pub(super) mod stream;

impl Fold {
    /// Joins everything that was folded.
    pub fn finish(mut self, joining: &Joining<'_>) -> Ledger {
        let (as_of, as_of_source) = as_of(&self.newest, joining.as_of);
        for timeline in self.timelines.values_mut() {
            timeline.conclude();
        }
        let mut credentials = rows::rows(std::mem::take(&mut self.credentials), std::mem::take(&mut self.timelines));
        for row in &mut credentials {
            row.last_use = seen_or_not(row, &self);
        }
        Ledger {
            as_of,
            as_of_source,
            credentials,
            identities: identities(&self),
            grants: grants(&self),
            streams: self.streams,
            inputs: self.inputs.into_iter().collect(),
            gaps: gaps(self.gaps),
            set_aside: self.set_aside,
        }
    }
}

/// Where no export speaks about use, and a log that would show it was read and does not, there was none in its window.
fn seen_or_not(row: &CredentialRow, fold: &Fold) -> LastUse {
    match row.last_use {
        LastUse::Unknown if stream::stream_for(&fold.streams, row).is_some() => LastUse::NotInWindow,
        known => known,
    }
}

fn as_of(newest: &BTreeMap<Source, Timestamp>, given: Option<Timestamp>) -> (Timestamp, String) {
    if let Some(given) = given {
        return (given, "given".to_owned());
    }
    let trusted = fold::newest(newest, &[Source::Log, Source::Export, Source::Credential]);
    let Some((time, source)) = trusted.or_else(|| fold::newest(newest, &[Source::Code])) else {
        return (Timestamp::UNIX_EPOCH, "no input carries a time".to_owned());
    };
    let words = match source {
        Source::Log => "the newest log record",
        Source::Export => "the newest export",
        Source::Credential => "the newest date of a credential in an export",
        Source::Code => "the newest date in code",
    };
    (time, words.to_owned())
}

fn identities(fold: &Fold) -> BTreeMap<Box<str>, IdentityRow> {
    let row = |(id, known): (&Box<str>, &super::observed::Known)| {
        let row = IdentityRow {
            id: id.clone(),
            system: known.system.clone(),
            account: known.account.clone(),
            name: known.name.clone(),
            kind: known.kind,
            created: known.created,
            last_use: known.last_use,
            privilege: Privilege::NotExamined,
            policies: Vec::new(),
            evidence: known.evidence.iter().cloned().collect(),
        };
        (id.clone(), row)
    };
    fold.identities.iter().map(row).collect()
}

fn grants(fold: &Fold) -> Vec<Grant> {
    let grant = |(key, evidence): (&fold::GrantKey, &crate::model::Evidence)| {
        let (holder, object, system, standing, created, expiry) = key.clone();
        Grant { system, holder, object, standing, created, expiry, evidence: evidence.clone() }
    };
    fold.grants.iter().map(grant).collect()
}

fn gaps(gaps: BTreeMap<fold::GapKey, u64>) -> Vec<Gap> {
    let gap = |((what, reason, detail, effect), count)| Gap { what, reason, detail, effect, count };
    gaps.into_iter().map(gap).collect()
}
