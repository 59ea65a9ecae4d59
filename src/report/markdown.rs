//! Markdown for a job summary or a ticket: tables that a renderer shows and nothing that it would act on.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::group::{Group, by_subject};
use super::text::{clip, count, counted, squeeze};
use super::{Look, Report, Reporter, control, exception, place};
use crate::model::Severity;

/// A job summary holds one megabyte; this many subjects fit with room.
const MOST_SUBJECTS: usize = 300;

/// So many places of what was set aside are listed.
const MOST_FILTERED: usize = 1000;

/// The `markdown` format.
pub(super) struct Markdown;

impl Reporter for Markdown {
    fn id(&self) -> &'static str {
        "markdown"
    }

    fn title(&self) -> &'static str {
        "tables for a job summary or a ticket"
    }

    fn write(&self, report: &Report, out: &mut dyn Write, _look: &Look) -> io::Result<()> {
        let mut text = String::new();
        head(report, &mut text);
        let groups = by_subject(&report.findings);
        findings(&groups, &mut text);
        groups.iter().take(MOST_SUBJECTS).filter(|group| group.severity() >= Severity::High).for_each(|group| {
            card(group, &mut text);
        });
        decisions(report, &mut text);
        figures(report, &mut text);
        coverage(report, &mut text);
        out.write_all(text.as_bytes())
    }
}

/// Text in which nothing is markup: no table cell, link, HTML or emphasis can be made from outside.
pub(super) fn escape(text: &str) -> String {
    let safe = clip(text, 1000);
    let mut out = String::with_capacity(safe.len());
    for character in safe.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '#' | '|' | '~' | '!' | '$' => {
                out.push('\\');
                out.push(character);
            }
            _ => out.push(character),
        }
    }
    out.replace("://", "\\://").replace("www.", "www\\.")
}

/// An id or a path as code, where that is safe inside a table; escaped text otherwise.
fn code(text: &str) -> String {
    let safe = squeeze(text, 160);
    if safe.is_empty() || safe.contains(['`', '|', '\\']) || safe.starts_with(' ') || safe.ends_with(' ') {
        return escape(text);
    }
    format!("`{safe}`")
}

/// Appends one line; writing to a string cannot fail.
fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    let _infallible = out.write_fmt(text);
    out.push('\n');
}

fn head(report: &Report, out: &mut String) {
    let state = if report.is_empty() {
        "**Nothing was examined.**"
    } else if report.is_incomplete() {
        "**Incomplete: something asked for was not examined (see below).**"
    } else {
        "Everything asked for was examined."
    };
    let counts: Vec<String> = Severity::ALL
        .iter()
        .map(|&severity| (severity, report.of_severity(severity)))
        .filter(|(_, number)| *number > 0)
        .map(|(severity, number)| format!("{} {}", count(number as u64), severity.name()))
        .collect();
    let counts = if counts.is_empty() { "none".to_owned() } else { counts.join(", ") };
    line(out, format_args!("# overstay\n"));
    line(out, format_args!("{state} Findings: {counts}.\n"));
    let (source, key) = (escape(&report.as_of_source), escape(&report.key_id));
    line(out, format_args!("As of {} ({source}); fingerprint key {key}; version {}.", report.as_of, report.version));
}

fn findings(groups: &[Group<'_>], out: &mut String) {
    if groups.is_empty() {
        return;
    }
    line(out, format_args!("\n## Findings\n"));
    line(out, format_args!("| severity | subject | what | where | checks |"));
    line(out, format_args!("|---|---|---|---|---|"));
    for group in groups.iter().take(MOST_SUBJECTS) {
        let evidence = group.evidence().first().map(|piece| code(&place::full(piece))).unwrap_or_default();
        let checks: Vec<&str> = group.findings().map(|finding| finding.check.as_str()).collect();
        let (subject, message) = (group.subject(), escape(&group.worst.message));
        let title = escape(&subject.title);
        line(
            out,
            format_args!(
                "| {} | {title} {} | {message} | {evidence} | {} |",
                group.severity().name(),
                code(&subject.id),
                checks.join(", ")
            ),
        );
    }
    if groups.len() > MOST_SUBJECTS {
        let more = count((groups.len() - MOST_SUBJECTS) as u64);
        line(out, format_args!("\n{more} more subjects, of lower severity, are in the json format."));
    }
}

fn card(group: &Group<'_>, out: &mut String) {
    let subject = group.subject();
    let heading = format!("{}: {}", group.severity().name(), subject.title);
    line(out, format_args!("\n### {} {}\n", escape(&heading), code(&subject.id)));
    line(out, format_args!("{}\n", escape(&group.worst.message)));
    line(out, format_args!("| | |\n|---|---|"));
    let mut row = |label: &str, value: String| line(out, format_args!("| {} | {value} |", escape(label)));
    for (label, value) in group.facts() {
        row(label, escape(value));
    }
    row("severity", escape(&group.worst.severity_reason));
    for other in &group.others {
        row("also", escape(&format!("{} ({}): {}", other.check, other.severity.name(), other.message)));
    }
    let evidence = group.evidence();
    for piece in evidence.iter().take(12) {
        let record = place::record(piece);
        row(&piece.shows, format!("{} {}", code(&place::full(piece)), escape(&record)));
    }
    if evidence.len() > 12 {
        row("evidence", format!("{} more pieces", evidence.len() - 12));
    }
    for control in group.controls().into_iter().filter(|control| control::is_main(control)) {
        row("control", escape(&control::both(control)));
    }
    row("fix", escape(&group.worst.fix));
}

/// What does not count, and what is wrong with that.
fn decisions(report: &Report, out: &mut String) {
    let triage = &report.triage;
    if let Some(baseline) = &triage.baseline {
        line(out, format_args!("\n## Baseline\n\n{}", escape(&exception::compared(baseline, report.findings.len()))));
    }
    let mut list = |heading: &str, items: Vec<String>| {
        if !items.is_empty() {
            line(out, format_args!("\n## {heading}\n"));
        }
        for item in items.iter().take(MOST_SUBJECTS) {
            line(out, format_args!("- {}", escape(item)));
        }
        if items.len() > MOST_SUBJECTS {
            line(out, format_args!("\n{} more are in the json format.", count((items.len() - MOST_SUBJECTS) as u64)));
        }
    };
    list("Expired exceptions", triage.lapsed.iter().map(exception::lapsed).collect());
    list("Suppressed", triage.suppressed.iter().map(exception::suppressed).collect());
    list("Warnings", triage.warnings.clone());
}

/// Every figure with what it is a share of; those without a number say why.
fn figures(report: &Report, out: &mut String) {
    if report.metrics.is_empty() {
        return;
    }
    line(out, format_args!("\n## Figures\n\n| figure | value | parts | rests on |\n|---|---|---|---|"));
    for metric in &report.metrics {
        let parts: Vec<String> = metric.parts.iter().map(|(name, value)| format!("{name} {}", count(*value))).collect();
        let (title, say) = (escape(&metric.title), escape(&metric.say()));
        line(out, format_args!("| {title} | {say} | {} | {} |", escape(&parts.join(", ")), escape(&metric.coverage)));
    }
}

fn coverage(report: &Report, out: &mut String) {
    line(out, format_args!("\n## Examined\n\n| input | format | items | bytes |\n|---|---|--:|--:|"));
    for input in report.inputs.iter().take(MOST_SUBJECTS) {
        let (items, bytes) = (count(input.items), count(input.bytes));
        line(out, format_args!("| {} | {} | {items} | {bytes} |", code(&input.name), escape(&input.format)));
    }
    if !report.gaps.is_empty() {
        line(out, format_args!("\n## Not examined\n\n| what | how many | why | effect |\n|---|--:|---|---|"));
    }
    for gap in report.gaps.iter().take(MOST_SUBJECTS) {
        let (what, detail, effect) = (code(&gap.what), escape(&gap.detail), escape(&gap.effect));
        line(out, format_args!("| {what} | {} | {detail} | {effect} |", count(gap.count)));
    }
    if report.gaps.len() > MOST_SUBJECTS {
        line(out, format_args!("\n{} more are in the json format.", count((report.gaps.len() - MOST_SUBJECTS) as u64)));
    }
    let unsure: Vec<_> = report.summaries.iter().filter(|summary| !summary.inconclusive.is_empty()).collect();
    if !unsure.is_empty() {
        line(out, format_args!("\n## Could not tell\n\n| check | subjects | why (first) |\n|---|--:|---|"));
    }
    for summary in unsure {
        let reason = summary.inconclusive.first().map(|first| escape(&first.reason)).unwrap_or_default();
        let number = count(summary.inconclusive.len() as u64);
        line(out, format_args!("| {} | {number} | {reason} |", escape(&summary.check)));
    }
    for (reason, number) in &report.set_aside {
        let things = counted(*number, "match", "matches");
        line(out, format_args!("\nSet aside as {}: {things}.", escape(reason)));
    }
    if report.held_back() > 0 {
        let findings = counted(report.held_back(), "more finding", "more findings");
        line(out, format_args!("\nHeld back: {findings} of low confidence; `--persona audit` shows them."));
    }
    filtered(report, out);
}

/// The places of what was set aside, where they were asked for.
fn filtered(report: &Report, out: &mut String) {
    if report.filtered.is_empty() {
        return;
    }
    line(out, format_args!("\n## Set aside\n\n| filter | rule | where |\n|---|---|---|"));
    for place in report.filtered.iter().take(MOST_FILTERED) {
        let (filter, rule) = (escape(&place.filter), escape(&place.rule));
        line(out, format_args!("| {filter} | {rule} | {} |", code(&place::of(&place.input, &place.place))));
    }
    if report.filtered.len() > MOST_FILTERED {
        let more = count((report.filtered.len() - MOST_FILTERED) as u64);
        line(out, format_args!("\n{more} more are in the json format."));
    }
}

#[cfg(test)]
mod tests {
    use super::{code, escape};

    #[test]
    fn a_pipe_cannot_make_a_table_cell() {
        assert_eq!(escape("a|b"), "a\\|b");
        assert_eq!(code("a|b"), "a\\|b");
    }

    #[test]
    fn neither_html_nor_a_link_can_be_made() {
        assert_eq!(escape("<img src=x>"), "&lt;img src=x&gt;");
        assert_eq!(escape("[x](http://y)"), "\\[x\\](http\\://y)");
    }

    #[test]
    fn a_backtick_cannot_leave_a_code_span() {
        assert_eq!(code("a`b"), "a\\`b");
        assert_eq!(code("deploy.yml:11"), "`deploy.yml:11`");
    }
}
