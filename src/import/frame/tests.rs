//! Every layout, every kind of damage, any block size, bounded memory.

use std::io::{self, Read};

use proptest::prelude::*;

use super::*;
use crate::import::frame::damage::Fault;

const CONTAINERS: &[&str] = &["Records", "Others"];

/// What a stream was cut into.
#[derive(Debug, Default, PartialEq)]
struct Cut {
    records: Vec<(u64, u64, Slot, String)>,
    pages: Vec<String>,
    damages: Vec<Damage>,
    prefixed: u64,
}

impl Cut {
    fn texts(&self) -> Vec<&str> {
        self.records.iter().map(|(.., text)| text.as_str()).collect()
    }

    fn faults(&self) -> Vec<(u64, u64, u64, Fault)> {
        self.damages.iter().map(|damage| (damage.index, damage.offset, damage.length, damage.fault)).collect()
    }
}

fn cut_in_blocks(text: &[u8], block_bytes: usize, limit: usize) -> Cut {
    let mut framer = Framer::new(text, CONTAINERS, limit);
    framer.block_bytes = block_bytes;
    let mut cut = Cut::default();
    while let Some(block) = framer.next_block() {
        for (frame, bytes) in block.records() {
            let text = String::from_utf8_lossy(bytes).into_owned();
            cut.records.push((frame.index, frame.offset, frame.slot, text));
        }
        cut.pages.extend(block.pages().map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned()));
    }
    cut.damages = framer.damages().to_vec();
    cut.prefixed = framer.end().1;
    cut
}

fn cut(text: &str) -> Cut {
    cut_in_blocks(text.as_bytes(), 1 << 16, 1 << 20)
}

fn slot(document: u64, element: Option<u64>, list: Option<(usize, u64)>) -> Slot {
    Slot { document, element, list }
}

#[test]
fn lines_arrays_and_objects_one_after_the_other_are_records() {
    for text in
        ["{\"a\":1}\n{\"b\":[2]}\n", "[{\"a\":1},{\"b\":[2]}]", "{\"a\":1}{\"b\":[2]}", "{\"a\":1},\n{\"b\":[2]},\n"]
    {
        let found = cut(text);
        assert_eq!(found.texts(), ["{\"a\":1}", "{\"b\":[2]}"], "{text}");
        assert_eq!(found.damages, [], "{text}");
    }
}

#[test]
fn lists_under_a_container_key_hold_the_records_and_the_page_keeps_the_rest() {
    let found = cut(r#"{"x": {"Records": [1]}, "Records" : [ {"a":1}, {"b":2} ], "Others":[{"c":3}], "more": true}"#);
    assert_eq!(found.texts(), [r#"{"a":1}"#, r#"{"b":2}"#, r#"{"c":3}"#]);
    let slots: Vec<Slot> = found.records.iter().map(|record| record.2).collect();
    assert_eq!(slots, [slot(0, None, Some((0, 0))), slot(0, None, Some((0, 1))), slot(0, None, Some((1, 0)))]);
    assert_eq!(found.pages, [r#"{"x": {"Records": [1]}, "Records" : [], "Others":[], "more": true}"#]);
    assert_eq!(found.damages, []);
}

#[test]
fn an_array_of_pages_numbers_pages_and_records() {
    let found = cut(r#"[{"Records":[{"a":1}]},{"Records":[{"b":2},{"c":3}]}]"#);
    let slots: Vec<Slot> = found.records.iter().map(|record| record.2).collect();
    assert_eq!(slots, [slot(0, Some(0), Some((0, 0))), slot(0, Some(1), Some((0, 0))), slot(0, Some(1), Some((0, 1)))]);
}

#[test]
fn elements_that_are_no_objects_keep_their_numbers_and_are_one_damage_each() {
    let found = cut(r#"[{"a":1},"x, {y}",{"b":2},null,{"c":3}]"#);
    assert_eq!(found.texts(), [r#"{"a":1}"#, r#"{"b":2}"#, r#"{"c":3}"#]);
    assert_eq!(found.records.iter().map(|record| record.2.element).collect::<Vec<_>>(), [Some(0), Some(2), Some(4)]);
    assert_eq!(found.faults(), [(1, 9, 8, Fault::Junk), (2, 26, 4, Fault::Junk)]);
}

#[test]
fn brackets_and_quotes_inside_strings_do_not_count() {
    let text = r#"{"a":"}{][\"\\","b":"\\\""}"#;
    assert_eq!(cut(&format!("{text}\n{text}")).texts(), [text, text]);
}

#[test]
fn a_half_line_at_the_end_is_one_damage() {
    let found = cut("{\"a\":1}\n{\"a\":2,\"b\":\"cu");
    assert_eq!(found.texts(), ["{\"a\":1}"]);
    assert_eq!(found.faults(), [(1, 8, 14, Fault::Truncated)]);
}

#[test]
fn a_half_line_in_the_middle_costs_that_line_only() {
    for half in ["{\"a\":\"cu", "{\"a\":{\"b\":1", "{\"a\":1,", "{\"a\":tru", "{\"a\":[1,2", "{\"a\":"] {
        let found = cut(&format!("{{\"a\":1}}\n{half}\n{{\"a\":2}}\n{{\"a\":3}}\n"));
        assert_eq!(found.texts(), ["{\"a\":1}", "{\"a\":2}", "{\"a\":3}"], "{half}");
        assert_eq!(found.damages.len(), 1, "{half}: {:?}", found.damages);
    }
}

#[test]
fn a_damaged_record_in_a_pretty_printed_list_costs_that_record_only() {
    let good = |n: u8| {
        format!(
            "   {{\n      \"id\": {n},\n      \"list\": [\n         {{\n            \"x\": 1\n         }}\n      ]\n   }}"
        )
    };
    let bad = "   {\n      \"id\": 2,\n      \"list\": [\n         {\n            \"x";
    let text = format!("[\n{},\n{bad},\n{},\n{}\n]\n", good(1), good(3), good(4));
    let found = cut(&text);
    assert_eq!(found.records.len(), 3);
    assert_eq!(found.damages.len(), 1, "{:?}", found.damages);
}

#[test]
fn a_damaged_record_in_a_list_on_one_line_costs_that_record_only() {
    let found = cut(r#"{"Records":[{"v":1,"a":{"b":2}},{"v":2,"a":{"b":},{"v":3,"a":1},{"v":4}]}"#);
    assert_eq!(found.texts().last(), Some(&r#"{"v":4}"#));
    assert_eq!(found.damages.len(), 1);
}

#[test]
fn text_between_records_is_one_damage_and_the_rest_goes_on() {
    let found = cut("{\"a\":1}\nnot json\nnor this\n{\"a\":2}\n\0\0\0\n{\"a\":3}\n");
    assert_eq!(found.records.len(), 3);
    assert_eq!(found.faults(), [(1, 8, 17, Fault::Junk), (2, 34, 3, Fault::Junk)]);
}

#[test]
fn a_header_before_the_record_on_its_line_is_no_damage() {
    let found = cut("Jun  1 10:00:00 host vault[12]: {\"a\":1}\n@cee: {\"a\":2}\n");
    assert_eq!((found.records.len(), found.prefixed, found.damages.len()), (2, 2, 0));
}

#[test]
fn a_list_that_is_not_closed_is_one_damage() {
    for text in [r#"{"Records":[{"a":1}"#, r#"[{"a":1},"#, r#"{"Records":[{"a":1}],"#] {
        let found = cut(text);
        assert_eq!(found.texts(), [r#"{"a":1}"#], "{text}");
        assert_eq!(found.damages.iter().map(|d| d.fault).collect::<Vec<_>>(), [Fault::Truncated], "{text}");
    }
}

#[test]
fn a_record_that_is_nested_too_deeply_is_left_out() {
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(200), "]".repeat(200));
    let found = cut(&format!("{{\"a\":1}}\n{deep}\n{{\"a\":2}}\n"));
    assert_eq!(found.texts(), ["{\"a\":1}", "{\"a\":2}"]);
    assert_eq!(found.faults(), [(1, 8, deep.len() as u64, Fault::TooDeep)]);
}

#[test]
fn what_is_learnt_from_a_damaged_record_does_not_depend_on_the_block() {
    let text = "{a\n{\"id\":0,\"t\":\"\n[{\"id\":1},{\"id\":2}]\n";
    for block in [1, 2, 5, 20] {
        assert_eq!(cut_in_blocks(text.as_bytes(), block, 1 << 20), cut(text), "{block}");
    }
}

#[test]
fn a_record_above_the_limit_is_left_out_whatever_the_block() {
    let large = format!("{{\"a\":\"{}\"}}", "x".repeat(5000));
    let text = format!("{{\"a\":1}}\n{large}\n{{\"a\":2}}\n");
    for block in [16, 700, 1 << 16] {
        let found = cut_in_blocks(text.as_bytes(), block, 1000);
        assert_eq!(found.texts(), ["{\"a\":1}", "{\"a\":2}"], "{block}");
        assert_eq!(found.faults(), [(1, 8, large.len() as u64, Fault::TooLarge)], "{block}");
    }
}

/// `{"a":"xxxx...` without end.
struct OneLine(u64);

impl Read for OneLine {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut count = 0;
        for byte in buffer.iter_mut().take(usize::try_from(self.0).unwrap_or(usize::MAX)) {
            *byte = b'x';
            count += 1;
        }
        self.0 -= count as u64;
        Ok(count)
    }
}

#[test]
fn a_line_of_200_megabytes_is_never_held() {
    let length = 200 << 20;
    let source = (&b"{\"a\":1}\n{\"a\":\""[..]).chain(OneLine(length)).chain(&b"\"}\n{\"a\":2}\n"[..]);
    let limit = 1 << 20;
    let mut framer = Framer::new(source, CONTAINERS, limit);
    let mut records = 0;
    while let Some(block) = framer.next_block() {
        records += block.records().count();
    }
    assert_eq!(records, 2);
    assert_eq!(framer.damages().iter().map(|damage| damage.fault).collect::<Vec<_>>(), [Fault::TooLarge]);
    assert!(framer.peak() <= limit + 2 * BLOCK + 4096, "held {} bytes", framer.peak());
}

#[test]
fn endless_text_that_is_no_json_is_never_held() {
    let mut framer = Framer::new(OneLine(64 << 20), CONTAINERS, 1 << 20);
    assert!(framer.next_block().is_none());
    assert_eq!(framer.damages().len(), 1);
    assert!(framer.peak() <= 2 * BLOCK + 4096, "held {} bytes", framer.peak());
}

#[test]
fn damage_at_every_line_is_counted_and_not_kept() {
    let text = "{\"a\":1}\nx\n".repeat(10_000);
    let mut framer = Framer::new(text.as_bytes(), CONTAINERS, 1 << 20);
    while framer.next_block().is_some() {}
    assert_eq!(framer.damages().len() as u64 + framer.more_damages(), 10_000);
    assert!(framer.damages().len() < 100);
}

#[test]
fn records_that_never_close_are_scanned_again_within_a_budget() {
    let text = "{\"a\":[\n".repeat(300_000);
    let mut framer = Framer::new(text.as_bytes(), CONTAINERS, 16 << 20);
    assert!(framer.next_block().is_none());
    assert_eq!(framer.damages().len(), 1);
    assert!(framer.scan.rescanned <= text.len() as u64 + (16 << 20), "{}", framer.scan.rescanned);
}

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "\\{\"id\":[0-9]{1,3},\"t\":\"[a-z{}\\[\\]]{0,9}\"\\}\n",
        1 => "\\{ \"id\" : \\{\"x\":\\[1,\\{\"y\":\"\\\\\\\\\"\\}\\]\\}\\}",
        1 => "\\{\"Records\":\\[\\{\"id\":1\\},\\{\"id\":2\\}\\],\"z\":[0-9]\\}\n",
        1 => "\\[\\{\"id\":1\\},\\{\"id\":2\\}\\]\n",
        1 => "\\{\"id\":[0-9],\"t\":\"[a-z]{0,4}\n",
        1 => "[a-z\"\\[\\]{},: ]{0,12}\n",
        1 => Just("hdr: {\"id\":7}\n".to_owned()),
    ]
}

proptest! {
    #[test]
    fn any_block_size_cuts_the_same_records(pieces in prop::collection::vec(piece(), 0..12), block in 1_usize..40) {
        let text = pieces.concat();
        let whole = cut(&text);
        prop_assert_eq!(cut_in_blocks(text.as_bytes(), block, 1 << 20), whole);
    }

    #[test]
    fn no_bytes_make_it_panic_and_every_record_lies_in_the_stream(bytes in prop::collection::vec(any::<u8>(), 0..400), block in 1_usize..40) {
        for (_, offset, _, text) in cut_in_blocks(&bytes, block, 64).records {
            let inside = offset as usize + text.len() <= bytes.len();
            prop_assert!(inside || text.contains('\u{fffd}'), "beyond the end");
        }
    }
}
