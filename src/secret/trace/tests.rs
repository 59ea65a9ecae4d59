//! Whatever a version copies from its base, the engine finds in it what it finds without the base.

use base64::Engine as _;
use proptest::prelude::*;

use crate::model::FingerprintKey;
use crate::rules::secret::{SecretRules, sample};
use crate::secret::Engine;
use crate::secret::Examined;
use crate::source::Copied;

/// Rules of every sort: overlapping windows, open patterns, boundaries, pairs, keywords of three bytes.
fn engine() -> Engine {
    let rules = SecretRules::embedded().expect("the embedded rules are right");
    Engine::new(&rules, &FingerprintKey::new(b"versions".to_vec())).expect("the embedded rules compile")
}

fn snippets() -> Vec<Vec<u8>> {
    let rules = SecretRules::embedded().expect("the embedded rules are right");
    let samples = rules.iter().filter_map(|rule| Some(sample::example(&rule.id, rule.examples.first()?).ok()?.text));
    let words = [
        "password = \"",
        "\"",
        "\n",
        " ",
        "token",
        "AKIA",
        "eyJ",
        ".",
        "x1y2z3Qw9",
        "secret: '",
        "-----BEGIN ",
        "\\n",
        "\\u0041",
        "%41%42%43",
        "sha512-",
    ];
    let samples: Vec<Vec<u8>> = samples.map(String::into_bytes).collect();
    let base64 = |text: &Vec<u8>| base64::prelude::BASE64_STANDARD.encode(text).into_bytes();
    let wrapped = |text: &Vec<u8>| base64(text).chunks(64).collect::<Vec<_>>().join(&b"\n  "[..]);
    let encoded: Vec<Vec<u8>> = samples.iter().step_by(9).map(base64).collect();
    let lines: Vec<Vec<u8>> = samples.iter().step_by(11).map(wrapped).collect();
    let hashes = [format!("\"sha512-{}==\"", "Qx7/".repeat(21)), format!("\n mod v1 h1:{}=", "k9Z+".repeat(11))];
    let hashes = hashes.map(String::into_bytes).into_iter().flat_map(|hash| vec![hash; 12]);
    samples
        .into_iter()
        .chain(hashes)
        .chain(encoded)
        .chain(lines)
        .chain(words.map(|word| word.as_bytes().to_vec()))
        .collect()
}

/// One step of a delta.
#[derive(Clone, Debug)]
enum Step {
    /// From where and how much of the base, in thousandths.
    Copy(usize, usize),
    /// A snippet, or the part of one.
    Insert(usize, usize, usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let copy = (0..=1000_usize, 0..=1000_usize).prop_map(|(from, length)| Step::Copy(from, length));
    let insert = (any::<prop::sample::Index>(), 0..20_usize, 0..400_usize)
        .prop_map(|(which, skip, take)| Step::Insert(which.index(100_000), skip, take));
    prop::collection::vec(prop_oneof![copy, insert], 1..8)
}

fn applied(base: &[u8], steps: &[Step], snippets: &[Vec<u8>]) -> (Vec<u8>, Vec<Copied>) {
    let (mut text, mut copied) = (Vec::new(), Vec::new());
    for step in steps {
        match step {
            Step::Copy(from, length) => {
                let from = base.len() * from / 1000;
                let length = (base.len() - from) * length / 1000;
                copied.push(Copied { from, at: text.len(), length });
                text.extend_from_slice(&base[from..from + length]);
            }
            Step::Insert(which, skip, take) => {
                text.extend(snippets[which % snippets.len()].iter().skip(*skip).take(*take));
            }
        }
    }
    (text, copied)
}

fn shown(examined: &Examined) -> Vec<String> {
    let all = examined.matches.iter();
    all.map(|found| format!("{} {}:{} {:?}", found.rule, found.line, found.column, (found.set_aside, &found.range)))
        .collect()
}

#[test]
fn a_version_is_answered_as_if_its_base_were_unknown() {
    let (engine, snippets) = (engine(), snippets());
    let texts = prop::collection::vec((any::<prop::sample::Index>(), 0..20_usize), 0..12);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(2000));
    let chains = (texts, prop::collection::vec(steps(), 1..4));
    let result = runner.run(&chains, |(texts, versions)| {
        let pieces = texts.iter().flat_map(|(which, skip)| snippets[which.index(snippets.len())].iter().skip(*skip));
        let mut base: Vec<u8> = pieces.copied().collect();
        let mut trace = engine.examine_version(&base, None, true).1;
        for steps in versions {
            let (text, copied) = applied(&base, &steps, &snippets);
            let known = trace.as_ref().map(|trace| (trace, copied.as_slice()));
            let (carried, next) = engine.examine_version(&text, known, true);
            let (fresh, mut anew) = engine.examine_version(&text, None, true);
            prop_assert_eq!(carried.left, fresh.left);
            if let (Some(next), Some(anew)) = (&next, &mut anew) {
                prop_assert!(next.encoded.spent >= anew.encoded.spent);
                anew.encoded.spent = next.encoded.spent;
            }
            prop_assert_eq!(shown(&carried), shown(&fresh));
            prop_assert_eq!(carried.beyond_limit, fresh.beyond_limit);
            prop_assert_eq!(&next, &anew, "what is remembered must not depend on the base either");
            (base, trace) = (text, next);
        }
        Ok(())
    });
    result.unwrap();
}

/// A text with a token, what it is a version of, and the stretch it has from that.
fn places_of_tokens(base: &str, text: &str, copied: Copied) -> Vec<(u64, u64)> {
    let engine = engine();
    let trace = engine.examine_version(base.as_bytes(), None, true).1.expect("few keywords");
    let (found, _) = engine.examine_version(text.as_bytes(), Some((&trace, &[copied])), false);
    let (fresh, _) = engine.examine_version(text.as_bytes(), None, false);
    assert_eq!(shown(&found), shown(&fresh));
    found.matches.iter().map(|found| (found.line, found.column)).collect()
}

fn token() -> String {
    let rules = SecretRules::embedded().expect("the embedded rules are right");
    let rule = rules.find("aws-access-key-id").expect("there");
    sample::example(&rule.id, "«AKIA{base32:16}»").expect("an example").text
}

#[test]
fn a_token_at_the_end_of_the_base_is_judged_by_what_follows_it_in_the_version() {
    let token = token();
    let copied = Copied { from: 0, at: 0, length: token.len() };
    assert_eq!(places_of_tokens(&token, &token, copied), [(1, 1)]);
    assert_eq!(places_of_tokens(&token, &format!("{token}Q"), copied), []);
    assert_eq!(places_of_tokens(&format!("{token}Q"), &token, copied), [(1, 1)]);
}

#[test]
fn a_token_at_the_start_of_the_version_is_judged_without_what_precedes_it_in_the_base() {
    let token = token();
    let copied = Copied { from: 1, at: 0, length: token.len() };
    assert_eq!(places_of_tokens(&format!("Q{token}"), &token, copied), [(1, 1)]);
}
