//! The credentials of one identity and type, one after the other: what a rotation leaves behind.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::ledger::{CredentialRow, identity_key};

use super::{Context, life};

/// An identity and a type of credential.
type Line = (String, Arc<str>);

/// Static credentials by identity and type, oldest first.
#[derive(Debug)]
pub(in crate::check) struct Generations<'a> {
    rows: BTreeMap<Line, Vec<(Timestamp, &'a CredentialRow)>>,
    as_of: Timestamp,
}

impl<'a> Generations<'a> {
    /// Sorts the static credentials of a ledger whose identity and age are known.
    pub(in crate::check) fn of(ctx: &Context<'a>) -> Self {
        let mut rows: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for row in ctx.shared.lasting.iter().copied().filter(|row| life::is_static(row) && life::is_known(row)) {
            if let (Some(principal), Some(created)) = (row.principal.as_deref(), row.created) {
                rows.entry((identity_key(principal), row.kind.clone())).or_default().push((created, row));
            }
        }
        for list in rows.values_mut() {
            list.sort_by(|a, b| (a.0, &a.1.id).cmp(&(b.0, &b.1.id)));
        }
        Self { rows, as_of: ctx.ledger.as_of }
    }

    /// The first newer credential of the same identity and type that still works.
    pub(in crate::check) fn successor(&self, row: &CredentialRow) -> Option<(Timestamp, &'a CredentialRow)> {
        let created = row.created?;
        let works = |other: &CredentialRow| other.id != row.id && !life::is_over(other, self.as_of);
        self.siblings(row).iter().find(|(time, other)| *time > created && works(other)).copied()
    }

    /// All of the same identity and type, this one included.
    pub(in crate::check) fn siblings(&self, row: &CredentialRow) -> &[(Timestamp, &'a CredentialRow)] {
        let key = row.principal.as_deref().map(|principal| (identity_key(principal), row.kind.clone()));
        key.and_then(|key| self.rows.get(&key)).map_or(&[], Vec::as_slice)
    }
}
