//! Broken, huge, misleading files: no panic, a gap that says what is wrong, and the rest of the file.

use std::fs;
use std::io::{self, Read, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use overstay::import::{Importer, Layout, Limits, Recognised, read};
use overstay::model::GapReason;

use super::recorder::Recorder;
use super::{fixtures, formats};

fn run(importer: &'static dyn Importer, bytes: &[u8]) -> Recorder {
    run_with(importer, bytes, &Limits::default())
}

fn run_with(importer: &'static dyn Importer, source: impl Read + Send, limits: &Limits) -> Recorder {
    let mut recorder = Recorder::default();
    read(importer, source, "input", limits, &mut recorder);
    assert_eq!(recorder.inputs.len(), 1, "examined once");
    recorder
}

fn importer(id: &str) -> &'static dyn Importer {
    formats().find(id).expect("an importer")
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("written");
    encoder.finish().expect("finished")
}

/// 1,000 events of CloudTrail, one a line.
fn trail() -> String {
    (0..1000).map(event).collect()
}

fn event(number: usize) -> String {
    format!(
        "{{\"eventTime\":\"2024-03-04T05:{:02}:{:02}Z\",\"eventSource\":\"s3.amazonaws.com\",\"eventName\":\"GetObject\",\
         \"eventID\":\"e{number}\",\"recipientAccountId\":\"111122223333\",\"userIdentity\":{{\"type\":\"IAMUser\",\
         \"arn\":\"arn:aws:iam::111122223333:user/ci\",\"accessKeyId\":\"AKIAFAKEFAKEFAKE{:04}\"}}}}\n",
        number / 60 % 60,
        number % 60,
        number % 7,
    )
}

fn all_fixtures() -> Vec<(&'static dyn Importer, Vec<u8>)> {
    let files =
        formats().iter().flat_map(|importer| fixtures(importer.id()).into_iter().map(move |path| (importer, path)));
    files.map(|(importer, path)| (importer, fs::read(path).expect("readable"))).collect()
}

#[test]
fn no_importer_panics_on_a_file_of_another() {
    for (_, bytes) in all_fixtures() {
        for importer in formats().iter() {
            run(importer, &bytes);
        }
    }
}

#[test]
fn no_importer_panics_on_a_truncated_file() {
    for (importer, bytes) in all_fixtures() {
        for length in (0..bytes.len()).step_by(97) {
            run(importer, bytes.get(..length).expect("a part"));
        }
    }
}

#[test]
fn a_truncated_file_is_never_silent() {
    // A table or a stream of YAML that was cut between two lines is whole: nothing in it tells.
    let is_json = |bytes: &[u8]| matches!(bytes.trim_ascii_start().first(), Some(b'{' | b'['));
    for (importer, bytes) in all_fixtures().into_iter().filter(|(_, bytes)| is_json(bytes)) {
        if importer.layout() == Layout::Whole {
            continue;
        }
        let cut = bytes.get(..bytes.len() - 10).expect("a part");
        let gaps = run(importer, cut).gaps;
        assert!(gaps.iter().any(|gap| gap.detail.contains("ends in the middle")), "{}: {gaps:?}", importer.id());
    }
}

#[test]
fn no_importer_panics_on_random_bytes() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for round in 0..200_usize {
        let bytes: Vec<u8> = (0..round * 13)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (state >> 56) as u8
            })
            .collect();
        for importer in formats().iter() {
            run(importer, &bytes);
        }
        formats().recognise_head(bytes.as_slice()).expect("no error of reading");
    }
}

#[test]
fn no_importer_panics_when_single_bytes_are_changed() {
    for (importer, bytes) in all_fixtures() {
        for at in (0..bytes.len()).step_by(131) {
            for byte in [b'"', b'{', b'\n', 0xff, b'9'] {
                let mut changed = bytes.clone();
                changed[at] = byte;
                run(importer, &changed);
            }
        }
    }
}

#[test]
fn every_value_may_have_any_type() {
    let values =
        ["null", "true", "17", "-1.5e9", "\"text\"", "[]", "[{}]", "{}", "{\"a\":{\"b\":[1]}}", "\"{\\\"a\\\":1}\""];
    for (importer, bytes) in all_fixtures() {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let keys: std::collections::BTreeSet<&str> =
            text.split('"').filter(|part| part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')).collect();
        for key in keys.iter().filter(|key| !key.is_empty()) {
            for value in values {
                run(importer, text.replace(&format!("\"{key}\":"), &format!("\"{key}\":{value},\"x\":")).as_bytes());
            }
        }
    }
}

#[test]
fn utf_16_as_powershell_writes_it_is_read_and_recognised() {
    for (importer, bytes) in all_fixtures() {
        let Ok(text) = String::from_utf8(bytes.clone()) else { continue };
        let encoded: Vec<u8> = [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        assert!(matches!(
            formats().recognise_head(encoded.as_slice()).expect("readable"),
            Recognised::Known(known) if known.id() == importer.id()
        ));
        assert_eq!(run(importer, &encoded).text(), run(importer, &bytes).text(), "{}", importer.id());
    }
}

#[test]
fn a_byte_order_mark_and_gzip_in_parts_change_nothing() {
    let is_text = |bytes: &[u8]| std::str::from_utf8(bytes).is_ok();
    for (importer, bytes) in all_fixtures().into_iter().filter(|(_, bytes)| is_text(bytes)) {
        let plain = run(importer, &bytes).text();
        let marked: Vec<u8> = [0xef, 0xbb, 0xbf].iter().chain(&bytes).copied().collect();
        assert_eq!(run(importer, &marked).text(), plain, "{}", importer.id());
        let (one, two) = bytes.split_at(bytes.len() / 3);
        let zipped = [gzip(one), gzip(two)].concat();
        assert!(
            matches!(formats().recognise_head(zipped.as_slice()).expect("readable"), Recognised::Known(known) if known.id() == importer.id())
        );
        assert_eq!(run(importer, &zipped).text(), plain, "{}", importer.id());
    }
}

#[test]
fn a_cut_gzip_stream_is_one_gap_and_keeps_what_came_before() {
    let zipped = gzip(trail().as_bytes());
    let cut = zipped.get(..zipped.len() * 2 / 3).expect("a part");
    let recorder = run(importer("aws-cloudtrail"), cut);
    let [gap] = recorder.gaps.as_slice() else { panic!("{:?}", recorder.gaps) };
    assert_eq!(gap.reason, GapReason::Damaged);
    assert!(gap.detail.starts_with("the gzip stream ends early after "), "{}", gap.detail);
    assert!(recorder.inputs[0].items > 300, "{}", recorder.inputs[0].items);
    let digest = overstay::model::Sha256Digest::of(cut).to_string();
    assert_eq!(recorder.inputs[0].sha256.as_deref(), Some(digest.as_str()));
}

#[test]
fn a_gzip_stream_with_a_bad_checksum_is_one_gap() {
    let mut zipped = gzip(trail().as_bytes());
    let at = zipped.len() - 6;
    zipped[at] ^= 0xff;
    let gaps = run(importer("aws-cloudtrail"), &zipped).gaps;
    assert_eq!(gaps.len(), 1);
    assert!(gaps[0].detail.starts_with("the gzip stream is damaged"), "{gaps:?}");
}

#[test]
fn a_gzip_bomb_is_stopped() {
    let bomb = gzip(&vec![b' '; 80 << 20]);
    let limits = Limits { max_expansion: 100, ..Limits::default() };
    let gaps = run_with(importer("aws-cloudtrail"), bomb.as_slice(), &limits).gaps;
    assert_eq!(gaps.iter().map(|gap| gap.reason).collect::<Vec<_>>(), [GapReason::TooLarge]);
}

#[test]
fn a_half_line_and_text_between_lines_are_one_gap_each_and_the_rest_is_read() {
    let text = format!("{}{}\nnoise\n{}{}", event(1), event(2).split_at(90).0, event(3), event(4));
    let recorder = run(importer("aws-cloudtrail"), text.as_bytes());
    assert_eq!(recorder.inputs[0].items, 3);
    let details: Vec<&str> = recorder.gaps.iter().map(|gap| &*gap.detail).collect();
    assert_eq!(details.len(), 1, "{details:?}");
    assert!(details[0].starts_with("a record is cut"), "{details:?}");
}

#[test]
fn a_record_above_the_limit_is_a_gap_and_the_rest_is_read() {
    let large = event(1).replace("GetObject", &"x".repeat(100_000));
    let limits = Limits { max_record_bytes: 50_000, ..Limits::default() };
    let text = format!("{}{large}{}", event(0), event(2));
    let recorder = run_with(importer("aws-cloudtrail"), text.as_bytes(), &limits);
    assert_eq!(recorder.inputs[0].items, 2);
    assert_eq!(recorder.gaps.iter().map(|gap| gap.reason).collect::<Vec<_>>(), [GapReason::TooLarge]);
}

#[test]
fn a_document_above_the_limit_is_a_gap() {
    let limits = Limits { max_document_bytes: 100, ..Limits::default() };
    let report = fs::read(&fixtures("aws-credential-report")[1]).expect("readable");
    let gaps = run_with(importer("aws-credential-report"), report.as_slice(), &limits).gaps;
    assert_eq!(gaps.iter().map(|gap| gap.reason).collect::<Vec<_>>(), [GapReason::TooLarge]);
}

#[test]
fn a_deep_record_is_a_gap() {
    let deep = format!("{{\"eventTime\":{}{}}}\n", "[".repeat(100_000), "]".repeat(100_000));
    let recorder = run(importer("aws-cloudtrail"), format!("{deep}{}", event(1)).as_bytes());
    assert_eq!(recorder.gaps.iter().map(|gap| gap.reason).collect::<Vec<_>>(), [GapReason::TooDeep]);
    assert_eq!(recorder.inputs[0].items, 1);
}

#[test]
fn an_invalid_byte_costs_a_character_and_not_the_record_and_is_said() {
    let mut bytes = event(1).into_bytes();
    let at = bytes.windows(9).position(|part| part == b"GetObject").expect("there");
    bytes[at] = 0xff;
    let recorder = run(importer("aws-cloudtrail"), &bytes);
    let details: Vec<&str> = recorder.gaps.iter().map(|gap| &*gap.detail).collect();
    assert_eq!(details, ["records with invalid UTF-8: 1"]);
    assert_eq!(recorder.facts.len(), 1);
}

/// Fails after some bytes, like a disk.
struct Failing<'a>(&'a [u8]);

impl Read for Failing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.0.is_empty() {
            return Err(io::Error::from(io::ErrorKind::PermissionDenied));
        }
        self.0.read(buffer)
    }
}

#[test]
fn a_file_that_cannot_be_read_to_its_end_has_no_digest_and_one_gap() {
    let text = trail();
    let recorder = run_with(importer("aws-cloudtrail"), Failing(text.as_bytes()), &Limits::default());
    assert_eq!(recorder.gaps.iter().map(|gap| gap.reason).collect::<Vec<_>>(), [GapReason::Unreadable]);
    assert_eq!(recorder.inputs[0].items, 1000);
    assert_eq!(recorder.inputs[0].sha256, None);
}

#[test]
fn an_empty_file_is_a_gap_for_every_importer() {
    for importer in formats().iter() {
        assert_eq!(run(importer, b"").gaps.len(), 1, "{}", importer.id());
    }
}

#[test]
fn many_problems_are_told_a_few_times_and_counted() {
    let text: String = (0..500).map(|number| event(number).replace("eventTime", "time")).collect();
    let gaps = run(importer("aws-cloudtrail"), text.as_bytes()).gaps;
    assert_eq!(gaps.len(), 11);
    assert_eq!(gaps.iter().map(|gap| gap.count).sum::<u64>(), 500);
}

#[test]
fn a_large_file_says_the_same_with_one_thread_and_with_many() {
    let lines: String = (0..20_000).map(|n| if n % 1000 == 7 { "noise\n".to_owned() } else { event(n) }).collect();
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| run(importer("aws-cloudtrail"), lines.as_bytes()).text())
    };
    assert_eq!(with(1), with(8));
}

#[test]
fn failed_exports_are_told_from_data() {
    let reason = |text: &str| match formats().recognise_head(text.as_bytes()).expect("readable") {
        Recognised::Unusable { reason } => Some(reason),
        _ => None,
    };
    let unusable = [
        ("", "empty"),
        (" \n", "white space"),
        ("<!DOCTYPE html><html><head><title>Sign in</title>", "HTML page"),
        (
            "<?xml version=\"1.0\"?>\n<ErrorResponse><Error><Code>ExpiredToken</Code></Error></ErrorResponse>",
            "XML error",
        ),
        ("{\"errors\":[\"permission denied\"]}", "error body"),
        (
            "{\"Error\":{\"Code\":\"ReportExpired\",\"Message\":\"x\"},\"ResponseMetadata\":{\"HTTPStatusCode\":410}}",
            "error body",
        ),
        ("An error occurred (ReportNotPresent) when calling the GetCredentialReport operation", "error message"),
        ("HTTP/1.1 403 Forbidden\r\n\r\n", "error message"),
    ];
    for (text, part) in unusable {
        assert!(reason(text).is_some_and(|reason| reason.contains(part)), "{text}: {:?}", reason(text));
    }
    for text in
        ["fn main() { println!(\"x\"); }", "# Title\n\ntext, with, commas\n", "[section]\nkey = 1\n", "<svg></svg>"]
    {
        assert!(matches!(formats().recognise_head(text.as_bytes()).expect("readable"), Recognised::NotData), "{text}");
    }
}

#[test]
fn an_unknown_file_names_the_nearest_format_and_what_it_lacks() {
    let nearest = |text: &str| match formats().recognise_head(text.as_bytes()).expect("readable") {
        Recognised::Foreign { nearest } => nearest,
        _ => panic!("{text} is not foreign"),
    };
    let (id, text) = nearest("{\"eventTime\":\"x\",\"eventName\":\"y\"}").expect("a nearest format");
    assert_eq!((id, text.as_str()), ("aws-cloudtrail", "has eventTime, eventName; lacks eventSource"));
    let (id, text) = nearest("user,arn,password_enabled\na,b,c\n").expect("a nearest format");
    assert_eq!(
        (id, text.as_str()),
        ("aws-credential-report", "has user, arn; lacks user_creation_time, access_key_1_active")
    );
    let mixed = format!("{}{}", event(1), "{\"other\":1}\n".repeat(9));
    let (id, text) = nearest(&mixed).expect("a nearest format");
    assert_eq!(
        (id, text.as_str()),
        ("aws-cloudtrail", "only some of its objects have eventTime, eventSource, eventName")
    );
    assert_eq!(nearest("{\"name\":\"x\",\"version\":1}"), None);
    assert_eq!(nearest("a,b,c\n1,2,3\n"), None);
}

#[test]
fn a_source_file_that_quotes_an_event_is_no_log() {
    let text = format!("def test():\n    event = {}\n    assert event\n", event(1).trim());
    assert!(matches!(formats().recognise_head(text.as_bytes()).expect("readable"), Recognised::NotData));
    let text = format!("# Example\n\n```json\n{}```\n", event(1));
    assert!(matches!(formats().recognise_head(text.as_bytes()).expect("readable"), Recognised::NotData));
}

#[test]
fn a_manifest_with_objects_that_nobody_imports_is_text() {
    let role = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: x\nrules: []\n";
    let other = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: x\nspec: {}\n";
    let is_known =
        |text: &str| matches!(formats().recognise_head(text.as_bytes()).expect("readable"), Recognised::Known(_));
    assert!(is_known(role));
    assert!(is_known(&format!("# c\n---\n{role}---\n{role}")));
    for text in [other, &format!("{role}---\n{other}"), &format!("name: x\nscript: |\n  {role}"), "kind: words\n"] {
        assert!(matches!(formats().recognise_head(text.as_bytes()).expect("readable"), Recognised::NotData), "{text}");
    }
}

#[test]
fn a_yaml_bomb_and_yaml_above_the_limit_are_gaps() {
    let bomb = (1..12).fold(String::from("kind: &a0 [x, x, x, x, x, x, x, x, x, x]\n"), |text, level| {
        format!("{text}a{level}: &a{level} [{}]\n", vec![format!("*a{}", level - 1); 10].join(", "))
    });
    let gaps = run(importer("kubernetes"), bomb.as_bytes()).gaps;
    assert_eq!(gaps.iter().map(|gap| gap.reason).collect::<Vec<_>>(), [GapReason::Damaged]);
    let limits = Limits { max_converted_bytes: 100, ..Limits::default() };
    let gaps = run_with(importer("kubernetes"), bomb.as_bytes(), &limits).gaps;
    assert_eq!(gaps.iter().map(|gap| gap.reason).collect::<Vec<_>>(), [GapReason::TooLarge]);
}

#[test]
fn a_template_of_yaml_is_text() {
    let role = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: x\nrules: []\n";
    for text in
        [role.replace("name: x", "name: {{ .Values.name }}"), format!("{{{{- if .x }}}}\n{role}{{{{- end }}}}\n")]
    {
        assert!(
            !matches!(formats().recognise_head(text.as_bytes()).expect("readable"), Recognised::Known(_)),
            "{text}"
        );
    }
    let quoted = role.replace("name: x", "name: x\n  annotations: {a: \"{{ not a template }}\"}");
    assert!(matches!(formats().recognise_head(quoted.as_bytes()).expect("readable"), Recognised::Known(_)));
}
