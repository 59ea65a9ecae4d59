//! User names as some exports write them, and the ARNs that everything else writes.

use std::collections::{BTreeMap, BTreeSet};

use crate::ledger::arn;
use crate::ledger::fold::Fold;
use crate::model::CredentialId;

/// Gives every AWS key that is known by a user name only the ARN of that user, where exactly one fits: the one of the
/// key's account, or the only one of that name where the key id does not tell its account. Returns a note for every key
/// whose name fits several users.
pub(super) fn resolve(fold: &mut Fold) -> BTreeMap<CredentialId, String> {
    let users = users(fold);
    let mut notes = BTreeMap::new();
    for (id, observed) in &mut fold.credentials {
        let CredentialId::Issued { system, id: text } = id else { continue };
        let logged = fold.timelines.get(id).and_then(|timeline| timeline.principal.as_deref());
        let known = observed.principals.iter().map(AsRef::as_ref).chain(logged).any(|it: &str| arn::iam(it).is_some());
        let Some(name) = observed.principals.first().filter(|_| &**system == "aws" && !known) else { continue };
        let account = arn::account_of_key(text);
        let fits = |user: &&str| account.as_deref().is_none_or(|account| arn::account(user) == Some(account));
        let fitting: Vec<&str> = users.get(&**name).into_iter().flatten().map(AsRef::as_ref).filter(fits).collect();
        match fitting.as_slice() {
            [] => {}
            [user] => {
                observed.principals.insert((*user).into());
            }
            [one, other, ..] => {
                notes.insert(id.clone(), format!("user {name} may be {one} or {other}, not joined"));
            }
        }
    }
    notes
}

/// All IAM users that any input names by ARN, by their names; one ARN for each, the longest (with its path).
fn users(fold: &Fold) -> BTreeMap<Box<str>, BTreeSet<Box<str>>> {
    let logged = fold.timelines.values().filter_map(|timeline| timeline.principal.as_ref());
    let exported = fold.credentials.values().flat_map(|observed| &observed.principals);
    let mut by_key: BTreeMap<String, &Box<str>> = BTreeMap::new();
    for arn in fold.identities.keys().chain(exported).chain(logged) {
        if arn::iam(arn).is_some_and(|identity| identity.kind == "user") {
            let longest = by_key.entry(arn::key(arn)).or_insert(arn);
            *longest = std::cmp::max_by_key(*longest, arn, |arn| (arn.len(), (*arn).clone()));
        }
    }
    let mut users: BTreeMap<Box<str>, BTreeSet<Box<str>>> = BTreeMap::new();
    for arn in by_key.into_values() {
        if let Some(identity) = arn::iam(arn) {
            users.entry(identity.name.into()).or_default().insert(arn.clone());
        }
    }
    users
}
