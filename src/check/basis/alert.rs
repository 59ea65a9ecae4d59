//! Abnormal behaviour, and the credentials of the identity that it was reported of.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::ledger::{CredentialRow, Ledger, Signal, identity_key};

use super::task::switched_off;

/// A signal and a credential that its identity held at that time.
pub(in crate::check) struct Alarm<'a> {
    /// The identity, or the credential itself, as the signal names it.
    pub(in crate::check) of: &'a str,
    /// The signal.
    pub(in crate::check) signal: &'a Signal,
    /// The credentials that it held and that worked at that time.
    pub(in crate::check) held: Vec<&'a CredentialRow>,
}

/// All signals with the credentials that they concern.
pub(in crate::check) fn alarms(ledger: &Ledger) -> Vec<Alarm<'_>> {
    let mut by_holder: BTreeMap<String, Vec<&CredentialRow>> = BTreeMap::new();
    if !ledger.signals.alerts.is_empty() {
        for row in &ledger.credentials {
            by_holder.entry(row.id.to_string()).or_default().push(row);
            if let Some(holder) = &row.principal {
                by_holder.entry(identity_key(holder)).or_default().push(row);
            }
        }
    }
    let signals = ledger.signals.alerts.iter().flat_map(|(of, signals)| signals.iter().map(move |signal| (of, signal)));
    let held = |of: &str, time: Timestamp| {
        let rows = by_holder.get(&identity_key(of)).into_iter().flatten().copied();
        rows.filter(|row| works_at(row, time)).collect()
    };
    signals.map(|(of, signal)| Alarm { of, signal, held: held(of, signal.time) }).collect()
}

/// Issued, not over and not switched off at `time`, as far as any input says.
fn works_at(row: &CredentialRow, time: Timestamp) -> bool {
    let issued = row.created.or_else(|| row.timeline.as_ref()?.first_use.as_ref().map(|first| first.time));
    let over = row.expiry.at().is_some_and(|end| end <= time);
    let off = row.timeline.as_ref().is_some_and(|timeline| timeline.off_before(time).is_some());
    issued.is_some_and(|issued| issued <= time) && !over && !off
}

/// When the credential was switched off after the signal.
pub(in crate::check) fn answered(row: &CredentialRow, signal: &Signal) -> Option<Timestamp> {
    switched_off(row.timeline.as_ref()?, signal.time)
}
