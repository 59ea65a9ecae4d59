//! The head: which tool, what was examined, as of when, and how many findings of each severity.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::model::{InputSummary, Severity};
use crate::report::paint::Paint;
use crate::report::text::{clip, count, counted, minute, plain};
use crate::report::{Look, Report, exception, layout};

/// The lines of the head.
pub(super) fn lines(report: &Report, subjects: usize, paint: Paint, look: Look) -> Vec<String> {
    let took = report.elapsed.map(|elapsed| format!("   {:.1} s", elapsed.as_secs_f64())).unwrap_or_default();
    let mut lines = vec![format!(
        "{} {}",
        paint.bold(&format!("overstay {}", plain(&report.version))),
        paint.dim(&format!("offline{took}"))
    )];
    let source = clip(&report.as_of_source, 200);
    let known_time = report.as_of != Timestamp::UNIX_EPOCH;
    let as_of = if known_time { format!("{}  ({source})", minute(report.as_of)) } else { source };
    let rows = [("examined", examined(report)), ("known", known(report)), ("as of", as_of)];
    let rows: Vec<(String, String)> = rows
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(label, value)| (label.to_owned(), value))
        .collect();
    for line in layout::pairs(&rows, 8, look.width) {
        let (label, value) = layout::cut(&line, 10);
        lines.push(format!("{}{value}", paint.dim(label)));
    }
    lines.push(String::new());
    lines.extend(totals(report, subjects, paint, look));
    if let Some(baseline) = &report.triage.baseline {
        let text = exception::compared(baseline, report.findings.len());
        lines.extend(layout::paragraph(&clip(&text, 400), look.width));
    }
    lines
}

/// What was read, by kind of input.
fn examined(report: &Report) -> String {
    if report.is_empty() {
        return "nothing: no file, commit, export or log was read".to_owned();
    }
    let logs: Vec<&str> = report.streams.iter().map(|stream| &*stream.importer).collect();
    let mut parts: BTreeMap<(u8, &str), (u64, u64)> = BTreeMap::new();
    for input in &report.inputs {
        let (rank, class) = class(input, &logs);
        let (number, items) = parts.entry((rank, class)).or_default();
        *number += 1;
        *items += input.items;
    }
    let part = |((_, class), (number, items)): ((u8, &str), (u64, u64))| match class {
        "git" => {
            let commits: u64 = report.inputs.iter().map(|input| noted(input, "commits ")).sum();
            let commits =
                if commits > 0 { format!(", {}", counted(commits, "commit", "commits")) } else { String::new() };
            format!("{} ({}{commits})", counted(number, "repository", "repositories"), counted(items, "blob", "blobs"))
        }
        "index" => {
            let staged = report.inputs.iter().map(|input| noted(input, "staged ")).sum();
            format!("{} among {} in the index", counted(staged, "staged file", "staged files"), count(items))
        }
        "range" => {
            let blobs = report.inputs.iter().map(|input| noted(input, "blobs ")).sum();
            format!("{} ({})", counted(items, "commit", "commits"), counted(blobs, "blob", "blobs"))
        }
        "tree" => counted(items, "file", "files"),
        "log" => format!("{} ({})", counted(number, "log", "logs"), counted(items, "record", "records")),
        _ => counted(number, "export", "exports"),
    };
    parts.into_iter().map(part).collect::<Vec<_>>().join(" · ")
}

/// All credentials by how long they live: the denominators of the findings.
fn known(report: &Report) -> String {
    let mut by_standing: BTreeMap<&str, u64> = BTreeMap::new();
    for row in &report.population {
        *by_standing.entry(&row.standing).or_default() += row.count;
    }
    let total = by_standing.values().sum();
    let name = |standing| match standing {
        "standing" => (0, "standing"),
        "ephemeral" => (1, "ephemeral"),
        _ => (2, "depending on how they were issued"),
    };
    let mut parts: Vec<((u8, &str), u64)> =
        by_standing.into_iter().map(|(standing, number)| (name(standing), number)).collect();
    parts.sort_unstable();
    let parts: Vec<String> = parts.iter().map(|((_, name), number)| format!("{} {name}", count(*number))).collect();
    match total {
        0 => String::new(),
        _ => format!("{}: {}", counted(total, "credential", "credentials"), parts.join(", ")),
    }
}

fn class(input: &InputSummary, logs: &[&str]) -> (u8, &'static str) {
    match &*input.format {
        "git" => (0, "git"),
        "git-index" => (0, "index"),
        "git-range" => (0, "range"),
        "tree" | "file" => (1, "tree"),
        format if logs.contains(&format) => (3, "log"),
        _ => (2, "export"),
    }
}

/// The number in a note such as `commits 3911`, which begins with `label`.
fn noted(input: &InputSummary, label: &str) -> u64 {
    let number = |note: &String| note.strip_prefix(label)?.parse::<u64>().ok();
    input.notes.iter().find_map(number).unwrap_or_default()
}

fn totals(report: &Report, subjects: usize, paint: Paint, look: Look) -> Vec<String> {
    if report.findings.is_empty() {
        return vec![match (report.is_empty(), report.is_incomplete()) {
            (true, _) => paint.warning("Nothing was examined, so nothing is known."),
            (_, true) => paint.warning("No finding in what was examined; not all was (see below)."),
            _ if report.triage.baseline.is_some() => paint.good("No new finding."),
            _ => paint.good("No finding."),
        }];
    }
    let part = |severity: Severity| match report.of_severity(severity) {
        0 => None,
        number => Some((severity, format!("{number} {}", severity.name()))),
    };
    let parts: Vec<(Severity, String)> = Severity::ALL.into_iter().filter_map(part).collect();
    let findings = counted(report.findings.len() as u64, "finding", "findings");
    let total = format!("{findings} about {}:", counted(subjects as u64, "subject", "subjects"));
    let width = total.len() + parts.iter().map(|(_, part)| part.len() + 3).sum::<usize>();
    let painted: Vec<String> = parts.iter().map(|(severity, part)| paint.severity(*severity, part)).collect();
    let painted = format!("   {}", painted.join("   "));
    if width > usize::from(look.width) {
        return vec![paint.bold(&total), painted];
    }
    vec![format!("{}{painted}", paint.bold(&total))]
}
