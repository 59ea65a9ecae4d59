//! Mappings that are right and mappings that are wrong in one place.

use super::Mapping;

const GOOD: &str = "
id: acme
title: Acme
how-to-export: ask Acme
recognise: [{keys: [at, what]}]
system: acme
time: /at
name: /what
events:
  - kind: issued
    when: {/what: issue, /ids: {present: true}}
    for-each: /ids
    with:
      credential: {issued: ./id}
      requester: 'acme/user/{/who}'
      outcome: {from: /result, map: {yes: ok}, default: error}
";

fn flaw(from: &str, to: &str) -> String {
    let text = GOOD.replacen(from, to, 1);
    assert_ne!(text, GOOD, "{from} is not there");
    Mapping::parse("acme.yaml", &text).expect_err("a flaw").to_string()
}

#[test]
fn a_mapping_knows_what_it_reads() {
    let mapping = Mapping::parse("acme.yaml", GOOD).expect("valid");
    let read: Vec<&str> = mapping.outline.members.keys().map(|key| &**key).collect();
    assert_eq!(read, ["at", "ids", "result", "what", "who"]);
    let element = mapping.outline.members.get("ids").and_then(|ids| ids.elements.as_deref()).expect("elements");
    assert!(element.members.contains_key("id"));
}

#[test]
fn every_flaw_names_the_file_the_key_and_what_is_near() {
    for (from, to, expected) in [
        ("requester:", "requestor:", "did you mean `requester`"),
        ("how-to-export:", "how_to_export:", "did you mean `how-to-export`"),
        ("kind: issued", "kind: isued", "did you mean `issued`"),
        ("yes: ok", "yes: okay", "with.outcome: unknown variant `okay`"),
        ("/what: issue", "what: issue", "when.what: a pointer begins with `/`"),
        ("/ids: {present: true}", "/ids: {presnt: true}", "did you mean `present`"),
        ("    for-each: /ids\n", "", "there is no for-each around it"),
        ("{issued: ./id}", "{issued: ./id, hashed: /h}", "states one of issued, derived"),
        ("      credential: {issued: ./id}\n", "", "such an event needs `credential`"),
        ("[at, what]", "[at]", "recognise: needs at least two keys"),
        ("{/who}", "{/who", "without its `}`"),
        ("id: acme", "id: Acme", "id: is made of small letters"),
    ] {
        let message = flaw(from, to);
        assert!(message.contains(expected) && message.starts_with("acme.yaml: "), "{from} -> {to}: {message}");
    }
}

#[test]
fn the_flaw_of_an_event_says_which_event() {
    assert!(flaw("yes: ok", "yes: okay").starts_with("acme.yaml: events[0] (issued) with.outcome: "));
}

#[test]
fn what_stands_in_the_wrong_place_is_not_repeated() {
    let message = flaw("requester:", "hunter2hunter2hunter2:");
    assert!(!message.contains("hunter2"), "{message}");
}

#[test]
fn every_mapping_inside_the_binary_is_valid_and_says_where_its_format_is_documented() {
    for mapping in Mapping::embedded().expect("valid") {
        assert!(!mapping.source.is_empty(), "{} names no source", mapping.id);
    }
}
