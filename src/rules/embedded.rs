//! The files that travel inside the binary: `rules/` and `fixtures/acme/`, by their path in the repository.

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// All embedded files below `folder` (`rules/secrets/`), as path and content, in order of their paths.
pub fn below(folder: &str) -> impl Iterator<Item = (&'static str, &'static [u8])> + use<'_> {
    FILES.iter().filter(move |(path, _)| path.starts_with(folder)).copied()
}

/// All embedded YAML files below `folder`, as path and text.
pub fn yaml(folder: &str) -> impl Iterator<Item = (&'static str, &'static str)> + use<'_> {
    below(folder)
        .filter(|(path, _)| std::path::Path::new(path).extension().is_some_and(|end| end == "yaml"))
        .filter_map(|(path, bytes)| Some((path, std::str::from_utf8(bytes).ok()?)))
}

/// The secret rules of all files in `rules/secrets/` as one JSON array.
pub static SECRETS: &str = include_str!(concat!(env!("OUT_DIR"), "/secrets.json"));

/// The mappings of all files in `rules/import/`, as a JSON array of pairs: path and content.
pub static MAPPINGS: &str = include_str!(concat!(env!("OUT_DIR"), "/mappings.json"));
