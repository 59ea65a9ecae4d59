//! The table of timelines.

use jiff::Timestamp;
use polars::prelude::{DataFrame, PolarsResult};
use serde::Serialize;

use super::{Builder, expiry_name, json, name};
use crate::ledger::schema::{Field, Kind, Table, field};
use crate::ledger::store::json::{StoredEvidence, stored};
use crate::ledger::subject::CredentialRow;
use crate::ledger::timeline::{Moment, Switch, Timeline};
use crate::model::EventKind;

/// One row the life of a credential in the logs.
pub(in crate::ledger) static TABLE: Table = Table {
    name: "timelines",
    about: "One row is the life of one credential as the logs show it. Counts are of records: overlapping files count \
            twice.",
    fields: FIELDS,
};

const FIELDS: &[Field] = &[
    field("credential", Kind::Text, "joins `credentials.id`"),
    field("streams", Kind::Json, "list of the log streams that name it: `importer` and `scope`"),
    field("issued_at", Kind::Time, "time of issue, from its record or carried by a later one"),
    field("proof", Kind::Text, "what the requester showed: `oidc`, `static-key` ..."),
    field("parent", Kind::Text, "credential it was obtained with"),
    field("principal", Kind::Text, "identity it authenticates"),
    field("requester", Kind::Text, "who asked for it"),
    field("by_service", Kind::Flag, "a service of the provider obtained or used it for itself"),
    field("scope", Kind::Text, "what it is good for"),
    field("session", Kind::Text, "session or run name"),
    field("request", Kind::Text, "request under which it was issued; joins `requests.id`"),
    field("issued_for", Kind::Text, "task for which it was issued; joins `tasks.id`"),
    field("expiry", Kind::Text, "`at`, `never` or `unknown`"),
    field("expires", Kind::Time, "for `at`"),
    field("ttl_s", Kind::Number, "time to live as issued, in seconds"),
    field("period_s", Kind::Number, "renewal period in seconds"),
    field("uses", Kind::Count, "records of use, whatever the outcome"),
    field("accepted", Kind::Count, "records in which the credential was accepted"),
    field("refused", Kind::Count, "records in which the credential was refused"),
    field("first_use", Kind::Time, "of any outcome"),
    field("last_use", Kind::Time, "of any outcome"),
    field("last_accepted", Kind::Time, "last use in which the credential was accepted"),
    field("renewals", Kind::Count, "records of renewal"),
    field("last_renewal", Kind::Time, "null without renewal"),
    field("networks", Kind::Json, "list of public networks (/24, /48) of accepted uses, at most 16"),
    field("more_networks", Kind::Flag, "there were more"),
    field("agents", Kind::Json, "list of user agents of accepted uses, at most 16"),
    field("more_agents", Kind::Flag, "there were more"),
    field("actions", Kind::Json, "list of actions of accepted uses, at most 64"),
    field("more_actions", Kind::Flag, "there were more"),
    field(
        "two_hosts_at",
        Kind::Time,
        "latest minute in which two hosts, of a session two networks, used it; null where none was seen",
    ),
    field("switches", Kind::Json, "list of `time`, `kind` and `evidence`: revoked, disabled, enabled ..."),
    field("evidence", Kind::Json, "issuance, first, last and last accepted use, renewals"),
];

/// The table of the timelines of these credentials.
pub(in crate::ledger) fn frame(credentials: &[CredentialRow]) -> PolarsResult<DataFrame> {
    let rows: Vec<(&CredentialRow, &Timeline)> =
        credentials.iter().filter_map(|row| Some((row, row.timeline.as_deref()?))).collect();
    let builder = Builder::new(&TABLE, rows.len()).text("credential", &rows, |(row, _)| row.id.to_string())?;
    let rows: Vec<&Timeline> = rows.into_iter().map(|(_, timeline)| timeline).collect();
    sets(uses(issuance(builder, &rows)?, &rows)?, &rows)?.finish()
}

fn issuance(builder: Builder, rows: &[&Timeline]) -> PolarsResult<Builder> {
    let parents: Vec<Option<String>> = rows.iter().map(|row| Some(row.parent.as_ref()?.to_string())).collect();
    builder
        .text("streams", rows, |row| json(&row.streams))?
        .time("issued_at", rows, |row| row.issued_at)?
        .text("proof", rows, |row| name(&row.proof))?
        .maybe("parent", &parents, |parent| parent.as_deref())?
        .maybe("principal", rows, |row| row.principal.as_deref())?
        .maybe("requester", rows, |row| row.requester.as_deref())?
        .flag("by_service", rows, |row| row.by_service)?
        .maybe("scope", rows, |row| row.scope.as_deref())?
        .maybe("session", rows, |row| row.session.as_deref())?
        .maybe("request", rows, |row| row.request.as_deref())?
        .maybe("issued_for", rows, |row| row.issued_for.as_deref())?
        .text("expiry", rows, |row| expiry_name(row.expiry))?
        .time("expires", rows, |row| row.expiry.at())?
        .number("ttl_s", rows, |row| row.ttl_s)?
        .number("period_s", rows, |row| row.period_s)
}

fn uses(builder: Builder, rows: &[&Timeline]) -> PolarsResult<Builder> {
    let time = |moment: &Option<Moment>| moment.as_ref().map(|moment| moment.time);
    builder
        .count("uses", rows, |row| row.uses)?
        .count("accepted", rows, |row| row.accepted)?
        .count("refused", rows, |row| row.refused)?
        .time("first_use", rows, |row| time(&row.first_use))?
        .time("last_use", rows, |row| time(&row.last_use))?
        .time("last_accepted", rows, |row| time(&row.last_accepted))?
        .count("renewals", rows, |row| row.renewals)?
        .time("last_renewal", rows, |row| time(&row.last_renewal))
}

fn sets(builder: Builder, rows: &[&Timeline]) -> PolarsResult<Builder> {
    builder
        .text("networks", rows, |row| json(&row.networks.keys().map(|network| network.0).collect::<Vec<_>>()))?
        .flag("more_networks", rows, |row| row.more_networks)?
        .text("agents", rows, |row| json(&row.agents.keys().collect::<Vec<_>>()))?
        .flag("more_agents", rows, |row| row.more_agents)?
        .text("actions", rows, |row| json(&row.actions.keys().collect::<Vec<_>>()))?
        .flag("more_actions", rows, |row| row.more_actions)?
        .time("two_hosts_at", rows, |row| two_hosts_at(row))?
        .text("switches", rows, |row| json(&row.switches.iter().map(StoredSwitch::of).collect::<Vec<_>>()))?
        .text("evidence", rows, |row| json(&stored(moments(row).map(|moment| &moment.evidence))))
}

fn two_hosts_at(row: &Timeline) -> Option<Timestamp> {
    let hosts = row.concurrency.as_ref().map(|found| found.minute);
    hosts.max(row.overlaps.iter().map(|found| found.minute).max())
}

fn moments(row: &Timeline) -> impl Iterator<Item = &Moment> {
    let issuance = row.issued.as_ref().or(row.seen.as_ref());
    [
        issuance,
        row.first_use.as_ref(),
        row.last_use.as_ref(),
        row.last_accepted.as_ref(),
        row.first_renewal.as_ref(),
        row.last_renewal.as_ref(),
    ]
    .into_iter()
    .flatten()
}

/// A switch as it is written.
#[derive(Serialize)]
struct StoredSwitch {
    time: jiff::Timestamp,
    kind: EventKind,
    evidence: StoredEvidence,
}

impl StoredSwitch {
    fn of(switch: &Switch) -> Self {
        Self { time: switch.time, kind: switch.kind, evidence: StoredEvidence::of(&switch.evidence) }
    }
}
