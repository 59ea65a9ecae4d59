//! What comments allow, gathered over all texts: which places, and what is wrong with the comments themselves.

use std::collections::{BTreeMap, BTreeSet};

use super::marker::Markers;
use crate::model::{Evidence, Exception, Place};

/// Complaints beyond so many are counted only.
const MOST: usize = 1000;

/// All exceptions in comments.
#[derive(Debug, Default)]
pub(super) struct Marks {
    allowed: BTreeMap<(Box<str>, Place), Exception>,
    /// Markers that are not complete, one sentence each.
    pub(super) faults: BTreeSet<String>,
    /// Complete markers beside which no secret of their rule lies: the rule, and where.
    pub(super) orphans: BTreeSet<(String, String)>,
}

impl Marks {
    /// The secret at this place is allowed.
    pub(super) fn allow(&mut self, evidence: &Evidence, exception: Exception) {
        self.allowed.insert((evidence.input.name().into(), evidence.place.clone()), exception);
    }

    /// Whether no secret is allowed anywhere.
    pub(super) fn is_empty(&self) -> bool {
        self.allowed.is_empty()
    }

    /// What allows the secret at this place.
    pub(super) fn of(&self, evidence: &Evidence) -> Option<&Exception> {
        self.allowed.get(&(evidence.input.name().into(), evidence.place.clone()))
    }

    /// Notes the markers of a text as it is now, of which those on the lines `used` allow something.
    pub(super) fn note_text(&mut self, input: &str, markers: &Markers, used: &[Option<u64>]) {
        for (line, marker) in markers.iter().filter(|(line, _)| !used.contains(&Some(*line))) {
            let at = format!("{input}:{line}");
            match marker {
                Ok(marker) if self.orphans.len() < MOST => {
                    self.orphans.insert((marker.rule.clone(), at));
                }
                Err(why) if self.faults.len() < MOST => {
                    self.faults.insert(format!("{at}: overstay:allow: {why}; it hides nothing"));
                }
                Ok(_) | Err(_) => {}
            }
        }
    }
}
