//! Works out what the folded facts mean together: one row a credential, with its status, identity and alternatives.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::mem::take;
use std::sync::Arc;

use jiff::Timestamp;
use rayon::prelude::*;
use thin_vec::ThinVec;

use super::fold::{self, Fold};
use super::grant_life::end_by_id;
use super::many;
use super::subject::{CredentialRow, IdentityRow, JitPath};
use super::texts::place;
use super::{Joining, Ledger};
use crate::access::aws::arn;
use crate::access::{self, Estate};
use crate::model::{Gap, GapReason, Grant, LastUse, Path, Policy, Privilege, Sink, Standing, StandingClass};

mod alias;
mod as_of;
mod grants;
mod identity;
mod jit;
mod lifecycle;
mod names;
mod revoke;
mod rows;
pub(super) mod stream;
mod tie;

impl Fold {
    /// Joins everything that was folded.
    pub fn finish(mut self, joining: &Joining<'_>) -> Ledger {
        let (as_of, as_of_source, forged) = as_of::of(&self, joining.as_of);
        if let Some(gap) = forged {
            self.gap(gap);
        }
        end_by_id(&mut self.grant_lives);
        let mut credentials = self.join_credentials();
        lifecycle::link(&mut credentials, &mut self.requests, &self.tasks);
        let grants = with_terms(&self, as_of);
        let identities = self.join_access(&mut credentials, &grants, joining, as_of);
        many::each(&mut credentials, |row| row.last_use = seen_or_not(row, &self));
        grants::assess(&mut self.grant_lives, &identities, &self.policies, as_of);
        Ledger {
            as_of,
            as_of_source,
            credentials,
            identities,
            grants,
            policies: self.policies,
            requests: self.requests,
            tasks: self.tasks,
            grant_lives: self.grant_lives,
            signals: self.signals,
            chain: self.chain,
            streams: self.streams,
            inputs: self.inputs.into_iter().collect(),
            gaps: gaps(self.gaps),
            set_aside: self.set_aside,
            filtered: self.filtered.into_iter().collect(),
        }
    }

    /// One row a credential: ids that mean the same key are one, and ends that name no credential have reached it.
    fn join_credentials(&mut self) -> Vec<CredentialRow> {
        let mut timelines: Vec<_> = take(&mut self.logged).into_iter().collect();
        timelines.par_sort_unstable_by(|a, b| a.0.cmp(&b.0));
        self.timelines = timelines.into_iter().collect();
        let tied = tie::join(self);
        let mut all: Vec<_> = self.timelines.values_mut().collect();
        many::each(&mut all, |timeline| timeline.conclude());
        let mut aliases = alias::join(self);
        aliases.add(tied);
        if let Some(failure) = aliases.failure.take() {
            self.gap(internal(failure));
        }
        for (id, note) in names::resolve(self) {
            aliases.notes.entry(id).or_default().push(note);
        }
        let revocations = revoke::Revocations::new(take(&mut self.sessions_revoked), take(&mut self.identity_switches));
        revocations.apply(&self.credentials, &mut self.timelines);
        revocations.end_grants(&mut self.grant_lives);
        let mut rows = rows::rows(take(&mut self.credentials), take(&mut self.timelines));
        for row in &mut rows {
            row.aliases = aliases.ids.remove(&row.id).unwrap_or_default().into();
            row.notes = aliases.notes.remove(&row.id).unwrap_or_default().into();
        }
        rows
    }

    /// What identities may do, and what that means for their credentials.
    fn join_access(
        &self,
        credentials: &mut [CredentialRow],
        grants: &[Grant],
        joining: &Joining<'_>,
        as_of: Timestamp,
    ) -> BTreeMap<Box<str>, IdentityRow> {
        let mut identities = identity::rows(self, grants);
        let assessed = {
            let estate = estate(&identities, grants, &self.policies, as_of);
            let judges = access::judges(&estate);
            if let Some(judge) = judges.get("aws") {
                let roles = jit::Roles::new(&identities, &**judge, grants, credentials, joining.jit_roles);
                find_jit_paths(credentials, &roles);
            }
            Assessed::new(&identities, &judges)
        };
        assessed.apply(&mut identities);
        let by_key: BTreeMap<String, &IdentityRow> = identities.values().map(|row| (arn::key(&row.id), row)).collect();
        let mut found = HashMap::new();
        for row in credentials.iter_mut().filter(|_| !by_key.is_empty()) {
            let Some(holder) = row.principal.as_deref() else { continue };
            let identity = *found.entry(place(holder)).or_insert_with(|| by_key.get(&arn::key(holder)));
            if let Some(identity) = identity {
                row.privilege = identity.privilege.clone();
            }
        }
        identities
    }
}

/// The short-lived sessions that the holders of credentials could use instead.
fn find_jit_paths(credentials: &mut [CredentialRow], roles: &jit::Roles<'_>) {
    let mut paths: BTreeMap<Arc<str>, ThinVec<JitPath>> = BTreeMap::new();
    for row in credentials.iter_mut().filter(|row| row.standing != StandingClass::Ephemeral) {
        if let Some(holder) = row.principal.clone() {
            row.jit_paths.clone_from(paths.entry(holder).or_insert_with_key(|holder| roles.paths(holder).into()));
        }
    }
}

/// What each system's judge says about its identities.
struct Assessed {
    privileges: Vec<(Box<str>, Privilege)>,
    paths: Vec<Path>,
}

impl Assessed {
    fn new(identities: &BTreeMap<Box<str>, IdentityRow>, judges: &access::Judges<'_>) -> Self {
        let of = |row: &IdentityRow| Some((row.id.clone(), judges.get(&*row.system)?.privilege(&row.id)));
        let privileges = identities.values().filter_map(of).collect();
        Self { privileges, paths: judges.values().flat_map(|judge| judge.paths()).collect() }
    }

    fn apply(self, identities: &mut BTreeMap<Box<str>, IdentityRow>) {
        for (id, privilege) in self.privileges {
            if let Some(row) = identities.get_mut(&id) {
                row.privilege = privilege;
            }
        }
        for path in self.paths {
            if let Some(row) = identities.get_mut(&path.from) {
                row.paths.push(path);
            }
        }
    }
}

/// The rows as the judges see them.
pub(super) fn estate<'a>(
    identities: &'a BTreeMap<Box<str>, IdentityRow>,
    grants: &'a [Grant],
    policies: &'a BTreeMap<Box<str>, Policy>,
    as_of: Timestamp,
) -> Estate<'a> {
    let principals = identities.iter().map(|(id, row)| (&**id, row.principal())).collect();
    Estate { as_of, principals, grants, policies }
}

fn internal(failure: String) -> Gap {
    Gap {
        what: "credential report and access keys".into(),
        reason: GapReason::Internal,
        detail: failure.into(),
        effect: "rows of the report are not joined with key ids".into(),
        count: 1,
    }
}

/// Where no export speaks about use, and a log that would show it was read and does not, there was none in its window.
fn seen_or_not(row: &CredentialRow, fold: &Fold) -> LastUse {
    match row.last_use {
        LastUse::Unknown if stream::stream_for(&fold.streams, row).is_some() => LastUse::NotInWindow,
        known => known,
    }
}

fn with_terms(fold: &Fold, as_of: Timestamp) -> Vec<Grant> {
    let mut grants: Vec<Grant> = fold.grants.iter().map(|(key, evidence)| key.grant(evidence, as_of)).collect();
    // One export may list a grant without its terms (the role assignments of Azure) and another one with them (the
    // instances of PIM): the terms count.
    let ends = |grant: &Grant| {
        matches!(grant.standing, Standing::TimeBound | Standing::JitActive | Standing::ExpiredStillPresent)
    };
    let key = |grant: &Grant| (grant.system.clone(), grant.id.clone(), grant.holder.clone());
    let with_terms: BTreeSet<_> = grants.iter().filter(|grant| !grant.id.is_empty() && ends(grant)).map(key).collect();
    grants.retain(|grant| grant.standing != Standing::Standing || !with_terms.contains(&key(grant)));
    grants
}

fn gaps(gaps: BTreeMap<fold::GapKey, u64>) -> Vec<Gap> {
    let gap = |((what, reason, detail, effect), count)| Gap { what, reason, detail, effect, count };
    gaps.into_iter().map(gap).collect()
}
