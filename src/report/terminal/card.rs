//! The correlation card: everything that the inputs together say about one subject.

use crate::model::{Evidence, Finding, Severity};
use crate::report::group::Group;
use crate::report::paint::Paint;
use crate::report::text::{clip, counted, squeeze};
use crate::report::{Look, control, layout, place};

/// How many cards a screen holds.
const MOST_CARDS: usize = 1;
/// How many pieces of evidence a card holds.
const MOST_EVIDENCE: usize = 6;
/// How many clauses a card holds.
const MOST_CONTROLS: usize = 4;
/// Columns that what a piece of evidence shows may take from its place.
const SHOWS: usize = 16;
/// Columns that a label may take.
const MOST_LABEL: u16 = 18;

/// How many of the groups, which come worst first, are shown as cards.
pub(super) fn how_many(groups: &[Group<'_>]) -> usize {
    groups.iter().take(MOST_CARDS).take_while(|group| group.severity() >= Severity::High).count()
}

/// The card of a subject.
pub(super) fn lines(group: &Group<'_>, paint: Paint, look: Look) -> Vec<String> {
    let bar = paint.severity(group.severity(), "│");
    let width = look.width - 2;
    let mut lines = vec![title(group, paint, look)];
    let mut push = |line: &str| lines.push(format!("{bar} {line}").trim_end().to_owned());
    for line in layout::paragraph(&clip(&group.worst.message, 600), width) {
        push(&paint.bold(&line));
    }
    let rows = rows(group, look);
    let label = rows.iter().map(|(label, _)| label.chars().count() as u16).max().unwrap_or(0);
    for line in layout::pairs(&rows, label, width) {
        let (label, value) = layout::cut(&line, label + 2);
        push(&format!("{}{value}", paint.dim(label)));
    }
    lines
}

/// Severity, subject, and the check that spoke loudest.
fn title(group: &Group<'_>, paint: Paint, look: Look) -> String {
    let subject = group.subject();
    let badge = paint.badge(group.severity());
    let check = name(group.worst);
    let room = usize::from(look.width).saturating_sub(check.len() + group.severity().name().len() + 10);
    let title = clip(&subject.title, room / 2);
    let id = squeeze(&subject.id, room.saturating_sub(title.chars().count()).max(12));
    format!("{badge} {}  {}", paint.bold(&format!("{title} {id}")), paint.severity(group.severity(), &check))
}

fn rows(group: &Group<'_>, look: Look) -> Vec<(String, String)> {
    let own = || group.worst.facts.iter().map(|(label, value)| (label.as_str(), value.as_str()));
    let facts: Vec<(&str, &str)> = if look.all { group.facts() } else { own().collect() };
    let fact = |(label, value): (&str, &str)| (clip(label, usize::from(MOST_LABEL)), clip(value, 400));
    let mut rows: Vec<(String, String)> = facts.into_iter().map(fact).collect();
    rows.push(("Severity".to_owned(), clip(&group.worst.severity_reason, 400)));
    let also: Vec<String> =
        group.others.iter().map(|other| format!("{} {}", name(other), other.severity.name())).collect();
    if !also.is_empty() {
        rows.push(("Also".to_owned(), also.join(", ")));
    }
    let label = rows.iter().map(|(label, _)| label.chars().count()).max().unwrap_or_default();
    let room = usize::from(look.width).saturating_sub(label.max("Evidence".len()) + 4);
    label_first("Evidence", evidence(group, room, look), &mut rows);
    label_first("Controls", controls(group, look), &mut rows);
    if !group.worst.fix.is_empty() {
        rows.push(("Fix".to_owned(), clip(&group.worst.fix, 600)));
    }
    rows
}

/// Several values under one label.
fn label_first(label: &str, values: Vec<String>, rows: &mut Vec<(String, String)>) {
    for (index, value) in values.into_iter().enumerate() {
        rows.push((if index == 0 { label.to_owned() } else { String::new() }, value));
    }
}

fn evidence(group: &Group<'_>, room: usize, look: Look) -> Vec<String> {
    let all = group.evidence();
    let most = if look.all { all.len() } else { MOST_EVIDENCE };
    let mut lines: Vec<String> = all.iter().take(most).map(|piece| evidence_line(piece, room)).collect();
    if let Some(more) = all.len().checked_sub(most + 1) {
        let pieces = counted(more as u64 + 1, "more piece", "more pieces");
        lines.push(format!("{pieces} (--all, or -f json)"));
    }
    lines
}

/// One line: the record's own id is kept whole, a long path loses its middle, and what it shows takes what is left.
fn evidence_line(piece: &Evidence, room: usize) -> String {
    let record = clip(&place::record(piece), 48);
    let left = room.saturating_sub(record.chars().count() + 2);
    let place = squeeze(&place::full(piece), left.saturating_sub(SHOWS).max(22));
    let shows = clip(&piece.shows, left.saturating_sub(place.chars().count() + 2));
    let parts = [place, shows, record].into_iter().filter(|part| part.chars().count() > 3);
    parts.collect::<Vec<_>>().join("  ")
}

/// Both labels of each clause. With `--all` one clause a line, with its title; else the leading ones on a line or two.
fn controls(group: &Group<'_>, look: Look) -> Vec<String> {
    let all = group.controls();
    if look.all {
        return all.iter().map(|control| clip(&control::both(control), 300)).collect();
    }
    // Where none is of a framework that leads, the first ones do.
    let leads = all.iter().any(|control| control::is_main(control));
    let main = all.iter().filter(|control| !leads || control::is_main(control));
    let shown: Vec<String> = main.take(MOST_CONTROLS).map(|control| clip(&control::brief(control), 120)).collect();
    match all.len() - shown.len() {
        _ if all.is_empty() => Vec::new(),
        0 => vec![shown.join(", ")],
        more => vec![format!("{}, {}", shown.join(", "), counted(more as u64, "more", "more"))],
    }
}

/// A check's id with its catalogue number.
fn name(finding: &Finding) -> String {
    match &finding.catalogue {
        Some(number) => format!("{} ({number})", finding.check),
        None => finding.check.clone(),
    }
}
