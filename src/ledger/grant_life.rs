//! The life of one grant as the logs show it: every time it was made and taken away. Folded in any order.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::model::{
    Event, EventKind, Evidence, Expiry, GrantChange, GrantObject, IdentityKind, Privilege, Standing, StreamKey,
};

use super::absorb::moment;
use super::bounded::{cut, keep_ends, keep_smallest};
use super::timeline::{Moment, Switch, Timeline};

/// What makes two records speak of one grant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GrantName {
    /// The system.
    pub system: Box<str>,
    /// Who holds it.
    pub holder: Box<str>,
    /// What it gives.
    pub object: GrantObject,
    /// Where it holds.
    pub scope: Box<str>,
    /// It is the right to activate the grant, which comes and goes apart from the grant itself.
    pub eligible: bool,
}

/// One time that the grant was made.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Making {
    /// When.
    pub time: Timestamp,
    /// Until when, as the record says.
    pub expiry: Expiry,
    /// For good, for a time, or to be activated.
    pub standing: Standing,
    /// Who made it.
    pub by: Option<Box<str>>,
    /// What kind of thing that is, where the record says.
    pub by_kind: IdentityKind,
    /// The request under which it was made.
    pub request: Option<Box<str>>,
    /// Why, in the person's words.
    pub reason: Option<Box<str>>,
    /// The record.
    pub evidence: Evidence,
}

/// The life of one grant. Reading a record again changes nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GrantLife {
    /// The streams that name it; at most [`Timeline::MAX_ORIGINS`].
    pub streams: BTreeSet<StreamKey>,
    /// The id under which exports name it; empty where it has none.
    pub id: Box<str>,
    /// Every time it was made, in order; at most [`GrantLife::MAX_CHANGES`]: of more, the first and the last.
    pub made: BTreeSet<Making>,
    /// What it lets its holder do by itself; [`Privilege::NotExamined`] where nobody can tell. Filled in when folding ends.
    pub privilege: Privilege,
    /// Every time it was taken away or ended; bounded alike.
    pub ended: BTreeSet<Moment>,
}

impl GrantLife {
    /// How many makings and how many ends are kept.
    pub const MAX_CHANGES: usize = 32;

    /// The making that still holds, as far as the log says: the last one, unless an end came at the same time or later.
    /// Of several that say the same without an end between them it is the first: the others changed nothing.
    pub fn open(&self) -> Option<&Making> {
        let last = self.made.last()?;
        let holds = |made: &Making| self.ended.last().is_none_or(|end| end.time < made.time);
        let same = |made: &&Making| (made.expiry, made.standing) == (last.expiry, last.standing);
        holds(last).then(|| self.made.iter().filter(same).find(|made| holds(made)))?
    }

    /// When the making of `made` ended: the first end after it, or its own expiry, whichever was earlier.
    pub fn end_of(&self, made: &Making) -> Option<Timestamp> {
        let taken = self.ended.iter().map(|end| end.time).find(|&time| time >= made.time);
        taken.into_iter().chain(made.expiry.at()).min()
    }

    /// It ended with its holder, or with what it gives.
    pub(super) fn end(&mut self, with: &Switch) {
        self.ended.insert(Moment { time: with.time, evidence: with.evidence.clone() });
        keep_ends(&mut self.ended, Self::MAX_CHANGES);
    }

    /// Takes in one event of this grant.
    pub(super) fn absorb(&mut self, event: &Event<'_>, change: &GrantChange) {
        self.streams.insert(event.stream.clone());
        keep_smallest(&mut self.streams, Timeline::MAX_ORIGINS);
        self.id = std::mem::take(&mut self.id).max(change.id.clone());
        if event.kind == EventKind::Ungranted {
            self.ended.insert(moment(event));
            keep_ends(&mut self.ended, Self::MAX_CHANGES);
            return;
        }
        self.made.insert(Making {
            time: event.time,
            expiry: event.expiry,
            standing: change.standing,
            by: event.requester.map(Into::into),
            by_kind: event.requester_kind,
            request: event.request.map(Into::into),
            reason: event.reason.map(|reason| cut(reason, Timeline::MAX_TEXT).into()),
            evidence: moment(event).evidence,
        });
        keep_ends(&mut self.made, Self::MAX_CHANGES);
    }

    /// Takes over what another fold knows about the same grant.
    pub(super) fn join(&mut self, other: Self) {
        self.streams.extend(other.streams);
        keep_smallest(&mut self.streams, Timeline::MAX_ORIGINS);
        self.id = std::mem::take(&mut self.id).max(other.id);
        self.made.extend(other.made);
        keep_ends(&mut self.made, Self::MAX_CHANGES);
        self.ended.extend(other.ended);
        keep_ends(&mut self.ended, Self::MAX_CHANGES);
    }
}

/// Hands the ends that records tell under the id of a grant alone to all lives under that id, but for those that were
/// made at that very time: a change of who holds it ends what it does not name. Where none is known, because the log does
/// not reach back to the making, they stay.
pub(super) fn end_by_id(lives: &mut BTreeMap<GrantName, GrantLife>) {
    let key = |name: &GrantName, life: &GrantLife| (name.system.clone(), life.id.clone());
    let ends: BTreeMap<_, GrantLife> =
        lives.extract_if(.., |name, _| name.holder.is_empty()).map(|(name, life)| (key(&name, &life), life)).collect();
    let mut met = BTreeSet::new();
    for (name, life) in lives.iter_mut() {
        let key = key(name, life);
        if let Some(end) = ends.get(&key) {
            let mut end = end.clone();
            end.ended.retain(|end| life.made.iter().all(|made| made.time != end.time));
            life.join(end);
            met.insert(key);
        }
    }
    let unmet = ends.into_iter().filter(|(key, _)| !met.contains(key));
    lives.extend(unmet.map(|((system, id), end)| (GrantName::by_id(system, id), end)));
}

impl GrantName {
    /// Of a grant that a record names by its id alone, the id stands for what it gives.
    fn by_id(system: Box<str>, id: Box<str>) -> Self {
        Self { system, holder: "".into(), object: GrantObject::Role(id), scope: "".into(), eligible: false }
    }
}

impl From<&GrantChange> for GrantName {
    fn from(change: &GrantChange) -> Self {
        let GrantChange { system, holder, object, scope, id, standing } = change.clone();
        if holder.is_empty() {
            return Self::by_id(system, id);
        }
        Self { system, holder, object, scope, eligible: standing == Standing::Eligible }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(id: &str, at: i64) -> GrantLife {
        let input = crate::model::Input::streamed("log");
        let place = crate::model::Place::Record { index: 0, offset: 0 };
        let evidence = Evidence::new("taken away", &input, place);
        let time = Timestamp::from_second(at).expect("in range");
        GrantLife { id: id.into(), ended: BTreeSet::from([Moment { time, evidence }]), ..GrantLife::default() }
    }

    fn name(holder: &str, role: &str) -> GrantName {
        let (system, object) = ("kubernetes".into(), GrantObject::Role(role.into()));
        GrantName { system, holder: holder.into(), object, scope: "".into(), eligible: false }
    }

    #[test]
    fn to_be_eligible_and_to_have_it_are_two_grants() {
        let change = |standing| GrantChange {
            system: "azure".into(),
            holder: "ben".into(),
            object: GrantObject::Role("r".into()),
            scope: "directory:/".into(),
            id: "".into(),
            standing,
        };
        let name = |standing| GrantName::from(&change(standing));
        assert_ne!(name(Standing::Eligible), name(Standing::JitActive));
        assert_eq!(name(Standing::Standing), name(Standing::JitActive));
    }

    #[test]
    fn an_end_that_names_a_grant_by_its_id_ends_all_of_that_id_and_stays_where_there_is_none() {
        let life = |id: &str| GrantLife { id: id.into(), ..GrantLife::default() };
        let mut lives = BTreeMap::from([
            (name("ann", "ClusterRole/admin"), life("ClusterRoleBinding/a")),
            (name("ben", "ClusterRole/admin"), life("ClusterRoleBinding/a")),
            (name("cleo", "ClusterRole/admin"), life("ClusterRoleBinding/c")),
            (name("", "ClusterRoleBinding/a"), ended("ClusterRoleBinding/a", 1)),
            (name("", "ClusterRoleBinding/b"), ended("ClusterRoleBinding/b", 2)),
        ]);
        end_by_id(&mut lives);
        let counts: Vec<(&str, usize)> = lives.iter().map(|(name, life)| (&*name.holder, life.ended.len())).collect();
        assert_eq!(counts, [("", 1), ("ann", 1), ("ben", 1), ("cleo", 0)]);
    }
}
