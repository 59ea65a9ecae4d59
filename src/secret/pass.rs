//! One text on its way through the engine: keywords, windows around them, patterns in those.

use std::ops::Range;

use super::compiled::{Compiled, Hit};
use super::engine::MOST_HITS;
use super::prefilter::{Candidate, Prefilter};
use super::trace::{Base, Trace, Window};

/// Candidates are put in order in runs of so many.
const RUN: usize = 4096;

/// Of so many keywords in one window each is looked at before the pattern is run; more are a crowd.
const CROWD: usize = 64;

/// The work on one text.
pub(super) struct Pass<'a> {
    rules: &'a [Compiled],
    text: &'a [u8],
    base: Option<Base<'a>>,
    /// The window of each rule that may still grow. Made at the first keyword, so that a text without any costs nothing.
    open: Vec<Option<Open>>,
    trace: Option<Trace>,
    found: Hits,
}

/// A window, and where the keywords in it begin.
struct Open {
    window: Range<usize>,
    starts: Vec<u32>,
}

/// What was found in a text.
#[derive(Debug, Default)]
pub(super) struct Hits {
    pub(super) hits: Vec<Hit>,
    /// How many more there were than are kept, and rules that could not be run.
    pub(super) more: u64,
}

impl<'a> Pass<'a> {
    /// Finds everything in `text`, of which `base` may tell a part; remembers it where `keep` asks for it.
    pub(super) fn run(
        prefilter: &Prefilter,
        rules: &'a [Compiled],
        text: &'a [u8],
        base: Option<Base<'a>>,
        keep: bool,
    ) -> (Hits, Option<Trace>) {
        let trace = keep.then(|| Trace { length: text.len(), ..Trace::default() });
        let mut pass = Self { rules, text, base, open: Vec::new(), trace, found: Hits::default() };
        match base {
            Some(base) => pass.take(prefilter, &base.candidates(prefilter, text)),
            None => pass.read(prefilter),
        }
        pass.finish()
    }

    /// Takes candidates as they are found, in order of the text.
    fn read(&mut self, prefilter: &Prefilter) {
        let mut waiting: Vec<Candidate> = Vec::new();
        prefilter.find(self.text, 0..self.text.len(), |candidate| {
            waiting.push(candidate);
            if waiting.len() == RUN {
                waiting.sort_unstable();
                // Those before this can no longer be joined by others.
                let settled = (candidate.at as usize).saturating_sub(prefilter.longest());
                let ready = waiting.partition_point(|candidate| (candidate.at as usize) < settled);
                self.take(prefilter, &waiting[..ready]);
                waiting.drain(..ready);
            }
        });
        waiting.sort_unstable();
        self.take(prefilter, &waiting);
    }

    fn take(&mut self, prefilter: &Prefilter, candidates: &[Candidate]) {
        if !candidates.is_empty() && self.open.is_empty() {
            self.open.resize_with(self.rules.len(), || None);
        }
        for candidate in candidates {
            for rule in prefilter.rules(self.text, *candidate) {
                self.widen(rule, candidate.at as usize);
            }
        }
        if let Some(trace) = &mut self.trace {
            trace.candidates.extend_from_slice(candidates);
            if Trace::is_crowded(self.text.len(), trace.candidates.len()) {
                self.trace = None;
            }
        }
    }

    /// Grows the open window of a rule by what a keyword at `at` adds, or begins another one.
    fn widen(&mut self, rule: usize, at: usize) {
        let Ok(ready) = self.rules[rule].ready() else {
            self.found.more += 1;
            return;
        };
        let next = at.saturating_sub(ready.reach.lead)..at.saturating_add(ready.reach.tail).min(self.text.len());
        match &mut self.open[rule] {
            Some(open) if next.start <= open.window.end => {
                open.window = open.window.start.min(next.start)..open.window.end.max(next.end);
                // One more than are asked about, so that a crowd is told.
                if open.starts.len() <= CROWD {
                    open.starts.push(at as u32);
                }
            }
            slot => {
                if let Some(done) = slot.replace(Open { window: next, starts: vec![at as u32] }) {
                    self.match_in(rule, &done);
                }
            }
        }
    }

    /// Runs a rule in a window, or takes over what is known of it.
    fn match_in(&mut self, rule: usize, open: &Open) {
        let (number, window) = (rule as u16, &open.window);
        let before = self.found.hits.len();
        let known = self.base.and_then(|base| base.hits(number, window, self.text.len()));
        let seen = if let Some((hits, seen)) = known {
            hits.for_each(|hit| self.found.add(hit));
            seen
        } else if let Ok(ready) = self.rules[rule].ready() {
            let crowded = open.starts.len() > CROWD;
            if crowded || self.rules[rule].may_match(ready, self.text, &open.starts, window.end) {
                ready.matches(rule, self.text, window, |hit| self.found.add(hit))
            } else {
                window.end.saturating_add(1).min(self.text.len())
            }
        } else {
            return;
        };
        let Some(trace) = &mut self.trace else { return };
        let hits = &self.found.hits[before..];
        trace.windows.push(Window {
            rule: number,
            start: window.start as u32,
            end: window.end as u32,
            seen: seen as u32,
            first_hit: trace.hits.len() as u32,
            hits: hits.len() as u32,
        });
        trace.hits.extend_from_slice(hits);
    }

    fn finish(mut self) -> (Hits, Option<Trace>) {
        for (rule, open) in std::mem::take(&mut self.open).into_iter().enumerate() {
            if let Some(open) = open {
                self.match_in(rule, &open);
            }
        }
        let complete = self.found.more == 0;
        let trace = self.trace.filter(|_| complete).map(Trace::sealed);
        (self.found, trace)
    }
}

impl Hits {
    fn add(&mut self, hit: Hit) {
        if self.hits.len() < MOST_HITS {
            self.hits.push(hit);
        } else {
            self.more += 1;
        }
    }
}
