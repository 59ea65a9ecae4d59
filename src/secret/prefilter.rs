//! The one pass over the text that decides which rules run where.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::Error;
use crate::rules::secret::{Case, SecretRule};

/// All keywords of all rules in one automaton, matched without regard to case; keywords whose case matters are
/// compared once more where they occur.
pub(super) struct Prefilter {
    automaton: AhoCorasick,
    keywords: Vec<Keyword>,
}

struct Keyword {
    /// The rules that look for it in any case.
    folded: Vec<usize>,
    /// The rules that look for it as written.
    exact: Vec<(usize, Box<[u8]>)>,
}

impl Prefilter {
    pub(super) fn new(rules: &[&SecretRule]) -> Result<Self, Error> {
        let mut keywords = std::collections::BTreeMap::<String, Keyword>::new();
        for (index, rule) in rules.iter().enumerate() {
            for text in &rule.keywords {
                let keyword = keywords
                    .entry(text.to_ascii_lowercase())
                    .or_insert_with(|| Keyword { folded: Vec::new(), exact: Vec::new() });
                match rule.case {
                    Case::Insensitive => keyword.folded.push(index),
                    Case::Sensitive => keyword.exact.push((index, text.as_bytes().into())),
                }
            }
        }
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::DFA))
            .build(keywords.keys())
            .map_err(|error| Error::Keywords(error.to_string()))?;
        Ok(Self { automaton, keywords: keywords.into_values().collect() })
    }

    /// Calls `visit` with a rule and the offset of one of its keywords, for each occurrence, in order of their ends.
    pub(super) fn visit(&self, text: &[u8], mut visit: impl FnMut(usize, usize)) {
        for found in self.automaton.find_overlapping_iter(text) {
            let Some(keyword) = self.keywords.get(found.pattern().as_usize()) else { continue };
            for &rule in &keyword.folded {
                visit(rule, found.start());
            }
            for (rule, exact) in &keyword.exact {
                if text[found.range()] == **exact {
                    visit(*rule, found.start());
                }
            }
        }
    }
}
