//! Flags, environment and `overstay.yaml`, resolved into what a run needs. Only the current directory is looked at for
//! a policy, never a scanned repository: what is examined must not set the rules of its examination.

pub mod key;

use std::ffi::OsString;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

use jiff::Timestamp;
use jiff::civil::Date;

use crate::model::FingerprintKey;
use crate::rules::check::{self, CheckRules};
use crate::rules::control::{self, Controls};
use crate::rules::mapping::{self, Mapping};
use crate::rules::policy::{self, Policy};

/// The name under which a policy is found in the current directory.
pub const POLICY_FILE: &str = "overstay.yaml";

/// A larger policy or mapping is none.
const MOST_POLICY_BYTES: u64 = 1 << 20;

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The policy file cannot be read.
    #[error("{}: {source}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The policy file says something that cannot be obeyed.
    #[error(transparent)]
    Policy(#[from] policy::Error),
    /// The key of the fingerprints cannot be used.
    #[error(transparent)]
    Key(#[from] key::Error),
    /// A mapping says something that cannot be.
    #[error(transparent)]
    Mapping(#[from] mapping::Error),
    /// The checks inside the binary are broken.
    #[error(transparent)]
    Checks(#[from] check::Error),
    /// The frameworks inside the binary are broken.
    #[error(transparent)]
    Controls(#[from] control::Error),
    /// A time that is none.
    #[error("`{0}` is no time; write 2026-01-31T00:00:00Z, or 2026-01-31 for its first moment in UTC")]
    Time(String),
}

/// Reads an environment variable.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// What flags say about the configuration.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// `--config`.
    pub config: Option<PathBuf>,
    /// `--key-file`.
    pub key_file: Option<PathBuf>,
    /// `--mapping`.
    pub mappings: Vec<PathBuf>,
    /// The directory in which `overstay.yaml` is looked for.
    pub directory: PathBuf,
}

/// What a run needs to know besides its paths.
#[derive(Clone, Debug)]
pub struct Config {
    /// What the organisation decided, or the defaults.
    pub policy: Policy,
    /// The file that the policy came from.
    pub policy_file: Option<PathBuf>,
    /// The organisation's own log formats.
    pub mappings: Vec<Mapping>,
    /// The key of the fingerprints.
    pub key: FingerprintKey,
    /// What the user should know, one sentence each.
    pub notes: Vec<String>,
}

/// Resolves the configuration. Makes a key where there is none yet.
pub fn load(options: &Options, environment: Environment<'_>) -> Result<Config, Error> {
    let (policy, policy_file) = policy(options, environment)?;
    let from_policy = policy.key_file.as_ref().map(|file| beside(policy_file.as_deref(), file));
    let mut notes = Vec::new();
    let key = key::find(options.key_file.as_deref(), from_policy.as_deref(), environment, &mut notes)?;
    let mappings = mappings(&policy, policy_file.as_deref(), &options.mappings)?;
    Ok(Config { policy, policy_file, mappings, key, notes })
}

/// The organisation's own log formats: those that its policy names, and the files of `--mapping`.
pub fn mappings(policy: &Policy, policy_file: Option<&Path>, flags: &[PathBuf]) -> Result<Vec<Mapping>, Error> {
    let from_policy = policy.mappings.iter().map(|file| beside(policy_file, file));
    from_policy.chain(flags.iter().cloned()).map(|file| mapping(&file)).collect()
}

/// The mapping in a file.
pub fn mapping(path: &Path) -> Result<Mapping, Error> {
    let text = read(path).map_err(|source| Error::Read { path: path.to_owned(), source })?;
    Ok(Mapping::parse(&path.to_string_lossy(), &text)?)
}

/// A time as `--as-of` takes it: an instant, or a day for its first moment in UTC.
pub fn time(text: &str) -> Result<Timestamp, Error> {
    let instant = text.parse::<Timestamp>().ok();
    let day = || text.parse::<Date>().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|start| start.timestamp());
    instant.or_else(day).ok_or_else(|| Error::Time(text.to_owned()))
}

/// The policy and its file: `--config`, then `OVERSTAY_CONFIG`, then `overstay.yaml` in the current directory, then the defaults.
pub fn policy(options: &Options, environment: Environment<'_>) -> Result<(Policy, Option<PathBuf>), Error> {
    let rules = CheckRules::embedded(&Controls::embedded()?)?;
    let named = options.config.clone().or_else(|| set(environment, "OVERSTAY_CONFIG").map(PathBuf::from));
    let here = options.directory.join(POLICY_FILE);
    let path = match named {
        Some(path) => path,
        None if here.is_file() => here,
        None => return Ok((Policy::defaults(&rules)?, None)),
    };
    let text = read(&path).map_err(|source| Error::Read { path: path.clone(), source })?;
    Ok((Policy::parse(&path.to_string_lossy(), &text, &rules)?, Some(path)))
}

fn read(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    fs::File::open(path)?.take(MOST_POLICY_BYTES + 1).read_to_string(&mut text)?;
    if text.len() as u64 > MOST_POLICY_BYTES {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "larger than such a file can be (1 MiB)"));
    }
    Ok(text)
}

/// A path in a policy means a place beside the policy.
fn beside(policy_file: Option<&Path>, path: &Path) -> PathBuf {
    policy_file.and_then(Path::parent).map_or_else(|| path.to_owned(), |folder| folder.join(path))
}

/// A variable that is set and not empty.
fn set(environment: Environment<'_>, name: &str) -> Option<OsString> {
    environment(name).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Severity;

    fn options(folder: &Path) -> Options {
        let key_file = folder.join("key");
        fs::write(&key_file, "ab".repeat(32)).unwrap();
        Options { key_file: Some(key_file), directory: folder.to_owned(), ..Options::default() }
    }

    fn fail_on(options: &Options, variable: Option<&Path>) -> Severity {
        let variable = variable.map(|path| path.as_os_str().to_owned());
        let environment = |name: &str| variable.clone().filter(|_| name == "OVERSTAY_CONFIG");
        load(options, &environment).unwrap().policy.fail_on
    }

    #[test]
    fn a_flag_wins_over_the_environment_and_that_over_the_current_directory() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, severity: &str| {
            let path = folder.path().join(name);
            fs::write(&path, format!("fail-on: {severity}\n")).unwrap();
            path
        };
        let mut options = options(folder.path());
        assert_eq!(fail_on(&options, None), Severity::High);
        write(POLICY_FILE, "low");
        assert_eq!(fail_on(&options, None), Severity::Low);
        let variable = write("b.yaml", "medium");
        assert_eq!(fail_on(&options, Some(&variable)), Severity::Medium);
        options.config = Some(write("c.yaml", "critical"));
        assert_eq!(fail_on(&options, Some(&variable)), Severity::Critical);
    }

    #[test]
    fn a_policy_that_is_named_and_missing_is_an_error_that_names_it() {
        let folder = tempfile::tempdir().unwrap();
        let mut options = options(folder.path());
        options.config = Some(folder.path().join("nowhere.yaml"));
        let error = load(&options, &|_| None).unwrap_err().to_string();
        assert!(error.contains("nowhere.yaml: No such file"), "{error}");
    }

    #[test]
    fn a_key_file_named_in_a_policy_lies_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let mut options = options(folder.path());
        let expected = load(&options, &|_| None).unwrap().key.id();
        options.key_file = None;
        fs::write(folder.path().join(POLICY_FILE), "key-file: key\n").unwrap();
        assert_eq!(load(&options, &|_| None).unwrap().key.id(), expected);
    }

    #[test]
    fn a_day_means_its_first_moment() {
        assert_eq!(time("2026-01-31").unwrap(), time("2026-01-31T00:00:00Z").unwrap());
        assert!(time("yesterday").unwrap_err().to_string().contains("2026-01-31T00:00:00Z"));
    }
}
