//! A statement about users and roles, as far as it is read: words and names. Values of passwords and keys are passed over.

/// The most words of a statement that are read.
const MOST_WORDS: usize = 256;

/// A word of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// A name or a keyword: in capital letters unless it was quoted, which is how Snowflake resolves names.
    Name(String),
    /// A text in quotes, without its content.
    Text,
    /// A sign: `=`, `(`, `,`.
    Sign(char),
}

/// The words of a statement.
#[derive(Debug)]
pub(super) struct Statement {
    words: Vec<Word>,
}

impl Statement {
    /// The statement, if it begins like one about users, roles or policies.
    pub(super) fn read(text: &str) -> Option<Self> {
        let words: Vec<Word> = Words(text).take(MOST_WORDS).collect();
        let begins = |first: &str| words.first() == Some(&Word::Name(first.to_owned()));
        ["CREATE", "ALTER", "DROP", "GRANT", "REVOKE"].into_iter().any(begins).then_some(Self { words })
    }

    /// What follows these keywords at the beginning. A keyword with a `?` may be there or not.
    pub(super) fn after(&self, keywords: &[&str]) -> Option<Rest<'_>> {
        Rest(&self.words).after(keywords)
    }
}

/// The rest of a statement.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rest<'a>(&'a [Word]);

impl<'a> Rest<'a> {
    /// What follows these keywords. A keyword with a `?` may be there or not.
    pub(super) fn after(self, keywords: &[&str]) -> Option<Self> {
        let mut rest = self.0;
        for keyword in keywords {
            let (word, may_lack) = keyword.strip_suffix('?').map_or((*keyword, false), |word| (word, true));
            match rest.split_first() {
                Some((Word::Name(name), more)) if name == word => rest = more,
                _ if may_lack => {}
                _ => return None,
            }
        }
        Some(Self(rest))
    }

    /// The name that follows, and what comes after it. Nothing where it is made by a function or has several parts.
    pub(super) fn name(self) -> Option<(&'a str, Self)> {
        let (Word::Name(name), rest) = self.0.split_first()? else { return None };
        (!matches!(rest.first(), Some(Word::Sign('(' | '.')))).then_some((name, Self(rest)))
    }

    /// Whether a setting stands here: `PASSWORD = '...'`; in a list of names that are taken back, `PASSWORD`.
    pub(super) fn has(self, setting: &str) -> bool {
        self.value(setting).is_some()
    }

    /// The value of a setting: the word behind its `=`, or the setting itself where it has none.
    pub(super) fn value(self, setting: &str) -> Option<&'a Word> {
        let at = self.0.iter().position(|word| matches!(word, Word::Name(name) if name == setting))?;
        match (self.0.get(at + 1), self.0.get(at + 2)) {
            (Some(Word::Sign('=')), value) => value,
            _ => self.0.get(at),
        }
    }
}

struct Words<'a>(&'a str);

impl Iterator for Words<'_> {
    type Item = Word;

    fn next(&mut self) -> Option<Word> {
        loop {
            self.0 = self.0.trim_start();
            if let Some(rest) = self.0.strip_prefix("--").or_else(|| self.0.strip_prefix("//")) {
                self.0 = rest.split_once('\n').map_or("", |(_, rest)| rest);
            } else if let Some(rest) = self.0.strip_prefix("/*") {
                self.0 = rest.split_once("*/").map_or("", |(_, rest)| rest);
            } else {
                break;
            }
        }
        let first = self.0.chars().next()?;
        match first {
            '\'' => {
                self.quoted('\'');
                Some(Word::Text)
            }
            '"' => Some(Word::Name(self.quoted('"'))),
            _ if is_of_name(first) => {
                let end = self.0.find(|c| !is_of_name(c)).unwrap_or(self.0.len());
                let (name, rest) = self.0.split_at(end);
                self.0 = rest;
                Some(Word::Name(name.to_ascii_uppercase()))
            }
            _ => {
                self.0 = self.0.get(first.len_utf8()..).unwrap_or_default();
                Some(Word::Sign(first))
            }
        }
    }
}

impl Words<'_> {
    /// The content of a text or name in quotes, in which the quote is doubled. One that is never closed ends the text.
    fn quoted(&mut self, quote: char) -> String {
        let mut content = String::new();
        let mut rest = self.0.get(1..).unwrap_or_default();
        loop {
            let end = rest.find(quote).unwrap_or(rest.len());
            content.push_str(rest.get(..end).unwrap_or_default());
            rest = rest.get(end + 1..).unwrap_or_default();
            match rest.strip_prefix(quote) {
                Some(more) => {
                    content.push(quote);
                    rest = more;
                }
                None => break,
            }
        }
        self.0 = rest;
        content
    }
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_resolved_as_snowflake_does_and_values_are_passed_over() {
        let statement =
            Statement::read("create user /* new */ if not exists \"an\"\"n\" password='x''y' -- end\n type=person");
        let rest = statement
            .as_ref()
            .and_then(|all| all.after(&["CREATE", "OR?", "REPLACE?", "USER", "IF?", "NOT?", "EXISTS?"]));
        let (name, rest) = rest.and_then(Rest::name).expect("a name");
        assert_eq!(name, "an\"n");
        assert_eq!(rest.value("PASSWORD"), Some(&Word::Text));
        assert_eq!(rest.value("TYPE"), Some(&Word::Name("PERSON".to_owned())));
        assert!(!rest.has("END"));
        assert!(!format!("{statement:?}").contains("x'y"), "the value is not kept");
    }

    #[test]
    fn what_is_no_such_statement_and_names_that_a_function_makes_are_left_alone() {
        assert!(Statement::read("select 'create user x'").is_none());
        assert!(Statement::read("-- create user x").is_none());
        let statement = Statement::read("DROP USER IDENTIFIER('ann')").expect("a statement");
        assert!(statement.after(&["DROP", "USER"]).and_then(Rest::name).is_none());
        assert!(Statement::read("grant 'never closed").is_some());
    }
}
