//! The subjects without a card, one row each.

use comfy_table::Width;

use crate::model::Severity;
use crate::report::group::Group;
use crate::report::paint::Paint;
use crate::report::text::{clip, counted, short_id, squeeze};
use crate::report::{Look, layout, place};

/// How many rows a screen holds.
const MOST_ROWS: usize = 14;
/// Columns of the severity.
const SEVERITY: u16 = 10;
/// Columns of the id: an AWS key id and a gap.
const ID: u16 = 22;

/// The table, and what is hidden.
pub(super) fn lines(groups: &[Group<'_>], paint: Paint, look: Look) -> Vec<String> {
    let (shown, hidden): (Vec<_>, Vec<_>) =
        groups.iter().partition(|group| look.all || group.severity() >= Severity::Medium);
    let most = if look.all { shown.len() } else { MOST_ROWS };
    let mut lines = Vec::new();
    if !groups.is_empty() {
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

/// Severity, checks, id, and whose it is or where it lies.
fn row(group: &Group<'_>, paint: Paint, look: Look) -> Vec<String> {
    let room = look.width - SEVERITY;
    let check = (room * 3 / 8).min(36);
    let id = (room - check).min(ID);
    let last = room - check - id;
    let within = |width: u16| usize::from(width.saturating_sub(2));
    let cells = vec![
        group.severity().name().to_owned(),
        checks(group, within(check)),
        squeeze(short_id(&group.subject().id), within(id)),
        whose(group, usize::from(last)),
    ];
    let widths = [SEVERITY, check, id, last].map(Width::Fixed);
    let paint_first = |line: String| {
        let (label, rest) = layout::cut(&line, SEVERITY);
        format!("{}{rest}", paint.severity(group.severity(), label))
    };
    layout::columns(&widths, vec![cells]).into_iter().map(paint_first).collect()
}

/// The worst check, and how many others fired on the subject.
fn checks(group: &Group<'_>, room: usize) -> String {
    let others = match group.others.len() {
        0 => String::new(),
        number => format!(" +{number}"),
    };
    let name = clip(&group.worst.check, room.saturating_sub(others.len()));
    format!("{name}{others}")
}

/// The identity that a subject belongs to, else what it is and where it lies.
fn whose(group: &Group<'_>, room: usize) -> String {
    let subject = group.subject();
    match &subject.principal {
        Some(principal) if *principal != subject.id => squeeze(short_id(principal), room),
        _ => {
            let title = clip(&subject.title, room / 2);
            let place = group.evidence().first().map(|piece| place::full(piece)).unwrap_or_default();
            format!("{title} {}", squeeze(&place, room.saturating_sub(title.chars().count() + 1)))
        }
    }
}
