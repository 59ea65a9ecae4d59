//! The one pass over the text that decides which rules run where.

use std::collections::BTreeMap;
use std::ops::Range;

use super::Error;
use super::grams::Grams;
use crate::rules::secret::{Case, SecretRule};

/// All keywords of all rules, found without regard to case. Keywords whose case matters are compared once more when
/// their rules are asked for.
pub(super) struct Prefilter {
    keywords: Vec<Keyword>,
    grams: Grams,
    longest: usize,
}

/// An occurrence of a keyword. The order is that of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Candidate {
    /// Where it begins. Texts are shorter than 4 GiB.
    pub(super) at: u32,
    /// Which keyword it is.
    pub(super) keyword: u16,
}

struct Keyword {
    /// In lower case.
    text: Box<[u8]>,
    /// The rules that look for it in any case.
    folded: Vec<usize>,
    /// The rules that look for it as written.
    exact: Vec<(usize, Box<[u8]>)>,
}

impl Prefilter {
    pub(super) fn new(rules: &[&SecretRule]) -> Result<Self, Error> {
        let keywords = collect(rules);
        if keywords.len() > usize::from(u16::MAX) {
            return Err(Error::Keywords(format!("{} keywords; at most {} are possible", keywords.len(), u16::MAX)));
        }
        let grams = Grams::new(keywords.iter().map(|keyword| &*keyword.text));
        let longest = keywords.iter().map(|keyword| keyword.text.len()).max().unwrap_or_default();
        Ok(Self { keywords, grams, longest })
    }

    /// Length in bytes of the longest keyword. Occurrences come in order of the text up to this.
    pub(super) fn longest(&self) -> usize {
        self.longest
    }

    /// Length of a keyword in bytes.
    pub(super) fn length(&self, candidate: Candidate) -> usize {
        self.keywords.get(usize::from(candidate.keyword)).map_or(0, |keyword| keyword.text.len())
    }

    /// Calls `found` for each occurrence of a keyword that lies wholly in `range`.
    pub(super) fn find(&self, text: &[u8], range: Range<usize>, mut found: impl FnMut(Candidate)) {
        let part = text.get(range.clone()).unwrap_or_default();
        self.grams.find(part, |start, number| {
            let Some(keyword) = self.keywords.get(usize::from(number)) else { return };
            let there = part.get(start..start + keyword.text.len());
            if there.is_some_and(|there| there.eq_ignore_ascii_case(&keyword.text)) {
                found(Candidate { at: (range.start + start) as u32, keyword: number });
            }
        });
    }

    /// The rules that an occurrence calls for.
    pub(super) fn rules(&self, text: &[u8], candidate: Candidate) -> impl Iterator<Item = usize> {
        let keyword = self.keywords.get(usize::from(candidate.keyword));
        let there = text.get(candidate.at as usize..).unwrap_or_default();
        keyword.into_iter().flat_map(move |keyword| {
            let exact = keyword.exact.iter().filter(move |(_, exact)| there.starts_with(exact)).map(|(rule, _)| *rule);
            keyword.folded.iter().copied().chain(exact)
        })
    }
}

/// The distinct keywords in lower case, and who looks for them.
fn collect(rules: &[&SecretRule]) -> Vec<Keyword> {
    let mut keywords = BTreeMap::<String, Keyword>::new();
    for (index, rule) in rules.iter().enumerate() {
        for text in &rule.keywords {
            let lower = text.to_ascii_lowercase();
            let new = Keyword { text: lower.as_bytes().into(), folded: Vec::new(), exact: Vec::new() };
            let keyword = keywords.entry(lower).or_insert(new);
            match rule.case {
                Case::Insensitive => keyword.folded.push(index),
                Case::Sensitive => keyword.exact.push((index, text.as_bytes().into())),
            }
        }
    }
    keywords.into_values().collect()
}
