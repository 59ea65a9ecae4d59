//! A rule in the form the engine runs.

use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use regex::bytes::{Captures, Regex, RegexBuilder};

use crate::rules::secret::SecretRule;
use crate::rules::secret::reach::Reach;

/// A match of a pattern without a bound of its own is followed at most this far.
const LONGEST_OPEN: usize = 64 * 1024;

/// The automaton that a pattern builds up while it runs may take so many bytes, in each thread.
const CACHE: usize = 512 * 1024;

/// A pattern that is run more often than this gets a guard.
const GUARDED_FROM: u32 = 16;

/// A rule and its pattern, which is compiled when a text first holds a keyword of the rule.
pub(super) struct Compiled {
    pub(super) rule: Arc<SecretRule>,
    /// Indices of the rules in `pair`.
    pub(super) pair: Vec<usize>,
    ready: OnceLock<Result<Ready, String>>,
}

/// A compiled pattern and how far it can lie around a keyword.
pub(super) struct Ready {
    pub(super) reach: Reach,
    pattern: Regex,
    /// How often the pattern was run.
    runs: AtomicU32,
    guard: OnceLock<Option<Regex>>,
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
    pub(super) fn new(rule: &Arc<SecretRule>, all: &[&SecretRule]) -> Self {
        let position = |id: &String| all.iter().position(|other| other.id == *id);
        let pair = rule.pair.iter().filter_map(position).collect();
        Self { rule: Arc::clone(rule), pair, ready: OnceLock::new() }
    }

    /// The compiled pattern, or in words why there is none. A rule set that was checked has one for every rule.
    pub(super) fn ready(&self) -> Result<&Ready, &str> {
        let compiled = self.ready.get_or_init(|| {
            let pattern = RegexBuilder::new(&self.rule.pattern).unicode(false).dfa_size_limit(CACHE).build();
            let pattern = pattern.map_err(|error| error.to_string())?;
            Ok(Ready { reach: self.rule.reach()?, pattern, runs: AtomicU32::new(0), guard: OnceLock::new() })
        });
        compiled.as_ref().map_err(String::as_str)
    }

    /// Whether a match can begin at any of `starts`, the places of the rule's keywords in a window that ends at `end`.
    /// "No" is certain. Most keywords stand in ordinary words, and an anchored automaton sees that within a few bytes.
    pub(super) fn may_match(&self, ready: &Ready, text: &[u8], starts: &[u32], end: usize) -> bool {
        if ready.reach.lead > 0 || ready.reach.open || ready.runs.fetch_add(1, Ordering::Relaxed) < GUARDED_FROM {
            return true;
        }
        let anchored = || {
            // One byte before the keyword, for a boundary assertion.
            let pattern = format!(r"\A(?s-u:.)(?:{})", self.rule.pattern);
            RegexBuilder::new(&pattern).unicode(false).dfa_size_limit(CACHE).build().ok()
        };
        let Some(guard) = ready.guard.get_or_init(anchored) else { return true };
        let end = end.saturating_add(1).min(text.len());
        starts.iter().any(|at| match (*at as usize).checked_sub(1) {
            Some(before) => text.get(before..end).is_none_or(|text| guard.is_match(text)),
            None => true,
        })
    }
}

impl Ready {
    /// Calls `found` for each match inside `window`, in order; where the bytes end that were looked at. Bytes around
    /// the window count as context only.
    pub(super) fn matches(
        &self,
        index: usize,
        text: &[u8],
        window: &Range<usize>,
        mut found: impl FnMut(Hit),
    ) -> usize {
        // One byte more than a match can need, so that a boundary assertion at its end sees what really follows.
        let end = window.end.saturating_add(1).min(text.len());
        let (mut at, mut seen) = (window.start, end);
        while at < end
            && let Some(whole) = self.pattern.find_at(&text[..end], at)
        {
            let cut = self.reach.open && whole.end() == end && end < text.len();
            let limit = if cut { text.len().min(whole.start().saturating_add(LONGEST_OPEN)) } else { end };
            seen = seen.max(limit);
            let Some(captures) = self.pattern.captures_at(&text[..limit], whole.start()) else { break };
            let Some(hit) = hit(index, &captures) else { break };
            at = hit.secret.end.max(whole.start() + 1);
            found(hit);
        }
        seen
    }
}

impl Hit {
    /// The same hit in a text where it lies elsewhere.
    pub(super) fn moved(&self, from: usize, to: usize) -> Self {
        let shift = |range: &Range<usize>| range.start - from + to..range.end - from + to;
        let id = self.id.as_ref().map(shift);
        Self { rule: self.rule, whole: shift(&self.whole), secret: shift(&self.secret), id }
    }
}

impl Ready {
    /// What the other groups of the pattern tell, as name and value: ids that stand beside or inside the credential.
    pub(super) fn told(&self, text: &[u8], hit: &Hit) -> Vec<(String, String)> {
        // One byte more, for a boundary assertion at the end.
        let end = text.len().min(hit.whole.end.saturating_add(1));
        let Some(captures) = self.pattern.captures_at(&text[..end], hit.whole.start) else { return Vec::new() };
        let names = self.pattern.capture_names().flatten().filter(|name| !matches!(*name, "secret" | "id"));
        let told = names.filter_map(|name| {
            let value = String::from_utf8_lossy(captures.name(name)?.as_bytes()).into_owned();
            Some((name.replace('_', "-"), value))
        });
        told.collect()
    }
}

fn hit(rule: usize, captures: &Captures<'_>) -> Option<Hit> {
    let secret = captures.name("secret")?.range();
    let id = captures.name("id").map(|id| id.range());
    Some(Hit { rule, whole: captures.get(0)?.range(), secret, id })
}
