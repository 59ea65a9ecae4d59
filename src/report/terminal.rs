//! One screen for people: what was examined, the findings, what was not examined, and the one next command.

use std::io::{self, Write};

use super::group::by_subject;
use super::paint::Paint;
use super::{Look, Report, Reporter};

mod card;
mod header;
mod limits;
mod rest;

/// The `terminal` format.
pub(super) struct Terminal;

impl Reporter for Terminal {
    fn id(&self) -> &'static str {
        "terminal"
    }

    fn title(&self) -> &'static str {
        "one screen for people (the default)"
    }

    fn write(&self, report: &Report, out: &mut dyn Write, look: &Look) -> io::Result<()> {
        let look = Look { width: look.width.clamp(40, 160), ..*look };
        let paint = Paint::new(look.colour);
        let groups = by_subject(&report.findings);
        let cards = if look.all { groups.len() } else { card::how_many(&groups) };
        let (first, others) = groups.split_at_checked(cards).unwrap_or((&groups, &[]));
        let mut lines = header::lines(report, groups.len(), paint, look);
        for group in first {
            lines.push(String::new());
            lines.extend(card::lines(group, paint, look));
        }
        lines.extend(rest::lines(others, paint, look));
        lines.extend(limits::lines(report, paint, look));
        let mut text = lines.join("\n");
        text.push('\n');
        out.write_all(text.as_bytes())
    }
}
