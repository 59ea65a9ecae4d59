//! Values without a form of their own are told by the name they are assigned to: a rule states name and value, and how
//! an assignment is written stands here once.

use super::{Breadth, Case, SecretRule};

/// Between a name and its value, the ways that programs, settings and shells know: `=`, `:`, `:=`, `=>`, a comma, the
/// end of a tag, a type before the `=`, the `value` of a list of names and values, the `default` of a variable, a space.
const BETWEEN: &str = concat!(
    r#"["'\]\\]{0,3}(?:\s{0,5}(?:=>|:=|=|:|,|>)|\s{1,32}["']?value["']?\s?[:=]|:\s?&?[A-Za-z]{3,8}\s?="#,
    r#"|\s?\{[^{}]{0,60}?default\s{0,8}=|[ \t])\s{0,5}[\\"'`]{0,2}"#,
);
/// What may follow a value: nothing that could be a part of a longer one.
const END: &str = "(?:[^A-Za-z0-9_+/=-]|$)";
/// Between two words of a name: `api_key`, `api-key`, `api.key`, `apiKey`.
const JOINT: &str = "[_.-]?";

impl SecretRule {
    /// Makes the pattern of a rule that states a name and a value instead.
    pub(super) fn compose(&mut self) -> Result<(), String> {
        match (&self.assigned_to, &self.value) {
            (None, None) if self.pattern.is_empty() => {
                Err("it has neither a `pattern` nor `assigned-to` and `value`".to_owned())
            }
            (None, None) => {
                self.breadth = self.stated_breadth.unwrap_or_default();
                Ok(())
            }
            (Some(name), Some(value)) if self.pattern.is_empty() => {
                self.pattern = format!("(?i:{}){BETWEEN}(?<secret>{value}){END}", joined(name));
                self.keywords = self.keywords.iter().flat_map(|keyword| spellings(keyword)).collect();
                self.case = Case::Insensitive;
                self.breadth = self.stated_breadth.unwrap_or(Breadth::Named);
                Ok(())
            }
            _ => Err("it has either a `pattern`, or both `assigned-to` and `value`".to_owned()),
        }
    }
}

/// The regular expression for a name, its words joined in any way.
fn joined(name: &str) -> String {
    let bytes = name.as_bytes();
    let (mut out, mut class, mut at) = (String::new(), false, 0);
    for (index, c) in name.char_indices() {
        class = (class || c == '[') && c != ']';
        if index < at {
            continue;
        }
        at = index + c.len_utf8();
        let optional = usize::from(bytes.get(at) == Some(&b'?'));
        if c == '_' && !class && joins(&bytes[..index], &bytes[at + optional..]) {
            out.push_str(JOINT);
            at += optional;
        } else {
            out.push(c);
        }
    }
    out
}

/// Whether what stands between these parts joins two words. At the edge of a group only an optional one is joined.
fn joins(before: &[u8], after: &[u8]) -> bool {
    let word = before.last().is_some_and(|last| last.is_ascii_alphanumeric() || matches!(last, b')' | b':'));
    word && match after {
        [next, ..] if next.is_ascii_alphabetic() || *next == b'(' => true,
        [b')', b'?', ..] => true,
        _ => false,
    }
}

/// A keyword in all spellings: `api_key`, `api-key`, `api.key`, `apikey`.
fn spellings(keyword: &str) -> Vec<String> {
    let mut words = keyword.split_inclusive('_').peekable();
    let mut all = vec![String::new()];
    while let Some(word) = words.next() {
        let joints: &[&str] = match word.strip_suffix('_') {
            Some(_) if words.peek().is_some() => &["_", "-", ".", ""],
            Some(_) => &["_"],
            None => &[""],
        };
        let word = word.trim_end_matches('_');
        all = all.iter().flat_map(|start| joints.iter().map(move |joint| format!("{start}{word}{joint}"))).collect();
    }
    all
}

#[cfg(test)]
mod tests {
    use regex::bytes::Regex;

    use super::super::SecretRules;
    use super::{joined, spellings};

    fn pattern() -> Regex {
        let text = "rules: [{id: a-key, title: A, provider: A, keywords: [acme_key], assigned-to: acme_key, value: '[0-9]{4}',
            standing: standing, default-lifetime: never, lifetime-basis: assumed, fix: End it., examples: ['acme_key=«{digit:4}»'],
            counter-examples: ['acme_key=1', 'acme_key=12345'], references: [https://acme.example]}]";
        let rules = SecretRules::parse([("a.yaml", text)]).expect("a right rule");
        Regex::new(&rules.find("a-key").expect("the rule").pattern).expect("a pattern")
    }

    #[test]
    fn every_common_way_to_assign_is_understood() {
        let pattern = pattern();
        for text in [
            "ACME_KEY=1234",
            "acme_key: '1234'",
            r#""acme_key": "1234","#,
            r#"{"a": "{\"acme_key\": \"1234\"}"}"#,
            r#"env["ACME_KEY"] = "1234""#,
            r#"setenv("ACME_KEY", "1234")"#,
            "acmeKey := `1234`",
            "acme-key: 1234",
            "acme.key=1234",
            "- name: ACME_KEY\n  value: \"1234\"",
            r#"<add key="AcmeKey" value="1234" />"#,
            "<acmeKey>1234</acmeKey>",
            r#"const ACME_KEY: &str = "1234";"#,
            "variable \"acme_key\" {\n  type    = string\n  default = \"1234\"\n}",
            "set -gx ACME_KEY 1234",
        ] {
            let found = pattern.captures(text.as_bytes()).map(|found| found["secret"].to_vec());
            assert_eq!(found.as_deref(), Some(&b"1234"[..]), "{text}");
        }
    }

    #[test]
    fn a_longer_value_and_a_longer_name_are_others() {
        for text in ["ACME_KEY=12345", "ACME_KEY=1234-5", "ACME_KEY=1234=", "ACME_KEY_ID=1234", "ACME_KEYS 1234"] {
            assert!(!pattern().is_match(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn half_a_statement_is_refused() {
        let text =
            "rules: [{id: a-key, title: A, provider: A, keywords: [acme], assigned-to: acme_key, standing: standing,
            default-lifetime: never, lifetime-basis: assumed, fix: End it., examples: ['«a»'], counter-examples: [b, c],
            references: [https://acme.example]}]";
        let error = SecretRules::parse([("a.yaml", text)]).expect_err("no value");
        assert!(error.to_string().contains("`assigned-to` and `value`"), "{error}");
    }

    #[test]
    fn only_an_underscore_between_words_stands_for_any_joint() {
        for (name, wanted) in [
            ("acme_key", "acme[_.-]?key"),
            ("acme_?(?:api_)?key", "acme[_.-]?(?:api[_.-]?)?key"),
            ("acme(?:_api)?", "acme(?:[_.-]?api)?"),
            (r"\bco_[a-z0-9_]{0,4}key", r"\bco_[a-z0-9_]{0,4}key"),
            (r"(?:\bfb_|meta)x", r"(?:\bfb_|meta)x"),
        ] {
            assert_eq!(joined(name), wanted);
        }
    }

    #[test]
    fn a_keyword_has_all_spellings_of_its_name() {
        assert_eq!(spellings("dd_key"), ["dd_key", "dd-key", "dd.key", "ddkey"]);
        assert_eq!(spellings("scw_"), ["scw_"]);
        assert_eq!(spellings("acme"), ["acme"]);
    }
}
