//! Ids that are one credential because of what records say.
//!
//! A record may state two ids of one credential: the digest of a token and its public id. And a Vault with two audit
//! devices writes each request to both under one id, each with accessors under a salt of its own.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::mem::take;

use super::alias::Aliases;
use crate::ledger::fold::Fold;
use crate::ledger::timeline::Timeline;
use crate::model::CredentialId;

/// The scheme of Vault's accessors, of which each audit device has its own salt.
const VAULT: &str = "vault/hmac-sha256";

/// Joins ids of one credential, in place: the smallest id stands for all.
pub(super) fn join(fold: &mut Fold) -> Aliases {
    let mut aliases = Aliases::default();
    let mut pairs = stated(fold, &mut aliases);
    pairs.extend(same_requests(&fold.timelines));
    let names = smallest(&pairs);
    for (other, id) in &names {
        if let Some(observed) = fold.credentials.remove(other) {
            fold.credentials.entry(id.clone()).or_default().join(observed);
        }
        if let Some(timeline) = fold.timelines.remove(other) {
            match fold.timelines.entry(id.clone()) {
                Entry::Vacant(vacant) => {
                    vacant.insert(timeline);
                }
                Entry::Occupied(mut known) => known.get_mut().join(*timeline),
            }
        }
        aliases.ids.entry(id.clone()).or_default().push(other.clone());
    }
    if !names.is_empty() {
        for parent in fold.timelines.values_mut().filter_map(|timeline| timeline.parent.as_mut()) {
            if let Some(id) = names.get(parent) {
                parent.clone_from(id);
            }
        }
    }
    aliases
}

/// The pairs that records state, where neither side is stated with anything else: a token that was made anew under its
/// old id is another value, and the old one must not pass for it.
fn stated(fold: &mut Fold, aliases: &mut Aliases) -> Vec<(CredentialId, CredentialId)> {
    let mut counts: BTreeMap<CredentialId, u32> = BTreeMap::new();
    let ties = take(&mut fold.ties);
    for id in ties.iter().flat_map(|(one, other)| [one, other]) {
        let count = counts.entry(id.clone()).or_default();
        *count = count.saturating_add(1);
    }
    let alone = |id: &CredentialId| counts.get(id) == Some(&1);
    let (sure, open): (Vec<_>, Vec<_>) = ties.into_iter().partition(|(one, other)| alone(one) && alone(other));
    for (one, other) in open.iter().take(MOST_NOTES) {
        aliases.note(one, format!("may be {other}: records state more than one, not joined"));
        aliases.note(other, format!("may be {one}: records state more than one, not joined"));
    }
    sure
}

/// How many pairs that were not joined are told of.
const MOST_NOTES: usize = 1_000;

/// Accessors with which the same request was made, or that were issued by it.
fn same_requests(timelines: &BTreeMap<CredentialId, Box<Timeline>>) -> Vec<(CredentialId, CredentialId)> {
    let first = CredentialId::hashed(VAULT, "");
    let of_vault = |id: &CredentialId| matches!(id, CredentialId::Hashed { scheme, .. } if &**scheme == VAULT);
    let mut known: BTreeMap<(Option<Wrapping<'_>>, String), &CredentialId> = BTreeMap::new();
    let mut pairs = Vec::new();
    for (id, timeline) in timelines.range(first..).take_while(|(id, _)| of_vault(id)) {
        let issued =
            timeline.issued.as_ref().map(|moment| (Some((timeline.max_uses, timeline.scope.as_deref())), moment));
        let used = [&timeline.first_use, &timeline.last_use].into_iter().flatten().map(|moment| (None, moment));
        for (what, moment) in issued.into_iter().chain(used) {
            let Some(request) = &moment.evidence.record_id else { continue };
            let one = *known.entry((what, request.to_string())).or_insert(id);
            if one != id {
                pairs.push((one.clone(), id.clone()));
            }
        }
    }
    pairs
}

/// What tells a token from the wrapping token that was issued by the same request: its uses and its scope.
type Wrapping<'a> = (Option<u64>, Option<&'a str>);

/// For each id of these pairs the smallest that it is the same as, unless that is the id itself.
fn smallest(pairs: &[(CredentialId, CredentialId)]) -> BTreeMap<CredentialId, CredentialId> {
    let mut names: BTreeMap<CredentialId, CredentialId> = BTreeMap::new();
    for (one, other) in pairs {
        let (one, other) = (root(&mut names, one), root(&mut names, other));
        let (less, more) = if one < other { (one, other) } else { (other, one) };
        if less != more {
            names.insert(more, less);
        }
    }
    let all: Vec<CredentialId> = names.keys().cloned().collect();
    all.into_iter().map(|id| (id.clone(), root(&mut names, &id))).collect()
}

/// The smallest id that is the same as far as is known; the way to it is made short.
fn root(names: &mut BTreeMap<CredentialId, CredentialId>, id: &CredentialId) -> CredentialId {
    let mut way = Vec::new();
    let mut root = id.clone();
    while let Some(name) = names.get(&root) {
        way.push(std::mem::replace(&mut root, name.clone()));
    }
    for id in way {
        names.insert(id, root.clone());
    }
    root
}
