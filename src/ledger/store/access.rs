//! A saved ledger, read back as far as the evaluation of policies needs it: who is there, who holds what, and what
//! policies say. Times of grants are not read; the standing that follows from them is.

use std::collections::BTreeMap;
use std::path::Path;

use super::Error;
use super::json::{Inputs, StoredEvidence};
use super::manifest::Manifest;
use super::saved::{Reading, Texts};
use crate::ledger::access::Access;
use crate::ledger::frames::{coverage, grants, identities, policies};
use crate::ledger::subject::IdentityRow;
use crate::model::{Evidence, Expiry, Gap, Grant, GrantObject, LastUse, Policy, Privilege};

const IDENTITIES: [&str; 9] = ["id", "system", "account", "name", "kind", "boundary", "status", "facts", "evidence"];
const GRANTS: [&str; 10] =
    ["holder", "object_kind", "object", "scope", "system", "condition", "standing", "id", "facts", "evidence"];
const POLICIES: [&str; 4] = ["id", "system", "statements", "evidence"];

/// Reads who may do what from the ledger saved as `dir`. Every file must be as its manifest says.
pub fn open_access(dir: &Path) -> Result<Access, Error> {
    let manifest = Manifest::read(dir)?;
    let mut inputs = Inputs::default();
    let people = Reading::of(dir, &manifest, &identities::TABLE)?;
    let held = Reading::of(dir, &manifest, &grants::TABLE)?;
    let said = Reading::of(dir, &manifest, &policies::TABLE)?;
    let people = people.rows(&IDENTITIES, |row, at| identity(row, at, &mut inputs))?;
    let said = said.rows(&POLICIES, |row, at| policy(row, at, &mut inputs))?;
    Ok(Access {
        as_of: manifest.as_of,
        as_of_source: manifest.as_of_source.clone(),
        identities: people.into_iter().map(|row| (row.id.clone(), row)).collect(),
        grants: held.rows(&GRANTS, |row, at| grant(row, at, &mut inputs))?,
        policies: said.into_iter().map(|policy| (policy.id.clone(), policy)).collect::<BTreeMap<_, _>>(),
        gaps: gaps(&Reading::of(dir, &manifest, &coverage::TABLE)?)?,
    })
}

fn identity(row: &Texts, at: usize, inputs: &mut Inputs) -> Option<IdentityRow> {
    Some(IdentityRow {
        id: row.maybe("id", at)?.into(),
        system: row.maybe("system", at)?.into(),
        account: row.maybe("account", at).map(Into::into),
        name: row.maybe("name", at)?.into(),
        kind: row.name("kind", at)?,
        created: None,
        last_use: LastUse::Unknown,
        privilege: Privilege::NotExamined,
        boundary: row.maybe("boundary", at).map(Into::into),
        status: row.name("status", at)?,
        facts: row.json("facts", at)?,
        policies: Vec::new(),
        paths: Vec::new(),
        evidence: evidence(row, at, inputs)?,
    })
}

fn grant(row: &Texts, at: usize, inputs: &mut Inputs) -> Option<Grant> {
    let id: Box<str> = row.maybe("object", at)?.into();
    let object = match row.maybe("object_kind", at)?.as_str() {
        "policy" => GrantObject::Policy(id),
        "group" => GrantObject::Group(id),
        "assume-role" => GrantObject::AssumeRole(id),
        "role" => GrantObject::Role(id),
        "cap" => GrantObject::Cap(id),
        _ => return None,
    };
    Some(Grant {
        system: row.maybe("system", at)?.into(),
        holder: row.maybe("holder", at)?.into(),
        object,
        scope: row.maybe("scope", at)?.into(),
        condition: row.maybe("condition", at)?.into(),
        standing: row.name("standing", at)?,
        created: None,
        expiry: Expiry::Unknown,
        last_use: LastUse::Unknown,
        id: row.maybe("id", at)?.into(),
        facts: row.json("facts", at)?,
        evidence: evidence(row, at, inputs)?.into_iter().next()?,
    })
}

fn policy(row: &Texts, at: usize, inputs: &mut Inputs) -> Option<Policy> {
    Some(Policy {
        id: row.maybe("id", at)?.into(),
        system: row.maybe("system", at)?.into(),
        statements: row.json("statements", at)?,
        created: None,
        evidence: evidence(row, at, inputs)?.into_iter().next()?,
    })
}

fn evidence(row: &Texts, at: usize, inputs: &mut Inputs) -> Option<Vec<Evidence>> {
    let stored: Vec<StoredEvidence> = row.json("evidence", at)?;
    stored.into_iter().map(|piece| inputs.evidence(piece)).collect()
}

fn gaps(coverage: &Reading) -> Result<Vec<Gap>, Error> {
    let gap = |row: &Texts, at| match row.maybe("topic", at)?.as_str() {
        coverage::GAP => Some(Some(row.json("record", at)?)),
        _ => Some(None),
    };
    Ok(coverage.rows(&["topic", "record"], gap)?.into_iter().flatten().collect())
}
