//! The subjects without a card, one row each.

use comfy_table::Width;

use crate::model::Severity;
use crate::report::group::Group;
use crate::report::paint::Paint;
use crate::report::text::{clip, counted, squeeze};
use crate::report::{Look, layout, place};

/// How many rows a screen holds.
const MOST_ROWS: usize = 16;

/// The table, and what is hidden.
pub(super) fn lines(groups: &[Group<'_>], paint: Paint, look: Look) -> Vec<String> {
    let (shown, hidden): (Vec<_>, Vec<_>) =
        groups.iter().partition(|group| look.all || group.severity() >= Severity::Medium);
    let most = if look.all { shown.len() } else { MOST_ROWS };
    let mut lines = Vec::new();
    if !shown.is_empty() {
        lines.push(String::new());
    }
    for group in shown.iter().take(most) {
        lines.extend(row(group, paint, look));
    }
    let mut more = Vec::new();
    if shown.len() > most {
        more.push(counted((shown.len() - most) as u64, "more subject", "more subjects"));
    }
    if !hidden.is_empty() {
        more.push(counted(hidden.len() as u64, "subject of low or info severity", "subjects of low or info severity"));
    }
    if !more.is_empty() {
        lines.push(paint.dim(&format!("{} hidden (show with --all)", more.join(" and "))));
    }
    lines
}

/// Severity, checks, subject and place. Narrow terminals get two lines.
fn row(group: &Group<'_>, paint: Paint, look: Look) -> Vec<String> {
    let room = look.width - 10;
    let (check_width, subject_width) = if look.width < 100 { (room, 0) } else { (room * 3 / 10, room * 3 / 10) };
    let place_width = if look.width < 100 { 0 } else { room - check_width - subject_width };
    let severity = group.severity().name().to_owned();
    let subject = |most: u16| {
        let title = clip(&group.subject().title, usize::from(most) / 2);
        let rest = usize::from(most).saturating_sub(title.chars().count() + 3);
        format!("{title} {}", squeeze(&group.subject().id, rest.max(8)))
    };
    let cells = if look.width < 100 {
        let where_found = squeeze(&found(group), usize::from(room / 2));
        vec![severity, format!("{}\n{}  {where_found}", checks(group, room), subject(room / 2))]
    } else {
        let where_found = squeeze(&found(group), usize::from(place_width));
        vec![severity, checks(group, check_width - 2), subject(subject_width), where_found]
    };
    let widths = [10, check_width, subject_width, place_width].map(Width::Fixed);
    let lines = layout::columns(widths.get(..cells.len()).unwrap_or(&widths), vec![cells]);
    let paint_first = |line: String| {
        let (label, rest) = layout::cut(&line, 10);
        format!("{}{rest}", paint.severity(group.severity(), label))
    };
    lines.into_iter().map(paint_first).collect()
}

fn checks(group: &Group<'_>, room: u16) -> String {
    let others = match group.others.len() {
        0 => String::new(),
        number => format!(" +{number}"),
    };
    let name = clip(&group.worst.check, usize::from(room).saturating_sub(others.len()));
    format!("{name}{others}")
}

fn found(group: &Group<'_>) -> String {
    group.evidence().first().map(|piece| place::full(piece)).unwrap_or_default()
}
