//! Tells words from random characters, with a model of which letter follows which in English and in identifiers.

use std::collections::BTreeSet;
use std::sync::LazyLock;

/// Words of English and of the trade, from which the model is counted.
const WORDS: &str = include_str!("words.txt");
/// Letters and the boundary of a word.
const SYMBOLS: usize = 27;
/// Mean bits by which a pair of letters of a word is likelier than chance; random letters stay below it.
const LEAST_GAIN: f64 = 0.3;
/// Runs of fewer letters are words only where the list has them.
const SHORTEST_RUN: usize = 4;

static MODEL: LazyLock<Model> = LazyLock::new(Model::new);

/// How much likelier each letter is after another than it would be by chance, in bits.
struct Model {
    gains: [[f64; SYMBOLS]; SYMBOLS],
    words: BTreeSet<&'static str>,
}

impl Model {
    fn new() -> Self {
        let mut counts = [[0.2_f64; SYMBOLS]; SYMBOLS];
        for word in WORDS.split_whitespace() {
            for (first, second) in pairs(word.as_bytes()) {
                counts[first][second] += 1.0;
            }
        }
        let chance = 1.0 / number(SYMBOLS);
        let gains = counts.map(|row| {
            let sum: f64 = row.iter().sum();
            row.map(|count| (count / sum / chance).log2())
        });
        Self { gains, words: WORDS.split_whitespace().collect() }
    }

    fn is_word(&self, run: &str) -> bool {
        if self.words.contains(run) {
            return true;
        }
        let total: f64 = pairs(run.as_bytes()).map(|(first, second)| self.gains[first][second]).sum();
        run.len() >= SHORTEST_RUN && total / number(run.len() + 1) >= LEAST_GAIN
    }
}

/// The neighbours in a run of letters in lower case, with the boundary before and after it.
fn pairs(run: &[u8]) -> impl Iterator<Item = (usize, usize)> {
    let symbol = |byte: &u8| usize::from(byte.wrapping_sub(b'a')).min(SYMBOLS - 1);
    let boundary = SYMBOLS - 1;
    let after = run.iter().map(symbol).chain([boundary]);
    std::iter::once(boundary).chain(run.iter().map(symbol)).zip(after)
}

/// The share of the letters and digits of a text that stand in words, from 0 (random) to 1 (prose).
pub(super) fn wordiness(text: &str) -> f64 {
    let total = text.bytes().filter(u8::is_ascii_alphanumeric).count();
    let readable: usize = runs(text).filter(|run| MODEL.is_word(&run.to_ascii_lowercase())).map(str::len).sum();
    if total == 0 { 0.0 } else { number(readable) / number(total) }
}

fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// The runs of letters, cut where `camelCase` cuts them.
fn runs(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphabetic()).flat_map(humps)
}

fn humps(run: &str) -> impl Iterator<Item = &str> {
    let bytes = run.as_bytes();
    let cut = move |at: usize| {
        let upper = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_uppercase);
        // aB, or the B of ABc.
        upper(at) && (!upper(at - 1) || bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase))
    };
    let mut start = 0;
    (1..=run.len()).filter(move |&end| end == run.len() || cut(end)).filter_map(move |end| {
        let part = run.get(start..end);
        start = end;
        part
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_identifiers_and_sentences_are_readable() {
        for text in [
            "correct-horse-battery-staple",
            "accessTokenProviderFactory",
            "KRB5_PASSWORD",
            "iWishIWereCoolEnoughForRoot!",
            "HTTPServerConfig",
            "kube-system/istiod-metrics",
            "somethingthatisallonelongword",
        ] {
            assert!(wordiness(text) > 0.65, "{text}: {}", wordiness(text));
        }
    }

    #[test]
    fn made_up_characters_are_not_readable_in_any_alphabet() {
        let noise = |alphabet: &[u8], seed: u64| {
            let mut state = seed;
            let mut next = || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 33) as usize
            };
            (0..24).map(|_| char::from(alphabet[next() % alphabet.len()])).collect::<String>()
        };
        let base62 = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".as_slice();
        for (alphabet, most) in [(base62, 2), (b"abcdefghijklmnopqrstuvwxyz".as_slice(), 30), (&base62[..36], 2)] {
            let readable = (0..1000).filter(|&seed| wordiness(&noise(alphabet, seed)) > 0.5).count();
            assert!(readable <= most, "{readable} of 1000");
        }
    }
}
