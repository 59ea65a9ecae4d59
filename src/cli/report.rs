//! `overstay report`: reports of a ledger that an earlier scan saved.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::config;
use crate::ledger::store::{self, Saved};
use crate::report::Report;
use crate::rules::check::CheckRules;
use crate::rules::control::Controls;

use super::delivery::Delivery;
use super::screen::Screen;
use super::{Error, Exit};

/// Write reports of a ledger that an earlier scan saved with --ledger
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The folder given to `scan --ledger`
    #[arg(long, value_name = "DIR")]
    ledger: PathBuf,
    #[command(flatten)]
    delivery: Delivery,
}

/// Reads and delivers. The exit code is the one that the scan would have given.
pub(super) fn run(arguments: &Arguments, screen: Screen, quiet: bool) -> Result<Exit, Error> {
    let options = config::Options { directory: PathBuf::from("."), ..config::Options::default() };
    let (policy, _) = config::policy(&options, &|name| std::env::var_os(name))?;
    let ready = arguments.delivery.ready(policy.fail_on, screen, quiet)?;
    let rules = CheckRules::embedded(&Controls::embedded()?)?;
    ready.deliver(&report(store::open(&arguments.ledger)?, rules))
}

fn report(saved: Saved, rules: CheckRules) -> Report {
    Report {
        version: saved.version,
        command: "report".to_owned(),
        as_of: saved.as_of,
        as_of_source: saved.as_of_source,
        key_id: saved.run.key_id,
        rules_sha256: saved.run.rules_sha256,
        rules,
        findings: saved.findings,
        triage: saved.triage,
        summaries: saved.summaries,
        inputs: saved.inputs,
        gaps: saved.gaps,
        streams: saved.streams,
        set_aside: saved.set_aside,
        filtered: Vec::new(),
        population: saved.population,
        metrics: saved.metrics,
        met: BTreeSet::new(),
        elapsed: None,
    }
}
