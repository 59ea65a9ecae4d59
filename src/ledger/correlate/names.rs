//! User names as some exports write them, and the ARNs that everything else writes.

use std::collections::{BTreeMap, HashSet};

use crate::ledger::arn;
use crate::ledger::fold::Fold;
use crate::ledger::texts::place;
use crate::model::CredentialId;

/// Gives every AWS key that is known by a user name only the ARN of that user, where exactly one fits: the one of the
/// key's account, or the only one of that name where the key id does not tell its account. Returns a note for every key
/// whose account is not known: taken for the only user of that name, or not joined because there are several.
pub(super) fn resolve(fold: &mut Fold) -> BTreeMap<CredentialId, String> {
    if fold.credentials.is_empty() {
        return BTreeMap::new();
    }
    let users = users(fold);
    let mut notes = BTreeMap::new();
    for (id, observed) in &mut fold.credentials {
        let CredentialId::Issued { system, id: text } = id else { continue };
        let logged = fold.timelines.get(id).and_then(|timeline| timeline.principal.as_deref());
        let known = observed.principals.iter().map(AsRef::as_ref).chain(logged).any(|it: &str| arn::iam(it).is_some());
        let Some(name) = observed.principals.first().filter(|_| &**system == "aws" && !known) else { continue };
        let of_name = users.get(name);
        let account = arn::account_of_key(text);
        let fitting: Vec<&Box<str>> = match &account {
            Some(account) => of_name.and_then(|users| users.get(account.as_str())).into_iter().collect(),
            None => of_name.into_iter().flat_map(BTreeMap::values).take(2).collect(),
        };
        match fitting.as_slice() {
            [] => {}
            [user] => {
                if account.is_none() {
                    notes.insert(id.clone(), format!("user {name} is taken for {user}, the only one of that name"));
                }
                observed.principals.insert((*user).clone());
            }
            [one, other, ..] => {
                notes.insert(id.clone(), format!("user {name} may be {one} or {other}, not joined"));
            }
        }
    }
    notes
}

/// All IAM users that any input names by ARN, by name and account; of several ARNs of one user the longest, which has
/// its path.
fn users(fold: &Fold) -> BTreeMap<Box<str>, BTreeMap<Box<str>, Box<str>>> {
    let mut seen = HashSet::new();
    let logged = fold.timelines.values().filter_map(|timeline| timeline.principal.as_deref());
    let logged = logged.filter(|text| seen.insert(place(text)));
    let exported = fold.credentials.values().flat_map(|observed| &observed.principals);
    let exported = fold.identities.keys().chain(exported).map(AsRef::as_ref);
    let mut users: BTreeMap<Box<str>, BTreeMap<Box<str>, Box<str>>> = BTreeMap::new();
    for arn in exported.chain(logged) {
        let Some(user) = arn::iam(arn).filter(|identity| identity.kind == "user") else { continue };
        let of_name = users.entry(user.name.into()).or_default();
        let longest = of_name.entry(user.account.into()).or_insert_with(|| arn.into());
        if (longest.len(), &**longest) < (arn.len(), arn) {
            *longest = arn.into();
        }
    }
    users
}
