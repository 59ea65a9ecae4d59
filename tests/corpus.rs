//! Recall and precision on the labelled corpus of `fixtures/secrets/`. `just corpus` prints the table, and with
//! `CORPUS=faults` a line for each fault.

#[path = "corpus/cases.rs"]
mod cases;
#[path = "corpus/keys.rs"]
mod keys;
#[path = "corpus/make.rs"]
mod make;
#[path = "corpus/read.rs"]
mod read;
#[path = "corpus/score.rs"]
mod score;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use cases::Case;
use score::{PERSONAS, Persona, Score};

static POSITIVES: LazyLock<Vec<Case>> = LazyLock::new(cases::positives);
static NEGATIVES: LazyLock<Vec<Case>> = LazyLock::new(cases::negatives);
static SCORE: LazyLock<Score> = LazyLock::new(|| {
    let all: Vec<Case> = POSITIVES.iter().chain(NEGATIVES.iter()).cloned().collect();
    Score::of(&all)
});

#[test]
fn the_corpus_holds_thousands_of_cases_and_none_twice() {
    assert!(POSITIVES.len() >= 1500 && NEGATIVES.len() >= 1500, "{} and {}", POSITIVES.len(), NEGATIVES.len());
    for cases in [&*POSITIVES, &*NEGATIVES] {
        let texts: BTreeSet<(&str, &str)> = cases.iter().map(|case| (case.file.as_str(), case.text.as_str())).collect();
        assert_eq!(texts.len(), cases.len());
    }
}

/// What is reached, rounded down: row, recall by default, recall of an audit.
const FLOORS: [(&str, f64, f64); 6] = [
    ("provider tokens", 0.99, 0.99),
    ("private keys", 0.99, 0.99),
    ("formats", 0.99, 0.99),
    ("told by a provider's name", 0.95, 0.95),
    ("told by a name alone", 0.98, 0.98),
    ("documents", 0.97, 0.97),
];
/// Right reports among all reports, for both personas.
const PRECISION: f64 = 0.998;
/// Negative cases with a false report, of 1,000: by default, and in an audit.
const MOST_FALSE: [f64; 2] = [1.0, 4.0];

#[test]
fn recall_and_precision_are_as_stated() {
    println!("{}", *SCORE);
    if std::env::var("CORPUS").is_ok_and(|what| what == "faults") {
        println!("{}", SCORE.faults.join("\n"));
    }
    for (name, default, audit) in FLOORS {
        let row = SCORE.rows.get(name).unwrap_or_else(|| panic!("no row {name}"));
        assert!(row.recall(Persona::Default) >= default, "{name}\n{}", *SCORE);
        assert!(row.recall(Persona::Audit) >= audit, "{name}\n{}", *SCORE);
    }
    for persona in PERSONAS {
        assert!(SCORE.precision(persona) >= PRECISION, "{persona:?}\n{}", *SCORE);
        assert!(SCORE.false_rate(persona) <= MOST_FALSE[persona as usize], "{persona:?}\n{}", *SCORE);
    }
}
