//! The table of credentials.

use polars::prelude::{DataFrame, PolarsResult};
use serde::Serialize;

use super::{Builder, expiry_name, id_kind, json, last_use_name, name};
use crate::ledger::schema::{Field, Kind, Table, field};
use crate::ledger::store::json::stored;
use crate::ledger::subject::{CredentialRow, Privilege};
use crate::ledger::system;
use crate::model::Presence;

/// One row a credential.
pub(in crate::ledger) static TABLE: Table = Table {
    name: "credentials",
    about: "One row is one credential: everything that code, exports and logs say about it, in order of ids.",
    fields: FIELDS,
};

const FIELDS: &[Field] = &[
    field("id", Kind::Text, "public id, or `#` and the first 12 digits of the keyed fingerprint"),
    field("id_kind", Kind::Text, "`issued`, `fingerprint`, `hashed` (by the issuing system) or `derived`"),
    field("system", Kind::Text, "`aws`, `vault` ...; null for a secret known by its value only"),
    field("aliases", Kind::Json, "list of other ids under which it was seen"),
    field("kind", Kind::Text, "type: the id of a secret rule"),
    field("title", Kind::Text, "human name of the type"),
    field("standing", Kind::Text, "`standing`, `ephemeral` or `depends`"),
    field("principal", Kind::Text, "identity it authenticates; joins `identities.id`; null where not known"),
    field("created", Kind::Time, "time of issue; null where not known"),
    field("expiry", Kind::Text, "`at`, `never` or `unknown`"),
    field("expires", Kind::Time, "when it ends by itself, for `at`"),
    field("last_use", Kind::Text, "`at`, `never`, `not-in-window` (of export or log) or `unknown`"),
    field("last_used", Kind::Time, "last accepted use, for `at`"),
    field("status", Kind::Text, "`active`, `inactive` or `unknown`"),
    field("observed_at", Kind::Time, "time as of which the export speaks; null for undated ones"),
    field("seen_in", Kind::Text, "`code`, `export`, `log`, joined by `+`"),
    field("exposures", Kind::Count, "places in code that are kept"),
    field("more_exposures", Kind::Flag, "there were more places"),
    field("in_head", Kind::Flag, "at least one place is in the newest commit or a plain tree"),
    field("exposed_since", Kind::Time, "author date of the oldest commit that introduced it; null outside history"),
    field("privilege", Kind::Text, "of its identity: `admin`, `limited`, `unknown` or `not-examined`"),
    field("privilege_reason", Kind::Text, "how it is an administrator, or why that is not known"),
    field("jit_paths", Kind::Json, "list of `role`, `last_use`, `issued` (sessions obtained) and `evidence`"),
    field("readouts", Kind::Json, "list of `name` and `value` read off the credential itself"),
    field("notes", Kind::Json, "list of what the join could not decide"),
    field("evidence", Kind::Json, "places in exports, then in code"),
];

/// The table of these credentials.
pub(in crate::ledger) fn frame(rows: &[CredentialRow]) -> PolarsResult<DataFrame> {
    Builder::new(&TABLE, rows.len())
        .text("id", rows, |row| row.id.to_string())?
        .text("id_kind", rows, |row| id_kind(&row.id))?
        .maybe("system", rows, |row| system(&row.id))?
        .text("aliases", rows, |row| json(&row.aliases.iter().map(ToString::to_string).collect::<Vec<_>>()))?
        .text("kind", rows, |row| row.kind.to_string())?
        .text("title", rows, |row| row.title.to_string())?
        .text("standing", rows, |row| name(&row.standing))?
        .maybe("principal", rows, |row| row.principal.as_deref())?
        .time("created", rows, |row| row.created)?
        .text("expiry", rows, |row| expiry_name(row.expiry))?
        .time("expires", rows, |row| row.expiry.at())?
        .text("last_use", rows, |row| last_use_name(row.last_use))?
        .time("last_used", rows, |row| row.last_use.at())?
        .text("status", rows, |row| name(&row.status))?
        .time("observed_at", rows, |row| row.observed_at)?
        .text("seen_in", rows, seen_in)?
        .count("exposures", rows, |row| row.exposures.len() as u64)?
        .flag("more_exposures", rows, |row| row.more_exposures)?
        .flag("in_head", rows, |row| row.exposures.iter().any(|place| is_current(place.presence)))?
        .time("exposed_since", rows, |row| row.exposures.iter().filter_map(|place| place.since).min())?
        .text("privilege", rows, |row| privilege(&row.privilege).to_owned())?
        .maybe("privilege_reason", rows, |row| reason(&row.privilege))?
        .text("jit_paths", rows, |row| json(&row.jit_paths.iter().map(StoredPath::of).collect::<Vec<_>>()))?
        .text("readouts", rows, |row| json(&row.readouts.as_slice()))?
        .text("notes", rows, |row| json(&row.notes.as_slice()))?
        .text("evidence", rows, |row| {
            json(&stored(row.exports.iter().chain(row.exposures.iter().map(|place| &place.evidence))))
        })?
        .finish()
}

/// `admin`, `limited`, `unknown` or `not-examined`.
pub(super) fn privilege(privilege: &Privilege) -> &'static str {
    match privilege {
        Privilege::Admin { .. } => "admin",
        Privilege::Limited => "limited",
        Privilege::Unknown(_) => "unknown",
        Privilege::NotExamined => "not-examined",
    }
}

/// How, or why not.
pub(super) fn reason(privilege: &Privilege) -> Option<&str> {
    match privilege {
        Privilege::Admin { how: text, .. } | Privilege::Unknown(text) => Some(text),
        Privilege::Limited | Privilege::NotExamined => None,
    }
}

/// `code`, `export`, `log`, joined by `+`.
pub(in crate::ledger) fn seen_in(row: &CredentialRow) -> String {
    let places =
        [("code", !row.exposures.is_empty()), ("export", !row.exports.is_empty()), ("log", row.timeline.is_some())];
    places.iter().filter(|(_, seen)| *seen).map(|(place, _)| *place).collect::<Vec<_>>().join("+")
}

fn is_current(presence: Presence) -> bool {
    matches!(presence, Presence::Tree | Presence::InHead | Presence::WorkTree | Presence::Staged)
}

/// A JIT path as it is written.
#[derive(Serialize)]
struct StoredPath<'a> {
    role: &'a str,
    last_use: crate::model::LastUse,
    issued: u64,
    evidence: Vec<crate::ledger::store::json::StoredEvidence>,
}

impl<'a> StoredPath<'a> {
    fn of(path: &'a crate::ledger::JitPath) -> Self {
        Self { role: &path.role, last_use: path.last_use, issued: path.issued, evidence: stored(&path.evidence) }
    }
}
