//! The one pass over the text that decides which rules run where.

use std::collections::BTreeMap;

use aho_corasick::automaton::{Automaton, OverlappingState};
use aho_corasick::dfa::DFA;
use aho_corasick::{Anchored, Input, MatchKind, StartKind};

use super::Error;
use super::grams::Grams;
use crate::rules::secret::{Case, SecretRule};

/// All keywords of all rules in one automaton, matched without regard to case, and the table of grams that tells where
/// the automaton has to look at all. Keywords whose case matters are compared once more where they occur.
pub(super) struct Prefilter {
    automaton: DFA,
    keywords: Vec<Keyword>,
    grams: Grams,
    longest: usize,
}

#[derive(Default)]
struct Keyword {
    /// The rules that look for it in any case.
    folded: Vec<usize>,
    /// The rules that look for it as written.
    exact: Vec<(usize, Box<[u8]>)>,
    /// Where in it its rarest gram begins.
    gram: usize,
}

impl Prefilter {
    pub(super) fn new(rules: &[&SecretRule]) -> Result<Self, Error> {
        let mut keywords = collect(rules);
        let automaton = DFA::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .start_kind(StartKind::Anchored)
            .build(keywords.keys())
            .map_err(|error| Error::Keywords(error.to_string()))?;
        let mut grams = Grams::new();
        for (text, keyword) in &mut keywords {
            keyword.gram = grams.insert(text.as_bytes());
        }
        let longest = keywords.keys().map(String::len).max().unwrap_or_default();
        Ok(Self { automaton, keywords: keywords.into_values().collect(), grams, longest })
    }

    /// Calls `visit` with a rule and the offset of one of its keywords, for each occurrence. The order is that of the
    /// text up to the length of a keyword.
    pub(super) fn visit(&self, text: &[u8], mut visit: impl FnMut(usize, usize)) {
        self.grams.find(text, |start, gram| self.confirm(text, start, gram, &mut visit));
    }

    /// Visits the keywords that begin at `start` and whose gram, the one that led here, begins at their byte `gram`.
    fn confirm(&self, text: &[u8], start: usize, gram: usize, visit: &mut impl FnMut(usize, usize)) {
        let end = text.len().min(start + self.longest);
        let input = Input::new(text).span(start..end).anchored(Anchored::Yes);
        let mut state = OverlappingState::start();
        while self.automaton.try_find_overlapping(&input, &mut state).is_ok()
            && let Some(found) = state.get_match()
        {
            let Some(keyword) = self.keywords.get(found.pattern().as_usize()) else { continue };
            if keyword.gram != gram {
                continue;
            }
            for &rule in &keyword.folded {
                visit(rule, start);
            }
            for (rule, exact) in &keyword.exact {
                if text[found.range()] == **exact {
                    visit(*rule, start);
                }
            }
        }
    }
}

/// The distinct keywords in lower case, and who looks for them.
fn collect(rules: &[&SecretRule]) -> BTreeMap<String, Keyword> {
    let mut keywords = BTreeMap::<String, Keyword>::new();
    for (index, rule) in rules.iter().enumerate() {
        for text in &rule.keywords {
            let keyword = keywords.entry(text.to_ascii_lowercase()).or_default();
            match rule.case {
                Case::Insensitive => keyword.folded.push(index),
                Case::Sensitive => keyword.exact.push((index, text.as_bytes().into())),
            }
        }
    }
    keywords
}
