//! Which rows of the AWS credential report and which access key ids are the same key.
//!
//! The report names a key by its user and the time it was made, never by its id. A listing of access keys (or the
//! `CreateAccessKey` record) has the id with the same user and time: same user, same account as far as both say, times
//! within a second, and nothing else fits. A key that the log shows in use without its creation is taken for the one
//! row of its user that is left, if exactly one row and one key are left; the evidence then says "inferred".

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use polars::prelude::*;

use crate::ledger::arn;
use crate::ledger::fold::Fold;
use crate::ledger::observed::Observed;
use crate::ledger::timeline::Timeline;
use crate::model::{CredentialId, EventKind};

/// What the join decided and what it could not decide, by the id of the subject.
#[derive(Debug, Default)]
pub(super) struct Aliases {
    /// Other ids of a key.
    pub(super) ids: BTreeMap<CredentialId, Vec<CredentialId>>,
    /// Why a row or a key was not joined.
    pub(super) notes: BTreeMap<CredentialId, Vec<String>>,
    /// The join itself failed.
    pub(super) failure: Option<String>,
}

/// Joins the rows of credential reports with access keys, in place: a joined row becomes part of the key.
pub(super) fn join(fold: &mut Fold) -> Aliases {
    let mut aliases = Aliases::default();
    let pairs = {
        let rows = report_rows(fold);
        let keys = keys(fold);
        let fitting = fitting(&rows, &keys).unwrap_or_else(|error| {
            aliases.failure = Some(error.to_string());
            Vec::new()
        });
        let mut pairs = aliases.only_pairs(&fitting, &rows, &keys);
        let taken: BTreeSet<CredentialId> =
            pairs.iter().flat_map(|pair| [pair.row.clone(), pair.key.clone()]).collect();
        pairs.extend(inferred(&rows, &keys, &taken));
        pairs
    };
    for Pair { row, key, how } in pairs {
        let Some(mut observed) = fold.credentials.remove(&row) else { continue };
        observed.exports = std::mem::take(&mut observed.exports)
            .into_iter()
            .map(|evidence| {
                let shows = format!("{}, {how}", evidence.shows);
                evidence.showing(shows)
            })
            .collect();
        fold.credentials.entry(key.clone()).or_default().join(observed);
        aliases.ids.entry(key).or_default().push(row);
    }
    aliases
}

/// A key of the credential report.
struct Row<'a> {
    id: &'a CredentialId,
    user: arn::Iam<'a>,
    created: Option<Timestamp>,
    observed_at: Option<Timestamp>,
}

/// An access key id.
struct Key<'a> {
    id: &'a CredentialId,
    name: &'a str,
    account: Option<String>,
    created: Option<Timestamp>,
    timeline: Option<&'a Timeline>,
}

/// A row and a key that are the same.
struct Pair {
    row: CredentialId,
    key: CredentialId,
    how: &'static str,
}

fn report_rows(fold: &Fold) -> Vec<Row<'_>> {
    let row = |(id, observed): (&'_ CredentialId, &'_ Observed)| {
        let is_key = observed.kinds.iter().any(|(kind, _)| &**kind == "aws-access-key-id");
        let derived = matches!(id, CredentialId::Derived { system, .. } if &**system == "aws");
        (is_key && derived).then_some((observed.created, observed.status.status().1))
    };
    fold.credentials
        .iter()
        .filter_map(|(id, observed)| {
            let (created, observed_at) = row((id, observed))?;
            let user = observed.principals.iter().find_map(|principal| arn::iam(principal))?;
            Some(Row { id, user, created, observed_at })
        })
        .collect()
}

fn keys(fold: &Fold) -> Vec<Key<'_>> {
    let all = fold.credentials.keys().chain(fold.timelines.keys());
    let ids: BTreeSet<&CredentialId> = all.filter(|id| long_lived(id).is_some()).collect();
    ids.into_iter()
        .filter_map(|id| key(id, fold.credentials.get(id), fold.timelines.get(id).map(|timeline| &**timeline)))
        .collect()
}

/// The text of the id of a long-lived access key.
fn long_lived(id: &CredentialId) -> Option<&str> {
    match id {
        CredentialId::Issued { system, id } if &**system == "aws" && id.starts_with("AKIA") => Some(id),
        _ => None,
    }
}

fn key<'a>(id: &'a CredentialId, observed: Option<&'a Observed>, timeline: Option<&'a Timeline>) -> Option<Key<'a>> {
    let text = long_lived(id)?;
    let exported = observed.into_iter().flat_map(|observed| &observed.principals).map(AsRef::as_ref);
    let principals = || exported.clone().chain(timeline.and_then(|timeline| timeline.principal.as_deref()));
    let identity = principals().find_map(arn::iam);
    let name = identity.map(|identity| identity.name).or_else(|| principals().next())?;
    let account = identity.map(|identity| identity.account.to_owned()).or_else(|| arn::account_of_key(text));
    let logged = timeline.and_then(|timeline| timeline.issued_at);
    Some(Key { id, name, account, created: observed.and_then(|observed| observed.created).or(logged), timeline })
}

/// How many rows, and how many keys, of one user name and one second are compared. More are left unjoined: they could
/// only be told apart by their accounts, and a hostile file must not make every row meet every key.
const MAX_ALIKE: usize = 100;

/// All pairs of one user and, as far as both say, one account that were made within a second.
fn fitting(rows: &[Row<'_>], keys: &[Key<'_>]) -> PolarsResult<Vec<(usize, usize)>> {
    let rows: Vec<_> = rows.iter().enumerate().filter_map(|(at, row)| Some((at as u64, row, row.created?))).collect();
    if rows.is_empty() || keys.is_empty() {
        return Ok(Vec::new());
    }
    let report = df!(
        "row" => rows.iter().map(|(at, ..)| *at).collect::<Vec<_>>(),
        "user" => rows.iter().map(|(_, row, _)| row.user.name).collect::<Vec<_>>(),
        "account" => rows.iter().map(|(_, row, _)| row.user.account).collect::<Vec<_>>(),
        "created" => rows.iter().map(|(.., created)| created.as_millisecond()).collect::<Vec<_>>(),
        "second" => rows.iter().map(|(.., created)| created.as_second()).collect::<Vec<_>>(),
    )?;
    // A key meets the rows of its own second and of both seconds beside it.
    let near = |(at, key): (usize, &'_ Key<'_>)| {
        let seconds = key.created.map(|created| [-1, 0, 1].map(|beside| created.as_second().saturating_add(beside)));
        seconds.into_iter().flatten().map(move |second| (at, second))
    };
    let keys_near: Vec<(usize, i64)> = keys.iter().enumerate().flat_map(near).collect();
    let of = |at: usize| keys.get(at);
    let listing = df!(
        "key" => keys_near.iter().map(|(at, _)| *at as u64).collect::<Vec<_>>(),
        "user" => keys_near.iter().map(|(at, _)| of(*at).map(|key| key.name)).collect::<Vec<_>>(),
        "key_account" => keys_near.iter().map(|(at, _)| of(*at)?.account.as_deref()).collect::<Vec<_>>(),
        "key_created" => keys_near.iter().map(|(at, _)| Some(of(*at)?.created?.as_millisecond())).collect::<Vec<_>>(),
        "second" => keys_near.iter().map(|(_, second)| *second).collect::<Vec<_>>(),
    )?;
    let on = [col("user"), col("second")];
    let apart = || col("created") - col("key_created");
    let within_a_second = apart().lt_eq(lit(1_000_i64)).and(apart().gt_eq(lit(-1_000_i64)));
    let one_account = col("key_account").is_null().or(col("key_account").eq(col("account")));
    let report = report.lazy().group_by_stable(&on).head(Some(MAX_ALIKE));
    let listing = listing.lazy().group_by_stable(&on).head(Some(MAX_ALIKE));
    let pairs = report
        .join(listing, &on, &on, JoinArgs::new(JoinType::Inner))
        .filter(within_a_second.and(one_account))
        .select([col("row"), col("key")])
        .sort(["row", "key"], SortMultipleOptions::default())
        .collect()?;
    let indices = |name: &str| -> PolarsResult<Vec<usize>> {
        Ok(pairs.column(name)?.u64()?.into_no_null_iter().map(|index| index as usize).collect())
    };
    Ok(indices("row")?.into_iter().zip(indices("key")?).collect())
}

impl Aliases {
    /// The pairs of which neither side fits anything else; the others are noted on both sides.
    fn only_pairs(&mut self, fitting: &[(usize, usize)], rows: &[Row<'_>], keys: &[Key<'_>]) -> Vec<Pair> {
        let (mut of_row, mut of_key) = (BTreeMap::new(), BTreeMap::new());
        for (row, key) in fitting {
            *of_row.entry(row).or_insert(0) += 1;
            *of_key.entry(key).or_insert(0) += 1;
        }
        let alone = |row, key| of_row.get(row) == Some(&1) && of_key.get(key) == Some(&1);
        let mut pairs = Vec::new();
        for (row, key) in fitting {
            let (Some(report), Some(listed)) = (rows.get(*row), keys.get(*key)) else { continue };
            if alone(row, key) {
                let how = "joined by user and time of creation";
                pairs.push(Pair { row: report.id.clone(), key: listed.id.clone(), how });
            } else {
                self.note(report.id, format!("may be {}: more than one key fits, not joined", listed.id));
                self.note(listed.id, format!("may be {}: more than one row fits, not joined", report.id));
            }
        }
        pairs
    }

    /// Takes over what another join decided.
    pub(super) fn add(&mut self, other: Self) {
        for (id, ids) in other.ids {
            self.ids.entry(id).or_default().extend(ids);
        }
        for (id, notes) in other.notes {
            self.notes.entry(id).or_default().extend(notes);
        }
    }

    /// Notes on a subject what the join could not decide.
    pub(super) fn note(&mut self, id: &CredentialId, note: String) {
        self.notes.entry(id.clone()).or_default().push(note);
    }
}

/// Pairs of a row and a key of one user, of whom nothing else is left over.
fn inferred(rows: &[Row<'_>], keys: &[Key<'_>], taken: &BTreeSet<CredentialId>) -> Vec<Pair> {
    let owner = |account: &str, name: &str| format!("{account}/{name}");
    let mut left: BTreeMap<String, (Vec<&Row<'_>>, Vec<&Key<'_>>)> = BTreeMap::new();
    for row in rows.iter().filter(|row| !taken.contains(row.id)) {
        left.entry(owner(row.user.account, row.user.name)).or_default().0.push(row);
    }
    for key in keys.iter().filter(|key| !taken.contains(key.id)) {
        if let Some(account) = &key.account {
            left.entry(owner(account, key.name)).or_default().1.push(key);
        }
    }
    left.into_values()
        .filter_map(|(rows, keys)| match (rows.as_slice(), keys.as_slice()) {
            ([row], [key]) if key.created.is_none() && could_be(row, key) => {
                let how = "inferred: the only key of this user that is left";
                Some(Pair { row: row.id.clone(), key: key.id.clone(), how })
            }
            _ => None,
        })
        .collect()
}

/// Whether nothing in the log speaks against it: the key was in use, not before the row's key was made, and was not
/// deleted before the report was written.
fn could_be(row: &Row<'_>, key: &Key<'_>) -> bool {
    let Some(timeline) = key.timeline else { return false };
    let first_use = timeline.first_use.as_ref().map(|moment| moment.time);
    let made_before = first_use.is_some_and(|first| row.created.is_some_and(|created| created <= first));
    let deleted_before = timeline.switches.iter().any(|switch| {
        switch.kind == EventKind::Revoked && row.observed_at.is_none_or(|observed| switch.time <= observed)
    });
    made_before && !deleted_before
}
