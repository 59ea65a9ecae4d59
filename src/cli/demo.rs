//! `overstay demo`: the real pipeline over an invented company that travels in the binary.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use crate::rules::check::CheckRules;
use crate::rules::control::Controls;
use crate::rules::policy::Policy;
use crate::{config, demo, scan};

use super::delivery::Delivery;
use super::progress::Spinner;
use super::screen::Screen;
use super::{Error, Exit};

/// Show the point of the tool on an invented company; needs no input
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    delivery: Delivery,
}

/// Writes the company into a temporary folder, scans it from there and delivers.
pub(super) fn run(arguments: &Arguments, screen: Screen, quiet: bool) -> Result<Exit, Error> {
    let folder = tempfile::Builder::new().prefix("overstay-demo-").tempdir().map_err(Error::Demo)?;
    let company = demo::materialise(&folder.path().join("acme"))?;
    let policy = policy(&company.policy)?;
    let ready = arguments.delivery.ready(policy.fail_on, screen, quiet)?.absolute();
    // The report names inputs as the user would: a temporary folder's name would be noise, and differ in every run.
    env::set_current_dir(folder.path()).map_err(Error::Demo)?;
    let below = |path: PathBuf| path.strip_prefix(folder.path()).map(Path::to_path_buf).unwrap_or(path);
    let request = scan::Request {
        command: "demo".to_owned(),
        paths: company.paths.into_iter().map(below).collect(),
        listed: None,
        scope: scan::Scope::All,
        policy,
        baseline: None,
        mappings: Vec::new(),
        key: company.key,
        as_of: None,
        history: true,
        archives: true,
        show_filtered: false,
        threads: None,
        ledger_dir: None,
    };
    let spinner = Spinner::new(!quiet);
    let outcome = scan::run(&request, &spinner)?;
    drop(spinner);
    ready.deliver(&outcome.report)
}

fn policy(path: &Path) -> Result<Policy, Error> {
    let unreadable = |source: io::Error| config::Error::Read { path: path.to_owned(), source };
    let text = fs::read_to_string(path).map_err(unreadable)?;
    let rules = CheckRules::embedded(&Controls::embedded()?)?;
    Ok(Policy::parse(config::POLICY_FILE, &text, &rules).map_err(config::Error::from)?)
}
