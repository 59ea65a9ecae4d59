//! `overstay scan`: the whole pipeline over what the user names.

use std::path::PathBuf;

use crate::scan;

use super::delivery::Delivery;
use super::screen::Screen;
use super::setup::Setup;
use super::{Error, Exit};

/// Examine repositories, directory trees, IAM exports and logs together
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    setup: Setup,
    #[command(flatten)]
    delivery: Delivery,
    /// Let only those findings fail that this baseline does not have
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Show the places that filters set aside as look-alikes: rule, filter and place, never a value
    #[arg(long)]
    show_filtered: bool,
    /// Save the joined facts as Parquet files in this folder
    #[arg(long, value_name = "DIR")]
    ledger: Option<PathBuf>,
}

/// Scans and delivers.
pub(super) fn run(arguments: Arguments, screen: Screen, quiet: bool) -> Result<Exit, Error> {
    let Arguments { setup, delivery, baseline, ledger, show_filtered } = arguments;
    let config = setup.config()?;
    let ready = delivery.ready(config.policy.fail_on, screen, quiet)?;
    if !quiet {
        Setup::announce(&config);
    }
    let spinner = setup.spinner(quiet);
    let request = setup.request("scan", config, baseline.as_deref())?;
    let outcome = scan::run(&scan::Request { ledger_dir: ledger, show_filtered, ..request }, &spinner)?;
    drop(spinner);
    // The process ends with the report: freeing every credential by itself would take a measurable part of the run.
    std::mem::forget(outcome.credentials);
    ready.deliver(&outcome.report)
}
