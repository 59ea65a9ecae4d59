use super::{Error, SecretRules};

const RULE: &str = r"rules:
  - id: acme-token
    title: Acme token
    provider: Acme
    keywords: [acme_]
    pattern: '\b(?<secret>acme_[a-z]{8})\b'
    standing: standing
    default-lifetime: never
    lifetime-basis: assumed
    fix: Use something else.
    examples: ['«acme_{lower:8}»']
    counter-examples: ['acme_{lower:7}', 'acme_{lower:9}']
    references: ['https://acme.example/tokens']
";

fn refusal(text: &str) -> String {
    SecretRules::parse([("rules/secrets/acme.yaml", text)]).expect_err("refused").to_string()
}

fn changed(from: &str, to: &str) -> String {
    assert!(RULE.contains(from), "the test changes nothing");
    refusal(&RULE.replace(from, to))
}

#[test]
fn a_complete_rule_is_accepted() {
    assert_eq!(SecretRules::parse([("acme.yaml", RULE)]).expect("fine").iter().len(), 1);
}

#[test]
fn an_empty_rule_set_is_an_error() {
    assert!(matches!(SecretRules::parse([]), Err(Error::Empty)));
    assert!(matches!(SecretRules::parse([("a.yaml", "rules: []\n")]), Err(Error::Empty)));
}

#[test]
fn an_unknown_key_is_an_error_that_names_the_file() {
    let error = changed("fix:", "fixx:");
    assert!(error.starts_with("rules/secrets/acme.yaml: ") && error.contains("fixx"), "{error}");
}

#[test]
fn flaws_name_the_file_and_the_rule() {
    let error = changed("(?<secret>acme_[a-z]{8})", "acme_[a-z]{8}");
    assert!(error.starts_with("rules/secrets/acme.yaml: rule `acme-token`: "), "{error}");
    assert!(error.contains("(?<secret>"), "{error}");
}

#[test]
fn the_same_id_in_two_files_is_an_error() {
    let error = SecretRules::parse([("a.yaml", RULE), ("b.yaml", RULE)]).expect_err("refused").to_string();
    assert!(error.starts_with("b.yaml: rule `acme-token`") && error.contains("same id"), "{error}");
}

#[test]
fn missing_examples_and_too_few_counter_examples_are_errors() {
    assert!(changed("['«acme_{lower:8}»']", "[]").contains("`examples` is empty"));
    assert!(changed(", 'acme_{lower:9}'", "").contains("two near misses"));
}

#[test]
fn a_pattern_that_is_no_expression_is_an_error() {
    assert!(changed("{8})", "{8}").contains("no regular expression"));
}

#[test]
fn a_keyword_that_a_match_need_not_contain_is_an_error() {
    assert!(changed("[acme_]", "[acme-]").contains("without any of the `keywords`"));
    assert!(changed("(?<secret>acme_", "(?<secret>(?:acme_|emca_)").contains("without any of the `keywords`"));
}

#[test]
fn the_reach_around_a_keyword_is_read_from_the_pattern() {
    let text = RULE.replace(r"\b(?<secret>", "(?:ab|c){1,3}(?<secret>");
    let rules = SecretRules::parse([("a.yaml", text.as_str())]).expect("fine");
    let reach = rules.find("acme-token").expect("there").reach().expect("proven");
    assert_eq!((reach.lead, reach.tail, reach.open), (6, "acme_".len() + 8, false));
}

#[test]
fn a_pattern_without_bound_needs_a_reach() {
    assert!(changed("{8}", "+").contains("state `reach`"));
    let text = RULE.replace("[a-z]{8}", "[a-z]+").replace("    fix:", "    reach: 100\n    fix:");
    let rules = SecretRules::parse([("a.yaml", text.as_str())]).expect("fine");
    assert!(rules.find("acme-token").expect("there").reach().expect("proven").open);
}

#[test]
fn an_unmarked_example_and_an_unknown_filler_are_errors() {
    assert!(changed("«acme_{lower:8}»", "acme_{lower:8}").contains("mark one secret"));
    assert!(changed("«acme_{lower:8}»", "«acme_{lowre:8}»").contains("no filler `lowre`"));
}

#[test]
fn a_pair_that_is_no_rule_is_an_error() {
    assert!(changed("    fix:", "    pair: [nobody]\n    fix:").contains("`nobody`"));
}
