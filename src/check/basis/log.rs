//! The finding about a log, and which log would hold something.

use crate::check::severity::Rating;
use crate::ledger::{Ledger, StreamCoverage};
use crate::model::{FindingBuilder, StreamKey, Subject, SubjectKind};

use super::Context;

/// `aws-cloudtrail/111122223333`.
pub(in crate::check) fn name(key: &StreamKey) -> String {
    format!("{}/{}", key.importer, key.scope)
}

/// Starts a finding about a log.
pub(in crate::check) fn about(ctx: &Context<'_>, key: &StreamKey, rating: &Rating, place: &str) -> FindingBuilder {
    let subject = Subject {
        kind: SubjectKind::Stream,
        class: key.importer.to_string(),
        id: name(key),
        title: "log".to_owned(),
        principal: None,
    };
    FindingBuilder::new(&ctx.rule.id, ctx.id(&name(key), place), subject, rating.severity, &rating.reason)
}

/// The log of a system and account: of that account, or the only one of the system.
pub(in crate::check) fn of_system<'a>(
    ledger: &'a Ledger,
    system: &str,
    account: Option<&str>,
) -> Option<(&'a StreamKey, &'a StreamCoverage)> {
    let belongs = |key: &StreamKey| {
        let of_system = key.importer.strip_prefix(system).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
        of_system && key.holds_changes()
    };
    let logs: Vec<_> = ledger.streams.iter().filter(|(key, _)| belongs(key)).collect();
    let of_account = logs.iter().find(|(key, _)| account.is_some_and(|account| *key.scope == *account)).copied();
    of_account.or(match logs.as_slice() {
        [only] => Some(*only),
        _ => None,
    })
}
