//! The layers of `ARCHITECTURE.md`, enforced: a module imports from the layers below its own and from nowhere else.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Every top-level module and its layer. A module that is missing here fails the test.
const LAYERS: &[(&str, u8)] = &[
    ("model", 0),
    ("yaml", 1),
    ("rules", 1),
    ("source", 1),
    ("secret", 2),
    ("import", 2),
    ("access", 2),
    ("ledger", 3),
    ("check", 4),
    ("report", 4),
    ("baseline", 4),
    ("scan", 5),
    ("config", 5),
    ("demo", 5),
    ("cli", 6),
    ("main", 6),
];

/// The imports between neighbours of one layer that the design allows.
const SIBLINGS: &[(&str, &str)] = &[("rules", "yaml"), ("main", "cli")];

/// Crates that one module alone may name. Frames are the ledger's; columns of a log are decoded without them.
const KEEPERS: &[(&str, &str)] = &[
    ("polars", "ledger"),
    ("polars_io", "ledger"),
    ("polars_arrow", "import::parquet"),
    ("polars_buffer", "import::parquet"),
    ("polars_parquet", "import::parquet"),
    ("serde_yaml", "yaml"),
];

#[test]
fn no_module_imports_upwards_or_sideways() {
    let found = violations(&sources());
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_module_has_a_layer() {
    for (file, _) in sources() {
        let module = module_path(&file);
        if let Some(top) = module.first() {
            assert!(layer(top).is_some(), "{file}: module `{top}` has no layer in tests/layers.rs");
        }
    }
}

#[test]
fn no_module_opens_a_socket_starts_a_process_or_is_async() {
    const FORBIDDEN: [&[&str]; 9] = [
        &["TcpStream"],
        &["TcpListener"],
        &["UdpSocket"],
        &["UnixStream"],
        &["UnixListener"],
        &["process", "::", "Command"],
        &["async"],
        &["await"],
        &["tokio", "::"],
    ];
    for (file, text) in sources() {
        let tokens = tokens(&text);
        for name in FORBIDDEN {
            let used = tokens.windows(name.len()).any(|window| window == name);
            assert!(!used, "{file} names {}", name.concat());
        }
    }
}

#[test]
fn no_layer_below_the_pipeline_reads_the_clock() {
    for (file, text) in sources() {
        let module = module_path(&file);
        // Unit tests may measure how long something takes.
        let is_test = module.iter().any(|part| part == "tests");
        if is_test || module.first().and_then(|top| layer(top)).is_none_or(|layer| layer >= 5) {
            continue;
        }
        let tokens = tokens(&text);
        for clock in ["SystemTime", "Timestamp", "Zoned", "Instant"] {
            let read = tokens.windows(3).any(|window| window == [clock, "::", "now"]);
            assert!(!read, "{file} reads the clock through {clock}::now");
        }
    }
}

#[test]
fn an_upward_import_is_found() {
    assert_eq!(violations_of("src/model/x.rs", "use crate::ledger::Fold;"), ["src/model/x.rs: model imports ledger"]);
    assert_eq!(
        violations_of("src/check/x.rs", "fn f() { crate::scan::run(); }"),
        ["src/check/x.rs: check imports scan"]
    );
}

#[test]
fn a_sideways_import_is_found() {
    assert_eq!(violations_of("src/check/x.rs", "use crate::report::Look;"), ["src/check/x.rs: check imports report"]);
    assert_eq!(violations_of("src/yaml.rs", "use crate::rules;"), ["src/yaml.rs: yaml imports rules"]);
}

#[test]
fn a_grouped_import_is_found() {
    let text = "pub(crate) use crate::{model::{Event, Gap}, check::{self, CHECKS}, yaml as y};";
    assert_eq!(violations_of("src/secret/x.rs", text), ["src/secret/x.rs: secret imports check"]);
}

#[test]
fn an_import_in_a_test_module_counts() {
    let text = "#[cfg(test)] mod tests { use super::*; use crate::ledger::Fold; }";
    assert_eq!(violations_of("src/import/x.rs", text), ["src/import/x.rs: import imports ledger"]);
}

#[test]
fn a_way_round_through_super_is_found() {
    assert_eq!(
        violations_of("src/model/x.rs", "use super::super::ledger::Fold;"),
        ["src/model/x.rs: model imports ledger"]
    );
    let inline = "mod tests { use super::super::super::ledger::Fold; }";
    assert_eq!(violations_of("src/model/x.rs", inline), ["src/model/x.rs: model imports ledger"]);
    assert_eq!(violations_of("src/model/mod.rs", "use super::{ledger, yaml};").len(), 2);
    assert!(violations_of("src/model/x.rs", "use super::event::Event;").is_empty());
}

#[test]
fn the_binary_imports_the_library_by_its_name() {
    assert!(violations_of("src/main.rs", "use overstay::cli; fn main() { overstay::scan::run(); }").is_empty());
    assert_eq!(violations_of("src/cli/x.rs", "use overstay::main;"), ["src/cli/x.rs: cli imports main"]);
}

#[test]
fn comments_and_strings_are_no_imports() {
    let text = r##"//! See crate::ledger. /* crate::check */
        /* outer /* crate::scan */ crate::cli */
        const A: &str = "crate::report"; const B: &str = r#"crate::demo "quoted" "#; const C: char = '"'; const D: u8 = b'\'';
        fn f<'a>(x: &'a str) { let _ = "\" crate::check"; }"##;
    assert!(violations_of("src/model/x.rs", text).is_empty());
}

#[test]
fn a_crate_named_outside_its_keeper_is_found() {
    assert_eq!(
        violations_of("src/report/x.rs", "use polars::prelude::*;"),
        ["src/report/x.rs: only ledger may name polars"]
    );
    assert_eq!(
        violations_of("src/rules/x.rs", "serde_yaml::from_str(x)"),
        ["src/rules/x.rs: only yaml may name serde_yaml"]
    );
    assert!(violations_of("src/ledger/store/x.rs", "use polars_io::prelude::*;").is_empty());
    assert!(violations_of("src/import/parquet/x.rs", "use polars_arrow::array::Array;").is_empty());
    for file in ["src/import/x.rs", "src/import/mod.rs", "src/ledger/x.rs"] {
        let found = violations_of(file, "use polars_arrow::array::Array;");
        assert_eq!(found, [format!("{file}: only import::parquet may name polars_arrow")]);
    }
}

fn violations_of(file: &str, text: &str) -> Vec<String> {
    violations(&[(file.to_owned(), text.to_owned())])
}

/// All forbidden imports, one line each, in order.
fn violations(sources: &[(String, String)]) -> Vec<String> {
    let mut found = BTreeSet::new();
    for (file, text) in sources {
        let module = module_path(file);
        let Some(from) = module.first() else { continue };
        let tokens = tokens(text);
        for to in imports(&tokens, &module) {
            if &to != from && !allowed(from, &to) {
                found.insert(format!("{file}: {from} imports {to}"));
            }
        }
        for (name, keeper) in KEEPERS {
            let is_keeper = keeper.split("::").zip(&module).all(|(part, own)| part == own)
                && keeper.split("::").count() <= module.len();
            if !is_keeper && tokens.windows(2).any(|pair| pair[0] == *name && pair[1] == "::") {
                found.insert(format!("{file}: only {keeper} may name {name}"));
            }
        }
    }
    found.into_iter().collect()
}

fn allowed(from: &str, to: &str) -> bool {
    match (layer(from), layer(to)) {
        (Some(from_layer), Some(to_layer)) => to_layer < from_layer || SIBLINGS.contains(&(from, to)),
        // Not a module of ours (a type re-exported at the root): unknown modules are the business of another test.
        _ => true,
    }
}

fn layer(module: &str) -> Option<u8> {
    LAYERS.iter().find(|(name, _)| *name == module).map(|(_, layer)| *layer)
}

/// The top-level modules that this file reaches, by `crate::`, by the library's name and by `super::`.
fn imports(tokens: &[String], module: &[String]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut inline: Vec<usize> = Vec::new(); // brace depths at which inline modules opened
    let mut depth = 0;
    let mut at = 0;
    while at < tokens.len() {
        match tokens[at].as_str() {
            "mod" if tokens.get(at + 2).is_some_and(|token| token == "{") => {
                inline.push(depth);
                depth += 1;
                at += 2;
            }
            "{" => depth += 1,
            "}" => {
                depth -= 1;
                inline.pop_if(|opened| *opened == depth);
            }
            "crate" | "overstay" if follows(tokens, at) => first_names(tokens, at + 2, &mut found),
            "super" if follows(tokens, at) && !(at >= 2 && tokens[at - 2] == "super") => {
                let mut level = module.len() + inline.len();
                while at < tokens.len() && tokens[at] == "super" && follows(tokens, at) {
                    level = level.saturating_sub(1);
                    at += 2;
                }
                if level == 0 {
                    first_names(tokens, at, &mut found);
                }
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    found
}

fn follows(tokens: &[String], at: usize) -> bool {
    tokens.get(at + 1).is_some_and(|token| token == "::")
}

/// The first name of the path at `at`, or of every branch where the path is a group.
fn first_names(tokens: &[String], at: usize, found: &mut BTreeSet<String>) {
    if tokens.get(at).is_none_or(|token| token != "{") {
        found.extend(tokens.get(at).cloned());
        return;
    }
    let mut depth = 0;
    for (index, token) in tokens.iter().enumerate().skip(at) {
        match token.as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            name if depth == 1 && matches!(tokens[index - 1].as_str(), "{" | ",") => {
                found.insert(name.to_owned());
            }
            _ => {}
        }
        if depth == 0 {
            return;
        }
    }
}

/// Names, `::`, and single punctuation marks; without comments, strings and character literals.
fn tokens(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let rest = &chars[at..];
        if let Some(length) = comment(rest).or_else(|| literal(rest)) {
            at += length;
        } else if rest[0].is_alphanumeric() || rest[0] == '_' {
            let length = rest.iter().take_while(|c| c.is_alphanumeric() || **c == '_').count();
            found.push(rest[..length].iter().collect());
            at += length;
        } else if rest.starts_with(&[':', ':']) {
            found.push("::".to_owned());
            at += 2;
        } else {
            if !rest[0].is_whitespace() {
                found.push(rest[0].to_string());
            }
            at += 1;
        }
    }
    found
}

/// The length of the comment that starts here.
fn comment(rest: &[char]) -> Option<usize> {
    if rest.starts_with(&['/', '/']) {
        return Some(rest.iter().take_while(|c| **c != '\n').count());
    }
    if !rest.starts_with(&['/', '*']) {
        return None;
    }
    let (mut depth, mut at) = (1, 2);
    while depth > 0 && at < rest.len() {
        match rest[at..] {
            ['/', '*', ..] => (depth, at) = (depth + 1, at + 2),
            ['*', '/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
    }
    Some(at)
}

/// The length of the string or character literal that starts here, with its prefix (`b`, `r#`, `br##`).
fn literal(rest: &[char]) -> Option<usize> {
    let prefix = rest.iter().take_while(|c| matches!(c, 'b' | 'c' | 'r')).count().min(2);
    let hashes = rest[prefix..].iter().take_while(|c| **c == '#').count();
    let raw = rest[..prefix].contains(&'r');
    match rest.get(prefix + hashes) {
        Some('"') if raw => {
            let end: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
            let start = prefix + hashes + 1;
            let body = rest[start..].windows(end.len()).position(|window| window == end);
            Some(body.map_or(rest.len(), |body| start + body + end.len()))
        }
        Some('"') if hashes == 0 => Some(quoted(rest, prefix, '"')),
        Some('\'') if hashes == 0 && !raw => match rest[prefix + 1..] {
            ['\\', ..] | [_, '\'', ..] => Some(quoted(rest, prefix, '\'')),
            _ => None, // a lifetime
        },
        _ => None,
    }
}

fn quoted(rest: &[char], open: usize, quote: char) -> usize {
    let mut at = open + 1;
    while at < rest.len() && rest[at] != quote {
        at += if rest[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(rest.len())
}

/// The module path of a file: `src/check/idle.rs` is `[check, idle]`, `src/check/mod.rs` is `[check]`, the root is empty.
fn module_path(file: &str) -> Vec<String> {
    let inner = file.trim_start_matches("src/").trim_end_matches(".rs");
    let mut parts: Vec<String> = inner.split('/').map(str::to_owned).collect();
    if parts.last().is_some_and(|last| last == "mod" || (last == "lib" && parts.len() == 1)) {
        parts.pop();
    }
    parts
}

/// All source files of the package, as path from the root and text, in order.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    collect(&root.join("src"), &mut files);
    files.sort();
    assert!(files.len() > 10, "the sources were not found");
    files
        .iter()
        .map(|path| {
            let name = path.strip_prefix(root).expect("below the root").to_string_lossy().into_owned();
            (name, fs::read_to_string(path).expect("a readable source"))
        })
        .collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}
