//! Proves from a pattern that each match contains a keyword, and how far the match can lie around it.
//!
//! The engine runs a pattern only around keyword hits. That loses nothing exactly if this proof holds, so it is made
//! when the rules are read, and a rule without it is refused.

use regex_syntax::hir::{Class, Hir, HirKind, Repetition};

/// More alternatives than this are not told apart; the part that multiplies them counts as "anything".
const MOST_ALTERNATIVES: usize = 512;
/// Classes with more members than this count as "anything".
const WIDEST_CLASS: usize = 10;

/// How far a match can lie around its keyword, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    /// From the start of the match to the start of the keyword, at most.
    pub lead: usize,
    /// From the start of the keyword to the end of the match, at most.
    pub tail: usize,
    /// Whether the pattern has no bound of its own, so that the rule's `reach` was taken for one.
    pub open: bool,
}

/// A piece of what a pattern must match.
#[derive(Clone, Copy, Debug)]
enum Piece {
    /// This byte.
    Byte(u8),
    /// Something of at most so many bytes, or without a limit.
    Gap(Option<usize>),
}

/// What is known of the keywords while a pattern is taken apart.
struct Known {
    /// Letters are equal to their other case.
    fold: bool,
    /// The bytes that any keyword holds: others need not be told apart.
    letters: [bool; 256],
}

impl Known {
    fn new(keywords: &[Vec<u8>], fold: bool) -> Self {
        let mut letters = [false; 256];
        keywords.iter().flatten().for_each(|byte| letters[usize::from(*byte)] = true);
        Self { fold, letters }
    }
}

/// Proves the containment. `fold` makes letters equal to their other case; `reach` bounds what has no bound.
pub fn prove(hir: &Hir, keywords: &[String], fold: bool, reach: Option<usize>) -> Result<Reach, String> {
    let keywords: Vec<Vec<u8>> = keywords
        .iter()
        .map(|keyword| if fold { keyword.to_ascii_lowercase().into_bytes() } else { keyword.clone().into_bytes() })
        .collect();
    let mut proven = Reach { lead: 0, tail: 0, open: false };
    for pieces in shapes(hir, &keywords, &Known::new(&keywords, fold)) {
        let at = first_keyword(&pieces, &keywords)
            .ok_or("`pattern` can match without any of the `keywords`, and such a match would be missed")?;
        let (lead, tail) = (length(&pieces[..at]), length(&pieces[at..]));
        proven.open |= lead.is_none() || tail.is_none();
        let bounded = |length: Option<usize>| {
            length.or(reach).ok_or("`pattern` has no upper bound on its length: state `reach` in bytes")
        };
        proven.lead = proven.lead.max(bounded(lead)?);
        proven.tail = proven.tail.max(bounded(tail)?);
    }
    Ok(proven)
}

fn length(pieces: &[Piece]) -> Option<usize> {
    pieces.iter().try_fold(0_usize, |sum, piece| match piece {
        Piece::Byte(_) => Some(sum + 1),
        Piece::Gap(most) => sum.checked_add((*most)?),
    })
}

fn first_keyword(pieces: &[Piece], keywords: &[Vec<u8>]) -> Option<usize> {
    (0..pieces.len()).find(|&at| keywords.iter().any(|keyword| starts_with(&pieces[at..], keyword)))
}

fn starts_with(pieces: &[Piece], keyword: &[u8]) -> bool {
    pieces.len() >= keyword.len()
        && pieces.iter().zip(keyword).all(|(piece, wanted)| matches!(piece, Piece::Byte(byte) if byte == wanted))
}

/// All the shapes a match can have; what follows a keyword is told by its length alone.
fn shapes(hir: &Hir, keywords: &[Vec<u8>], known: &Known) -> Vec<Vec<Piece>> {
    let HirKind::Concat(subs) = hir.kind() else { return expand(hir, known) };
    subs.iter().fold(vec![Vec::new()], |heads, sub| {
        if heads.iter().all(|head| first_keyword(head, keywords).is_some()) {
            let rest = Piece::Gap(sub.properties().maximum_len());
            heads.into_iter().map(|head| [head, vec![rest]].concat()).collect()
        } else {
            append(&heads, sub, known)
        }
    })
}

/// All the shapes of a part.
fn expand(hir: &Hir, known: &Known) -> Vec<Vec<Piece>> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => vec![Vec::new()],
        HirKind::Literal(literal) => {
            vec![literal.0.iter().map(|&byte| Piece::Byte(folded(byte, known.fold))).collect()]
        }
        HirKind::Class(class) => expand_class(class, known),
        HirKind::Capture(capture) => expand(&capture.sub, known),
        HirKind::Repetition(repetition) => expand_repetition(hir, repetition, known),
        HirKind::Alternation(subs) => {
            let all: Vec<Vec<Piece>> = subs.iter().flat_map(|sub| expand(sub, known)).collect();
            if all.len() > MOST_ALTERNATIVES { gap(hir) } else { all }
        }
        HirKind::Concat(subs) => subs.iter().fold(vec![Vec::new()], |heads, sub| append(&heads, sub, known)),
    }
}

fn append(heads: &[Vec<Piece>], sub: &Hir, known: &Known) -> Vec<Vec<Piece>> {
    let mut tails = expand(sub, known);
    if heads.len() * tails.len() > MOST_ALTERNATIVES {
        tails = gap(sub);
    }
    heads.iter().flat_map(|head| tails.iter().map(move |tail| [head.as_slice(), tail].concat())).collect()
}

fn expand_class(class: &Class, known: &Known) -> Vec<Vec<Piece>> {
    let Class::Bytes(bytes) = class else { return vec![vec![Piece::Gap(class.maximum_len())]] };
    let mut members: Vec<u8> = bytes
        .ranges()
        .iter()
        .flat_map(|range| range.start()..=range.end())
        .map(|byte| folded(byte, known.fold))
        .collect();
    members.sort_unstable();
    members.dedup();
    if members.len() > WIDEST_CLASS || !members.iter().any(|byte| known.letters[usize::from(*byte)]) {
        return vec![vec![Piece::Gap(Some(1))]];
    }
    members.into_iter().map(|byte| vec![Piece::Byte(byte)]).collect()
}

fn expand_repetition(hir: &Hir, repetition: &Repetition, known: &Known) -> Vec<Vec<Piece>> {
    if (repetition.min, repetition.max) != (0, Some(1)) {
        return gap(hir);
    }
    let mut all = expand(&repetition.sub, known);
    all.push(Vec::new());
    let says_nothing = all.iter().flatten().all(|piece| matches!(piece, Piece::Gap(_)));
    if says_nothing { gap(hir) } else { all }
}

fn gap(hir: &Hir) -> Vec<Vec<Piece>> {
    vec![vec![Piece::Gap(hir.properties().maximum_len())]]
}

fn folded(byte: u8, fold: bool) -> u8 {
    if fold { byte.to_ascii_lowercase() } else { byte }
}
