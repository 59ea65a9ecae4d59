//! What the answer does not cover: set aside, could not tell, not examined; and the one next command.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::model::{CheckSummary, Filtered, Finding, Gap, GapReason};
use crate::report::group::by_subject;
use crate::report::paint::Paint;
use crate::report::text::{clip, count, counted, minute, squeeze};
use crate::report::{Look, Report, StreamWindow, exception, layout, place};

/// How many lines each block holds.
const MOST_LINES: usize = 5;
/// How many names of checks a line holds.
const MOST_NAMES: usize = 6;
/// Columns of the labels.
const LABEL: u16 = 13;

/// The labels that stand for something missing.
const MISSING: [&str; 5] = ["expired", "warnings", "cannot tell", "no subjects", "not examined"];

/// The foot of the screen.
pub(super) fn lines(report: &Report, paint: Paint, look: Look) -> Vec<String> {
    let mut rows: Vec<(String, String)> = Vec::new();
    let triage = &report.triage;
    block("expired", triage.lapsed.iter().map(exception::lapsed).collect(), look, &mut rows);
    block("suppressed", triage.suppressed.iter().map(exception::suppressed).collect(), look, &mut rows);
    block("known", known(report, look), look, &mut rows);
    block("warnings", triage.warnings.clone(), look, &mut rows);
    block("figures", figures(report), look, &mut rows);
    block("logs cover", report.streams.iter().map(stream).collect(), look, &mut rows);
    block("set aside", set_aside(report), look, &mut rows);
    block("held back", held_back(report), look, &mut rows);
    block("filtered", report.filtered.iter().map(filtered).collect(), look, &mut rows);
    block("cannot tell", unsure(&report.summaries), look, &mut rows);
    block("no subjects", idle(&report.summaries), look, &mut rows);
    block("not examined", gaps(&report.gaps, look), look, &mut rows);
    let (mut lines, mut current) = (vec![String::new()], false);
    for line in layout::pairs(&rows, LABEL, look.width) {
        let (label, value) = layout::cut(&line, LABEL + 2);
        current = if label.trim().is_empty() { current } else { MISSING.contains(&label.trim()) };
        let label = if current { paint.warning(label) } else { paint.dim(label) };
        lines.push(format!("{label}{value}"));
    }
    if rows.is_empty() {
        lines.clear();
    }
    lines.push(String::new());
    let (command, why) = next(report);
    lines.push(format!("{}{}", paint.dim("next           "), paint.command(&command)));
    lines.push(paint.dim(&clip(&format!("               {why}"), usize::from(look.width))));
    lines
}

/// The figures that have a number, with their most telling parts.
fn figures(report: &Report) -> Vec<String> {
    let known = report.metrics.iter().filter(|metric| metric.numerator.is_some());
    known.map(|metric| format!("{} {}", metric.title, metric.say())).collect()
}

fn block(label: &str, values: Vec<String>, look: Look, rows: &mut Vec<(String, String)>) {
    let most = if look.all { values.len() } else { MOST_LINES };
    let more = values.len().saturating_sub(most);
    let start = rows.len();
    rows.extend(values.into_iter().take(most).map(|value| (String::new(), clip(&value, 400))));
    if more > 0 {
        rows.push((String::new(), format!("{} (--all)", counted(more as u64, "more line", "more lines"))));
    }
    if let Some(first) = rows.get_mut(start) {
        label.clone_into(&mut first.0);
    }
}

/// The findings that the baseline has: their number is said above, so they are listed on request only.
fn known(report: &Report, look: Look) -> Vec<String> {
    let line = |finding: &Finding| {
        let place = finding.evidence.first().map(place::full).unwrap_or_default();
        let Finding { check, severity, subject, .. } = finding;
        format!("{} {check} {} {}", severity.name(), subject.id, squeeze(&place, 80))
    };
    report.triage.known().iter().filter(|_| look.all).map(line).collect()
}

fn stream(stream: &StreamWindow) -> String {
    let scope = if stream.scope.is_empty() { String::new() } else { format!(" {}", stream.scope) };
    let holes = match stream.holes.len() {
        0 => String::new(),
        number => format!(", {} without a record", counted(number as u64, "span", "spans")),
    };
    let records = counted(stream.records, "record", "records");
    format!(
        "{}{scope} from {} to {}, {records}{holes}",
        stream.importer,
        minute(stream.from).trim_end_matches(" UTC"),
        minute(stream.to)
    )
}

fn set_aside(report: &Report) -> Vec<String> {
    let part = |(reason, number): (&String, &u64)| format!("{} ({})", reason.replace('-', " "), count(*number));
    let parts: Vec<String> = report.set_aside.iter().map(part).collect();
    if parts.is_empty() { parts } else { vec![format!("{}: recognised, counted, not reported", parts.join(", "))] }
}

/// What the persona holds back, and how to see it.
fn held_back(report: &Report) -> Vec<String> {
    match report.held_back() {
        0 => Vec::new(),
        number => vec![format!(
            "{} of low confidence; show with --persona audit",
            counted(number, "more finding", "more findings")
        )],
    }
}

fn filtered(place: &Filtered) -> String {
    format!("{} {} {}", place.filter, place.rule, place::of(&place.input, &place.place))
}

/// One line for each check that could not tell, with its most frequent reason.
fn unsure(summaries: &[CheckSummary]) -> Vec<String> {
    let line = |summary: &CheckSummary| {
        let mut reasons: BTreeMap<&str, u64> = BTreeMap::new();
        for inconclusive in &summary.inconclusive {
            *reasons.entry(&inconclusive.reason).or_default() += 1;
        }
        let (reason, _) = reasons.iter().max_by_key(|(reason, number)| (**number, Reverse(**reason)))?;
        let others = match reasons.len() - 1 {
            0 => String::new(),
            more => format!("; {}", counted(more as u64, "other reason", "other reasons")),
        };
        let number = summary.inconclusive.len() as u64;
        let of = count(summary.examined.max(number));
        Some(format!("{} for {} of {of}: {}{others}", summary.check, count(number), clip(reason, 160)))
    };
    summaries.iter().filter_map(line).collect()
}

/// The checks to which nothing applied: not examined, which is not clean.
fn idle(summaries: &[CheckSummary]) -> Vec<String> {
    let idle = summaries.iter().filter(|summary| summary.examined == 0 && summary.inconclusive.is_empty());
    let names: Vec<&str> = idle.map(|summary| summary.check.as_str()).collect();
    match names.len() {
        0 => Vec::new(),
        all if all == summaries.len() => vec!["for any check".to_owned()],
        few if few <= MOST_NAMES => vec![format!("for {}", names.join(", "))],
        many => {
            let first = names.get(..MOST_NAMES - 1).unwrap_or_default();
            vec![format!("for {} and {} more checks", first.join(", "), many + 1 - MOST_NAMES)]
        }
    }
}

/// What makes the run incomplete and what is absent line by line; what was left out by rule in one line.
fn gaps(gaps: &[Gap], look: Look) -> Vec<String> {
    let by_rule = |gap: &&Gap| gap.reason == GapReason::Skipped && !look.all;
    let (ruled, said): (Vec<&Gap>, Vec<&Gap>) = gaps.iter().partition(by_rule);
    let (bad, absent): (Vec<&Gap>, Vec<&Gap>) = said.into_iter().partition(|gap| gap.reason.makes_incomplete());
    let mut lines: Vec<String> = bad.into_iter().chain(absent).map(line).collect();
    let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
    for gap in ruled {
        let class = gap.detail.split([',', ':', ';', '(']).next().unwrap_or_default().trim();
        *sums.entry(class).or_default() += gap.count;
    }
    let mut sums: Vec<(&str, u64)> = sums.into_iter().collect();
    sums.sort_by_key(|(_, number)| Reverse(*number));
    let sums: Vec<String> = sums.iter().map(|(class, number)| format!("{class} ({})", count(*number))).collect();
    if !sums.is_empty() {
        lines.push(format!("left out by rule: {}", sums.join(", ")));
    }
    lines
}

fn line(gap: &Gap) -> String {
    let many = if gap.count > 1 { format!(" ({} alike)", count(gap.count)) } else { String::new() };
    ending(format!("{}{many}: {}", squeeze(&gap.what, 80), gap.detail), &gap.effect)
}

fn ending(text: String, effect: &str) -> String {
    if effect.is_empty() { text } else { format!("{text}; {effect}") }
}

/// The one next command, and what it is good for.
fn next(report: &Report) -> (String, &'static str) {
    let only_code =
        report.inputs.iter().all(|input| input.format.starts_with("git") || matches!(&*input.format, "tree" | "file"));
    match by_subject(&report.findings).first() {
        _ if report.is_empty() => ("overstay formats".to_owned(), "what can be examined, and how to export it"),
        _ if only_code => ("overstay formats".to_owned(), "add an export: age and last use are unknown"),
        Some(group) => (format!("overstay explain {}", group.worst.check), "why it matters and how to fix it"),
        None => ("overstay scan . -f sarif=overstay.sarif".to_owned(), "run it nightly to keep it so"),
    }
}
