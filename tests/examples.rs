//! The worked examples in `reports/examples`: the files that a page shows are written to a folder, its command is run
//! there, and the cards of the answer are those on the page. `OVERSTAY_WRITE=1` writes them anew.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its own input has failed")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A part of a page: text, or a fenced block with what stands behind the fence.
enum Part {
    Text(String),
    Block { fence: String, content: String },
}

fn pages() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("reports/examples");
    let mut pages: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.sort();
    pages
}

fn parts(page: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    for (number, part) in page.split("```").enumerate() {
        parts.push(match part.split_once('\n') {
            Some((fence, content)) if number % 2 == 1 => {
                Part::Block { fence: fence.to_owned(), content: content.to_owned() }
            }
            _ => Part::Text(part.to_owned()),
        });
    }
    parts
}

/// The cards, and the lines about findings that are told in short.
fn cards(command: &str, folder: &Path) -> String {
    let arguments = command.strip_prefix("overstay ").unwrap().split_whitespace();
    let output = Command::new(env!("CARGO_BIN_EXE_overstay"))
        .args(arguments)
        .current_dir(folder)
        .envs([("NO_COLOR", "1"), ("OVERSTAY_KEY", "00112233445566778899aabbccddeeff"), ("OVERSTAY_CONFIG", "")])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let begin = text.find("\n[").unwrap_or_else(|| panic!("no card:\n{text}")) + 1;
    let end = text.find("\nfigures ").unwrap();
    text[begin..end].trim_end().to_owned()
}

/// The page as it should be.
fn written(page: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut written = Vec::new();
    for part in parts(page) {
        written.push(match part {
            Part::Text(text) => text,
            Part::Block { fence, content } if fence == "console" => {
                let command = content.lines().next().unwrap();
                format!("{fence}\n{command}\n{}\n", cards(command.strip_prefix("$ ").unwrap(), folder.path()))
            }
            Part::Block { fence, content } => {
                let path = folder.path().join(fence.split_once(' ').unwrap().1);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, &content).unwrap();
                format!("{fence}\n{content}")
            }
        });
    }
    written.join("```")
}

#[test]
fn the_answers_on_the_pages_are_those_of_the_program() {
    for path in pages() {
        let page = fs::read_to_string(&path).unwrap();
        let written = written(&page);
        if std::env::var_os("OVERSTAY_WRITE").is_some() {
            fs::write(&path, &written).unwrap();
        } else {
            assert_eq!(page, written, "{}", path.display());
        }
    }
}

#[test]
fn every_family_has_an_example_whose_first_card_is_one_of_it() {
    let mut families = BTreeSet::new();
    for path in pages() {
        let page = fs::read_to_string(&path).unwrap();
        let letter = page[2..3].to_owned();
        let card = page.lines().find(|line| line.starts_with('[')).unwrap();
        assert!(card.contains(&format!(" ({letter}")), "{}: {card}", path.display());
        families.insert(letter);
    }
    assert_eq!(families.into_iter().collect::<String>(), "ABCDEFGHIJ");
}
