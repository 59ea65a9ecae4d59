//! The only file that names the YAML crate. Rules, policy and hostile YAML all pass through these limits.

use serde::de::DeserializeOwned;

/// YAML that could not be read, with the file it was in. Of the text of the input nothing is repeated but unknown names
/// that are words.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {message}")]
pub struct Error {
    /// The file as the user would name it.
    pub file: String,
    /// What is wrong and where.
    pub message: String,
}

/// Reads one document. Duplicate keys are errors, only `true` and `false` are booleans, aliases and depth are limited.
pub fn parse<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, Error> {
    let options = serde_yaml::options! {
        strict_booleans: true,
        with_snippet: false,
        budget: serde_yaml::budget! { max_depth: 64, max_anchors: 256, max_aliases: 1024, max_nodes: 1_000_000 },
    };
    serde_yaml::from_str_with_options(text, options)
        .map_err(|error| Error { file: file.to_owned(), message: without_values(error.to_string()) })
}

/// One document of an export as JSON text, for large documents too; tags are passed over (`!Ref a` is `a`). `Err` says
/// what is wrong without repeating the document's text.
pub fn export(text: &str) -> Result<String, &'static str> {
    let options = serde_yaml::options! {
        strict_booleans: true,
        with_snippet: false,
        budget: serde_yaml::budget! {
            max_depth: 64,
            max_anchors: 256,
            max_aliases: 1024,
            max_nodes: 20_000_000,
            max_events: 60_000_000,
            max_total_scalar_bytes: 256 << 20,
        },
    };
    let value: serde_json::Value =
        serde_yaml::from_str_with_options(text, options).map_err(|_| "is not valid YAML within the limits")?;
    Ok(value.to_string())
}

/// An unknown name as a message may repeat it: a word, not what may be a secret in the wrong place.
pub fn shown(given: &str) -> &str {
    let digits = given.bytes().filter(u8::is_ascii_digit).count();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b' ');
    let mixed = given.as_bytes().windows(2).any(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase());
    let is_word = given.len() <= 32 && digits <= 2 && !mixed && given.bytes().all(plain);
    if is_word { given } else { "(not shown)" }
}

/// The reader's message names an unknown field or variant between the first two backticks.
fn without_values(message: String) -> String {
    let given = message.split_once('`').and_then(|(_, rest)| rest.split_once('`')).map(|(given, _)| given);
    match given {
        Some(given) if shown(given) != given => message.replace(given, shown(given)),
        _ => message,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::parse;

    #[test]
    fn a_duplicate_key_is_an_error_that_names_the_file() {
        let error = parse::<BTreeMap<String, u8>>("overstay.yaml", "a: 1\na: 2\n").expect_err("duplicate");
        assert!(error.to_string().starts_with("overstay.yaml: "), "{error}");
    }

    #[test]
    fn yes_is_not_a_boolean() {
        assert!(parse::<BTreeMap<String, bool>>("x", "a: yes\n").is_err());
    }

    #[test]
    fn an_alias_bomb_is_refused() {
        let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..12 {
            let previous = format!("*a{}", level - 1);
            let list = vec![previous; 10].join(", ");
            text = format!("{text}a{level}: &a{level} [{list}]\n");
        }
        assert!(parse::<serde_json::Value>("bomb", &text).is_err());
    }

    #[test]
    fn an_export_becomes_json_and_its_tags_are_passed_over() {
        let json = super::export("a: !Ref b\nc: [1, yes, 'x']\n").expect("valid");
        assert_eq!(json, r#"{"a":"b","c":[1,"yes","x"]}"#);
        assert!(super::export("a: [1\n").is_err());
    }

    #[test]
    fn an_error_does_not_repeat_the_text() {
        let error = parse::<BTreeMap<String, u8>>("x", "token: hunter2hunter2\n").expect_err("not a number");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }

    #[test]
    fn an_unknown_field_is_named_where_it_is_a_word_and_no_secret() {
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            #[serde(rename = "known")]
            _known: Option<u8>,
        }
        let message = |text: &str| parse::<File>("x", text).expect_err("an unknown field").to_string();
        assert!(message("knwon: 1\n").contains("`knwon`"), "{}", message("knwon: 1\n"));
        assert!(!message("hunter2hunter2hunter2: 1\n").contains("hunter2"));
    }
}
