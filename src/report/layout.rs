//! Text laid out in columns of a given width. Lines come without colour, so that their width is what is seen.

use comfy_table::{ColumnConstraint, ContentArrangement, Row, Table, Width, presets};

/// Text, which has to be safe already, as lines of at most `width` columns.
pub fn paragraph(text: &str, width: u16) -> Vec<String> {
    columns(&[Width::Fixed(width)], vec![vec![text.to_owned()]])
}

/// A label and a value on each row; the value runs on below itself.
pub fn pairs(rows: &[(String, String)], label_width: u16, width: u16) -> Vec<String> {
    let value_width = width.saturating_sub(label_width + 2).max(10);
    let cells = rows.iter().map(|(label, value)| vec![label.clone(), value.clone()]);
    columns(&[Width::Fixed(label_width + 2), Width::Fixed(value_width)], cells.collect())
}

/// Rows in columns of fixed widths.
pub fn columns(widths: &[Width], rows: Vec<Vec<String>>) -> Vec<String> {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.add_rows(rows.into_iter().map(Row::from));
    table.set_constraints(widths.iter().map(|&width| ColumnConstraint::Absolute(width)));
    table.column_iter_mut().for_each(|column| {
        column.set_padding((0, 0));
    });
    table.lines().map(|line| line.trim_end().to_owned()).collect()
}

/// The first `columns` characters, and what follows.
pub fn cut(line: &str, columns: u16) -> (&str, &str) {
    let at = line.char_indices().nth(usize::from(columns)).map_or(line.len(), |(at, _)| at);
    line.split_at(at)
}
