//! Writes the table of embedded files: every rule file, and the demo company, under its repository path. The secret
//! rules and the mappings are written once more as JSON, which is read many times faster than YAML when the program
//! starts.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs, io};

const FOLDERS: [&str; 2] = ["rules", "fixtures/acme"];

fn main() -> io::Result<()> {
    let root = env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?;
    let mut files = Vec::new();
    for folder in FOLDERS {
        println!("cargo:rerun-if-changed={folder}");
        collect(&Path::new(&root).join(folder), &mut files)?;
    }
    files.sort();
    let mut table = String::from("pub(crate) static FILES: &[(&str, &[u8])] = &[\n");
    for file in &files {
        let name = file.strip_prefix(&root).unwrap_or(file).trim_start_matches('/');
        writeln!(table, "    ({name:?}, include_bytes!({file:?})),").map_err(io::Error::other)?;
    }
    table.push_str("];\n");
    let out = env::var("OUT_DIR").map_err(io::Error::other)?;
    fs::write(Path::new(&out).join("embedded.rs"), table)?;
    fs::write(Path::new(&out).join("mappings.json"), mappings(&root)?)?;
    fs::write(Path::new(&out).join("secrets.json"), secrets(&Path::new(&root).join("rules/secrets"))?)
}

/// All mappings as one JSON array of their paths in the repository and what they state.
fn mappings(root: &str) -> io::Result<String> {
    let mut files = Vec::new();
    collect(&Path::new(root).join("rules/import"), &mut files)?;
    files.retain(|file| Path::new(file).extension().is_some_and(|end| end == "yaml"));
    files.sort();
    let mut all = Vec::new();
    for file in files {
        let parsed: serde_json::Value = serde_yaml::from_str(&fs::read_to_string(&file)?)
            .map_err(|error| io::Error::other(format!("{file}: {error}")))?;
        all.push((file.strip_prefix(root).unwrap_or(&file).trim_start_matches('/').to_owned(), parsed));
    }
    serde_json::to_string(&all).map_err(io::Error::other)
}

/// The rules of all files as one JSON array, as the files state them. What is wrong in them, the tests say better.
fn secrets(folder: &Path) -> io::Result<String> {
    let mut files = Vec::new();
    collect(folder, &mut files)?;
    files.sort();
    let mut all = Vec::new();
    for file in files {
        let named = |error: String| io::Error::other(format!("{file}: {error}"));
        let mut parsed: serde_json::Value =
            serde_yaml::from_str(&fs::read_to_string(&file)?).map_err(|error| named(error.to_string()))?;
        match parsed.get_mut("rules").map(serde_json::Value::take) {
            Some(serde_json::Value::Array(rules)) => all.extend(rules),
            _ => return Err(named("no list of `rules`".to_owned())),
        }
    }
    serde_json::to_string(&all).map_err(io::Error::other)
}

fn collect(folder: &Path, files: &mut Vec<String>) -> io::Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.push(path.to_string_lossy().into_owned());
        }
    }
    Ok(())
}
