//! Which credential was obtained with which: chains of sessions, to any depth.

use std::collections::HashMap;

use crate::ledger::{CredentialRow, Ledger};
use crate::model::CredentialId;

/// How far a chain is followed. A longer one, or one that bites its tail, ends here.
const DEEPEST: usize = 64;

/// All credentials by their id and by their other ids.
#[derive(Debug)]
pub(in crate::check) struct Lineage<'a> {
    rows: HashMap<&'a CredentialId, &'a CredentialRow>,
}

impl<'a> Lineage<'a> {
    /// The lineage of a ledger.
    pub(in crate::check) fn of(ledger: &'a Ledger) -> Self {
        let ids = |row: &'a CredentialRow| row.aliases.iter().chain([&row.id]).map(move |id| (id, row));
        Self { rows: ledger.credentials.iter().flat_map(ids).collect() }
    }

    /// The credential of an id, or of one of its other ids.
    pub(in crate::check) fn get(&self, id: &CredentialId) -> Option<&'a CredentialRow> {
        self.rows.get(id).copied()
    }

    /// The credential that this one was obtained with, where any input knows it.
    pub(in crate::check) fn parent(&self, row: &CredentialRow) -> Option<&'a CredentialRow> {
        let id = row.timeline.as_ref()?.parent.as_ref()?;
        self.get(id).filter(|parent| parent.id != row.id)
    }

    /// The credentials that this one was obtained with, the nearest first.
    pub(in crate::check) fn ancestors(&self, row: &'a CredentialRow) -> Vec<&'a CredentialRow> {
        let mut chain: Vec<&CredentialRow> = Vec::new();
        let mut next = self.parent(row);
        while let Some(parent) =
            next.filter(|parent| chain.len() < DEEPEST && !chain.iter().any(|known| known.id == parent.id))
        {
            chain.push(parent);
            next = self.parent(parent);
        }
        chain
    }
}
