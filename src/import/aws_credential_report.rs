//! The AWS credential report: one row a user, with passwords, access keys and certificates but without key ids.
//!
//! The report does not say when it was made (AWS keeps it for up to four hours). The time as of which it speaks is taken
//! from `GeneratedTime` where the JSON answer of the API was saved, or from a full date in the file's name; else it is
//! unknown: the newest instant in the rows is only the least that it can be.

mod row;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use serde::Deserialize;

use super::lenient::{Text, fault};
use super::time::instant;
use super::{Importer, Layout, Out, Record, Shape, Worker};
use crate::model::GapReason;
use row::{Columns, Row};

/// Reads `aws iam get-credential-report`.
pub(super) struct AwsCredentialReport;

impl Importer for AwsCredentialReport {
    fn id(&self) -> &'static str {
        "aws-credential-report"
    }

    fn title(&self) -> &'static str {
        "AWS credential report"
    }

    fn how_to_export(&self) -> &'static str {
        "aws iam generate-credential-report; aws iam get-credential-report --output json > credential-report.json"
    }

    fn layout(&self) -> Layout {
        Layout::Whole
    }

    fn shapes(&self) -> &'static [Shape] {
        &[
            Shape { list: None, keys: &["user", "arn", "user_creation_time", "access_key_1_active"] },
            Shape { list: None, keys: &["Content", "ReportFormat", "GeneratedTime"] },
        ]
    }

    fn worker(&self, name: &str) -> Box<dyn Worker> {
        Box::new(Report { named: date_in_name(name) })
    }
}

/// The answer of the API, with the report in base64.
#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Answer<'a> {
    #[serde(borrow)]
    content: Text<'a>,
    generated_time: Text<'a>,
}

struct Report {
    named: Option<Timestamp>,
}

impl Worker for Report {
    fn record(&mut self, record: &Record<'_>, out: &mut Out<'_>) {
        let text = record.text.trim_start();
        if text.starts_with('{') {
            let answer: Answer<'_> = match serde_json::from_str(text) {
                Ok(answer) => answer,
                Err(error) => return out.problem(record, "", GapReason::Damaged, fault(&error)),
            };
            let made = answer.generated_time.get().and_then(instant);
            return decoded(answer.content.or_empty(), made, record, out);
        }
        if text.contains(',') { table(text, self.named, record, out) } else { decoded(text, self.named, record, out) }
    }
}

fn decoded(content: &str, made: Option<Timestamp>, record: &Record<'_>, out: &mut Out<'_>) {
    let packed: Vec<u8> = content.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    match BASE64_STANDARD.decode(&packed) {
        Ok(bytes) if !bytes.is_empty() => table(&String::from_utf8_lossy(&bytes), made, record, out),
        _ => out.problem(record, "", GapReason::Damaged, "neither the CSV of a report nor that CSV in base64"),
    }
}

fn table(text: &str, made: Option<Timestamp>, record: &Record<'_>, out: &mut Out<'_>) {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let columns = match reader.headers() {
        Ok(header) => Columns::of(header, text),
        Err(_) => None,
    };
    let Some(columns) = columns else {
        return out.problem(record, "", GapReason::Damaged, "the header lacks the columns user and arn");
    };
    if let Some(made) = made {
        out.sink.exported(made);
    }
    for (index, line) in reader.records().enumerate() {
        let Ok(line) = line else {
            out.problem(record, "", GapReason::Damaged, format!("row {} is not valid CSV", index + 1));
            continue;
        };
        out.items(1);
        let number = line.position().map_or(index as u64 + 2, csv::Position::line);
        let row = Row { columns: &columns, line: &line, number, input: record.input, made };
        if let Err(detail) = row.emit(out.sink) {
            out.problem(record, "", GapReason::Damaged, format!("line {number} {detail}"));
        }
    }
}

/// A full date, with or without a time, in a file's name: `credential-report-2024-03-05T10:00:00Z.csv`.
fn date_in_name(name: &str) -> Option<Timestamp> {
    let file = name.rsplit(['/', '\\']).next()?;
    let starts = file.char_indices().map(|(at, _)| at);
    starts.filter_map(|at| file.get(at..)).find_map(|rest| {
        let long = rest.get(..20).filter(|text| text.ends_with('Z')).map(|text| text.replace('_', ":"));
        long.as_deref().and_then(instant).or_else(|| rest.get(..10).filter(|text| is_date(text)).and_then(instant))
    })
}

fn is_date(text: &str) -> bool {
    text.bytes().enumerate().all(|(at, byte)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() })
}

#[cfg(test)]
mod tests {
    use super::date_in_name;

    #[test]
    fn the_time_of_a_report_comes_from_a_full_date_in_its_name_or_not_at_all() {
        let shown = |name| date_in_name(name).map(|time| time.to_string());
        assert_eq!(shown("x/credential-report-2024-03-05.csv").as_deref(), Some("2024-03-05T00:00:00Z"));
        assert_eq!(shown("report_2024-03-05T10_20_30Z.csv").as_deref(), Some("2024-03-05T10:20:30Z"));
        assert_eq!(shown("2024-03-05/report.csv"), None);
        assert_eq!(shown("report-2024-03.csv"), None);
    }
}
