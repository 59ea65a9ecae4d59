//! `overstay baseline`: what is known today, so that tomorrow only what is new fails.

use std::path::PathBuf;

use crate::baseline::Baseline;
use crate::report::counted;
use crate::scan::{self, Outcome};

use super::setup::Setup;
use super::{Error, Exit, say};

/// Make a baseline of what is known, or remove from it what is fixed
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Write all findings of a scan as a baseline; a file of this name is replaced
    Create(Box<Target>),
    /// Remove the lines that a scan does not find any more
    Prune(Box<Target>),
}

#[derive(Debug, clap::Args)]
struct Target {
    /// The file of the baseline
    #[arg(long, value_name = "FILE")]
    baseline: PathBuf,
    #[command(flatten)]
    setup: Setup,
}

/// Creates or prunes.
pub(super) fn run(arguments: Arguments, quiet: bool) -> Result<Exit, Error> {
    match arguments.what {
        What::Create(target) => create(*target, quiet),
        What::Prune(target) => prune(*target, quiet),
    }
}

fn create(target: Target, quiet: bool) -> Result<Exit, Error> {
    let path = target.baseline.clone();
    let outcome = scan(target, false, quiet)?;
    let baseline = Baseline::of(&outcome.report.findings, &outcome.report.key_id);
    baseline.write(&path)?;
    let lines = counted(baseline.entries.len() as u64, "line", "lines");
    tell(quiet, &format!("wrote {}: {lines}, under the key {}", path.display(), baseline.key_id));
    if outcome.report.is_incomplete() {
        tell(quiet, "the scan was incomplete, so the baseline may be as well");
        return Ok(Exit::Incomplete);
    }
    Ok(Exit::Clean)
}

/// A run that did not see everything says nothing about what is gone, and removes nothing.
fn prune(target: Target, quiet: bool) -> Result<Exit, Error> {
    let path = target.baseline.clone();
    let Outcome { report, pruned, .. } = scan(target, true, quiet)?;
    if report.is_incomplete() {
        tell(quiet, "the scan was incomplete, so nothing was removed");
        return Ok(Exit::Incomplete);
    }
    let fixed = report.triage.baseline.as_ref().and_then(|baseline| baseline.fixed).unwrap_or_default();
    if let Some(pruned) = pruned.filter(|_| fixed > 0) {
        pruned.write(&path)?;
    }
    tell(quiet, &format!("{}: removed {}", path.display(), counted(fixed, "line", "lines")));
    Ok(Exit::Clean)
}

fn scan(target: Target, compare: bool, quiet: bool) -> Result<Outcome, Error> {
    let Target { baseline, setup } = target;
    if !setup.is_whole() {
        let text = "a baseline rests on whole paths: no --staged, --since, --files-from or -";
        return Err(Error::Usage(text.to_owned()));
    }
    let config = setup.config()?;
    if !quiet {
        Setup::announce(&config);
    }
    let spinner = setup.spinner(quiet);
    let request = setup.request("baseline", config, compare.then_some(baseline.as_path()))?;
    Ok(scan::run(&request, &spinner)?)
}

fn tell(quiet: bool, text: &str) {
    if !quiet {
        say(text);
    }
}
