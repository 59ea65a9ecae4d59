//! The only file that names the YAML crate. Rules, policy and hostile YAML all pass through these limits.

use serde::de::DeserializeOwned;

/// YAML that could not be read, with the file it was in. The text of the input is not repeated.
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
        .map_err(|error| Error { file: file.to_owned(), message: error.to_string() })
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
    fn an_error_does_not_repeat_the_text() {
        let error = parse::<BTreeMap<String, u8>>("x", "token: hunter2hunter2\n").expect_err("not a number");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}
