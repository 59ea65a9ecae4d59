//! YAML streams and CSV tables as the JSON records that they stand for.

use super::tally::Problem;
use crate::model::GapReason;
use crate::yaml;

/// How much of a file is looked at to tell JSON from the rest.
pub(super) const HEAD: usize = 4096;

/// A file as JSON objects, one a line.
#[derive(Debug, Default)]
pub(super) struct Converted {
    /// The objects.
    pub(super) json: String,
    /// For each of them the line at which it begins in the file, from 1.
    pub(super) lines: Vec<u64>,
    /// What could not be read.
    pub(super) problems: Vec<Problem>,
}

/// Whether a file is JSON, or holds nothing at all.
pub(super) fn is_json(head: &[u8]) -> bool {
    matches!(head.trim_ascii_start().first(), None | Some(b'{' | b'['))
}

/// The rows of a table with a header, or the documents of a YAML stream.
pub(super) fn to_json(text: &str) -> Converted {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    if first.contains(',') && !first.contains(':') && !first.starts_with('#') { table(text) } else { stream(text) }
}

impl Converted {
    fn push(&mut self, json: &str, line: u64) {
        self.json.push_str(json);
        self.json.push('\n');
        self.lines.push(line);
    }

    fn problem(&mut self, line: u64, detail: &str) {
        let place = format!("line {line}");
        self.problems.push(Problem { index: line, place, reason: GapReason::Damaged, detail: detail.to_owned() });
    }
}

fn table(text: &str) -> Converted {
    let mut converted = Converted::default();
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.trim_start().as_bytes());
    let Ok(header) = reader.headers().cloned() else {
        converted.problem(1, "the header is not valid CSV");
        return converted;
    };
    for (index, row) in reader.records().enumerate() {
        let Ok(row) = row else {
            converted.problem(index as u64 + 2, "the row is not valid CSV");
            continue;
        };
        let line = row.position().map_or(index as u64 + 2, csv::Position::line);
        if row.len() != header.len() {
            converted.problem(line, "the row has not as many fields as the header");
            continue;
        }
        let object: serde_json::Map<String, serde_json::Value> =
            header.iter().zip(&row).map(|(name, value)| (name.trim().to_owned(), value.into())).collect();
        converted.push(&serde_json::Value::Object(object).to_string(), line);
    }
    converted
}

/// A document ends where a line begins with `---` or `...`: inside a document such a line would be indented.
fn stream(text: &str) -> Converted {
    let mut converted = Converted::default();
    let (mut start, mut begins_at, mut at) = (0, 1, 0);
    for (number, line) in (1_u64..).zip(text.split_inclusive('\n')) {
        let end = line.trim_end();
        let is_border = matches!(end, "---" | "...") || end.starts_with("--- ");
        if is_border {
            document(text.get(start..at).unwrap_or_default(), begins_at, &mut converted);
            (start, begins_at) = (at + if end.len() > 3 { 4 } else { line.len() }, number + u64::from(end.len() == 3));
        }
        at += line.len();
    }
    document(text.get(start..).unwrap_or_default(), begins_at, &mut converted);
    converted
}

fn document(text: &str, line: u64, converted: &mut Converted) {
    let is_empty = |line: &str| matches!(line.trim_start().as_bytes().first(), None | Some(b'#' | b'%'));
    let Some(skipped) = text.lines().position(|line| !is_empty(line)) else { return };
    let line = line + skipped as u64;
    match yaml::export(text) {
        Ok(json) if json.starts_with(['{', '[']) => converted.push(&json, line),
        Ok(_) => converted.problem(line, "the document is no object"),
        Err(detail) => converted.problem(line, &format!("the document {detail}")),
    }
}

#[cfg(test)]
mod tests {
    use super::to_json;

    #[test]
    fn documents_become_objects_with_their_lines() {
        let converted = to_json("# c\n---\na: 1\n---\n\n---\n# d\nb:\n  - |\n    --- x\n...\n");
        assert_eq!(converted.json, "{\"a\":1}\n{\"b\":[\"--- x\\n\"]}\n");
        assert_eq!(converted.lines, [3, 8]);
        assert!(converted.problems.is_empty(), "{:?}", converted.problems);
    }

    #[test]
    fn a_broken_document_is_a_problem_and_the_others_are_read() {
        let converted = to_json("a: [1\n---\nb: 2\n---\njust text\n");
        assert_eq!((converted.json.as_str(), converted.lines.as_slice()), ("{\"b\":2}\n", [3].as_slice()));
        let places: Vec<&str> = converted.problems.iter().map(|problem| problem.place.as_str()).collect();
        assert_eq!(places, ["line 1", "line 5"]);
    }

    #[test]
    fn rows_become_objects_and_a_short_row_is_a_problem() {
        let converted = to_json("NAME,\"E,MAIL\"\n\"a\nb\",x\nc\nd,\n");
        let rows = ["{\"E,MAIL\":\"x\",\"NAME\":\"a\\nb\"}\n", "{\"E,MAIL\":\"\",\"NAME\":\"d\"}\n"];
        assert_eq!(converted.json, rows.concat());
        assert_eq!(converted.lines, [2, 5]);
        assert_eq!(converted.problems.len(), 1);
    }
}
