//! The files of `fixtures/secrets/`, as they stand there.

use std::fs;
use std::path::{Path, PathBuf};

use overstay::yaml;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// How a credential is told from other text, and so how hard it is to find.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Class {
    /// A form of its own.
    Provider,
    /// A private key in an armour.
    Key,
    /// A form that many issuers share.
    Format,
    /// No form of its own; the name it is assigned to tells the provider.
    Named,
    /// No form and no provider; the name tells that it is secret.
    Generic,
    /// Public by design: looks like a credential and must not be reported.
    Public,
}

/// How values of one type are made.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Type {
    pub(crate) id: String,
    pub(crate) provider: String,
    /// Where it differs from that of the file.
    pub(crate) class: Option<Class>,
    /// Any of these rules is the right one; none named: any rule of the provider.
    #[serde(default)]
    pub(crate) rules: Vec<String>,
    pub(crate) names: Vec<String>,
    pub(crate) value: String,
    /// Whether values have one length and one alphabet, so that near misses follow by themselves.
    #[serde(default)]
    pub(crate) fixed: bool,
    /// Other near misses.
    #[serde(default)]
    pub(crate) near: Vec<String>,
    /// Whether issuers' documents leave open where the secret part begins: an overlap is enough.
    #[serde(default)]
    pub(crate) loose: bool,
    /// Whether the checksum's arithmetic is not documented, so that doubt about it is no fault.
    #[serde(default)]
    pub(crate) loose_checksum: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Types {
    class: Class,
    types: Vec<Type>,
}

/// A place where values stand.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Context {
    pub(crate) id: String,
    pub(crate) file: String,
    pub(crate) text: String,
    #[serde(default)]
    pub(crate) forbids: String,
    /// Whether the place itself says that the value is secret.
    #[serde(default)]
    pub(crate) tells: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Contexts {
    contexts: Vec<Context>,
}

/// A file as people write it, with its secrets marked in the order of `secrets`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Document {
    pub(crate) id: String,
    pub(crate) file: String,
    /// For each mark, the rules of which any is the right one, as `this|that`, or `any`.
    pub(crate) secrets: Vec<String>,
    pub(crate) text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Documents {
    documents: Vec<Document>,
}

/// What looks like a secret and is none.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LookAlikes {
    /// Values that are put into all contexts.
    #[serde(default)]
    pub(crate) values: Vec<Harmless>,
    /// Each line is a case.
    #[serde(default)]
    pub(crate) lines: Vec<Group>,
    /// Each text is a case.
    #[serde(default)]
    pub(crate) files: Vec<Whole>,
}

/// A harmless value with the names it goes by.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Harmless {
    pub(crate) id: String,
    pub(crate) names: Vec<String>,
    pub(crate) value: String,
}

/// Harmless lines.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Group {
    pub(crate) id: String,
    pub(crate) file: String,
    pub(crate) lines: Vec<String>,
}

/// A harmless file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Whole {
    pub(crate) id: String,
    pub(crate) file: String,
    pub(crate) text: String,
}

/// All types, with their class.
pub(crate) fn types() -> Vec<(Class, Type)> {
    let file = |file: Types| {
        let class = file.class;
        file.types.into_iter().map(move |kind| (kind.class.unwrap_or(class), kind))
    };
    folder("types").into_iter().flat_map(file).collect()
}

/// The places for values on one line.
pub(crate) fn contexts() -> Vec<Context> {
    parsed::<Contexts>(&root().join("contexts.yaml")).contexts
}

/// The places for private keys.
pub(crate) fn key_contexts() -> Vec<Context> {
    parsed::<Contexts>(&root().join("key-contexts.yaml")).contexts
}

/// The files as people write them.
pub(crate) fn documents() -> Vec<Document> {
    folder::<Documents>("documents").into_iter().flat_map(|file| file.documents).collect()
}

/// The look-alikes, by topic.
pub(crate) fn look_alikes() -> Vec<LookAlikes> {
    folder("look-alikes")
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/secrets")
}

/// The files of a folder, in order of their names.
fn folder<T: DeserializeOwned>(name: &str) -> Vec<T> {
    let entries = fs::read_dir(root().join(name)).expect("a folder");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths.iter().map(|path| parsed(path)).collect()
}

fn parsed<T: DeserializeOwned>(path: &Path) -> T {
    let text = fs::read_to_string(path).expect("a file");
    yaml::parse(&path.display().to_string(), &text).unwrap_or_else(|error| panic!("{error}"))
}
