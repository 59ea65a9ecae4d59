//! How a scan is set up: the same for every command that scans.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::baseline::Baseline;
use crate::config::{self, Config};
use crate::rules::nearest::suggestion;
use crate::rules::policy::Persona;
use crate::scan::Request;

use super::inputs::Inputs;
use super::progress::Spinner;
use super::{Error, say};

/// What is examined, and how.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Setup {
    #[command(flatten)]
    inputs: Inputs,
    /// Judge as of this time (2026-01-31T00:00:00Z or 2026-01-31) [default: the newest evidence]
    #[arg(long, value_name = "TIME", value_parser = config::time)]
    as_of: Option<Timestamp>,
    /// Policy [default: OVERSTAY_CONFIG, else overstay.yaml in the current directory]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Key of the fingerprints [default: OVERSTAY_KEY_FILE, OVERSTAY_KEY, the policy, else the user's own]
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// A log format of your own, described in YAML (overstay formats check FILE); may be given several times
    #[arg(long = "mapping", value_name = "FILE")]
    mappings: Vec<PathBuf>,
    /// How sure a finding must be: `ci` for few false alarms, `audit` for few misses [default: the policy, else ci]
    #[arg(long, value_name = "PERSONA", value_parser = persona)]
    persona: Option<Persona>,
    /// Worker threads [default: one for each core]; the result is the same for any number
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
    /// Show no progress
    #[arg(long)]
    no_progress: bool,
}

impl Setup {
    /// Whether all of what the paths name is examined.
    pub(super) fn is_whole(&self) -> bool {
        self.inputs.is_whole()
    }

    /// The policy and the key.
    pub(super) fn config(&self) -> Result<Config, Error> {
        let directory = PathBuf::from(".");
        let (config, key_file, mappings) = (self.config.clone(), self.key_file.clone(), self.mappings.clone());
        let options = config::Options { config, key_file, mappings, directory };
        let mut config = config::load(&options, &|name| std::env::var_os(name))?;
        config.policy.persona = self.persona.unwrap_or(config.policy.persona);
        Ok(config)
    }

    /// Says where the policy and the key come from.
    pub(super) fn announce(config: &Config) {
        for note in &config.notes {
            say(note);
        }
        if let Some(file) = &config.policy_file {
            say(&format!("policy: {}", file.display()));
        }
        for mapping in &config.mappings {
            say(&format!("log format of your own: {} ({})", mapping.id, mapping.title));
        }
    }

    /// The request. A baseline has to be made under the key of the run.
    pub(super) fn request(self, command: &str, config: Config, baseline: Option<&Path>) -> Result<Request, Error> {
        let asked = self.inputs.read(&|name| std::env::var_os(name))?;
        let baseline = baseline.map(|path| Baseline::read(path, &config.key.id())).transpose()?;
        Ok(Request {
            command: command.to_owned(),
            paths: asked.paths,
            listed: asked.listed,
            scope: asked.scope,
            policy: config.policy,
            baseline,
            mappings: config.mappings,
            key: config.key,
            as_of: self.as_of,
            history: asked.history,
            archives: asked.archives,
            show_filtered: false,
            threads: self.threads.map(NonZeroUsize::get),
            ledger_dir: None,
        })
    }

    /// Progress on a terminal, where it is wanted.
    pub(super) fn spinner(&self, quiet: bool) -> Spinner {
        Spinner::new(!quiet && !self.no_progress)
    }
}

fn persona(text: &str) -> Result<Persona, String> {
    let names = || Persona::ALL.iter().map(|persona| persona.name());
    let found = Persona::ALL.into_iter().find(|persona| persona.name() == text);
    found.ok_or_else(|| {
        let list = names().collect::<Vec<_>>().join(", ");
        format!("no persona `{text}`{}; personas: {list}", suggestion(text, names()))
    })
}
