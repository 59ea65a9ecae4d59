//! `overstay doctor`: which checks could answer over these inputs, which could not, and which export or log would let
//! them.

use std::collections::{BTreeMap, BTreeSet};

use crate::import::{Formats, Importer};
use crate::model::CheckSummary;
use crate::report::{Report, counted, plain};
use crate::rules::check::{CheckRule, Needs};
use crate::scan;

use super::screen::{Screen, print};
use super::setup::Setup;
use super::{Error, Exit};

/// How many reasons of one check are shown.
const MOST_REASONS: usize = 3;

/// Say which checks could answer over these inputs, and which export or log would let the others
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    setup: Setup,
}

/// Scans, and tells about the answers and not about the findings. The exit code is 3 where the run is incomplete.
pub(super) fn run(arguments: Arguments, screen: Screen, quiet: bool) -> Result<Exit, Error> {
    let Arguments { setup } = arguments;
    let config = setup.config()?;
    let spinner = setup.spinner(quiet);
    let request = setup.request("doctor", config, None)?;
    let report = scan::run(&request, &spinner)?.report;
    drop(spinner);
    print(&lines(&report, screen)?)?;
    Ok(if report.is_incomplete() { Exit::Incomplete } else { Exit::Clean })
}

/// A check with its answers.
type Asked<'a> = (&'a CheckRule, &'a CheckSummary);

fn lines(report: &Report, screen: Screen) -> Result<Vec<String>, Error> {
    let paint = screen.paint();
    let asked: Vec<Asked<'_>> =
        report.summaries.iter().filter_map(|summary| Some((report.rules.find(&summary.check)?, summary))).collect();
    let missing = |(rule, _): &&Asked<'_>| lacks(rule, &report.met).is_some();
    let (asleep, awake): (Vec<&Asked<'_>>, Vec<&Asked<'_>>) = asked.iter().partition(missing);
    let (unsure, sure): (Vec<&Asked<'_>>, Vec<&Asked<'_>>) =
        awake.into_iter().partition(|(_, summary)| !summary.inconclusive.is_empty());
    let mut lines = vec![
        paint.bold(&format!("{} of {} answered", sure.len(), counted(asked.len() as u64, "check", "checks"))),
        paint.dim(&format!("  as of {} ({})", report.as_of, plain(&report.as_of_source))),
    ];
    for need in Needs::ALL {
        let state = if report.met.contains(&need) { "read" } else { "not read" };
        lines.push(format!("  {state:<9} {}", need.say()));
    }
    if !unsure.is_empty() {
        lines.extend([String::new(), paint.bold("Could not tell about every subject")]);
    }
    for (rule, summary) in unsure {
        let subjects = counted(summary.inconclusive.len() as u64, "subject", "subjects");
        lines.push(format!("  {}  {subjects} of {}", paint.command(&rule.id), summary.examined));
        for reason in reasons(summary) {
            lines.extend(screen.wrap(&reason, "    "));
        }
    }
    lines.extend(sleeping(&asleep, &report.met, screen)?);
    Ok(lines)
}

/// What a check lacks, where no way to an answer is complete: of the way that lacks least.
fn lacks(rule: &CheckRule, met: &BTreeSet<Needs>) -> Option<Vec<Needs>> {
    let lacking =
        rule.inputs.iter().map(|way| way.iter().copied().filter(|need| !met.contains(need)).collect::<Vec<_>>());
    lacking.min_by_key(Vec::len).filter(|needs| !needs.is_empty())
}

/// The reasons why it could not tell, the most frequent first.
fn reasons(summary: &CheckSummary) -> Vec<String> {
    let mut times: BTreeMap<&str, u64> = BTreeMap::new();
    for one in &summary.inconclusive {
        *times.entry(&one.reason).or_default() += 1;
    }
    let mut all: Vec<(&str, u64)> = times.into_iter().collect();
    all.sort_by_key(|(reason, times)| (std::cmp::Reverse(*times), *reason));
    let more = all.len().saturating_sub(MOST_REASONS);
    let mut lines: Vec<String> =
        all.iter().take(MOST_REASONS).map(|(reason, times)| format!("{times}: {}", plain(reason))).collect();
    if more > 0 {
        lines.push(counted(more as u64, "more reason", "more reasons"));
    }
    lines
}

/// The checks that lack an input, by what they lack, with what gives it.
fn sleeping(asleep: &[&Asked<'_>], met: &BTreeSet<Needs>, screen: Screen) -> Result<Vec<String>, Error> {
    let paint = screen.paint();
    let mut by_need: BTreeMap<Vec<Needs>, Vec<&str>> = BTreeMap::new();
    for (rule, _) in asleep {
        by_need.entry(lacks(rule, met).unwrap_or_default()).or_default().push(&rule.id);
    }
    let mut lines = Vec::new();
    if !by_need.is_empty() {
        lines.extend([String::new(), paint.bold("Could answer with another input")]);
    }
    for (needs, checks) in by_need {
        let names: Vec<&str> = needs.iter().map(|need| need.say()).collect();
        lines.push(format!("  {}", paint.command(&names.join(", and "))));
        lines.extend(screen.wrap(&format!("lets answer: {}", checks.join(", ")), "    "));
        for need in needs {
            if let Some(from) = given_by(need)? {
                lines.extend(screen.wrap(&from, "    "));
            }
        }
    }
    Ok(lines)
}

/// The formats that tell it.
fn given_by(need: Needs) -> Result<Option<String>, Error> {
    let formats = Formats::shipped()?;
    let names: Vec<&str> =
        formats.iter().filter(|format| format.gives().contains(&need)).map(<dyn Importer>::id).collect();
    Ok((!names.is_empty()).then(|| format!("given by: {} (overstay formats)", names.join(", "))))
}
