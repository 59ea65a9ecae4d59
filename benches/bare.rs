//! The floor under any scanner by keywords: all files of a tree, read in parallel, through one automaton over the
//! keywords of our rules. Nothing is confirmed, judged or reported. Run by `benches/compare.py tree DIR`.

use std::collections::BTreeSet;
use std::path::PathBuf;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use overstay::rules::secret::SecretRules;
use rayon::prelude::*;

fn main() {
    let Some(root) = std::env::args().skip(1).find(|argument| !argument.starts_with("--")) else { return };
    let rules = SecretRules::embedded().expect("the embedded rules are right");
    let keywords: BTreeSet<String> =
        rules.iter().flat_map(|rule| &rule.keywords).map(|keyword| keyword.to_ascii_lowercase()).collect();
    let automaton = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .kind(Some(AhoCorasickKind::DFA))
        .build(&keywords)
        .expect("the keywords compile");
    let files: Vec<PathBuf> = walkdir::WalkDir::new(root)
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
        .collect();
    let found: usize =
        files.par_iter().map(|file| std::fs::read(file).map_or(0, |text| automaton.find_iter(&text).count())).sum();
    assert!(found < usize::MAX, "keeps the work from being left out");
}
