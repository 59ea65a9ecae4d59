//! The key of the fingerprints: where it is looked for, and how it is made the first time.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::{fs, io};

use base64::Engine as _;
use zeroize::Zeroizing;

use super::{Environment, set};
use crate::model::FingerprintKey;

/// A shorter key could be guessed.
const LEAST_BYTES: usize = 16;
/// A larger file is no key.
const MOST_BYTES: u64 = 4096;

/// A key that was named and cannot be used. No message repeats the key.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error("key file {}: {source}; make one with: head -c 32 /dev/urandom > FILE && chmod 600 FILE", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Too short, or not in a known form.
    #[error("{from}: expected at least 16 bytes, written as hexadecimal or base64{raw}")]
    Form {
        /// The file or the variable.
        from: String,
        /// What else a file may hold.
        raw: &'static str,
    },
    /// There is no key and none can be made; fingerprints without a key would be plain hashes of secrets.
    #[error("no key for fingerprints: {why}, and the system gives no random bytes: {source}; set OVERSTAY_KEY")]
    Random {
        /// Why there is no key.
        why: String,
        /// Why none can be made.
        source: io::Error,
    },
}

/// The key: `--key-file`, then `OVERSTAY_KEY_FILE`, then `OVERSTAY_KEY`, then the policy's `key-file`, then
/// `overstay/key` in the user's configuration directory, which is made at first need.
pub(super) fn find(
    flag: Option<&Path>,
    policy: Option<&Path>,
    environment: Environment<'_>,
    notes: &mut Vec<String>,
) -> Result<FingerprintKey, Error> {
    if let Some(path) = flag {
        return read(path, notes);
    }
    if let Some(path) = set(environment, "OVERSTAY_KEY_FILE") {
        return read(Path::new(&path), notes);
    }
    if let Some(text) = set(environment, "OVERSTAY_KEY") {
        let form = || Error::Form { from: "OVERSTAY_KEY".to_owned(), raw: "" };
        let text = Zeroizing::new(text.into_string().map_err(|_| form())?);
        return decode(&text).map(FingerprintKey::new).ok_or_else(form);
    }
    match policy {
        Some(path) => read(path, notes),
        None => own(environment, notes),
    }
}

fn read(path: &Path, notes: &mut Vec<String>) -> Result<FingerprintKey, Error> {
    let mut bytes = Zeroizing::new(Vec::new());
    fs::File::open(path)
        .and_then(|file| file.take(MOST_BYTES).read_to_end(&mut bytes))
        .map_err(|source| Error::Read { path: path.to_owned(), source })?;
    notes.extend(open_to_others(path));
    let decoded = std::str::from_utf8(&bytes).ok().and_then(decode);
    let key = decoded.unwrap_or_else(|| bytes.to_vec());
    if key.len() < LEAST_BYTES {
        let from = format!("key file {}", path.display());
        return Err(Error::Form { from, raw: ", or as plain bytes" });
    }
    Ok(FingerprintKey::new(key))
}

/// Hexadecimal or base64 of a long enough key.
fn decode(text: &str) -> Option<Vec<u8>> {
    let text = text.trim();
    let bytes = from_hex(text).or_else(|| base64::engine::general_purpose::STANDARD.decode(text).ok())?;
    (bytes.len() >= LEAST_BYTES).then_some(bytes)
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok().filter(|_| pair.len() == 2)).collect()
}

/// The user's own key. Where it can be neither read nor made, a random one serves for this run.
fn own(environment: Environment<'_>, notes: &mut Vec<String>) -> Result<FingerprintKey, Error> {
    let Some(path) = own_path(environment) else {
        return for_this_run("there is no home directory", notes);
    };
    match read(&path, notes) {
        Ok(key) => Ok(key),
        Err(Error::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => match make(&path) {
            Ok(key) => {
                let place = path.display();
                notes.push(format!("made the key of the fingerprints, {place}: reports under one key can be compared, so keep it (in CI, put its content into OVERSTAY_KEY)"));
                Ok(key)
            }
            Err(error) => for_this_run(&format!("{} cannot be made: {error}", path.display()), notes),
        },
        Err(error) => for_this_run(&error.to_string(), notes),
    }
}

fn own_path(environment: Environment<'_>) -> Option<PathBuf> {
    let absolute = |name: &str| set(environment, name).map(PathBuf::from).filter(|path| path.is_absolute());
    let folder = absolute("XDG_CONFIG_HOME").or_else(|| absolute("APPDATA").filter(|_| cfg!(windows)));
    Some(folder.or_else(|| Some(absolute("HOME")?.join(".config")))?.join("overstay").join("key"))
}

/// Writes a new key as hexadecimal, for its owner only. A key that another run made meanwhile is kept and used.
fn make(path: &Path) -> io::Result<FingerprintKey> {
    let folder = path.parent().ok_or(io::ErrorKind::NotFound)?;
    fs::create_dir_all(folder)?;
    let bytes = random()?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    for byte in bytes.iter() {
        write!(file, "{byte:02x}")?;
    }
    file.write_all(b"\n")?;
    match file.persist_noclobber(path) {
        Ok(_) => Ok(FingerprintKey::new(bytes.to_vec())),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
            read(path, &mut Vec::new()).map_err(io::Error::other)
        }
        Err(error) => Err(error.error),
    }
}

fn random() -> io::Result<Zeroizing<[u8; 32]>> {
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(bytes.as_mut_slice()).map_err(io::Error::other)?;
    Ok(bytes)
}

fn for_this_run(why: &str, notes: &mut Vec<String>) -> Result<FingerprintKey, Error> {
    notes.push(format!(
        "{why}; a random key serves for this run, so its fingerprints and ids cannot be compared with other reports"
    ));
    let bytes = random().map_err(|source| Error::Random { why: why.to_owned(), source })?;
    Ok(FingerprintKey::new(bytes.to_vec()))
}

/// A warning about a key that others can read.
#[cfg(unix)]
fn open_to_others(path: &Path) -> Option<String> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = fs::metadata(path).ok()?.permissions().mode() & 0o777;
    let place = path.display();
    (mode & 0o077 != 0).then(|| format!("key file {place} is open to others (mode {mode:03o}); run: chmod 600 {place}"))
}

/// Other systems keep the rights of files elsewhere.
#[cfg(not(unix))]
fn open_to_others(_path: &Path) -> Option<String> {
    None
}

#[cfg(test)]
mod tests;
