//! Access for emergencies: which credentials belong to it, and on which days they were used.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::ledger::{CredentialRow, Timeline};

use super::Context;

/// The credentials of one break-glass identity or role that were accepted.
pub(in crate::check) type Emergencies<'a> = BTreeMap<&'a str, Vec<(&'a CredentialRow, &'a Timeline)>>;

/// All break-glass identities and roles that the policy names and a log shows in use.
pub(in crate::check) fn uses<'a>(ctx: &Context<'a>) -> Emergencies<'a> {
    let mut found: Emergencies<'_> = BTreeMap::new();
    let policy = &ctx.policy.break_glass;
    if policy.identities.is_empty() && policy.roles.is_empty() {
        return found;
    }
    for row in &ctx.ledger.credentials {
        let Some(timeline) = row.timeline.as_deref().filter(|timeline| timeline.last_accepted.is_some()) else {
            continue;
        };
        let identity = row.principal.as_deref().filter(|id| policy.identities.matches(id) || policy.roles.matches(id));
        let role = timeline.scope.as_deref().filter(|scope| policy.roles.matches(scope));
        if let Some(of) = identity.or(role) {
            found.entry(of).or_default().push((row, timeline));
        }
    }
    found
}

/// The days since the epoch on which one of them was accepted.
pub(in crate::check) fn days(uses: &[(&CredentialRow, &Timeline)]) -> Vec<i64> {
    let hours = uses.iter().flat_map(|(_, timeline)| timeline.accepted_hours.iter());
    let mut days: Vec<i64> = hours.map(|hour| hour.div_euclid(24)).collect();
    days.sort_unstable();
    days.dedup();
    days
}

/// The beginning of a day since the epoch.
pub(in crate::check) fn start(day: i64) -> Option<Timestamp> {
    Timestamp::from_second(day.checked_mul(86_400)?).ok()
}
