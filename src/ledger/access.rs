//! What a ledger says about access alone: identities, grants and policies, for the judges of [`crate::access`].

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Ledger, correlate};
use crate::access::Estate;
use crate::ledger::subject::IdentityRow;
use crate::model::{Gap, Grant, Policy};

/// Identities, grants and policies, with what was not examined.
#[derive(Clone, Debug)]
pub struct Access {
    /// The time as of which everything is judged.
    pub as_of: Timestamp,
    /// Where that time comes from, in words.
    pub as_of_source: String,
    /// All identities by id.
    pub identities: BTreeMap<Box<str>, IdentityRow>,
    /// All grants, in order of holder and object.
    pub grants: Vec<Grant>,
    /// The policies and roles that exports hold, by id.
    pub policies: BTreeMap<Box<str>, Policy>,
    /// What was not examined.
    pub gaps: Vec<Gap>,
}

impl Access {
    /// Everything that the judges need.
    pub fn estate(&self) -> Estate<'_> {
        correlate::estate(&self.identities, &self.grants, &self.policies, self.as_of)
    }
}

impl From<Ledger> for Access {
    fn from(ledger: Ledger) -> Self {
        let Ledger { as_of, as_of_source, identities, grants, policies, gaps, .. } = ledger;
        Self { as_of, as_of_source, identities, grants, policies, gaps }
    }
}
