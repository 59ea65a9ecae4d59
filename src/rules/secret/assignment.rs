//! Values without a form of their own are told by the name they are assigned to: a rule states name and value, and how
//! an assignment is written stands here once.

use super::{Breadth, Case, SecretRule};

/// Between a name and its value: `=`, `:`, `:=`, `=>` or a comma, or the `value:` of a list of names and values.
const BETWEEN: &str = r#"["'\]]{0,2}(?:\s{0,5}(?:=>|:=|=|:|,)|\s{1,32}["']?value["']?:)\s{0,5}["'`]?"#;
/// What may follow a value: nothing that could be a part of a longer one.
const END: &str = "(?:[^A-Za-z0-9_+/=-]|$)";

impl SecretRule {
    /// Makes the pattern of a rule that states a name and a value instead.
    pub(super) fn compose(&mut self) -> Result<(), String> {
        match (&self.assigned_to, &self.value) {
            (None, None) if self.pattern.is_empty() => {
                Err("it has neither a `pattern` nor `assigned-to` and `value`".to_owned())
            }
            (None, None) => Ok(()),
            (Some(name), Some(value)) if self.pattern.is_empty() => {
                self.pattern = format!("(?i:{name}){BETWEEN}(?<secret>{value}){END}");
                self.case = Case::Insensitive;
                self.breadth = Breadth::Named;
                Ok(())
            }
            _ => Err("it has either a `pattern`, or both `assigned-to` and `value`".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use regex::bytes::Regex;

    use super::super::SecretRules;

    fn pattern() -> Regex {
        let text = "rules: [{id: a-key, title: A, provider: A, keywords: [acme], assigned-to: acme_key, value: '[0-9]{4}',
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
            r#"env["ACME_KEY"] = "1234""#,
            r#"setenv("ACME_KEY", "1234")"#,
            "acme_key := `1234`",
            "- name: ACME_KEY\n  value: \"1234\"",
        ] {
            let found = pattern.captures(text.as_bytes()).map(|found| found["secret"].to_vec());
            assert_eq!(found.as_deref(), Some(&b"1234"[..]), "{text}");
        }
    }

    #[test]
    fn a_longer_value_is_another_value() {
        for text in ["ACME_KEY=12345", "ACME_KEY=1234-5", "ACME_KEY=1234=", "ACME_KEY 1234", "ACME_KEY_ID=1234"] {
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
}
