//! The secret rules do what they say, and the engine keeps its promises on any text.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use overstay::model::{
    Confidence, Credential, CredentialId, Evidence, Expiry, FingerprintKey, Input, Place, Presence, Secret,
};
use overstay::rules::secret::{Decode, SecretRules, sample};
use overstay::secret::{Engine, MOST_MATCHES, Match, check};

static RULES: LazyLock<SecretRules> = LazyLock::new(|| SecretRules::proven().expect("the embedded rules are right"));
static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    Engine::new(&RULES, &FingerprintKey::new(b"a key for tests".to_vec())).expect("the embedded rules compile")
});

fn evidence(found: &Match, text: &str) -> Evidence {
    let input = Input::of("test.txt", text.as_bytes());
    Evidence::new("secret in code", &input, Place::Line { line: found.line, column: found.column })
}

fn credential(found: &Match, text: &str) -> Credential {
    ENGINE.credential(found, evidence(found, text), Presence::Tree, None)
}

/// The only reported match of a text.
fn only(text: &str) -> Match {
    let found: Vec<Match> =
        ENGINE.scan(text.as_bytes()).into_iter().filter(|found| found.set_aside.is_none()).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    found.into_iter().next().expect("one")
}

/// The first example of a rule, as text.
fn example(rule: &str) -> String {
    let rule = RULES.find(rule).expect("a rule");
    sample::example(&rule.id, &rule.examples[0]).expect("a sample").text
}

fn told<'a>(credential: &'a Credential, name: &str) -> Option<&'a str> {
    credential.readouts.iter().find(|readout| &*readout.name == name).map(|readout| &*readout.value)
}

#[test]
fn every_example_is_found_by_its_rule_alone_and_no_counter_example_is() {
    let problems = check(&RULES).expect("the rules compile");
    assert!(problems.is_empty(), "{problems:#?}");
}

#[test]
fn the_pack_knows_five_hundred_types_and_more_each_with_a_kebab_case_id() {
    let ids: BTreeSet<&str> = RULES.iter().map(|rule| rule.id.as_str()).collect();
    assert!(ids.len() >= 500 && ids.len() == RULES.iter().len());
    assert!(ids.iter().all(|id| id.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))));
}

#[test]
fn an_access_key_id_is_its_own_public_id_and_tells_class_and_account() {
    let text = format!("key = {}{}", "AKIA", "Y34FZKBOKMUTVV7A");
    let credential = credential(&only(&text), &text);
    assert_eq!(credential.id, CredentialId::issued("aws", &text[6..]));
    assert_eq!(told(&credential, "aws-account"), Some("609629065308"));
    assert_eq!(told(&credential, "key-class"), Some("long-term (AKIA)"));
    assert_eq!(credential.expiry, Expiry::Never);
}

#[test]
fn a_secret_key_beside_its_key_id_is_the_same_credential() {
    let rule = RULES.find("aws-secret-access-key").expect("a rule");
    let text = sample::example(&rule.id, &rule.examples[1]).expect("a sample").text;
    let found = ENGINE.scan(text.as_bytes());
    let ids: BTreeSet<CredentialId> = found.iter().map(|found| credential(found, &text).id).collect();
    assert_eq!((found.len(), ids.len()), (2, 1));
    assert!(found.iter().all(|found| &*credential(found, &text).kind == "aws-access-key-id"));
}

#[test]
fn a_secret_key_alone_is_known_by_its_fingerprint() {
    let text = example("aws-secret-access-key");
    let credential = credential(&only(&text), &text);
    assert!(matches!(credential.id, CredentialId::Fingerprint { .. }));
    assert_eq!(&*credential.kind, "aws-secret-access-key");
}

#[test]
fn a_documentation_key_is_recognised_and_set_aside_by_name() {
    let text = format!("aws_access_key_id = {}{}", "AKIAIOSFODNN7", "EXAMPLE");
    let found = ENGINE.scan(text.as_bytes());
    assert_eq!(found.iter().map(|found| found.set_aside).collect::<Vec<_>>(), [Some("documentation-key")]);
}

#[test]
fn each_kind_of_look_alike_is_set_aside_under_its_own_name() {
    let quoted = |value: &str| format!("db_password = \"{value}\"");
    let cases = [
        (quoted("${DATABASE_PASSWORD1}"), "reference"),
        (quoted("changeme-1-changeme"), "placeholder"),
        (quoted("abcdefghijklmnop1"), "sequential"),
        (quoted("a1a1a1a1a1a1a1a1"), "low-entropy"),
        (quoted("prod-database-main-7"), "readable-words"),
        (quoted("2026-08-03T15:28:07Z"), "date"),
        (quoted("ENC[AES256_GCM,data:Zm9v,iv:YmFy]"), "encrypted-value"),
        (quoted("$2b$12$abcdefgh1jklmnopqrstuv"), "password-hash"),
        (quoted("c3Ryb25nLXBhc3N3b3Jk"), "readable-words"),
        (quoted("AAAAC3NzaC1lZDI1NTE5kQ7wXv"), "public-material"),
        (quoted("./deploy/secrets/db-7.txt"), "path"),
        (quoted("client.database.passw_7"), "expression"),
        (quoted("my_db_password_27"), "own-name"),
        ("token_sha256 = \"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"".to_owned(), "digest"),
        ("token_ref: \"0b7d3f6c-9a1e-4c52-8f7d-2f6f5b1c9e3a\"".to_owned(), "public-name"),
        ("credential_9: \"0b7d3f6c-9a1e-4c52-8f7d-2f6f5b1c9e3a\"".to_owned(), "uuid"),
        ("secret: \"iVBORw0KGgoAAAANSUhEUgAAAAUA\"".to_owned(), "embedded-file"),
        ("nextToken: \"5b7eff74a2b70f928aa19c716b\"".to_owned(), "public-name"),
    ];
    for (text, name) in cases {
        let found = ENGINE.scan(text.as_bytes());
        assert_eq!(found.iter().map(|found| found.set_aside).collect::<Vec<_>>(), [Some(name)], "{text}");
    }
}

#[test]
fn a_right_checksum_gives_high_confidence_and_a_wrong_one_low_with_a_doubt() {
    let rule = RULES.find("github-classic-token").expect("a rule");
    let texts = rule.examples.iter().map(|example| sample::example(&rule.id, example).expect("a sample").text);
    let exposures: Vec<_> = texts
        .map(|text| {
            let credential = credential(&only(&text), &text);
            let checksum = told(&credential, "checksum").map(str::to_owned);
            let exposure = credential.exposure.expect("a place");
            (checksum, exposure.confidence, exposure.doubt.is_empty())
        })
        .collect();
    let expected = [("valid", Confidence::High, true), ("wrong", Confidence::Low, false)];
    assert_eq!(exposures, expected.map(|(text, confidence, sure)| (Some(text.to_owned()), confidence, sure)));
}

#[test]
fn a_service_account_key_is_known_by_its_key_id_and_tells_project_and_account() {
    let text = example("gcp-service-account-key");
    let credential = credential(&only(&text), &text);
    assert!(matches!(&credential.id, CredentialId::Issued { system, id } if &**system == "gcp" && id.len() == 40));
    assert_eq!(told(&credential, "email"), Some("ci@acme-ci.iam.gserviceaccount.com"));
    assert_eq!(told(&credential, "gcp-project"), Some("acme-ci"));
}

#[test]
fn a_provider_match_wins_over_the_generic_one_around_it() {
    let rule = RULES.find("gitlab-personal-access-token").expect("a rule");
    let token = sample::example(&rule.id, &rule.examples[0]).expect("a sample");
    let text = format!("api_token = \"{}\"", &token.text[token.start..token.end]);
    assert_eq!(&*only(&text).rule, "gitlab-personal-access-token");
}

#[test]
fn no_output_of_debug_shows_a_secret() {
    // The key ids of AWS are public.
    for rule in RULES.iter().filter(|rule| rule.decode != Decode::AwsKeyId) {
        let sample = sample::example(&rule.id, &rule.examples[0]).expect("a sample");
        let secret = &sample.text[sample.start..sample.end];
        let found = ENGINE.scan(sample.text.as_bytes());
        let credentials: Vec<Credential> = found.iter().map(|found| credential(found, &sample.text)).collect();
        let shown = format!("{found:?} {:?} {credentials:?}", *ENGINE);
        assert!(!shown.contains(secret), "{}", rule.id);
        // Not its significant end either, which a readout might have taken over.
        let tail = &secret[secret.len() - secret.len().min(16)..];
        assert!(secret.len() < 24 || !shown.contains(tail), "{}", rule.id);
    }
}

#[test]
fn a_text_gives_the_same_matches_wherever_it_lies_in_a_larger_one() {
    let examples: Vec<String> = RULES.iter().map(|rule| example(&rule.id)).collect();
    let text = examples.join("\n");
    let shape = |found: &[Match], skip: u64| -> Vec<(String, u64, u64)> {
        found.iter().map(|found| (found.rule.to_string(), found.line - skip, found.column)).collect()
    };
    let alone = shape(&ENGINE.scan(text.as_bytes()), 0);
    for lines in [1, 7, 64, 1000] {
        let shifted = format!("{}{text}{}", ".\n".repeat(lines), "\n.".repeat(lines));
        assert_eq!(shape(&ENGINE.scan(shifted.as_bytes()), lines as u64), alone);
    }
}

#[test]
fn a_line_of_fifty_megabytes_is_scanned_and_its_places_are_right() {
    let token = format!("{} ", example("github-classic-token"));
    let mut text = "x y".repeat(50_000_000 / 3).into_bytes();
    let half = text.len() / 2;
    text.splice(half..half, token.bytes());
    let found = ENGINE.scan(&text);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].line, found[0].column), (1, half as u64 + 1 + "GITHUB_TOKEN=".len() as u64));
}

#[test]
fn matches_beyond_the_limit_are_counted_and_not_kept() {
    let token = format!("{}\n", example("github-classic-token"));
    let examined = ENGINE.examine(token.repeat(MOST_MATCHES + 5).as_bytes());
    assert_eq!((examined.matches.len(), examined.beyond_limit), (MOST_MATCHES, 5));
}

#[test]
fn text_made_of_keywords_alone_is_examined_to_its_end() {
    let token = example("github-classic-token");
    for keyword in RULES.iter().flat_map(|rule| &rule.keywords) {
        let text = format!("{} {token}", keyword.repeat(20_000 / keyword.len()));
        let examined = ENGINE.examine(text.as_bytes());
        let last = examined.matches.last().map(|found| &*found.rule);
        assert_eq!((last, examined.beyond_limit), (Some("github-classic-token"), 0), "{keyword}");
    }
}

#[test]
fn bytes_that_are_no_text_are_scanned_like_any_others() {
    let token = example("github-classic-token");
    let mut noise: Vec<u8> = (0..=255).cycle().take(4096).collect();
    noise.push(b' ');
    let text = [&noise, token.as_bytes(), b"\n", &noise].concat();
    assert_eq!(ENGINE.scan(&text).len(), 1);
}

#[test]
fn every_filter_is_documented_under_its_name() {
    let documentation = std::fs::read_to_string("rules/README.md").expect("the documentation of the rules");
    for (name, _) in overstay::secret::judge::filters() {
        assert!(documentation.contains(&format!("| `{name}` |")), "{name} is not documented");
    }
}

#[test]
fn a_github_token_in_code_is_the_subject_of_the_events_that_name_its_digest() {
    let text = example("github-fine-grained-token");
    let key = FingerprintKey::new(b"a key for tests".to_vec());
    let rule = RULES.find("github-fine-grained-token").expect("a rule");
    let sample = sample::example(&rule.id, &rule.examples[0]).expect("a sample");
    let token = Secret::new(&sample.text[sample.start..sample.end]);
    assert_eq!(credential(&only(&text), &text).id, CredentialId::fingerprint(key.github_token(&token)));
}

#[test]
fn ids_that_stand_inside_a_credential_are_told() {
    for (rule, name, length) in [
        ("sendgrid-api-key", "key-id", 22),
        ("tailscale-auth-key", "key-id", 0),
        ("dynatrace-token", "token-id", 31),
        ("discord-webhook", "webhook", 0),
        ("slack-app-token", "slack-app", 0),
    ] {
        let text = example(rule);
        let credential = credential(&only(&text), &text);
        let told = told(&credential, name).unwrap_or_else(|| panic!("{rule} tells no {name}"));
        assert!(text.contains(told) && (length == 0 || told.len() == length), "{rule}");
    }
}

#[test]
fn the_rules_in_the_binary_are_those_of_the_files() {
    let embedded = SecretRules::embedded().expect("the rules in the binary");
    assert_eq!(embedded.iter().len(), RULES.iter().len());
    for (embedded, proven) in embedded.iter().zip(RULES.iter()) {
        assert_eq!(format!("{embedded:?}"), format!("{proven:?}"));
    }
}
