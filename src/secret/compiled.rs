//! A rule in the form the engine runs.

use std::ops::Range;

use regex::bytes::{Captures, Regex, RegexBuilder};

use super::Error;
use crate::rules::secret::SecretRule;
use crate::rules::secret::reach::Reach;

/// A match of a pattern without a bound of its own is followed at most this far.
const LONGEST_OPEN: usize = 64 * 1024;

/// A rule and its compiled pattern.
pub(super) struct Compiled {
    pub(super) rule: SecretRule,
    pub(super) reach: Reach,
    /// Indices of the rules in `pair`.
    pub(super) pair: Vec<usize>,
    pattern: Regex,
}

/// What a pattern matched: byte ranges of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) rule: usize,
    pub(super) whole: Range<usize>,
    pub(super) secret: Range<usize>,
    pub(super) id: Option<Range<usize>>,
}

impl Compiled {
    pub(super) fn new(rule: &SecretRule, all: &[&SecretRule]) -> Result<Self, Error> {
        let refuse = |message: String| Error::Pattern { rule: rule.id.clone(), message };
        let pattern =
            RegexBuilder::new(&rule.pattern).unicode(false).build().map_err(|error| refuse(error.to_string()))?;
        let reach = rule.reach().map_err(refuse)?;
        let position = |id: &String| all.iter().position(|other| other.id == *id);
        let pair = rule.pair.iter().filter_map(position).collect();
        Ok(Self { rule: rule.clone(), reach, pair, pattern })
    }

    /// Calls `found` for each match inside `window`, in order. Bytes around the window count as context only.
    pub(super) fn matches(&self, index: usize, text: &[u8], window: Range<usize>, mut found: impl FnMut(Hit)) {
        // One byte more than a match can need, so that a boundary assertion at its end sees what really follows.
        let end = window.end.saturating_add(1).min(text.len());
        let mut at = window.start;
        while at < end
            && let Some(whole) = self.pattern.find_at(&text[..end], at)
        {
            let cut = self.reach.open && whole.end() == end && end < text.len();
            let limit = if cut { text.len().min(whole.start().saturating_add(LONGEST_OPEN)) } else { end };
            let Some(captures) = self.pattern.captures_at(&text[..limit], whole.start()) else { return };
            let Some(hit) = hit(index, &captures) else { return };
            at = hit.secret.end.max(whole.start() + 1);
            found(hit);
        }
    }
}

fn hit(rule: usize, captures: &Captures<'_>) -> Option<Hit> {
    let secret = captures.name("secret")?.range();
    let id = captures.name("id").map(|id| id.range());
    Some(Hit { rule, whole: captures.get(0)?.range(), secret, id })
}
