//! The command line: what can be asked, and what the answer makes of the exit code.

mod access;
mod baseline;
mod can;
mod delivery;
mod demo;
mod doctor;
mod exit;
mod explain;
mod formats;
mod inputs;
mod output;
mod progress;
mod report;
mod rules;
mod scan;
mod screen;
mod setup;
mod who_can;

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::config;

pub use exit::Exit;
use screen::{Colour, Screen};

/// A command that could not be carried out. What damaged inputs cost is not among it: that is in the report.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] config::Error),
    /// The secret rules inside the binary are broken.
    #[error(transparent)]
    SecretRules(#[from] crate::rules::secret::Error),
    /// The checks inside the binary are broken.
    #[error(transparent)]
    Checks(#[from] crate::rules::check::Error),
    /// The frameworks inside the binary are broken.
    #[error(transparent)]
    Controls(#[from] crate::rules::control::Error),
    /// The secret engine could not be made.
    #[error(transparent)]
    Engine(#[from] crate::secret::Error),
    /// The scan did not take place.
    #[error(transparent)]
    Scan(#[from] crate::scan::Error),
    /// The baseline cannot be used.
    #[error(transparent)]
    Baseline(#[from] crate::baseline::Error),
    /// The log formats cannot be used.
    #[error(transparent)]
    Formats(#[from] crate::import::FormatsError),
    /// The ledger could not be read.
    #[error(transparent)]
    Store(#[from] crate::ledger::store::Error),
    /// The list of paths could not be read.
    #[error("--files-from {}: {source}", .path.display())]
    List {
        /// The list.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The demo's company could not be written.
    #[error(transparent)]
    Company(#[from] crate::demo::Error),
    /// The demo has no place to work in.
    #[error("no temporary folder for the demo: {0}")]
    Demo(io::Error),
    /// Something was asked for that does not exist or does not go together.
    #[error("{0}")]
    Usage(String),
    /// A report could not be written.
    #[error(transparent)]
    Output(#[from] output::Error),
    /// The standard output could not be written.
    #[error("standard output: {0}")]
    Stdout(io::Error),
}

impl Error {
    /// Whether the reader of the standard output went away, which is nothing to complain about.
    pub fn is_broken_pipe(&self) -> bool {
        let kind = match self {
            Self::Stdout(error) | Self::Output(output::Error::Stdout(error)) => error.kind(),
            _ => return false,
        };
        kind == io::ErrorKind::BrokenPipe
    }
}

const EXIT_CODES: &str = "\
Exit codes:
  0  clean and complete
  1  findings at or above --fail-on (also where the run is incomplete; both are said)
  2  usage, configuration or fatal error
  3  incomplete: something asked for was not examined, or nothing was

overstay is offline: it opens no connection, ever, and never prints a secret.";

/// Finds credentials and grants that outstay their task, in code, IAM exports and logs together
#[derive(Debug, Parser)]
#[command(name = "overstay", version, after_help = EXIT_CODES, disable_help_subcommand = true)]
struct Arguments {
    #[command(flatten)]
    manner: Manner,
    #[command(subcommand)]
    command: Command,
}

/// How to speak.
#[derive(Clone, Copy, Debug, clap::Args)]
struct Manner {
    /// When to use colours; NO_COLOR and CLICOLOR_FORCE are respected
    #[arg(long, value_enum, global = true, default_value_t, value_name = "WHEN", display_order = 900)]
    color: Colour,
    /// Say nothing on standard error but errors
    #[arg(short, long, global = true, display_order = 901)]
    quiet: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    Scan(Box<scan::Arguments>),
    Demo(demo::Arguments),
    Doctor(Box<doctor::Arguments>),
    Explain(explain::Arguments),
    Rules(rules::Arguments),
    Formats(formats::Arguments),
    Baseline(baseline::Arguments),
    Report(report::Arguments),
    Can(can::Arguments),
    WhoCan(who_can::Arguments),
}

/// Parses the arguments and carries out the command. Errors of usage are printed here, as clap words them.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Result<Exit, Error> {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            let printed = error.print();
            let asked_for = error.exit_code() == 0;
            return printed.map_err(Error::Stdout).map(|()| if asked_for { Exit::Clean } else { Exit::Error });
        }
    };
    let Manner { color, quiet } = arguments.manner;
    let screen = Screen::new(color);
    match arguments.command {
        Command::Scan(arguments) => scan::run(*arguments, screen, quiet),
        Command::Demo(arguments) => demo::run(&arguments, screen, quiet),
        Command::Doctor(arguments) => doctor::run(*arguments, screen, quiet),
        Command::Explain(arguments) => explain::run(&arguments, screen),
        Command::Rules(arguments) => rules::run(&arguments, screen),
        Command::Baseline(arguments) => baseline::run(arguments, quiet),
        Command::Formats(arguments) => formats::run(arguments, screen),
        Command::Report(arguments) => report::run(&arguments, screen, quiet),
        Command::Can(arguments) => can::run(&arguments, screen, quiet),
        Command::WhoCan(arguments) => who_can::run(&arguments, screen, quiet),
    }
}

/// Says something on standard error; where even that fails there is nobody to tell.
pub fn say(text: &str) {
    use std::io::Write as _;
    let _nobody_listens = writeln!(io::stderr(), "overstay: {}", crate::report::plain(text));
}
