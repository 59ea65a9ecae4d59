//! Every format on reports made by hand: valid against the published schemas, and safe whatever the inputs say.

use overstay::model::{Secret, Severity};
use overstay::report::{self, Look, REPORTERS, Report};
use samples::{hostile, key, sample};
use serde_json::Value;

#[path = "reports/samples.rs"]
mod samples;

const JSON_SCHEMA: &str = include_str!("../reports/report.schema.json");
const SARIF_SCHEMA: &str = include_str!("../fixtures/schemas/sarif-schema-2.1.0.json");

fn written(format: &str, report: &Report, look: Look) -> String {
    let mut out = Vec::new();
    let reporter = report::find(format).expect("a format");
    reporter.write(report, &mut out, &look).expect("writes to memory");
    String::from_utf8(out).expect("UTF-8")
}

fn json(format: &str, report: &Report) -> Value {
    serde_json::from_str(&written(format, report, Look::default())).expect("is JSON")
}

fn faults(schema: &str, document: &Value) -> Vec<String> {
    let schema = serde_json::from_str(schema).expect("the schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("the schema is one");
    validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

#[test]
fn json_is_valid_against_the_published_schema() {
    for report in [sample(), hostile()] {
        assert_eq!(faults(JSON_SCHEMA, &json("json", &report)), Vec::<String>::new());
    }
}

#[test]
fn the_published_schema_refuses_an_unknown_field_and_a_finding_without_evidence() {
    let mut document = json("json", &sample());
    document["findings"][0]["secret"] = "x".into();
    assert_eq!(faults(JSON_SCHEMA, &document).len(), 1);
    let mut document = json("json", &sample());
    document["findings"][0]["evidence"] = Value::Array(Vec::new());
    assert_eq!(faults(JSON_SCHEMA, &document).len(), 1);
}

#[test]
fn sarif_is_valid_against_the_oasis_schema() {
    for report in [sample(), hostile()] {
        assert_eq!(faults(SARIF_SCHEMA, &json("sarif", &report)), Vec::<String>::new());
    }
}

#[test]
fn json_names_evidence_and_controls_as_the_schema_says() {
    let document = json("json", &sample());
    let finding = &document["findings"][0];
    assert_eq!(finding["check"], "live-leaked-secret");
    assert_eq!(finding["catalogue"], "I08");
    assert_eq!(finding["evidence"][0]["record_id"], "6f1c0c3e-0000-4000-8000-000000000000");
    assert_eq!(finding["evidence"][0]["place"]["kind"], "record");
    assert_eq!(finding["evidence"][3]["sha256"], Value::Null);
    assert_eq!(finding["controls"][0]["requested_label"], "NHI-03");
    assert_eq!(finding["controls"][0]["published_id"], "NHI7:2025");
    assert_eq!(document["coverage"]["complete"], false);
}

#[test]
fn every_sarif_result_has_what_github_asks_for() {
    let document = json("sarif", &sample());
    let run = &document["runs"][0];
    for rule in run["tool"]["driver"]["rules"].as_array().expect("rules") {
        assert!(!rule["help"]["text"].as_str().expect("help").is_empty());
        assert!(rule["properties"]["security-severity"].as_str().expect("a number").parse::<f32>().is_ok());
    }
    for result in run["results"].as_array().expect("results") {
        let index = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("small");
        assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
        let place = &result["locations"][0]["physicalLocation"];
        assert!(place["artifactLocation"]["uri"].as_str().is_some_and(|uri| !uri.contains([' ', '\\'])));
        assert!(place["region"]["endColumn"].as_u64() > place["region"]["startColumn"].as_u64());
        let hash = result["partialFingerprints"]["primaryLocationLineHash"].as_str().expect("a hash");
        assert!(hash.len() == 18 && hash.ends_with(":1"), "{hash}");
        assert!(result["partialFingerprints"]["overstay/v1"].as_str().is_some_and(|id| id.starts_with(&hash[..16])));
    }
}

#[test]
fn a_sarif_result_points_at_the_line_of_code_rather_than_at_a_record() {
    let document = json("sarif", &sample());
    let result = &document["runs"][0]["results"][0];
    assert_eq!(result["locations"][0]["physicalLocation"]["region"]["startLine"], 11);
    assert_eq!(result["relatedLocations"][0]["properties"]["record_index"], 17);
    let message = result["message"]["text"].as_str().expect("a message");
    assert!(message.contains("logs/trail.json.gz record 17"), "{message}");
}

#[test]
fn sarif_taxonomies_hold_published_ids_only() {
    let document = json("sarif", &sample());
    let run = &document["runs"][0];
    assert_eq!(run["taxonomies"].as_array().map(Vec::len), Some(1));
    assert_eq!(run["taxonomies"][0]["taxa"][0]["id"], "NHI7:2025");
    assert_eq!(run["results"][0]["taxa"][0]["id"], "NHI7:2025");
    assert_eq!(run["results"][0]["properties"]["controls"][1]["requested_label"], "GOV-2");
}

#[test]
fn sarif_says_what_was_not_examined() {
    let document = json("sarif", &sample());
    let invocation = &document["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    let notice = invocation["toolExecutionNotifications"][0]["message"]["text"].as_str().expect("a notice");
    assert!(notice.contains("logs/b.json.gz") && notice.contains("ends early"), "{notice}");
}

#[test]
fn sarif_keeps_the_worst_five_thousand_results_and_says_so() {
    let mut report = sample();
    let low = report.findings.pop().expect("a finding");
    report.findings.splice(0..0, std::iter::repeat_n(low, 5010));
    let document = json("sarif", &report);
    let run = &document["runs"][0];
    assert_eq!(run["results"].as_array().map(Vec::len), Some(5000));
    assert_eq!(run["results"][0]["ruleId"], "live-leaked-secret");
    let notice = run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"].as_str();
    assert!(notice.is_some_and(|text| text.starts_with("13 results of lower severity are left out")), "{notice:?}");
}

#[test]
fn nothing_hostile_reaches_a_terminal_in_any_format() {
    let report = hostile();
    let acts = |character: &char| {
        character.is_control()
            || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{e0000}'..)
    };
    for reporter in REPORTERS {
        let text = written(reporter.id(), &report, Look { colour: false, width: 100, all: true });
        let bad: Vec<char> = text.chars().filter(|&character| character != '\n').filter(acts).collect();
        assert_eq!(bad, Vec::<char>::new(), "{}", reporter.id());
    }
}

#[test]
fn a_terminal_line_is_never_wider_than_the_terminal() {
    for report in [sample(), hostile()] {
        for (width, all) in [(60, true), (80, true), (100, false), (120, true)] {
            let text = written("terminal", &report, Look { colour: false, width, all });
            let wide: Vec<&str> = text.lines().filter(|line| line.chars().count() > usize::from(width)).collect();
            assert_eq!(wide, Vec::<&str>::new(), "width {width}");
        }
    }
}

#[test]
fn colours_add_escape_sequences_and_change_nothing_else() {
    let plain = written("terminal", &sample(), Look { colour: false, width: 100, all: true });
    let colour = written("terminal", &sample(), Look { colour: true, width: 100, all: true });
    assert!(!plain.contains('\u{1b}') && colour.contains('\u{1b}'));
    let mut bare = String::new();
    for (index, part) in colour.split('\u{1b}').enumerate() {
        bare.push_str(if index == 0 { part } else { part.split_once('m').map_or("", |(_, rest)| rest) });
    }
    for severity in Severity::ALL {
        let name = severity.name().to_uppercase();
        bare = bare.replace(&format!(" {name} "), &format!("[{name}]"));
    }
    assert_eq!(bare, plain);
}

#[test]
fn findings_about_one_subject_are_one_card() {
    let text = written("terminal", &sample(), Look::default());
    assert_eq!(text.matches("AKIAFAKE").count(), 1, "{text}");
    assert!(text.contains("rotation-overdue (A07) high"), "{text}");
    assert!(text.contains("NHI-03 = NHI7:2025 (OWASP NHI Top 10 2025)"), "{text}");
    assert!(text.contains("1 subject of low or info severity hidden"), "{text}");
}

#[test]
fn an_empty_report_is_never_called_clean() {
    let mut report = sample();
    (report.inputs, report.findings, report.gaps) = (Vec::new(), Vec::new(), Vec::new());
    assert!(report.is_incomplete());
    let text = written("terminal", &report, Look::default());
    assert!(text.contains("Nothing was examined") && !text.contains("No finding"), "{text}");
    assert!(written("markdown", &report, Look::default()).contains("Nothing was examined"));
    assert_eq!(json("sarif", &report)["runs"][0]["invocations"][0]["executionSuccessful"], false);
}

#[test]
fn markdown_tables_keep_their_columns_whatever_the_inputs_say() {
    let text = written("markdown", &hostile(), Look::default());
    let cells = |line: &str| line.replace("\\|", "").matches('|').count();
    let mut columns = None;
    for line in text.lines() {
        if !line.starts_with('|') {
            columns = None;
            continue;
        }
        let expected = *columns.get_or_insert(cells(line));
        assert_eq!(cells(line), expected, "{line}");
    }
    let outside_code: String = text.replace("\\`", "").replace("\\]", "").split('`').step_by(2).collect();
    assert!(!outside_code.contains("<script>") && !outside_code.contains("]("), "{outside_code}");
}

#[test]
fn the_same_report_gives_the_same_bytes() {
    for reporter in REPORTERS {
        let (one, other) = (sample(), sample());
        assert_eq!(written(reporter.id(), &one, Look::default()), written(reporter.id(), &other, Look::default()));
    }
}

#[test]
fn the_time_a_run_took_never_reaches_a_file() {
    let mut timed = sample();
    timed.elapsed = Some(std::time::Duration::from_secs(4321));
    for format in ["json", "sarif", "markdown"] {
        assert_eq!(written(format, &timed, Look::default()), written(format, &sample(), Look::default()));
    }
    assert!(written("terminal", &timed, Look::default()).contains("4321.0 s"));
}

#[test]
fn a_secret_can_enter_a_report_only_as_its_keyed_fingerprint() {
    let canary = Secret::new(["canary", "Zq8rT1uV5wXy"].concat());
    let mut report = sample();
    let print = key().fingerprint("secret", canary.expose().as_bytes());
    report.findings[0].subject.id = format!("#{}", print.short());
    report.findings[0].facts.push(("secret".to_owned(), format!("{canary:?}")));
    for reporter in REPORTERS {
        let text = written(reporter.id(), &report, Look { all: true, ..Look::default() });
        assert!(!text.contains(canary.expose()), "{}", reporter.id());
        assert!(text.contains(&print.short()), "{}", reporter.id());
    }
}
