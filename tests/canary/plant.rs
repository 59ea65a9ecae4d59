//! A folder full of secrets: whole, encoded, packed, committed, and in damaged exports.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use overstay::model::{CredentialId, Evidence, FingerprintKey, Input, Place, Presence};
use overstay::rules::secret::{SecretRules, sample};
use overstay::secret::Engine;

use super::cases;
use super::repo::Repo;

/// Public ids and secrets that are too short to be told from other text are not watched.
const SHORTEST: usize = 12;

/// A text with a secret in it.
pub(crate) struct Planted {
    /// Where it comes from, for messages.
    pub(crate) name: String,
    /// The text around it.
    pub(crate) text: String,
    /// The secret.
    pub(crate) value: String,
}

/// The folder, and what must not leave it.
pub(crate) struct Site {
    /// Goes away with the test.
    pub(crate) dir: tempfile::TempDir,
    /// Everything that is watched.
    pub(crate) planted: Vec<Planted>,
}

impl Site {
    /// Plants everything.
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let planted = secrets();
        for (index, plant) in planted.iter().enumerate() {
            write(&dir.path().join(format!("site/plain/{index}.txt")), plant.text.as_bytes());
            for (form, bytes) in encodings(&plant.text) {
                write(&dir.path().join(format!("site/{form}/{index}.txt")), &bytes);
            }
        }
        packed(&dir.path().join("site"), &planted);
        Self { dir, planted }
    }

    /// The folder to be scanned.
    pub(crate) fn path(&self) -> PathBuf {
        self.dir.path().join("site")
    }
}

/// Every example of every rule, every type of the corpus once, and the corpus's documents.
pub(crate) fn secrets() -> Vec<Planted> {
    let rules = SecretRules::embedded().expect("the rules");
    let engine = Engine::new(&rules, &FingerprintKey::new(b"canary".to_vec())).expect("the engine");
    let mut planted = Vec::new();
    for rule in rules.iter() {
        for (index, example) in rule.examples.iter().enumerate() {
            let sample = sample::example(&rule.id, example).expect("an example");
            let value = sample.text[sample.start..sample.end].to_owned();
            planted.push(Planted { name: format!("{} {index}", rule.id), text: sample.text, value });
        }
    }
    for case in cases::positives() {
        if case.row == "documents" || case.id.ends_with("/json") {
            for (index, wanted) in case.wanted.iter().enumerate() {
                let value = case.text[wanted.range.clone()].to_owned();
                planted.push(Planted { name: format!("{} {index}", case.id), text: case.text.clone(), value });
            }
        }
    }
    planted.retain(|plant| plant.value.len() >= SHORTEST && !is_public(&engine, &plant.value, &plant.text));
    planted
}

/// A repository whose history holds the secrets and whose newest state holds half of them.
pub(crate) fn repository(planted: &[Planted]) -> Repo {
    let repo = Repo::new();
    let names: Vec<String> = (0..planted.len()).map(|index| format!("{index}.txt")).collect();
    let files: Vec<(&str, &str)> =
        names.iter().zip(planted).map(|(name, plant)| (name.as_str(), plant.text.as_str())).collect();
    let first = repo.commit(&files, &[], 0);
    repo.head(repo.commit(&files[..files.len() / 2], &[first], 1));
    repo
}

/// The exports of `folder`, each damaged by the secret at several places and cut behind it.
pub(crate) fn damage(folder: &Path, into: &Path, secret: &str) -> usize {
    let mut written = 0;
    let files = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().filter_map(Result::ok);
    for entry in files.filter(|entry| entry.file_type().is_file()) {
        let bytes = fs::read(entry.path()).expect("a fixture");
        for part in 1..8 {
            let at = bytes.len() * part / 8;
            let name = format!("{written}-{}", entry.file_name().to_string_lossy());
            let whole = [&bytes[..at], secret.as_bytes(), &bytes[at..]].concat();
            write(&into.join("whole").join(&name), &whole);
            write(&into.join("cut").join(&name), &whole[..at + secret.len()]);
            written += 1;
        }
    }
    written
}

/// Writes a file and the folders above it.
pub(crate) fn write(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(path, bytes).expect("a file");
}

/// Whether the value is an id that its issuer writes everywhere.
fn is_public(engine: &Engine, value: &str, text: &str) -> bool {
    let place = Evidence::new("secret in code", &Input::of("x", b""), Place::Line { line: 1, column: 1 });
    let ids = engine.scan(text.as_bytes()).into_iter().map(|found| {
        let credential = engine.credential(&found, place.clone(), Presence::Tree, None);
        credential.id
    });
    ids.into_iter().any(|id| matches!(id, CredentialId::Issued { id, .. } if &*id == value))
}

fn encodings(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let wide: Vec<u8> = [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let hex = text.bytes().fold(String::new(), |out, byte| out + &format!("{byte:02x}"));
    let percent = text.bytes().fold(String::new(), |out, byte| out + &format!("%{byte:02X}"));
    vec![
        ("base64", format!("blob: {}\n", STANDARD.encode(text)).into_bytes()),
        ("base64url", format!("blob={}\n", URL_SAFE_NO_PAD.encode(text)).into_bytes()),
        ("base64-twice", STANDARD.encode(STANDARD.encode(text)).into_bytes()),
        ("hex", hex.into_bytes()),
        ("percent", format!("https://acme.io/?q={percent}").into_bytes()),
        ("json", serde_json::json!({ "script": text }).to_string().into_bytes()),
        ("utf-16", wide),
        ("base64-of-gzip", STANDARD.encode(gzip(text.as_bytes())).into_bytes()),
    ]
}

/// The same texts in archives.
fn packed(site: &Path, planted: &[Planted]) {
    let all: Vec<u8> = planted.iter().flat_map(|plant| format!("{}\n", plant.text).into_bytes()).collect();
    let tar = tar(planted);
    write(&site.join("packed/all.txt.gz"), &gzip(&all));
    write(&site.join("packed/all.tar"), &tar);
    write(&site.join("packed/all.tar.gz"), &gzip(&tar));
    let zip = zip(planted);
    write(&site.join("packed/all.zip"), &zip);
    write(&site.join("packed/cut.zip"), &zip[..zip.len() / 2]);
    write(&site.join("packed/cut.tar.gz"), &gzip(&tar)[..4096]);
    let mut damaged = gzip(&all);
    let middle = damaged.len() / 2;
    damaged[middle] ^= 0x55;
    write(&site.join("packed/damaged.txt.gz"), &damaged);
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

/// POSIX ustar.
fn tar(planted: &[Planted]) -> Vec<u8> {
    let mut out = Vec::new();
    for (index, plant) in planted.iter().enumerate() {
        let mut header = [0_u8; 512];
        let mut put = |at: usize, text: &str| header[at..at + text.len()].copy_from_slice(text.as_bytes());
        put(0, &format!("{index}.txt"));
        put(100, "0000644\0");
        put(124, &format!("{:011o}\0", plant.text.len()));
        put(136, "00000000000\0");
        put(148, "        ");
        put(156, "0");
        put(257, "ustar\u{0}00");
        let sum: u32 = header.iter().map(|&byte| u32::from(byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        out.extend(header);
        out.extend(plant.text.as_bytes());
        out.resize(out.len().next_multiple_of(512), 0);
    }
    out.resize(out.len() + 1024, 0);
    out
}

/// A zip whose members are stored.
fn zip(planted: &[Planted]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (index, plant) in planted.iter().enumerate() {
        let name = format!("{index}.txt");
        let size = (plant.text.len() as u32).to_le_bytes();
        let mut common = vec![10, 0, 0, 0, 0, 0, 0, 0, 0x21, 0];
        common.extend(crc32fast::hash(plant.text.as_bytes()).to_le_bytes());
        common.extend([size, size].concat());
        common.extend((name.len() as u16).to_le_bytes());
        common.extend([0, 0]);
        directory.extend(b"PK\x01\x02\x0a\0");
        directory.extend(&common);
        directory.extend([0; 10]);
        directory.extend((out.len() as u32).to_le_bytes());
        directory.extend(name.as_bytes());
        out.extend(b"PK\x03\x04");
        out.extend(&common);
        out.extend(name.as_bytes());
        out.extend(plant.text.as_bytes());
    }
    let (start, count) = (out.len() as u32, (planted.len() as u16).to_le_bytes());
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend([count, count].concat());
    out.extend((directory.len() as u32).to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0, 0]);
    out
}
