//! From a report to files, a screen and an exit code: the same for every command that reports.

use crate::model::Severity;
use crate::report::{Look, Report, counted};
use crate::rules::nearest::suggestion;

use super::output::{self, Target};
use super::screen::Screen;
use super::{Error, Exit, say};

/// Where the report goes and what makes it fail.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Delivery {
    /// Output format, with a file or `-` for standard output; several at once [default: terminal]
    #[arg(short, long = "format", value_name = "FORMAT[=FILE]")]
    formats: Vec<Target>,
    /// Exit with 1 where a finding has this severity or a worse one [default: fail-on of the policy, else high]
    #[arg(long, value_name = "SEVERITY", value_parser = severity)]
    fail_on: Option<Severity>,
    /// Show everything: findings of low severity, all cards, all evidence
    #[arg(long)]
    all: bool,
}

/// Delivery with its targets checked, before any work is done.
#[derive(Debug)]
pub(super) struct Ready {
    targets: Vec<Target>,
    fail_on: Severity,
    look: Look,
    quiet: bool,
}

impl Delivery {
    /// Checks the targets. `fail_on` is what the policy says.
    pub(super) fn ready(&self, fail_on: Severity, screen: Screen, quiet: bool) -> Result<Ready, Error> {
        Ok(Ready {
            targets: output::targets(&self.formats)?,
            fail_on: self.fail_on.unwrap_or(fail_on),
            look: Look { all: self.all, ..screen.look },
            quiet,
        })
    }
}

impl Ready {
    /// Makes the files independent of the current directory.
    pub(super) fn absolute(mut self) -> Self {
        for target in &mut self.targets {
            target.make_absolute();
        }
        self
    }

    /// Writes the report everywhere and says on standard error what the exit code rests on.
    pub(super) fn deliver(&self, report: &Report) -> Result<Exit, Error> {
        let (written, mut failed) = output::write(report, &self.targets, self.look);
        if !self.quiet {
            for path in &written {
                say(&format!("wrote {}", path.display()));
            }
        }
        let last = failed.pop();
        for error in &failed {
            say(&error.to_string());
        }
        if let Some(error) = last {
            return Err(error.into());
        }
        let (exit, reasons) = verdict(report, self.fail_on);
        if !self.quiet {
            for warning in &report.triage.warnings {
                say(warning);
            }
            for reason in &reasons {
                say(reason);
            }
        }
        Ok(exit)
    }
}

/// The exit code, and every reason that is not "clean". Findings win over incompleteness; both are said.
fn verdict(report: &Report, fail_on: Severity) -> (Exit, Vec<String>) {
    let findings = report.at_or_above(fail_on);
    let mut reasons = Vec::new();
    let expired = report.triage.lapsed.len();
    if expired > 0 {
        reasons.push(format!("{}: exit code 1", counted(expired as u64, "expired exception", "expired exceptions")));
    }
    if findings > 0 {
        let number = counted(findings as u64, "finding", "findings");
        reasons.push(format!("{number} at or above {} (--fail-on): exit code 1", fail_on.name()));
    }
    if report.is_empty() {
        reasons.push("nothing was examined: incomplete".to_owned());
    } else if report.is_incomplete() {
        let gaps = report.gaps.iter().filter(|gap| gap.reason.makes_incomplete()).map(|gap| gap.count).sum();
        reasons.push(format!("{} could not be examined: incomplete", counted(gaps, "part", "parts")));
    }
    let exit = match (findings + expired > 0, report.is_incomplete()) {
        (true, _) => Exit::Findings,
        (false, true) => Exit::Incomplete,
        (false, false) => Exit::Clean,
    };
    (exit, reasons)
}

fn severity(text: &str) -> Result<Severity, String> {
    let names = || Severity::ALL.iter().map(|severity| severity.name());
    let found = Severity::ALL.into_iter().find(|severity| severity.name() == text);
    found.ok_or_else(|| {
        let list = names().collect::<Vec<_>>().join(", ");
        format!("no severity `{text}`{}; severities: {list}", suggestion(text, names()))
    })
}
