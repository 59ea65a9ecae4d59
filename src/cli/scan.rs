//! `overstay scan`: the whole pipeline over what the user names.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use jiff::Timestamp;

use crate::rules::nearest::suggestion;
use crate::rules::policy::Persona;
use crate::{config, scan};

use super::delivery::Delivery;
use super::inputs::Inputs;
use super::progress::Spinner;
use super::screen::Screen;
use super::{Error, Exit, say};

/// Examine repositories, directory trees, IAM exports and logs together
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    inputs: Inputs,
    #[command(flatten)]
    delivery: Delivery,
    /// Judge as of this time (2026-01-31T00:00:00Z or 2026-01-31) [default: the newest evidence]
    #[arg(long, value_name = "TIME", value_parser = config::time)]
    as_of: Option<Timestamp>,
    /// Policy [default: OVERSTAY_CONFIG, else overstay.yaml in the current directory]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Key of the fingerprints [default: OVERSTAY_KEY_FILE, OVERSTAY_KEY, the policy, else the user's own]
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// Save the joined facts as Parquet files in this folder
    #[arg(long, value_name = "DIR")]
    ledger: Option<PathBuf>,
    /// How sure a finding must be: `ci` for few false alarms, `audit` for few misses [default: the policy, else ci]
    #[arg(long, value_name = "PERSONA", value_parser = persona)]
    persona: Option<Persona>,
    /// Show the places that filters set aside as look-alikes: rule, filter and place, never a value
    #[arg(long)]
    show_filtered: bool,
    /// Worker threads [default: one for each core]; the result is the same for any number
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
    /// Show no progress
    #[arg(long)]
    no_progress: bool,
}

/// Scans and delivers.
pub(super) fn run(arguments: Arguments, screen: Screen, quiet: bool) -> Result<Exit, Error> {
    let options =
        config::Options { config: arguments.config, key_file: arguments.key_file, directory: PathBuf::from(".") };
    let mut config = config::load(&options, &|name| std::env::var_os(name))?;
    config.policy.persona = arguments.persona.unwrap_or(config.policy.persona);
    let ready = arguments.delivery.ready(config.policy.fail_on, screen, quiet)?;
    if !quiet {
        for note in &config.notes {
            say(note);
        }
        if let Some(file) = &config.policy_file {
            say(&format!("policy: {}", file.display()));
        }
    }
    let asked = arguments.inputs.read(&|name| std::env::var_os(name))?;
    let request = scan::Request {
        command: "scan".to_owned(),
        paths: asked.paths,
        listed: asked.listed,
        scope: asked.scope,
        policy: config.policy,
        key: config.key,
        as_of: arguments.as_of,
        history: asked.history,
        show_filtered: arguments.show_filtered,
        threads: arguments.threads.map(NonZeroUsize::get),
        ledger_dir: arguments.ledger,
    };
    let spinner = Spinner::new(!quiet && !arguments.no_progress);
    let outcome = scan::run(&request, &spinner)?;
    drop(spinner);
    ready.deliver(&outcome.report)
}

fn persona(text: &str) -> Result<Persona, String> {
    let names = || Persona::ALL.iter().map(|persona| persona.name());
    let found = Persona::ALL.into_iter().find(|persona| persona.name() == text);
    found.ok_or_else(|| {
        let list = names().collect::<Vec<_>>().join(", ");
        format!("no persona `{text}`{}; personas: {list}", suggestion(text, names()))
    })
}
