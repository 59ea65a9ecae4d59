//! How fast the secret engine reads text, in bytes per second on one thread. Run with `cargo bench --bench scan`.

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use overstay::model::FingerprintKey;
use overstay::rules::secret::{SecretRules, sample};
use overstay::secret::Engine;

fn main() {
    divan::main();
}

const SIZE: usize = 8 << 20;

fn rules() -> SecretRules {
    SecretRules::embedded().expect("the embedded rules are right")
}

fn engine() -> Engine {
    Engine::new(&rules(), &FingerprintKey::new(b"bench".to_vec())).expect("the embedded rules compile")
}

/// Text like source code: identifiers, punctuation, lines, and some of the words that rules look for.
fn code(size: usize) -> Vec<u8> {
    const WORDS: [&str; 24] = [
        "fn",
        "let",
        "return",
        "if",
        "self",
        "token",
        "result",
        "config",
        "buffer",
        "index",
        "value",
        "request",
        "response",
        "password",
        "secret",
        "error",
        "match",
        "struct",
        "public",
        "static",
        "String",
        "Option",
        "key",
        "http://localhost",
    ];
    const MARKS: [&str; 8] = [" ", " ", "(", ") ", ".", "_", ";\n", " = "];
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize
    };
    let mut text = Vec::with_capacity(size + 32);
    while text.len() < size {
        text.extend_from_slice(WORDS[next() % WORDS.len()].as_bytes());
        text.extend_from_slice(MARKS[next() % MARKS.len()].as_bytes());
    }
    text
}

#[divan::bench]
fn text_without_any_keyword(bencher: Bencher<'_, '_>) {
    let (engine, text) = (engine(), b"the quick brown fox jumps over it\n".repeat(SIZE / 34));
    bencher.counter(BytesCount::new(text.len())).bench(|| engine.scan(black_box(&text)));
}

#[divan::bench]
fn text_like_source_code(bencher: Bencher<'_, '_>) {
    let (engine, text) = (engine(), code(SIZE));
    bencher.counter(BytesCount::new(text.len())).bench(|| engine.scan(black_box(&text)));
}

#[divan::bench]
fn source_code_with_a_secret_every_64_kilobytes(bencher: Bencher<'_, '_>) {
    let rules = rules();
    let secrets = rules.iter().filter_map(|rule| sample::example(&rule.id, rule.examples.first()?).ok());
    let block = code(64 << 10);
    let text: Vec<u8> =
        secrets.flat_map(|sample| [b"\n", sample.text.as_bytes(), b"\n", &block].concat()).take(SIZE).collect();
    let engine = engine();
    bencher.counter(BytesCount::new(text.len())).bench(|| engine.scan(black_box(&text)));
}

#[divan::bench]
fn reading_and_compiling_the_rules() -> Engine {
    engine()
}
