//! How much of the privileged work goes through just-in-time access, and what goes around it.

use std::collections::HashMap;

use crate::check::basis::life;
use crate::ledger::Privilege;
use crate::model::{Metric, MetricUnit, StandingClass};

use super::Measure;

/// Why there is nothing to measure without a policy.
const NO_POLICY: &str = "overstay.yaml names no just-in-time roles or mounts (jit)";

/// Accepted privileged uses by the way that they took.
#[derive(Default)]
struct Uses {
    through: u64,
    static_key: u64,
    leaked: u64,
    other_session: u64,
}

impl Uses {
    fn around(&self) -> u64 {
        self.static_key.saturating_add(self.leaked).saturating_add(self.other_session)
    }
}

/// The share of privileged uses by credentials that the broker handed out.
pub(super) fn jit_coverage(measure: &Measure<'_>) -> Metric {
    let metric =
        Metric::new("jit-coverage", "privileged uses through just-in-time access", MetricUnit::Share, measure.logs());
    match uses(measure) {
        Ok(uses) => metric.of(uses.through, uses.through.saturating_add(uses.around())),
        Err(why) => metric.unknown(why),
    }
}

/// The share of privileged uses around it, by cause.
pub(super) fn bypass(measure: &Measure<'_>) -> Metric {
    let metric =
        Metric::new("jit-bypass", "privileged uses around just-in-time access", MetricUnit::Share, measure.logs());
    match uses(measure) {
        Ok(uses) => metric
            .of(uses.around(), uses.through.saturating_add(uses.around()))
            .part("static credential", uses.static_key)
            .part("static credential that lies in code", uses.leaked)
            .part("session that the broker does not hand out", uses.other_session),
        Err(why) => metric.unknown(why),
    }
}

fn uses(measure: &Measure<'_>) -> Result<Uses, &'static str> {
    let jit = &measure.policy.jit;
    if jit.roles.is_empty() && jit.mounts.is_empty() {
        return Err(NO_POLICY);
    }
    let mut uses = Uses::default();
    // Many credentials are for few scopes.
    let mut hands_out: HashMap<&str, bool> = HashMap::new();
    for row in &measure.ledger.credentials {
        let (accepted, admin) = (Measure::accepted(row), matches!(row.privilege, Privilege::Admin { .. }));
        let scope = row.timeline.as_deref().and_then(|timeline| timeline.scope.as_deref());
        let way = match (
            scope.is_some_and(|scope| *hands_out.entry(scope).or_insert_with(|| jit.hands_out(scope))),
            row.standing,
        ) {
            (true, _) => &mut uses.through,
            (false, _) if !admin => continue,
            (false, StandingClass::Ephemeral) => &mut uses.other_session,
            (false, _) if life::is_static(row) && !row.exposures.is_empty() => &mut uses.leaked,
            (false, _) => &mut uses.static_key,
        };
        *way = way.saturating_add(accepted);
    }
    let all = uses.through.saturating_add(uses.around());
    if all == 0 { Err("no log shows a privileged use") } else { Ok(uses) }
}
