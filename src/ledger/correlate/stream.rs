//! Which log would hold the events of a credential.

use std::collections::BTreeMap;

use crate::ledger::arn;
use crate::ledger::stream::StreamCoverage;
use crate::ledger::subject::CredentialRow;
use crate::ledger::system;
use crate::model::StreamKey;

type Found<'a> = (&'a StreamKey, &'a StreamCoverage);

/// The stream of the credential's system and account; or the only one that names it; or, where its account is not
/// known, the only one of its system. An export importer has no stream.
pub(in crate::ledger) fn stream_for<'a>(
    streams: &'a BTreeMap<StreamKey, StreamCoverage>,
    row: &CredentialRow,
) -> Option<Found<'a>> {
    let system = system(&row.id)?;
    let account = account(row);
    if let Some(found) = account.and_then(|account| of_account(streams, system, account)) {
        return Some(found);
    }
    let named = row.timeline.iter().flat_map(|timeline| &timeline.streams);
    let naming = named.filter(|key| belongs(key, system)).filter_map(|key| streams.get_key_value(key));
    let first = StreamKey::new(&format!("{system}-"), "");
    let of_system = streams.range(first..).take_while(|(key, _)| is_of(key, system));
    let of_system = of_system.take(MAX_LOOK).filter(|(key, _)| belongs(key, system));
    only(naming).or_else(|| only(of_system).filter(|(key, _)| account.is_none() || key.scope.is_empty()))
}

/// The stream of an account, of the first importer that has one. To look at a few streams takes less than to make keys.
fn of_account<'a>(streams: &'a BTreeMap<StreamKey, StreamCoverage>, system: &str, account: &str) -> Option<Found<'a>> {
    if streams.len() <= MAX_LOOK {
        return streams.iter().find(|(key, _)| *key.scope == *account && is_of(key, system));
    }
    importers(streams, system).find_map(|importer| streams.get_key_value(&StreamKey::new(importer, account)))
}

fn is_of(key: &StreamKey, system: &str) -> bool {
    key.importer.strip_prefix(system).is_some_and(|rest| rest.starts_with('-'))
}

/// How many streams of a system are looked at for being the only one.
const MAX_LOOK: usize = 64;

/// The importers of a system's streams.
fn importers<'a>(
    streams: &'a BTreeMap<StreamKey, StreamCoverage>,
    system: &str,
) -> impl Iterator<Item = &'a str> + use<'a> {
    let prefix = format!("{system}-");
    let next = move |after: &str| {
        let (key, _) = streams.range(StreamKey::new(after, "")..).next()?;
        key.importer.starts_with(&prefix).then_some(&*key.importer)
    };
    let first = next(&format!("{system}-"));
    std::iter::successors(first, move |importer| next(&format!("{importer}\0")))
}

/// The account of a credential, from its identity or read off the credential itself.
pub(in crate::ledger) fn account(row: &CredentialRow) -> Option<&str> {
    let principal = row.principal.as_deref().and_then(arn::account);
    principal.or_else(|| row.readouts.iter().find(|fact| &*fact.name == "aws-account").map(|fact| &*fact.value))
}

/// Whether a stream holds issuance and revocation in this system.
fn belongs(key: &StreamKey, system: &str) -> bool {
    key.holds_changes() && is_of(key, system)
}

fn only<'a>(mut streams: impl Iterator<Item = Found<'a>>) -> Option<Found<'a>> {
    streams.next().filter(|_| streams.next().is_none())
}
